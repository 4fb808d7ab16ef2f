package room

import "kinoautomat/story"

// This file is the part of the wire that tells the staff how a narrator came to its choices; the rest is in protocol.go.

// ChoicesPlanned is how a narrator came to the choices of a beat of a bridge. It is told to the staff alone.
type ChoicesPlanned struct {
	Scene   string          `json:"scene"`
	Number  int             `json:"number"`  // of the scene in the show
	Beat    int             `json:"beat"`    // of the bridge, from 1
	Beats   int             `json:"beats"`   // that the bridge has
	Choices []PlannedChoice `json:"choices"` // that are offered; none where the author's stand in
	Record  PlanRecord      `json:"record"`

	Tension *float64   `json:"tension,omitempty"` // of the beat, that the author wants, 0–1
	Arousal *float64   `json:"arousal,omitempty"` // of the audience, 0–1; absent until it has shown a feeling
	Lean    story.Lean `json:"lean,omitempty"`    // what the narrator was asked for because of it
}

// PlannedChoice is a choice that a narrator invented.
type PlannedChoice struct {
	ID    string  `json:"id"` // in the poll
	Label string  `json:"label"`
	P     float64 `json:"p"` // the chance that it was given among those offered, 0–1
}

// PlanRecord is a narrator's account of its choices: the JSON of a plan.Why, which explains the figures.
type PlanRecord struct {
	From        string          `json:"from"` // model | story | both | author | none | unread
	Mode        string          `json:"mode"` // max_entropy | greedy | beam; "" where nothing was picked
	Offered     int             `json:"offered"`
	Refused     []RefusedChoice `json:"refused,omitempty"`
	Candidates  []WeighedChoice `json:"candidates"`
	Temperature float64         `json:"t"`
	Entropy     float64         `json:"h"`
	Floor       float64         `json:"floor"`
	Shown       []string        `json:"shown"` // ids of candidates, in the order of the choices
}

// RefusedChoice is a candidate that was not fit to be shown. Its words are not told.
type RefusedChoice struct {
	ID     string `json:"id"`
	Reason string `json:"reason"` // no_words | language | duplicate | ends | contradicts | gate
	Of     string `json:"of,omitempty"`
}

// WeighedChoice is a candidate with what it was judged by.
type WeighedChoice struct {
	ID    string      `json:"id"`
	Label string      `json:"label"`
	P     float64     `json:"p"` // among all candidates, 0–1
	Score float64     `json:"score"`
	Parts ChoiceParts `json:"parts"`
}

// ChoiceParts are the parts of a score; they add up to it.
type ChoiceParts struct {
	Chance    float64 `json:"chance"`
	Coherence float64 `json:"coherence"`
	Novelty   float64 `json:"novelty"`
	Feeling   float64 `json:"feeling"`
	Author    float64 `json:"author"`
	Reach     float64 `json:"reach"`
}
