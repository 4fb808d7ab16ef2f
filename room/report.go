package room

import (
	"encoding/json"
	"slices"

	"kinoautomat/vote"
)

// Report is a room's numbers, read off its journal with Add. It names no one.
type Report struct {
	Room    string         `json:"room"`
	Title   string         `json:"title"`
	Story   string         `json:"story"`
	Created int64          `json:"created_at"` // Unix milliseconds
	Viewers int            `json:"viewers"`    // different people
	Peak    int            `json:"peak"`       // most at once
	Lines   int            `json:"lines"`      // of chat
	Removed int            `json:"removed"`    // lines taken back
	Actions map[string]int `json:"actions"`    // of moderators
	Shows   []ShowReport   `json:"shows"`

	seen map[string]bool
	here map[string]bool
}

// ShowReport is one show's numbers.
type ShowReport struct {
	Show     string         `json:"show"`
	Started  int64          `json:"started_at"`
	Ended    int64          `json:"ended_at,omitempty"`
	Ending   string         `json:"ending,omitempty"`
	Scenes   int            `json:"scenes"`
	Sources  map[string]int `json:"sources"`        // scenes by who wrote the words
	Read     map[string]int `json:"read,omitempty"` // scenes that the staff read first, by what became of their words: approved, edited, rejected, unread
	Polls    []PollReport   `json:"polls"`
	Feelings map[string]int `json:"feelings"`
	Rating   RatingChanged  `json:"rating"`
	Untold   []Untold       `json:"untold,omitempty"`

	Picks map[PickSource]*PickReport `json:"picks,omitempty"` // of the sidebar, by what gave them; absent while none was shown

	Calibration *CalibrationReport `json:"calibration,omitempty"` // of the chances that a narrator gave to its choices; absent without any

	stars   map[string]int
	sum     int                // of stars: a large room rates too often to add them up each time
	title   string             // of the running scene
	source  string             // of the running scene's words, once they are told
	chances map[string]float64 // of the choices that the next poll of the scene has
	fit     vote.Calibration
}

// CalibrationReport says how well the chances that a narrator gave to its choices fitted the shares of the votes.
type CalibrationReport struct {
	Polls int        `json:"polls"` // with votes
	Brier float64    `json:"brier"` // mean over polls of the summed squared differences, 0 (exact) – 2
	ECE   float64    `json:"ece"`   // expected calibration error: mean difference of chance and share over bins of chances, 0–1
	Bins  []vote.Bin `json:"bins"`  // the n-th has chances from n/10 on
}

// PollReport is one poll's numbers.
type PollReport struct {
	Poll      string         `json:"poll"`
	Scene     string         `json:"scene"`
	Title     string         `json:"title"` // of the scene
	About     About          `json:"about,omitempty"`
	Counts    map[string]int `json:"counts"`
	Turnout   int            `json:"turnout"`
	Eligible  int            `json:"eligible"`
	Winner    string         `json:"winner"`
	Label     string         `json:"label"` // of the winner
	DecidedBy vote.DecidedBy `json:"decided_by"`

	Chances map[string]float64 `json:"chances,omitempty"` // that a narrator gave to the choices, where it invented them

	choices []vote.Choice
}

// Add reads the next event of the journal.
func (r *Report) Add(e Event) {
	for _, c := range PickCounts(e) { // a show that a pick led to is credited to the one before
		if n := len(r.Shows); n > 0 {
			r.Shows[n-1].countPick(c)
		}
	}
	switch data := e.Data.(type) {
	case *Line:
		r.Lines++
	case *ChatDeleted:
		r.Removed++
	case *ViewerModerated:
		count(&r.Actions, data.Action)
	case *ShowStarted:
		r.Shows = append(r.Shows, ShowReport{Show: data.Show, Started: e.At, Polls: []PollReport{}, stars: map[string]int{}})
	}
	switch hidden := e.Hidden.(type) {
	case *roomCreated:
		*r = Report{Room: hidden.Room, Title: hidden.Title, Story: hidden.Story, Created: e.At, Shows: []ShowReport{},
			Actions: map[string]int{}, seen: map[string]bool{}, here: map[string]bool{}}
	case *viewerJoined:
		if votes(hidden.Viewer.Role) {
			r.seen[hidden.Viewer.ID], r.here[hidden.Viewer.ID] = true, true
			r.Viewers, r.Peak = len(r.seen), max(r.Peak, len(r.here))
		}
	case *viewerLeft:
		delete(r.here, hidden.Viewer)
	}
	if n := len(r.Shows); n > 0 {
		r.Shows[n-1].add(e)
	}
}

func (s *ShowReport) add(e Event) {
	switch data := e.Data.(type) {
	case *SceneStarted:
		s.Scenes, s.title, s.source = data.Number, data.Title, ""
		s.chances = nil
	case *ChoicesPlanned:
		s.chances = map[string]float64{}
		for _, c := range data.Choices {
			s.chances[c.ID] = c.P
		}
	case *SceneTold:
		s.told(data)
	case *PollOpened:
		s.Polls = append(s.Polls, PollReport{Poll: data.Poll, Scene: data.Scene, Title: s.title, About: data.About, Chances: s.chancesOf(data), choices: data.Choices})
	case *PollClosed:
		if n := len(s.Polls); n > 0 && s.Polls[n-1].Poll == data.Poll {
			p := &s.Polls[n-1]
			p.Counts, p.Turnout, p.Eligible, p.Winner, p.DecidedBy = data.Counts, data.Turnout, data.Eligible, data.Winner, data.DecidedBy
			for _, c := range p.choices {
				if c.ID == p.Winner {
					p.Label = c.Label
				}
			}
			s.compare(p)
		}
	case *ShowEnded:
		s.Ended, s.Ending, s.Untold = e.At, data.Ending, data.Untold
	}
	switch hidden := e.Hidden.(type) {
	case *holding:
		s.read(hidden.Did)
	case *retraction:
		s.read(hidden.Why)
	case *reactionsCounted:
		for feeling, n := range hidden.Counts {
			if s.Feelings == nil {
				s.Feelings = map[string]int{}
			}
			s.Feelings[feeling] += n
		}
	case *viewerRated:
		s.sum += hidden.Stars - s.stars[hidden.Viewer]
		s.stars[hidden.Viewer] = hidden.Stars
		s.Rating = RatingChanged{Count: len(s.stars), Average: float64(s.sum) / float64(len(s.stars))}
	}
}

// told counts a scene by who wrote its words: once, however often they were taken back and told anew, and not at all where there were none.
func (s *ShowReport) told(e *SceneTold) {
	if s.source != "" {
		if s.Sources[s.source]--; s.Sources[s.source] == 0 {
			delete(s.Sources, s.source)
		}
	}
	if s.source = ""; e.Text != "" {
		s.source = string(e.Source)
		count(&s.Sources, s.source)
	}
}

// chancesOf are those of a poll's choices; the next show's have none.
func (s *ShowReport) chancesOf(poll *PollOpened) map[string]float64 {
	if poll.About == AboutNext {
		return nil
	}
	return s.chances
}

func (s *ShowReport) read(did string) {
	if did != "" {
		count(&s.Read, did)
	}
}

// compare adds a poll to the calibration, if its choices had chances and it had votes.
func (s *ShowReport) compare(p *PollReport) {
	shares := map[string]float64{}
	for id, n := range p.Counts {
		shares[id] = float64(n)
	}
	if s.fit.Add(p.Chances, shares); s.fit.Polls > 0 {
		s.Calibration = &CalibrationReport{Polls: s.fit.Polls, Brier: s.fit.Brier(), ECE: s.fit.ECE(), Bins: slices.Clone(s.fit.Bins[:])}
	}
}

func count(into *map[string]int, key string) {
	if *into == nil {
		*into = map[string]int{}
	}
	(*into)[key]++
}

// WithoutSecrets is a line of the journal as it may leave the node: without the secret that a show's draws follow from, and without saying who
// rated the show or did what with a pick.
func WithoutSecrets(line []byte) ([]byte, error) {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return nil, err
	}
	switch kind.Type {
	case evShowStarted, evRated, evPicked, evRemembered, evForgotten:
	default:
		return line, nil
	}
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, err
	}
	switch hidden := e.Hidden.(type) {
	case *showSecret:
		e.Hidden = nil
	case *viewerRated:
		hidden.Viewer = ""
	case *pickMarked:
		hidden.Viewer = ""
	case *viewerRemembered:
		hidden.Viewer = ""
	case *viewerForgotten:
		hidden.Viewer = ""
	}
	return json.Marshal(e)
}
