package room

import (
	"slices"
	"strings"

	"kinoautomat/story"
)

// Suggestions: what viewers would like to happen in the narrator's next scene. The staff see them, without names beyond the viewer's id; the
// narrator gets some of them as marked text. They live until the next scene begins.

// suggestible says whether suggestions are taken: the room takes any, and a narrator's scene may follow that is not decided yet.
func (s *State) suggestible() bool {
	return s.takesSuggestions() && s.Scene != nil && s.Scene.CueAhead && (s.Phase == PhaseTelling || s.Phase == PhasePoll)
}

func (s *State) takesSuggestions() bool {
	return s.Settings.Suggestions != nil && *s.Settings.Suggestions
}

// suggest takes a viewer's suggestion in place of their last one for this scene.
func (s *State) suggest(c Command, d Suggest, now int64) (any, error) {
	v, text := s.People[c.Viewer], Clean(d.Text)
	switch {
	case !s.suggestible():
		return nil, notNow("no suggestions are taken now")
	case text == "":
		return nil, Refuse(CodeBadData, "the suggestion is empty")
	case !fits(text, MaxSuggestionLength):
		return nil, Refuse(CodeTooLong, "a suggestion has at most %d characters", MaxSuggestionLength)
	case s.suggestionOf(c.Viewer) == text:
		return nil, nil // a retry
	}
	if err := v.muted(now); err != nil {
		return nil, err
	}
	if err := s.tooSoon(c.Role, now, v.suggestedAt); err != nil {
		return nil, err
	}
	if !s.passesGate(text) {
		return nil, Refuse(CodeRefused, "the safety gate stops that text")
	}
	v.suggestedAt = now
	s.record(evSuggestionMade, "", nil, &suggestionMade{ID: s.lineID(), Viewer: c.Viewer, Text: text})
	return nil, nil
}

// suggestionOf is what somebody suggests for the next scene, "" if nothing.
func (s *State) suggestionOf(viewer string) string {
	for _, given := range s.Suggestions {
		if given.Viewer == viewer {
			return given.Text
		}
	}
	return ""
}

func (s *State) foldSuggestion(e Event) {
	switch hidden := e.Hidden.(type) {
	case *doneBy:
		s.withdraw(func(given Suggestion) bool { return given.ID == e.Data.(*SuggestionDeleted).Suggestion })
	case *suggestionMade:
		s.withdraw(func(given Suggestion) bool { return given.Viewer == hidden.Viewer })
		s.Suggestions = append(s.Suggestions, Suggestion{ID: hidden.ID, Viewer: hidden.Viewer, Text: hidden.Text, At: e.At})
		if over := len(s.Suggestions) - SuggestionsKept; over > 0 {
			s.Suggestions = slices.Delete(s.Suggestions, 0, over)
		}
		s.live.ahead, s.live.dirty[evSuggestionsChanged] = nil, true
	}
}

// deleteSuggestion takes a suggestion back, if d names one, and tells the one who made it.
func (s *State) deleteSuggestion(c Command, d Delete) bool {
	at := slices.IndexFunc(s.Suggestions, func(given Suggestion) bool { return given.ID == d.Line })
	if at < 0 {
		return false
	}
	by := s.Suggestions[at].Viewer
	s.record(evSuggestionDeleted, by, &SuggestionDeleted{Suggestion: d.Line, Viewer: by, Why: d.Why}, &doneBy{By: s.People[c.Viewer].Person, Why: d.Why})
	return true
}

// withdraw takes suggestions back.
func (s *State) withdraw(which func(Suggestion) bool) {
	before := len(s.Suggestions)
	if s.Suggestions = slices.DeleteFunc(s.Suggestions, which); len(s.Suggestions) < before {
		s.live.ahead, s.live.dirty[evSuggestionsChanged] = nil, true
	}
	if len(s.Suggestions) == 0 {
		s.Suggestions = nil
	}
}

// withdrawAll: the scene that they were for has begun, or will not.
func (s *State) withdrawAll() { s.withdraw(func(Suggestion) bool { return true }) }

// wishes are the suggestions that the narrator of the next scene gets: those that most viewers gave, and among equals the newest.
func (s *State) wishes() []string {
	if !s.takesSuggestions() {
		return nil
	}
	type wish struct {
		text  string
		given int // how often
		last  int // its place, the newest
	}
	var all []wish
	for i, given := range s.Suggestions {
		at := slices.IndexFunc(all, func(w wish) bool { return strings.EqualFold(w.text, given.Text) })
		if at < 0 {
			at, all = len(all), append(all, wish{})
		}
		all[at] = wish{given.Text, all[at].given + 1, i}
	}
	slices.SortFunc(all, func(a, b wish) int {
		if a.given != b.given {
			return b.given - a.given
		}
		return b.last - a.last
	})
	var texts []string
	for _, w := range all[:min(len(all), MaxWishes)] {
		texts = append(texts, w.text)
	}
	return texts
}

// cueAhead says whether one of a scene's choices may lead to a scene for the narrator; those that it invents do.
func cueAhead(st *story.Story, progress story.Progress, script story.Scene) bool {
	return script.Cue.Invents() || slices.ContainsFunc(script.Choices, func(c story.Choice) bool {
		after, err := st.Choose(progress, c)
		if err != nil {
			return false
		}
		next, _, err := st.Enter(after, c.Target)
		return err == nil && next.Cue != nil
	})
}
