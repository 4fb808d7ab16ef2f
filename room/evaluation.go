package room

import "cmp"

// PickReport is what became of the picks of one source in a show. Rates are by Shown: two viewers who see three picks are shown six.
type PickReport struct {
	Shown     int `json:"shown"` // the first time in the show, to those who were here
	Opened    int `json:"opened"`
	Liked     int `json:"liked"` // less marks that were taken back; so of the others
	Dismissed int `json:"dismissed"`
	Wanted    int `json:"wanted"`
	Started   int `json:"started"` // shows of a story that was a pick

	// Chance is the mean chance at which the shown picks stood where they did, 0–1; 1 where nothing was drawn. The journal has each one's
	// (picks.shown, pick.marked), which weighing by inverse propensity needs.
	Chance float64 `json:"chance"`

	chances float64 // of all that was shown
}

// PickCount is something that became of picks. No label of it comes from people.
type PickCount struct {
	What   string // shown, one of PickActions, or started
	Source PickSource
	N      int // −1 where it was taken back
	Chance float64
}

// PickCounts are what an event of the journal says of picks.
func PickCounts(e Event) []PickCount {
	switch hidden := e.Hidden.(type) {
	case *picksShown:
		var all []PickCount
		for _, p := range hidden.Picks {
			all = append(all, PickCount{"shown", p.Source, hidden.Viewers, p.Chance})
		}
		return all
	case *pickMarked:
		n := 1
		if hidden.Off {
			n = -1
		}
		return []PickCount{{string(cmp.Or(hidden.Action, PickLiked)), cmp.Or(hidden.Source, SourceRanked), n, hidden.Chance}}
	case *showSecret:
		if hidden.From != nil {
			return []PickCount{{"started", hidden.From.Source, 1, hidden.From.Chance}}
		}
	}
	return nil
}

func (s *ShowReport) countPick(c PickCount) {
	if s.Picks == nil {
		s.Picks = map[PickSource]*PickReport{}
	}
	r := s.Picks[c.Source]
	if r == nil {
		r = &PickReport{}
		s.Picks[c.Source] = r
	}
	switch c.What {
	case "shown":
		r.Shown += c.N
		r.chances += float64(c.N) * c.Chance
		r.Chance = r.chances / float64(r.Shown)
	case string(PickOpened):
		r.Opened += c.N
	case string(PickLiked):
		r.Liked += c.N
	case string(PickDismissed):
		r.Dismissed += c.N
	case string(PickWanted):
		r.Wanted += c.N
	case "started":
		r.Started += c.N
	}
}
