package room

import "kinoautomat/story"

// This file is the wire's other part: what a room answers. See protocol.go.

// Error refuses a command, or tells why a connection ends.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Retry   int64  `json:"retry_ms,omitempty"` // when trying again may help: after so many milliseconds
}

// Welcome answers a join.
type Welcome struct {
	Viewer   Person    `json:"viewer"`
	Token    string    `json:"token"`
	Snapshot *Snapshot `json:"snapshot,omitempty"` // absent when the missing events follow instead
	Own      Own       `json:"own"`
	Seq      uint64    `json:"seq"`
}

// Own is what only this viewer is told about themselves.
type Own struct {
	Ballot     *Vote    `json:"ballot,omitempty"` // in the open poll
	Stars      int      `json:"stars,omitempty"`
	Picks      []string `json:"picks,omitempty"`      // that they marked
	Dismissed  []string `json:"dismissed,omitempty"`  // picks that are not for them
	Wanted     []string `json:"wanted,omitempty"`     // stories that they would like to be the next show
	Remembered bool     `json:"remembered,omitempty"` // what they gave is kept when the show is over
	Muted      bool     `json:"muted,omitempty"`
	Until      int64    `json:"until,omitempty"`      // of a timeout, Unix milliseconds
	Suggestion string   `json:"suggestion,omitempty"` // for the next scene
}

// Snapshot is everything a joiner needs to see what the others see.
type Snapshot struct {
	Room        string            `json:"room"`
	Title       string            `json:"title"`
	Language    string            `json:"language"`
	Story       StoryInfo         `json:"story"`
	Show        string            `json:"show,omitempty"`
	Phase       Phase             `json:"phase"`
	Paused      bool              `json:"paused"`
	PausedAt    int64             `json:"paused_at,omitempty"` // Unix milliseconds, while paused
	Scene       *SceneNow         `json:"scene,omitempty"`
	Poll        *PollNow          `json:"poll,omitempty"`
	Recap       []story.Step      `json:"recap"` // what happened, oldest first, without texts
	Ended       *ShowEnded        `json:"ended,omitempty"`
	Chat        []Line            `json:"chat"` // the last 50
	Viewers     ViewersChanged    `json:"viewers"`
	Reactions   *ReactionsChanged `json:"reactions,omitempty"`
	Rating      RatingChanged     `json:"rating"`
	Picks       []Pick            `json:"picks"`
	Next        *StoryChosen      `json:"next,omitempty"` // what the next show tells, where that is settled and another story than this
	RoomState   RoomChanged       `json:"room_state"`
	Moderated   []ViewerModerated `json:"moderated,omitempty"`   // mutes, timeouts and bans in force; moderators and host only
	Planned     *ChoicesPlanned   `json:"planned,omitempty"`     // how the running scene's choices came about; moderators and host only
	Pending     *Pending          `json:"pending,omitempty"`     // a narrator's words that wait to be read; moderators and host only
	Suggestions []Suggestion      `json:"suggestions,omitempty"` // for the next scene, the newest last; moderators and host only
	At          int64             `json:"at"`
	Seq         uint64            `json:"seq"`
}

// SceneNow is the running scene: what is out so far.
type SceneNow struct {
	SceneStarted
	Text   string       `json:"text"` // released so far
	Told   bool         `json:"told"`
	Held   bool         `json:"held,omitempty"` // the staff are reading what comes next
	Source story.Source `json:"source,omitempty"`
	Why    string       `json:"why,omitempty"`
}

// PollNow is the running poll, or the last one until the next scene begins.
type PollNow struct {
	PollOpened
	Tally      TallyChanged `json:"tally"`
	AwaitsHost bool         `json:"awaits_host,omitempty"` // tied; no more ballots are taken
	Closed     *PollClosed  `json:"closed,omitempty"`
}

// Kept is what a room keeps of one viewer's taste, as only they are told it (GET /api/v1/rooms/{room}/me).
type Kept struct {
	Viewer     string         `json:"viewer"`
	Name       string         `json:"name"`
	Remembered bool           `json:"remembered"` // it is kept when the show is over
	Stars      int            `json:"stars,omitempty"`
	Rated      map[string]int `json:"rated,omitempty"` // stars of earlier shows, by story
	Liked      []string       `json:"liked"`
	Opened     []string       `json:"opened"`
	Dismissed  []string       `json:"dismissed"`
	Wanted     []string       `json:"wanted"`
	Chose      []Chose        `json:"chose"` // in this show's polls
}

// Chose is what a viewer voted for in a poll that is over.
type Chose struct {
	Poll   string `json:"poll"`
	Choice string `json:"choice"`
	Label  string `json:"label"`
}
