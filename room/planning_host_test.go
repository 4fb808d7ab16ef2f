package room

import (
	"strings"
	"testing"

	"kinoautomat/story"
)

// Whatever the host does in a bridge, it goes on.
func TestBridge_Host(t *testing.T) {
	t.Run("next", func(t *testing.T) {
		s := toVoyage(t)
		s.refused(CodeNotNow, "host", RoleHost, "open_poll", nil) // nothing is told yet
		s.tell(strings.Repeat("Fog. ", 100))
		s.host("next", nil) // the words are out
		s.host("next", nil) // and now the choices
		if _, hurry, ok := s.state.Planning(); !hurry || !ok {
			t.Error("the narrator is not hurried")
		}
		s.plan(threeWays)
		s.keep(s.state.Tick(s.now))
		if s.state.Phase != PhasePoll {
			t.Fatalf("phase %s", s.state.Phase)
		}
		s.host("next", nil) // opens it
		s.host("next", nil) // closes it
		s.host("next", nil) // and goes on
		if s.state.Progress.Bridge.Beat != 2 {
			t.Errorf("at %+v", s.state.Progress.Bridge)
		}
		s.sameAfterReplay()
	})
	t.Run("next without words", func(t *testing.T) {
		s := toVoyage(t)
		s.host("next", nil)
		if s.state.Scene.Written != "You row into the fog." {
			t.Errorf("told %q", s.state.Scene.Written)
		}
		s.pass(5)
		s.offers("Row", "Drift")
	})
	t.Run("open_poll", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		s.host("open_poll", nil)
		if _, hurry, _ := s.state.Planning(); !hurry {
			t.Error("the narrator is not hurried")
		}
		s.plan(threeWays)
		s.toOpenPoll()
	})
	t.Run("void_poll", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		s.plan(threeWays)
		s.toOpenPoll()
		s.host("void_poll", nil)
		s.pass(20)
		if s.state.Poll != nil {
			t.Fatal("a poll that was taken back came again by itself")
		}
		s.host("next", nil)
		s.offers("Follow the bell", "Cut the rope", "Ask who is there")
		s.host("override_poll", OverridePoll{Choice: "c"})
		s.toBeat(2)
		if s.state.Cue().Hook != "Somebody answers from below." {
			t.Errorf("cue %+v", s.state.Cue())
		}
		s.sameAfterReplay()
	})
	t.Run("pause", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		s.pass(2.5)
		s.host("pause", nil)
		s.pass(60)
		if _, hurry, ok := s.state.Planning(); hurry || !ok {
			t.Errorf("hurried %v while paused", hurry)
		}
		s.host("resume", nil)
		s.pass(0.5)
		if s.state.Poll != nil {
			t.Error("the pause counted")
		}
		s.pass(3.5)
		s.offers("Row", "Drift")
		s.sameAfterReplay()
	})
	t.Run("planned while paused", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		s.host("pause", nil)
		s.plan(threeWays)
		s.pass(60)
		if s.state.Poll != nil {
			t.Error("a poll while paused")
		}
		s.host("resume", nil)
		s.toOpenPoll()
		s.offers("Follow the bell", "Cut the rope", "Ask who is there")
		s.sameAfterReplay()
	})
	t.Run("retract before the choices", func(t *testing.T) {
		s := toVoyage(t)
		s.tell(strings.Repeat("Fog. ", 100))
		old, _, _ := s.state.Planning()
		s.plan(threeWays)
		s.host("retract", nil)
		now, _, ok := s.state.Planning()
		if !ok || now == old || s.state.Notes[2] != nil {
			t.Errorf("planning %+v after %+v, notes %s", now, old, s.state.Notes[2])
		}
		if events := s.state.Planned(s.now, old, threeWays); len(events) > 0 {
			t.Errorf("choices of words that were taken back: %+v", events)
		}
		s.plan(story.Plan{})
		s.toOpenPoll()
		s.offers("Row", "Drift")
		s.sameAfterReplay()
	})
	t.Run("retract during the vote", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		s.plan(threeWays)
		s.toOpenPoll()
		s.host("retract", nil)
		s.vote("ada", "b")
		s.toBeat(2)
		if s.state.Cue().Hook != "The other boat is let go." {
			t.Errorf("cue %+v", s.state.Cue())
		}
		s.sameAfterReplay()
	})
	t.Run("regenerate", func(t *testing.T) {
		s := toVoyage(t)
		s.tell(strings.Repeat("Fog. ", 100))
		s.plan(threeWays)
		s.host("regenerate", nil)
		if _, _, ok := s.state.Planning(); ok {
			t.Error("choices are wanted of words that are not there")
		}
		s.tell("Rain.")
		s.plan(story.Plan{Choices: []story.Choice{{Label: "Up"}, {Label: "Down"}}})
		s.toOpenPoll()
		s.offers("Up", "Down")
		s.sameAfterReplay()
	})
	t.Run("retract with nothing to stand in", func(t *testing.T) {
		s := toVoyage(t)
		for beat := 1; beat < 3; beat++ {
			s.tell("Fog.")
			s.plan(threeWays)
			s.toOpenPoll()
			s.vote("ada", "a")
			s.toBeat(beat + 1)
		}
		s.tell("Something bad.")
		s.host("retract", nil)
		s.pass(0.1)
		if s.state.Scene.Scene != "Harbour" {
			t.Errorf("at %+v", s.state.Scene)
		}
		s.sameAfterReplay()
	})
	t.Run("end", func(t *testing.T) {
		s := toVoyage(t)
		s.tell("Fog.")
		planning, _, _ := s.state.Planning()
		s.host("end", nil)
		if events := s.state.Planned(s.now, planning, threeWays); s.state.Phase != PhaseEnded || s.state.Scene.Planned {
			t.Errorf("after the end: %+v", events)
		}
	})
}
