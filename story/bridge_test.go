package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const crossing = `:: StoryInit
<<set $trust to 0>>
:: Quay
The boat is full.
[[Cast off->Voyage]]
:: Voyage {"kino":{"title":"The crossing","llm":{"mode":"bridge","to":"Harbour","beats":3,"direction":"Beat <<print visits>> of the way.","tension":[0.3,0.6],"reserve":["V1","V2"],"choices":{"mode":"greedy","floor":0}}}}
Water, and no land.
[[Row->Voyage][$trust += 2]]
[[Drift->Voyage]]
[[Jump->Sea]]
:: V1 [reserve]
You row.
:: V2 [reserve]
You row on, $trust.
:: Gull {"kino":{"storylet":{"in":["Voyage"],"when":"$trust > 3"}}}
A gull lands on the oar.
:: Harbour {"kino":{"title":"Land"}}
Lights, $trust of them.
[[Land->Sea]]
:: Sea [end]
Wet.
`

func crossingStory(t *testing.T, change ...string) *Story {
	t.Helper()
	s, report := parse(t, "SugarCube", `:: Start
<<goto "Quay">>
`+strings.NewReplacer(change...).Replace(crossing))
	for _, line := range report {
		if !strings.Contains(line, "beat 3 has no reserve passage") {
			t.Error(line)
		}
	}
	return s
}

// way is a choice that a narrator invents: it leads to the next beat.
func way(t *testing.T, s *Story, p Progress) (Scene, Progress) {
	t.Helper()
	p, err := s.Choose(p, Choice{ID: "a", Label: "On", Target: p.Bridge.Scene})
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, s, p, p.Bridge.Scene)
}

// A bridge is told for as many beats as it says, and then its anchor comes.
func TestBridge_Beats(t *testing.T) {
	s := crossingStory(t)
	told, p := enter(t, s, s.Begin(1), s.Start)
	told, p = choose(t, s, p, told, "Cast off")
	for beat := 1; beat <= 3; beat++ {
		b := told.Cue.Bridge
		if told.ID != "Voyage" || told.Kind != KindCue || b.Beat != beat || b.Beats != 3 || b.To != "Land" || b.Toward != "Lights, 0 of them." || b.Mode != "greedy" || *b.Floor != 0 {
			t.Fatalf("beat %d: %+v, bridge %+v", beat, told, b)
		}
		diff(t, "the anchor", told.Anchor, &Choice{ID: "a", Label: "Land", Target: "Harbour"})
		want := map[int][]string{1: {"You row."}, 2: {"You row on, 0."}}[beat]
		diff(t, fmt.Sprintf("what stands in for beat %d", beat), told.Cue.Reserve, want)
		diff(t, "what the passage says stands in once", told.Text, map[int]string{1: "Water, and no land."}[beat])
		diff(t, "tension", *told.Cue.Tension, []float64{0.3, 0.6, 0.6}[beat-1])
		diff(t, "tension of the next beat", *b.Tension, 0.6)
		diff(t, "direction", told.Cue.Direction, fmt.Sprintf("Beat %d of the way.", beat))
		if beat < 3 {
			diff(t, "the author's own ways", labels(told), []string{"Row", "Drift", "Jump"})
		} else {
			diff(t, "the only way of the last beat", labels(told), []string{"Land"})
		}
		if told.Cue.Invents() != (beat < 3) || told.Cue.Next != nil || b.Links != map[bool]int{true: 3}[beat < 3] {
			t.Errorf("beat %d: cue %+v", beat, told.Cue)
		}
		if beat < 3 {
			told, p = way(t, s, p)
		}
	}
	told, p = choose(t, s, p, told, "Land")
	if told.ID != "Harbour" || p.Bridge != (Beat{}) {
		t.Errorf("after the last beat: %+v, %+v", told, p.Bridge)
	}
}

// Whatever a link says, no bridge has more beats than it has; who leaves it and comes back begins anew.
func TestBridge_AnchorIsReached(t *testing.T) {
	s := crossingStory(t)
	_, p := enter(t, s, s.Begin(1), "Voyage")
	p.Bridge.Beat = 3
	told, p := enter(t, s, p, "Voyage")
	if told.ID != "Harbour" {
		t.Errorf("a fourth beat: %+v", told)
	}
	if told, _ = enter(t, s, p, "Voyage"); told.Cue.Bridge.Beat != 1 {
		t.Errorf("entered again at beat %d", told.Cue.Bridge.Beat)
	}
	one := crossingStory(t, `"beats":3`, `"beats":1`, `"reserve":["V1","V2"]`, `"reserve":["V1"]`, `[0.3,0.6]`, `0.5`)
	if told, _ = enter(t, one, one.Begin(1), "Voyage"); told.Cue.Invents() || len(told.Choices) != 1 {
		t.Errorf("a bridge of one beat: %+v", told)
	}
}

// A storylet is told once, in place of a beat, as soon as its condition holds.
func TestBridge_Storylet(t *testing.T) {
	s := crossingStory(t)
	told, p := enter(t, s, s.Begin(1), "Voyage")
	told, p = choose(t, s, p, told, "Row")
	if told.ID != "Voyage" {
		t.Fatalf("told too early: %+v", told)
	}
	told, p = choose(t, s, p, told, "Row")
	if told.ID != "Gull" || p.Bridge != (Beat{"Voyage", 3}) || told.Cue != nil || told.Ending != "" {
		t.Fatalf("in place of the last beat %+v at %+v", told, p.Bridge)
	}
	diff(t, "and on to the anchor", told.Choices, []Choice{{ID: "a", Label: "Land", Target: "Harbour"}})
	p.Bridge.Beat = 1
	if told, _ = enter(t, s, p, "Voyage"); told.ID != "Voyage" {
		t.Errorf("told twice")
	}

	s = crossingStory(t, `"when":"$trust > 3"`, `"when":"turns > 0"`)
	told, p = enter(t, s, s.Begin(1), "Voyage")
	diff(t, "without links the bridge goes on", told.Choices, []Choice{{ID: "a", Label: "The crossing", Target: "Voyage"}})
	if told, _ = choose(t, s, p, told, "The crossing"); told.Cue == nil || told.Cue.Bridge.Beat != 2 {
		t.Errorf("after the storylet %+v", told)
	}

	s = crossingStory(t, `,"when":"$trust > 3"`, ``, "A gull lands on the oar.", "A gull.\n[[Follow it->Sea]]\n[[Row->Voyage]]")
	told, p = enter(t, s, s.Begin(1), "Voyage")
	diff(t, "its own links lead", labels(told), []string{"Follow it", "Row"})
	if told, p = choose(t, s, p, told, "Follow it"); told.ID != "Sea" || p.Bridge != (Beat{}) {
		t.Errorf("left to %+v", told)
	}
}

// The map of a story knows bridges and storylets, so that nothing in them is unreachable.
func TestBridge_Graph(t *testing.T) {
	g := crossingStory(t).Graph()
	has := func(e Edge) bool {
		return slices.Contains(g.Edges, e)
	}
	for _, e := range []Edge{{"Voyage", "Harbour", "Land"}, {"Voyage", "Gull", ""}, {"Gull", "Voyage", ""}, {"Gull", "Harbour", ""}, {"Voyage", "Sea", "Jump"}} {
		if !has(e) {
			t.Errorf("%v is not in %v", e, g.Edges)
		}
	}
	for _, n := range g.Nodes {
		if (n.Ending != "") != (n.ID == "Sea") {
			t.Errorf("node %+v", n)
		}
	}
}

func TestBridge_Toward(t *testing.T) {
	s := crossingStory(t, "Lights, $trust of them.", strings.Repeat("灯", MaxTowardRunes+1))
	told, _ := enter(t, s, s.Begin(1), "Voyage")
	if toward := told.Cue.Bridge.Toward; utf8.RuneCountInString(toward) != MaxTowardRunes || !strings.HasSuffix(toward, "灯…") {
		t.Errorf("toward %q", toward)
	}
	s = crossingStory(t, "Lights, $trust of them.", strings.Repeat("灯", MaxTowardRunes))
	if told, _ = enter(t, s, s.Begin(1), "Voyage"); strings.HasSuffix(told.Cue.Bridge.Toward, "…") {
		t.Errorf("toward %q", told.Cue.Bridge.Toward)
	}
}

func TestBridge_Report(t *testing.T) {
	llm := func(keys string) string {
		return `:: Start {"kino":{"llm":{"direction":"x",` + keys + "}}}\nwords\n[[One->Start]]\n[[Two->Hall]]\n:: Hall\nhi\n"
	}
	for text, want := range map[string]string{
		llm(`"mode":"bridge","to":"Pier"`):                                                       `there is no scene "Pier" for the bridge to lead to`,
		llm(`"mode":"bridge"`):                                                                   `a bridge needs "to"`,
		llm(`"mode":"bridge","to":"Start"`):                                                      "cannot lead to itself",
		llm(`"mode":"ferry","to":"Hall"`):                                                        `mode must be "bridge", not "ferry"`,
		llm(`"to":"Hall"`):                                                                       `do nothing without "mode": "bridge"`,
		llm(`"mode":"bridge","to":"Hall","beats":0`):                                             "beats must be from 1 to 8, not 0",
		llm(`"mode":"bridge","to":"Hall","beats":9`):                                             "beats must be from 1 to 8, not 9; it has 8",
		llm(`"mode":"bridge","to":"Hall","beats":"two"`):                                         `kino.llm.beats cannot be "two", but a whole number`,
		llm(`"mode":"bridge","to":"Hall","tension":1.1`):                                         "tension must be from 0 to 1, not 1.1",
		llm(`"mode":"bridge","to":"Hall","tension":[0.1,-1]`):                                    "tension must be from 0 to 1, not -1",
		llm(`"mode":"bridge","to":"Hall","tension":"high"`):                                      "tension must be a number from 0 to 1, or a list of them",
		llm(`"mode":"bridge","to":"Hall","beats":1,"tension":[0.1,0.2]`):                         "there are 2 tensions, but 1 beats",
		llm(`"tension":[0.1,0.2]`):                                                               "only a bridge has a tension for each beat",
		llm(`"mode":"bridge","to":"Hall","choices":{"mode":"beam"}`):                             `choices.mode must be max_entropy or greedy, not "beam"`,
		llm(`"mode":"bridge","to":"Hall","choices":{"floor":2}`):                                 "choices.floor must be from 0 to 1, not 2",
		llm(`"mode":"bridge","to":"Hall","reserve":["Hall"]`):                                    `"Hall" is not a passage tagged reserve`,
		llm(`"mode":"bridge","to":"Hall","beats":2`):                                             `note: beat 2 has no reserve passage: where no model tells it, the show goes straight on to "Hall"`,
		llm(`"mode":"bridge","to":"Hall","beats":1,"reserve":["R","R"]`) + ":: R [reserve]\nx\n": "there are 2, but 1 beats",
		":: Start {\"kino\":{\"end\":\"\",\"llm\":{\"direction\":\"x\",\"mode\":\"bridge\",\"to\":\"Hall\"}}}\n:: Hall\nhi\n":   "a bridge leads to \"Hall\"; the show does not end here",
		":: Start {\"kino\":{\"llm\":{\"direction\":\"x\",\"mode\":\"bridge\",\"to\":\"Hall\"}}}\n[[On->Start]]\n:: Hall\nhi\n": "one link alone is never offered",
		":: Start\nhi\n[[Gull]]\n:: Gull {\"kino\":{\"storylet\":{\"in\":[\"Start\"]}}}\nhi\n":                                  `"Start" is not a bridge`,
		":: Start\nhi\n[[Gull]]\n:: Gull {\"kino\":{\"storylet\":{}}}\nhi\n":                                                    `a storylet needs "in"`,
		":: Start\nhi\n[[Gull]]\n:: Gull {\"kino\":{\"storylet\":{\"on\":[\"Start\"]}}}\nhi\n":                                  "kino.storylet.on is not known",
		":: Start\nhi\n:: Gull [reserve] {\"kino\":{\"storylet\":{\"in\":[\"Start\"]}}}\nhi\n":                                  "never told as a storylet",
		":: Start\nhi\n[[Gull]]\n:: Gull {\"kino\":{\"storylet\":{\"in\":[\"Start\"],\"when\":\"1 +\"}}}\nhi\n":                 `"1 +" cannot be read`,
		":: Start\nhi\n[[Gull]]\n:: Gull {\"kino\":{\"storylet\":{\"in\":[\"Start\"],\"when\":\"$nobody > 1\"}}}\nhi\n":         "$nobody is never set",
	} {
		_, report := parse(t, "", text)
		mustContain(t, report, want)
	}
}
