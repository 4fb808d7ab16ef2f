package story

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const worldly = `:: StoryTitle
The Lamp
:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","kino":{"language":"en","world":`

// The world is read as it was written, comes back from Write, and a cue's narrator has it from the story.
func TestWorld(t *testing.T) {
	want := World{
		Style: "Second person, present tense.", Rules: []string{"Nobody dies."},
		Cast:  []Entity{{Name: "Mara", Aliases: []string{"the keeper"}, About: "keeps the lamp"}, {Name: "Lampisland", Kind: "place"}},
		Facts: []Fact{{"the ferry", "is", "gone until spring"}},
		Lore:  []Lore{{Text: "It burns whale oil.", Keys: []string{"lamp"}, Also: []string{"night"}, Logic: "not_all", Sticky: 2, Cooldown: 3, Order: 4, Group: "light"}},
	}
	raw := `{"style":"Second person, present tense.","rules":["Nobody dies.",""],"cast":[{"name":"Mara","aliases":["the keeper"],"about":"keeps the lamp"},{"name":"Lampisland","kind":"place"}],
"facts":[{"subject":"the ferry","predicate":"is","object":"gone until spring"}],
"lore":[{"text":"It burns whale oil.","keys":["lamp"],"also":["night"],"logic":"not_all","sticky":2,"cooldown":3,"order":4,"group":"light"}]}`
	s, report := Parse("lamp.twee", []byte(worldly+raw+"}}\n:: Start [end]\nDark.\n"))
	if s == nil || report.Strict() != nil {
		t.Fatal(report)
	}
	again, _ := Parse("lamp.twee", s.Write())
	for name, got := range map[string]*World{"read": s.World, "written and read again": again.World} {
		if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// What a narrator could do nothing with is left out with a warning that says where it is; what is too long is an error.
func TestWorld_Problems(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for raw, want := range map[string]string{
		`[]`:                       "kino.world is not a JSON object",
		`{"colour":"red"}`:         "kino.world.colour is not known",
		`{"cast":"Mara"}`:          "kino.world.cast cannot be",
		`{"cast":[{"about":"x"}]}`: "kino.world.cast[0] has no name",
		`{"cast":[{"name":"x","kind":"dragon"}]}`:                                      "person, item, place",
		`{"facts":[{"subject":"x"}]}`:                                                  "kino.world.facts[0] has no predicate",
		`{"lore":[{"text":"x"}]}`:                                                      "kino.world.lore[0] has no keys",
		`{"lore":[{"keys":["x"]}]}`:                                                    "kino.world.lore[0] has no text",
		`{"lore":[{"text":"x","keys":["x"],"sticky":51}]}`:                             "from 0 to 50",
		`{"lore":[{"text":"x","keys":["x"],"logic":"maybe"}]}`:                         "any, all, none, not_all",
		`{"style":"` + long(MaxWorldRunes+1) + `"}`:                                    "more than 600",
		`{"rules":["` + long(MaxWorldRunes+1) + `"]}`:                                  "more than 600",
		`{"cast":[{"name":"` + long(MaxNameRunes+1) + `"}]}`:                           "more than 120",
		`{"lore":[{"keys":["x"],"text":"` + long(MaxLoreRunes+1) + `"}]}`:              "more than 1200",
		`{"rules":["x"` + strings.Repeat(`,"x"`, MaxWorld) + `]}`:                      "more than 100",
		`{"lore":[{"text":"x","keys":["x"` + strings.Repeat(`,"x"`, MaxWorld) + `]}]}`: "more than 100",
	} {
		s, report := Parse("lamp.twee", []byte(worldly+raw+"}}\n:: Start [end]\nDark.\n"))
		if report.Strict() == nil || !strings.Contains(report.Strict().Error(), want) {
			t.Errorf("%.60s: %v; want %q", raw, report, want)
		}
		if s != nil && s.World != nil && !strings.Contains(raw, "rules") && !strings.Contains(raw, "style") {
			t.Errorf("%.60s: the world is %+v", raw, s.World)
		}
	}
	for _, raw := range []string{`{"style":"` + long(MaxWorldRunes) + `"}`, `{"rules":["x"` + strings.Repeat(`,"x"`, MaxWorld-1) + `]}`} {
		if s, report := Parse("lamp.twee", []byte(worldly+raw+"}}\n:: Start [end]\nDark.\n")); s == nil || report.Strict() != nil {
			t.Errorf("%.40s: %v", raw, report)
		}
	}
}
