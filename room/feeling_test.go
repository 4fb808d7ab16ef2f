package room

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"kinoautomat/story"
)

func TestBend(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		before           story.Lean
		arousal, tension *float64
		want             story.Lean
	}{
		{"", nil, at(0.9), ""},
		{"", at(0.1), nil, ""},
		{"", at(0.5), at(0.5), story.Steady},
		{"", at(0.5), at(0.8), story.Steady},
		{"", at(0.5), at(0.81), story.Tenser},
		{"", at(0.81), at(0.5), story.Calmer},
		{story.Tenser, at(0.5), at(0.66), story.Tenser}, // not for small differences
		{story.Tenser, at(0.5), at(0.65), story.Steady},
		{story.Calmer, at(0.66), at(0.5), story.Calmer},
		{story.Calmer, at(0.64), at(0.5), story.Steady},
		{story.Calmer, at(0), at(1), story.Steady}, // one step at a time
		{story.Tenser, at(1), at(0), story.Steady},
	} {
		if got := bend(c.before, c.arousal, c.tension); got != c.want {
			t.Errorf("after %q, arousal %v, tension %v: %q, want %q", c.before, c.arousal, c.tension, got, c.want)
		}
	}
}

// What the audience shows bends the next beat, is in the staff's account, and is all in the journal.
func TestFeeling(t *testing.T) {
	s := newStageOf(t, "bridge", Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.toBeat(1)
	if s.state.Cue().Lean != "" || len(s.of(evAudienceFelt)) > 0 {
		t.Error("a silent audience was felt")
	}
	s.pass(20)
	since := s.state.live.stirAt
	for range 3 { // three fears and a line of two viewers
		s.do("ada", RoleViewer, "react", React{Feeling: "fear"})
		s.pass(0.5)
	}
	s.do("bo", RoleViewer, "say", Say{Text: "Don’t."})
	s.tell("Fog.")
	s.plan(threeWays)
	for s.state.Poll == nil {
		s.pass(0.1)
	}
	minutes := float64(last[*PollOpened](s, evPollOpened).OpensAt-2000-since) / 60000
	want := 1 - math.Exp2(-(3*1+lineStirs)/(2*minutes))
	if got := *s.state.Arousal; math.Abs(got-want) > 0.001 || got < 0.7 {
		t.Errorf("arousal %v, want %v", got, want)
	}
	s.toOpenPoll()
	s.vote("ada", "a")
	_, o := s.outlook()
	expected := o.Prospects[0].Cue.Lean
	s.toBeat(2)
	if lean := s.state.Cue().Lean; lean != story.Calmer || lean != expected { // 0.6 is wanted
		t.Errorf("beat 2 leans %q, written ahead %q", lean, expected)
	}
	s.tell("Fog.")
	s.plan(threeWays)
	s.toOpenPoll()
	planned := last[*ChoicesPlanned](s, evChoicesPlanned)
	if planned.Lean != story.Calmer || *planned.Tension != 0.6 || *planned.Arousal <= 0.7 {
		t.Errorf("the staff are told %+v", planned)
	}
	s.vote("ada", "a")
	s.toBeat(3) // they were still meanwhile, and 0.9 is wanted: one step
	if now := *s.state.Arousal; math.Abs(now-*planned.Arousal*(1-feltShare)) > 0.001 || s.state.Cue().Lean != story.Steady {
		t.Errorf("arousal %v, leaning %q", now, s.state.Cue().Lean)
	}
	if len(s.of(evAudienceFelt)) != 2 {
		t.Errorf("felt %d times", len(s.of(evAudienceFelt)))
	}
	s.sameAfterReplay()
	s.host("end", nil)
	s.host("restart", nil)
	s.host("start", nil)
	if s.state.Arousal != nil || s.state.Lean != "" {
		t.Error("the next show begins with the last one's feeling")
	}
}

// The page for authors has the figures.
func TestDocs_Feeling(t *testing.T) {
	page, err := os.ReadFile("../docs/narrator.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("| a reaction of fear or anger counts | %v |", stirs["fear"]),
		fmt.Sprintf("| of joy or wonder | %v |", stirs["wonder"]),
		fmt.Sprintf("| of love or sorrow | %v |", stirs["sorrow"]),
		fmt.Sprintf("| a line of chat | %v |", lineStirs),
		fmt.Sprintf("the arousal | %v |", feltShare),
		fmt.Sprintf("differ by more than | %v |", leanFrom),
		fmt.Sprintf("differ by no more than | %v |", leanTo),
	} {
		if !strings.Contains(string(page), row) {
			t.Errorf("the page lacks %s", row)
		}
	}
	for _, feeling := range Feelings {
		if stirs[feeling] == 0 {
			t.Errorf("%s stirs nobody", feeling)
		}
	}
}
