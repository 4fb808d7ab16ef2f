package room

import (
	"strings"
	"testing"

	"kinoautomat/story"
)

// toCue brings a stage to its scene for the narrator; the state takes only texts that pass.
func toCue(t *testing.T, passes func(string) bool) *stage {
	t.Helper()
	s := newStage(t, Settings{})
	s.state.passes = passes
	s.audience("ada", "bo")
	s.do("mod", RoleModerator, "join", nil)
	s.host("start", nil)
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	s.vote("ada", "a")
	s.pass(10)
	s.host("next", nil)
	if s.state.Scene.Scene != "Hall" {
		t.Fatalf("the scene is %s", s.state.Scene.Scene)
	}
	return s
}

// Whatever the author's words stand in for, they have passed the gate: a passage that it stops is told by nobody, and what was decided is in
// the journal.
func TestStandIn_PassesTheGate(t *testing.T) {
	stops := func(words ...string) func(string) bool {
		return func(text string) bool {
			for _, word := range words {
				if strings.Contains(text, word) {
					return false
				}
			}
			return true
		}
	}
	for name, c := range map[string]struct {
		passes func(string) bool
		want   string
		source story.Source
	}{
		"all pass":     {stops(), "The reserve voice says hello.", story.SourceReserve},
		"the text":     {stops("hello"), "A voice, short.", story.SourceAuthored},
		"none is left": {stops("hello", "short"), "The story goes on.", story.SourceAuthored},
	} {
		t.Run(name, func(t *testing.T) {
			for why, fail := range map[string]func(s *stage){
				"retracted": func(s *stage) { s.tell("Words. "); s.host("retract", nil) },
				"cut_short": func(s *stage) { s.host("next", nil) },
				"narrator_failed": func(s *stage) {
					telling, _ := s.state.Telling()
					s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceAuthored, Why: "narrator_failed"}))
				},
			} {
				s := toCue(t, c.passes)
				fail(s)
				s.pass(5)
				if told := last[*SceneTold](s, evSceneTold); told.Text != c.want || told.Source != c.source || told.Why != why {
					t.Errorf("%s: told %+v, want %q", why, told, c.want)
				}
				s.sameAfterReplay()
			}
		})
	}
}
