package room

import (
	"testing"

	"kinoautomat/story"
)

// A shield that comes in the middle of a word lets it end, and what somebody types is set off from what is out as the narrator's words were: both
// were glued together once.
func TestShield_Seams(t *testing.T) {
	for _, c := range []struct{ told, out, typed, want string }{
		{"Twenty characters, and a secret.", "Twenty characters", "It rains.", "Twenty characters It rains."},
		{"Twenty characters, and a secret.", "Twenty characters", ", and a lamp.", "Twenty characters, and a lamp."},
		{"One by one. \n\nA secret in the dark.", "One by one. ", "A lamp.", "One by one. \n\nA lamp."},
		{"它一直在那里数着一二三四五六七八九。", "它一直在那里数着一二三四", "灯灭了。", "它一直在那里数着一二三四灯灭了。"},
		{"Nobody’ll say", "", "", ""}, // all of it is one begun word, and nothing waits
	} {
		s := toCue(t, nil)
		telling, _ := s.state.Telling()
		s.keep(s.state.Write(s.now, telling, c.told))
		s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
		s.pass(0.6) // 12 characters
		s.host("shield", Shield{On: true})
		if c.out == "" {
			if told := s.told(); len(s.of(evNarrationHeld)) > 0 || told.Text != c.told {
				t.Errorf("%q waits, and %q is told", c.told, told.Text)
			}
			continue
		}
		if out := s.state.Snapshot(false).Scene.Text; out != c.out || s.held() == nil {
			t.Errorf("%q: viewers have %q", c.told, out)
		}
		s.host("approve", Approve{Text: c.typed})
		if told := s.told(); told.Text != c.want || told.Why != whyEdited {
			t.Errorf("%q, then %q: told %q", c.told, c.typed, told.Text)
		}
		s.sameAfterReplay()
	}
}
