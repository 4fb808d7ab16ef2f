package room

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
)

// What was written ahead for a choice that lost is told to nobody during the show, and to everybody after it; the report has it too.
func TestUntold(t *testing.T) {
	s := toCue(t, nil)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "Words."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered", Ahead: true,
		Untold: map[string]string{"b": " A secret way. ", "a": "not a choice that lost", "z": "none that there was"}}))
	s.pass(5)
	s.viewersNever("secret")
	s.sameAfterReplay()
	s.host("end", nil)
	want := []Untold{{Number: 1, Title: "Door", Label: "Walk in", Text: "A secret way."}}
	if diff := cmp.Diff(want, last[*ShowEnded](s, evShowEnded).Untold); diff != "" {
		t.Errorf("told at the end (-want +got):\n%s", diff)
	}
	var r Report
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	if diff := cmp.Diff(want, r.Shows[0].Untold); diff != "" {
		t.Errorf("in the report (-want +got):\n%s", diff)
	}
	s.host("start", nil)
	s.host("end", nil)
	if again := last[*ShowEnded](s, evShowEnded).Untold; len(again) > 0 {
		t.Errorf("the next show ends with %+v", again)
	}
	s.sameAfterReplay()
}

// What nobody of the staff has read is not told at the end either, where they want to read first: neither then nor at the time.
func TestUntold_Shield(t *testing.T) {
	for name, on := range map[string][2]bool{"while it was written": {true, false}, "at the end": {false, true}} {
		t.Run(name, func(t *testing.T) {
			s := toCue(t, nil)
			s.host("shield", Shield{On: on[0]})
			telling, _ := s.state.Telling()
			s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Untold: map[string]string{"b": "A secret way."}}))
			s.host("shield", Shield{On: on[1]})
			s.host("end", nil)
			s.viewersNever("secret")
		})
	}
}

func TestUntold_Limits(t *testing.T) {
	s := toCue(t, nil)
	others := s.state.Scene.Others
	for i := range UntoldKept + 1 {
		s.state.keepUntold(map[string]string{others[0].ID: fmt.Sprint("way ", i)})
	}
	if got := s.state.Untold; len(got) != UntoldKept || got[0].Text != "way 1" {
		t.Errorf("%d are kept, from %q on", len(got), got[0].Text)
	}
	for _, n := range []int{MaxUntoldLength, MaxUntoldLength + 1} {
		s.state.keepUntold(map[string]string{others[0].ID: strings.Repeat("雪", n)})
		text := []rune(s.state.Untold[UntoldKept-1].Text)
		if len(text) != MaxUntoldLength || (text[MaxUntoldLength-1] == '…') != (n > MaxUntoldLength) {
			t.Errorf("of %d characters %d are kept, ending with %q", n, len(text), text[len(text)-1])
		}
	}
}
