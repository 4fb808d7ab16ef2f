package room

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kinoautomat/story"
)

func (s *stage) outlook() (map[string]float64, story.Outlook) {
	s.t.Helper()
	o, ok := s.state.Outlook(s.now)
	if !ok {
		s.t.Fatal("there is no outlook")
	}
	chances := map[string]float64{}
	for _, p := range o.Prospects {
		chances[p.Cue.Key] = p.P
	}
	return chances, o
}

// What is written ahead is exactly what is asked for when it is decided.
func TestOutlook(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo", "cy")
	if chances, _ := s.outlook(); len(chances) > 0 {
		t.Errorf("in the lobby %v are expected", chances)
	}
	s.host("start", nil)
	show := s.state.Show
	a, b := show+"/2/a", show+"/2/b"
	chances, o := s.outlook() // the poll is announced with the first words
	if !o.Arming || len(chances) != 2 || math.Abs(chances[a]-chances[b]) > 0.2 {
		t.Errorf("announced: arming %v, %v", o.Arming, chances)
	}
	s.pass(7)
	s.vote("ada", "b")
	s.vote("bo", "b")
	chances, o = s.outlook()
	if o.Arming || o.Elapsed != 0.5 || chances[b] < 0.9 || chances[a]+chances[b] < 0.999 {
		t.Errorf("half way: arming %v, %v elapsed, %v", o.Arming, o.Elapsed, chances)
	}
	s.host("close_poll", nil)
	chances, o = s.outlook()
	if diff := cmp.Diff(map[string]float64{b: 1}, chances); diff != "" {
		t.Error("closed:", diff)
	}
	expected := o.Prospects[0].Cue
	s.pass(3)
	unknown := cmpopts.IgnoreFields(story.Step{}, "Poll", "Share", "Turnout", "DecidedBy") // no part of a prompt
	if diff := cmp.Diff(expected, s.state.Cue(), unknown); diff != "" {
		t.Errorf("expected and asked for (-expected +asked):\n%s", diff)
	}
	if _, ok := s.state.Outlook(s.now); ok {
		t.Error("there is an outlook while the narrator still writes")
	}
	telling, _ := s.state.Telling()
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceReserve}))
	if chances, o := s.outlook(); len(chances) != 0 || o.Decision != show+"/2/" {
		t.Errorf("only authored scenes follow, and yet %v are expected of %q", chances, o.Decision)
	}
}

// A narrator knows the world of the story, also of a room that came out of a checkpoint, and the journal does not hold it for each scene.
func TestCue_World(t *testing.T) {
	s := newStage(t, Settings{})
	st := s.shelf["test"]
	st.World = &story.World{Style: "Plain."}
	s.audience("bo")
	s.host("start", nil)
	s.host("next", nil)
	ahead := s.state.ahead(s.state.Scene.Script.Choices[0])
	s.host("override_poll", OverridePoll{Choice: "a"})
	s.host("next", nil)
	again := throughJSON(t, s.state)
	again.Restore(s.shelf)
	for name, cue := range map[string]story.Cue{"ahead": *ahead, "now": s.state.Cue(), "restored": again.Cue()} {
		if cue.World != st.World {
			t.Errorf("%s: the world is %+v", name, cue.World)
		}
	}
}
