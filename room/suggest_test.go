package room

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// suggesting is a stage in its first scene, behind which a scene for the narrator comes, with suggestions on.
func suggesting(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, Settings{Suggestions: new(true)})
	s.state.passes = func(text string) bool { return !strings.Contains(text, "slur") }
	s.audience("ada", "bo", "cy")
	s.do("mod", RoleModerator, "join", nil)
	s.host("start", nil)
	return s
}

// toNext goes on to the next scene by its first choice.
func (s *stage) toNext() {
	s.t.Helper()
	s.host("next", nil)
	s.host("override_poll", OverridePoll{Choice: "a"})
	s.host("next", nil)
}

// list is what the staff were told last, and see on joining.
func (s *stage) list() []string {
	s.t.Helper()
	s.pass(0.3)
	var texts, seen []string
	for _, given := range last[*SuggestionsChanged](s, evSuggestionsChanged).Suggestions {
		texts = append(texts, given.Viewer+": "+given.Text)
	}
	for _, given := range s.state.Snapshot(true).Suggestions {
		seen = append(seen, given.Viewer+": "+given.Text)
	}
	if !slices.Equal(texts, seen) {
		s.t.Errorf("the staff were told %v, and one who joins %v", texts, seen)
	}
	for _, e := range s.of(evSuggestionsChanged) {
		if e.To != ToStaff || e.N != 0 {
			s.t.Fatalf("told to %q, place %d", e.To, e.N)
		}
	}
	return texts
}

func TestSuggest(t *testing.T) {
	s := suggesting(t)
	if !last[*SceneStarted](s, evSceneStarted).CueAhead {
		t.Fatal("nobody was told that a narrator's scene may follow")
	}
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "  a\u202e dog\n"})
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a dog"}) // a retry
	s.refused(CodeTooFast, "ada", RoleViewer, "suggest", Suggest{Text: "a cat"})
	s.pass(1)
	s.do("bo", RoleViewer, "suggest", Suggest{Text: "a storm"})
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a cat"})
	s.do("mod", RoleModerator, "suggest", Suggest{Text: "a fire"})
	if got := s.list(); !slices.Equal(got, []string{"bo: a storm", "ada: a cat", "mod: a fire"}) {
		t.Errorf("the staff have %v", got)
	}
	s.viewersNever("a cat")
	if own := s.do("ada", RoleViewer, "join", nil).(*Welcome).Own.Suggestion; own != "a cat" {
		t.Errorf("the one who gave it has %q", own)
	}
	s.refused(CodeBadData, "cy", RoleViewer, "suggest", Suggest{Text: " \u200b"})
	s.refused(CodeTooLong, "cy", RoleViewer, "suggest", Suggest{Text: strings.Repeat("雪", MaxSuggestionLength+1)})
	s.refused(CodeRefused, "cy", RoleViewer, "suggest", Suggest{Text: "a slur"})
	s.refused(CodeForbidden, "host", RoleHost, "suggest", Suggest{Text: "the end"})
	s.do("cy", RoleViewer, "suggest", Suggest{Text: strings.Repeat("雪", MaxSuggestionLength)})
	s.sameAfterReplay()

	gone := s.state.Suggestions[0].ID
	s.do("mod", RoleModerator, "delete", Delete{Line: gone, Why: "no weather"})
	if e := s.of(evSuggestionDeleted)[0]; e.To != "bo" || *e.Data.(*SuggestionDeleted) != (SuggestionDeleted{Suggestion: gone, Viewer: "bo", Why: "no weather"}) ||
		e.Hidden.(*doneBy).By.ID != "mod" {
		t.Errorf("told to %q: %+v", e.To, e.Data)
	}
	s.refused(CodeNoSuchLine, "mod", RoleModerator, "delete", Delete{Line: gone})
	s.do("mod", RoleModerator, "ban", Moderate{Viewer: "cy"})
	if got := s.list(); !slices.Equal(got, []string{"ada: a cat", "mod: a fire"}) {
		t.Errorf("the staff have %v", got)
	}
	s.sameAfterReplay()
	s.toNext()
	if cue := s.state.Cue(); !slices.Equal(cue.Wishes, []string{"a fire", "a cat"}) || len(cue.Salt) < 16 {
		t.Errorf("the narrator gets %v, marked by %d bytes", cue.Wishes, len(cue.Salt))
	}
	if got := s.list(); len(got) > 0 || s.state.Snapshot(true).Suggestions != nil {
		t.Errorf("they stay: %v", got)
	}
	if last[*SceneStarted](s, evSceneStarted).CueAhead { // only the author's scenes follow
		t.Error("a narrator's scene is announced")
	}
	s.refused(CodeNotNow, "ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.viewersNever("a cat")
	s.sameAfterReplay()
	s.seqsHaveNoGaps()
}

// Suggestions follow the rules of the chat, and are off until the host wants them.
func TestSuggest_Rules(t *testing.T) {
	s := suggesting(t)
	s.do("mod", RoleModerator, "mute", Moderate{Viewer: "ada"})
	s.refused(CodeMuted, "ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.do("mod", RoleModerator, "slow", Slow{Seconds: 10})
	s.do("bo", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.pass(1)
	s.refused(CodeSlowMode, "bo", RoleViewer, "suggest", Suggest{Text: "a cat"})
	s.do("bo", RoleViewer, "say", Say{Text: "the chat has its own pause"})
	s.host("set", Set{Settings: Settings{Suggestions: new(false)}})
	s.refused(CodeNotNow, "cy", RoleViewer, "suggest", Suggest{Text: "a cat"})
	s.toNext()
	if cue := s.state.Cue(); len(cue.Wishes) > 0 {
		t.Errorf("switched off, and the narrator gets %v", cue.Wishes)
	}

	s = newStage(t, Settings{})
	s.audience("ada")
	s.host("start", nil)
	s.refused(CodeNotNow, "ada", RoleViewer, "suggest", Suggest{Text: "a dog"})

	s = suggesting(t)
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.host("next", nil)
	s.host("override_poll", OverridePoll{Choice: "a"})
	s.refused(CodeNotNow, "bo", RoleViewer, "suggest", Suggest{Text: "too late"})
	s.host("restart", nil)
	if len(s.state.Suggestions) > 0 {
		t.Error("the next show gets suggestions of this one")
	}
	s.sameAfterReplay()
}

// Of many suggestions those are passed on that most gave, then the newest.
func TestSuggest_Chosen(t *testing.T) {
	s := suggesting(t)
	say := func(viewer, text string) {
		if s.state.People[viewer] == nil {
			s.audience(viewer)
		}
		s.do(viewer, RoleViewer, "suggest", Suggest{Text: text})
	}
	for i, text := range []string{"a dog", "fog", "a storm", "A dog", "rain", "a fire", "a cat", "rain", "a key"} {
		say(fmt.Sprint("v", i), text)
	}
	want := []string{"rain", "A dog", "a key", "a cat", "a fire"}
	expected := s.state.ahead(s.state.Scene.Script.Choices[0])
	if len(want) != MaxWishes || !slices.Equal(expected.Wishes, want) {
		t.Errorf("drafts get %q", expected.Wishes)
	}
	for i := range SuggestionsKept {
		say(fmt.Sprint("w", i), fmt.Sprint("number ", i))
	}
	if n := len(s.state.Suggestions); n != SuggestionsKept || s.state.Suggestions[0].Text != "number 0" {
		t.Errorf("%d are kept, from %q on", n, s.state.Suggestions[0].Text)
	}
	s.sameAfterReplay()
}

// What a room remembers of those who are gone does not have their suggestions.
func TestSuggest_GoesWithTheViewer(t *testing.T) {
	s := suggesting(t)
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.state.forget(s.state.People["ada"])
	if len(s.state.Suggestions) > 0 {
		t.Error("it stays")
	}
}

// A second telling of a scene gets what the first had.
func TestSuggest_ToldAnew(t *testing.T) {
	s := suggesting(t)
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	s.toNext()
	first := s.state.Cue()
	s.tell("Words.")
	s.do("mod", RoleModerator, "regenerate", nil)
	if second := s.state.Cue(); !slices.Equal(second.Wishes, first.Wishes) {
		t.Errorf("told anew with %v", second.Wishes)
	}
}

// In a bridge a narrator that thinks of choices has what viewers suggest for what comes after them, between marks of their own; it once had what
// they had suggested for the beat that was told already.
func TestSuggest_Choices(t *testing.T) {
	s := newStageOf(t, "bridge", Settings{Suggestions: new(true)})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.do("bo", RoleViewer, "suggest", Suggest{Text: "a storm"})
	s.toBeat(1)
	s.do("ada", RoleViewer, "suggest", Suggest{Text: "a dog"})
	if cue := s.state.Cue(); !slices.Equal(cue.Wishes, []string{"a storm"}) {
		t.Errorf("the beat is told with %v", cue.Wishes)
	}
	s.tell("Fog.")
	told, planned := s.state.Cue(), s.state.PlanCue()
	if !slices.Equal(planned.Wishes, []string{"a dog"}) || len(planned.Salt) < 16 || string(planned.Salt) == string(told.Salt) {
		t.Errorf("choices are thought of with %v", planned.Wishes)
	}
	s.host("set", Set{Settings: Settings{Suggestions: new(false)}})
	if planned := s.state.PlanCue(); len(planned.Wishes) > 0 {
		t.Errorf("switched off, and choices are thought of with %v", planned.Wishes)
	}
}
