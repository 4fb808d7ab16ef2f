package story

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameStory compares what an author wrote and not what Parse made of it, nor where it stood.
var sameStory = cmp.Options{cmpopts.IgnoreUnexported(Story{}), cmpopts.IgnoreFields(Passage{}, "Line")}

// source is a complete story of a format; passages is Twee.
func source(format, passages string) string {
	return fmt.Sprintf(":: StoryTitle\nTest\n\n:: StoryData\n{\"ifid\":\"11111111-TEST\",\"format\":%q,\"kino\":{\"language\":\"en\"}}\n\n%s", format, passages)
}

// parse reads a story that must be usable and gives what its report says, without the place.
func parse(t testing.TB, format, passages string) (*Story, []string) {
	t.Helper()
	s, report := Parse("test.twee", []byte(source(format, passages)))
	if err := report.Err(); err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return s, texts(report)
}

func texts(report Report) []string {
	var all []string
	for _, p := range report.Problems {
		all = append(all, fmt.Sprintf("%s: %s", p.Severity, p.Text))
	}
	return all
}

// enter enters a scene that must be there.
func enter(t testing.TB, s *Story, p Progress, scene string) (Scene, Progress) {
	t.Helper()
	told, next, err := s.Enter(p, scene)
	if err != nil {
		t.Fatalf("Enter(%q): %v", scene, err)
	}
	return told, next
}

// choose takes the choice of that label and enters its target.
func choose(t testing.TB, s *Story, p Progress, told Scene, label string) (Scene, Progress) {
	t.Helper()
	for _, c := range told.Choices {
		if c.Label == label {
			next, err := s.Choose(p, c)
			if err != nil {
				t.Fatalf("Choose(%q): %v", label, err)
			}
			return enter(t, s, next, c.Target)
		}
	}
	t.Fatalf("scene %q offers %v, not %q", told.ID, labels(told), label)
	return Scene{}, Progress{}
}

func labels(told Scene) []string {
	var all []string
	for _, c := range told.Choices {
		all = append(all, c.Label)
	}
	return all
}

// mustContain checks that one of the lines has each of the parts.
func mustContain(t testing.TB, lines []string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(strings.Join(lines, "\n"), part) {
			t.Errorf("the report does not say %q:\n%s", part, strings.Join(lines, "\n"))
		}
	}
}

func diff(t testing.TB, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, options...); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func example(t testing.TB, name string) *Story {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	s, report := Parse(name, raw)
	if err := report.Strict(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func TestParse_Example(t *testing.T) {
	s := example(t, "library/lamp.twee")
	diff(t, "story", s, &Story{
		ID: "lamp", Title: "The Lamp Room", Language: "en", Summary: "A keeper climbs to a light that nobody lit.",
		Genres: []string{"mystery"}, Themes: []string{"memory", "sea"}, Mood: "uneasy",
		Rules: Rules{VoteSeconds: new(20.0), Pace: new(24.0), Method: new("plurality")},
		IFID:  "5C9E63A0-9E4C-4D0B-8E7B-2F3B6B9B6A01", Format: "SugarCube", FormatVersion: "2.37.3", Start: "Stairs",
	}, sameStory, cmpopts.IgnoreFields(Story{}, "Passages", "Data"))
	diff(t, "scenes", s.Scenes(), 5)
	diff(t, "endings", s.Endings(), 2)
	diff(t, "zoom is kept", string(s.Data["zoom"]), "1")
	diff(t, "first passage", s.Passages[0], Passage{Name: "StoryInit", Text: "<<set $oil to 2, $lamp to false>>", Line: 24})
}

// The whole example, as an audience would meet it.
func TestShow(t *testing.T) {
	s := example(t, "library/lamp.twee")
	told, p := enter(t, s, s.Begin(7), s.Start)
	diff(t, "text", told.Text, "The stairs wind up into the dark. You have 2 measures of oil.")
	diff(t, "choices", told.Choices, []Choice{
		{ID: "a", Label: "Light the lamp", Target: "Gallery", Effects: []string{"$lamp to true", "$oil -= 1"}},
		{ID: "b", Label: "Climb in the dark", Target: "Gallery"},
		{ID: "c", Label: "Go back down", Target: "Harbour"},
	})
	diff(t, "default", told.Default, "b")
	diff(t, "rules", told.Rules, Rules{VoteSeconds: new(15.0)})

	told, p = choose(t, s, p, told, "Light the lamp")
	diff(t, "title", told.Title, "The gallery")
	diff(t, "the lamp is lit", told.Text, "The glass throws your face back at you.")
	diff(t, "random is our draw", told.Rules.Tie, new("draw"))

	told, p = choose(t, s, p, told, "Turn round")
	diff(t, "second visit", told.Text, "The stairs wind up into the dark. You have 1 measures of oil.\n\nYou have been here before.")
	told, p = choose(t, s, p, told, "Light the lamp")
	told, p = choose(t, s, p, told, "Turn round")
	diff(t, "no oil left: a choice is gone", labels(told), []string{"Light the lamp", "Go back down"})
	diff(t, "the default is hidden", told.Default, "")

	told, p = choose(t, s, p, told, "Light the lamp")
	told, p = choose(t, s, p, told, "Touch the glass")
	diff(t, "cue", told, Scene{
		ID: "Voice", Title: "A voice", Kind: KindCue, Text: "The lamp says your name.",
		Choices: []Choice{{ID: "a", Label: "Answer it", Target: "Harbour"}, {ID: "b", Label: "Say nothing", Target: "Dawn"}},
		Cue: &Cue{
			Direction: "A voice speaks from the lamp. The lamp is lit; -1 measures are left.", Mood: "uneasy", MaxChars: 600,
			Reserve: []string{`"You lit me," says the lamp, "with -1 measures left."`, `"You came without a light," says the lamp.`},
			Scene:   "Voice", Language: "en", Title: "The Lamp Room", Summary: "A keeper climbs to a light that nobody lit.",
			Authored: "The lamp says your name.", Next: []string{"Answer it", "Say nothing"},
		},
	})
	diff(t, "reserve passages change nothing", p.Vars["oil"], any(-1.0))

	end, _ := choose(t, s, p, told, "Answer it")
	diff(t, "named ending", end, Scene{ID: "Harbour", Title: "Harbour", Kind: KindText, Text: "The boats are already out.", Ending: "bittersweet"})
	end, p = choose(t, s, p, told, "Say nothing")
	diff(t, "ending without links", end.Ending, "Dawn")
	diff(t, "progress", p, Progress{
		Scene: "Dawn", Vars: map[string]any{"oil": -1.0, "lamp": true}, Turns: 8, Seed: 7,
		Visits: map[string]int{"Stairs": 3, "Gallery": 3, "Voice": 1, "Dawn": 1},
	})
}

func TestGraph(t *testing.T) {
	s, _ := parse(t, "SugarCube", `:: Start
<<if $x>>[[One->A][$y to 1]]<<else>>[[Two->A]]<</if>>
:: A {"kino":{"title":"The letter A"}}
<<goto "B">>
:: B [end:sad]
[[Never->A]]
:: Away [reserve]
words
:: C
`)
	diff(t, "graph", s.Graph(), Graph{
		Nodes: []Node{
			{ID: "Start", Title: "Start"}, {ID: "A", Title: "The letter A"}, {ID: "B", Title: "B", Ending: "sad"},
			{ID: "C", Title: "C", Ending: "C"},
		},
		Edges: []Edge{{From: "Start", To: "A", Label: "One"}, {From: "Start", To: "A", Label: "Two"}, {From: "A", To: "B"}},
	})
	diff(t, "endings", s.Endings(), 2)
	diff(t, "scenes", s.Scenes(), 4)

	s.Graph().Nodes[0].ID = "changed"
	if s.Graph().Nodes[0].ID != "Start" {
		t.Error("who reads a graph can change the story")
	}
}
