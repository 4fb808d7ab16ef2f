package room

import (
	"fmt"
	"maps"
	"slices"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// telling keys: the same scene, reached by the same choice at the same place of the same show, is the same telling.
func tellingKey(show string, number int, choice string) string {
	return fmt.Sprintf("%s/%d/%s", show, number, choice)
}

// salt is what the marks of viewers' words in a telling's prompt are made of.
func (s *State) salt(key string) []byte {
	seed := s.seed("wishes " + key)
	return seed[:16]
}

// Outlook is what may be told next, and how likely that is by the ballots so far. It is false while a narrator still writes: what was expected
// last is being told.
func (s *State) Outlook(now int64) (o story.Outlook, ok bool) {
	o.Room = s.Room
	if s.Scene == nil || !s.running() {
		return o, true
	}
	if !s.Scene.Complete || s.Scene.Held != nil { // nothing is built on words that may yet be others
		return o, false
	}
	chances := map[string]float64{}
	choices, p := s.choices(), s.Poll
	o.Decision = tellingKey(s.Show, s.Scene.Number, "")
	switch {
	case s.awaitsPlan():
		return o, true
	case p == nil && len(choices) == 1:
		chances[choices[0].ID], o.Elapsed = 1, 1
	case p == nil:
		return o, true
	case p.Closed != nil:
		chances[p.Closed.Winner], o.Elapsed = 1, 1
	default:
		o.Arming = now < p.OpensAt
		if !o.Arming && p.ClosesAt > p.OpensAt {
			o.Elapsed = min(float64(now-p.OpensAt)/float64(p.ClosesAt-p.OpensAt), 1)
		}
		chances = vote.Forecast(p.Vote, s.eligible(), o.Elapsed)
	}
	for _, c := range choices {
		if cue := s.ahead(c); cue != nil && chances[c.ID] > 0 {
			o.Prospects = append(o.Prospects, story.Prospect{Cue: *cue, P: chances[c.ID]})
		}
	}
	return o, true
}

// undecided says whether ballots are awaited, so that the outlook changes by itself.
func (s *State) undecided() bool {
	return s.Poll != nil && s.Poll.Closed == nil && s.running() && s.PausedAt == 0
}

// ahead is the cue that a choice would lead to; nil where the author's words follow. It is worked out once for each scene and choice.
func (s *State) ahead(c story.Choice) *story.Cue {
	if cue, known := s.live.ahead[c.ID]; known {
		return cue
	}
	var cue *story.Cue
	if st, ok := s.story(); ok {
		if progress, err := st.Choose(s.Progress, c); err == nil {
			if script, _, err := s.script(st, progress, c.Target); err == nil && script.Cue != nil {
				path := slices.Clone(s.Path)
				step := &path[len(path)-1]
				step.Text, step.Source, step.Choice, step.Label = s.Scene.Written, s.Scene.Source, c.ID, c.Label
				cue = script.Cue
				s.follows(cue, &c)
				cue.Room, cue.World, cue.Path, cue.Feelings, cue.Notes = s.Room, st.World, path, s.feelingShares(), maps.Clone(s.Notes)
				cue.Key = tellingKey(s.Show, s.Scene.Number+1, c.ID)
				cue.Salt = s.salt(cue.Key)
			}
		}
	}
	if s.live.ahead == nil {
		s.live.ahead = map[string]*story.Cue{}
	}
	s.live.ahead[c.ID] = cue
	return cue
}
