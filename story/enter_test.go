package story

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestEnter_NoSuchScene(t *testing.T) {
	s, _ := parse(t, "", ":: StoryInit\n:: Start\n[[Start]]\n:: Stand-in [reserve]\nx\n")
	p := s.Begin(1)
	for _, name := range []string{"Nowhere", "StoryInit", "Stand-in", "", "StoryData"} {
		told, got, err := s.Enter(p, name)
		if !errors.Is(err, ErrNoSuchScene) {
			t.Errorf("Enter(%q): %v", name, err)
		}
		diff(t, name, got, p)
		diff(t, name, told, Scene{})
	}
	if _, _, err := new(Story).Enter(p, "Start"); !errors.Is(err, ErrNoSuchScene) {
		t.Errorf("a story that Parse did not make: %v", err)
	}
}

// A show may be told again from any of its progresses: none is changed afterwards, and JSON keeps all of it.
func TestEnter_ProgressIsAValue(t *testing.T) {
	s, _ := parse(t, "SugarCube", ":: StoryInit\n<<set $l to [1], $n to 0>>\n:: Start\n<<set $l to $l + [random(1, 9)], $n += 1>>$l\n[[Again->Start][$n += 10]]\n")
	before := s.Begin(5)
	kept := before
	kept.Vars, kept.Visits = maps.Clone(before.Vars), maps.Clone(before.Visits)
	told, after := enter(t, s, before, "Start")
	again, _ := enter(t, s, before, "Start")
	diff(t, "told twice", again, told)
	diff(t, "the first progress", before, kept)
	if _, err := s.Choose(after, told.Choices[0]); err != nil {
		t.Fatal(err)
	}
	diff(t, "choosing changes nothing either", after.Vars["n"], any(1.0))

	raw, err := json.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	var read Progress
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	diff(t, "by JSON", read, after)
	want, _ := enter(t, s, after, "Start")
	got, _ := enter(t, s, read, "Start")
	diff(t, "the show goes on the same", got, want)
}

func TestEnter_Goto(t *testing.T) {
	s, _ := parse(t, "SugarCube", `:: Start
lost <<set $x to 1, _t to 2>>[[Never->Start]]
<<goto "Hall">> lost
:: Hall
hall $x _t
[[Go->Cave]]
:: Cave
<<if visited("Cave") < 3>><<goto "Cave">><</if>>deep
`)
	told, p := enter(t, s, s.Begin(1), "Start")
	diff(t, "scene", told, Scene{ID: "Hall", Title: "Hall", Kind: KindText, Text: "hall 1 _t", Choices: []Choice{{ID: "a", Label: "Go", Target: "Cave"}}})
	diff(t, "progress", p, Progress{Scene: "Hall", Vars: map[string]any{"x": 1.0}, Visits: map[string]int{"Start": 1, "Hall": 1}, Turns: 1, Seed: 1})
	told, p = choose(t, s, p, told, "Go")
	diff(t, "round and round", told.Text, "deep")
	diff(t, "visits", p.Visits["Cave"], 3)
}

func TestEnter_GotoForEver(t *testing.T) {
	s, _ := parse(t, "SugarCube", ":: Start\n<<set $x += 1>><<goto \"Hall\">>\n:: Hall\n<<goto \"Start\">>\n")
	p := s.Begin(1)
	_, got, err := s.Enter(p, "Start")
	mustLimit(t, err)
	diff(t, "nothing changed", got, p)
}

func mustLimit(t testing.TB, err error) {
	t.Helper()
	limit, ok := errors.AsType[*LimitError](err)
	if !ok || !errors.Is(err, ErrLimit) {
		t.Fatalf("error is %v, want a limit", err)
	}
	if limit.Max <= 0 || limit.What == "" {
		t.Errorf("limit is %+v", limit)
	}
}

func TestEnter_Ending(t *testing.T) {
	s, _ := parse(t, "SugarCube", `:: Start
<<if $x>>[[Never->Start]]<</if>>nothing left
:: A {"kino":{"title":"The end of it","end":""}}
x
:: B [end] {"kino":{"end":"sad"}}
[[Never->Start]]
`)
	for name, want := range map[string]string{"Start": "Start", "A": "The end of it", "B": "sad"} {
		told, _ := enter(t, s, s.Begin(1), name)
		diff(t, name, told.Ending, want)
		diff(t, name+": choices", len(told.Choices), 0)
	}
}

func TestEnter_CueDefaults(t *testing.T) {
	s, _ := parse(t, "SugarCube", `:: StoryInit
<<set $x to "fog">>
:: Start [llm]
The $x comes in.
[[Go->End]]
:: End {"kino":{"llm":{"direction":"One\n\n''two'' [[Go->End]] <<= random(1,6)>>","mood":"$x","reserve":["Empty","Full"]}}}
Gone.
:: Empty [reserve]
<<if $nothing>>x<</if>>
:: Full [reserve]
$x <<= random(1,6)>> <<= visits>><<goto "End">>
`)
	told, p := enter(t, s, s.Begin(1), "Start")
	diff(t, "only the tag", told.Cue, &Cue{
		Direction: "The fog comes in.", MaxChars: 900, Scene: "Start", Language: "en", Title: "Test", Authored: "The fog comes in.", Next: []string{"Go"},
	})
	told, p = choose(t, s, p, told, "Go")
	diff(t, "an ending may be told by the narrator", told.Ending, "End")
	diff(t, "direction", strings.TrimRight(told.Cue.Direction, "123456"), "One\n\ntwo Go ")
	diff(t, "mood", told.Cue.Mood, "fog")
	if len(told.Cue.Reserve) != 1 || !strings.HasPrefix(told.Cue.Reserve[0], "fog ") || !strings.HasSuffix(told.Cue.Reserve[0], " 1") {
		t.Errorf("reserve is %q", told.Cue.Reserve)
	}
	diff(t, "asides draw nothing from the show", p.Draws, uint64(0))
}

func TestBegin_TooMuch(t *testing.T) {
	setup := "<<set $l to [" + strings.TrimSuffix(strings.Repeat("1,", 1000), ",") + "]>>" + strings.Repeat("<<set $l to [$l, $l]>>", 12)
	_, report := Parse("a.twee", []byte(source("SugarCube", ":: StoryInit\n"+setup+"\n:: Start\n")))
	if err := report.Err(); !errors.Is(err, ErrLimit) {
		t.Errorf("error is %v", err)
	}
}

// Each limit is met at its edge and refused one beyond it, while a source is read …
func TestLimits_Parse(t *testing.T) {
	with := func(passages string) string { return source("SugarCube", passages) }
	long := func(n int) string { return strings.Repeat("字", n) }
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	pad := func(n int) string {
		head := with(":: Start\n")
		return head + strings.Repeat("\n", n-len(head))
	}
	for name, test := range map[string]struct {
		max    int
		source func(n int) string
	}{
		"file":       {MaxFileBytes, pad},
		"passages":   {MaxPassages, func(n int) string { return with(":: Start\n" + many(n-1, ":: P%d\n")) }},
		"problems":   {MaxProblems, func(n int) string { return with(":: Start\n" + many(n, "<<x%d>>")) }},
		"name":       {MaxNameRunes, func(n int) string { return with(":: Start\n:: " + long(n) + "\n") }},
		"title":      {MaxNameRunes, func(n int) string { return ":: StoryTitle\n" + long(n) + "\n:: Start\n" }},
		"kino.title": {MaxNameRunes, func(n int) string { return with(`:: Start {"kino":{"title":"` + long(n) + "\"}}\n") }},
		"label":      {MaxLabelRunes, func(n int) string { return with(":: Start\n[[" + long(n) + "->Start]]") }},
		"summary":    {MaxSummaryRunes, func(n int) string { return ":: StoryData\n{\"kino\":{\"summary\":\"" + long(n) + "\"}}\n:: Start\n" }},
		"genres": {MaxWords, func(n int) string {
			return ":: StoryData\n{\"kino\":{\"genres\":[\"x\"" + strings.Repeat(`,"x"`, n-1) + "]}}\n:: Start\n"
		}},
		"direction": {MaxDirectionRunes, func(n int) string { return with(`:: Start {"kino":{"llm":{"direction":"` + long(n) + "\"}}}\n") }},
		"reserve": {MaxReserve, func(n int) string {
			return with(`:: Start {"kino":{"llm":{"reserve":["R"` + strings.Repeat(`,"R"`, n-1) + "]}}}\n:: R [reserve]\nx\n")
		}},
		"choices": {MaxChoices, func(n int) string { return with(":: Start\n" + many(n, "[[%d->Start]]\n")) }},
		"text":    {MaxTextRunes, func(n int) string { return with(":: Start\n" + long(n)) }},
		"nesting": {MaxNesting - 1, func(n int) string {
			return with(":: Start\n" + strings.Repeat("<<if 1>>", n) + "deep" + strings.Repeat("<</if>>", n))
		}},
		"brackets": {MaxNesting - 1, func(n int) string {
			return with(":: Start\n<<= " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + ">>")
		}},
		"indices":    {MaxNesting - 1, func(n int) string { return with(":: Start\n<<set $l to [1]>><<= $l" + strings.Repeat("[0]", n) + ">>") }},
		"list items": {MaxList, func(n int) string { return with(":: Start\n<<set $l to [1" + strings.Repeat(",1", n-1) + "]>>") }},
	} {
		t.Run(name, func(t *testing.T) {
			if s, report := Parse("a.twee", []byte(test.source(test.max))); s == nil {
				t.Errorf("at %d: %v", test.max, report.Err())
			}
			s, report := Parse("a.twee", []byte(test.source(test.max+1)))
			if s != nil || !errors.Is(report.Err(), ErrLimit) {
				t.Errorf("at %d: story is there: %v, error is %v", test.max+1, s != nil, report.Err())
			}
		})
	}
}

// … and while it is played.
func TestLimits_Enter(t *testing.T) {
	// doubled sets $s to the string that is n long in the end.
	grown := func(n int) string {
		return "<<set $s to \"x\">>" + strings.Repeat("<<set $s += $s>>", 16) + strings.Repeat("<<set $s += \"x\">>", n-1<<16)
	}
	for name, test := range map[string]struct {
		max  int
		body func(n int) string
	}{
		"string": {MaxStringBytes, grown},
		"choices": {MaxChoices, func(n int) string {
			return strings.Repeat("<<if turns>>[[Start]]<</if>>\n", n)
		}},
		"label": {MaxLabelRunes, func(n int) string {
			return "<<set $x to \"" + strings.Repeat("字", n) + "\">>[[$x->Start]]"
		}},
		"text": {MaxTextRunes, func(n int) string {
			return "<<set $x to \"" + strings.Repeat("x", 1000) + "\">>" + strings.Repeat("<<= $x>>", n/1000) + strings.Repeat("x", n%1000)
		}},
		// <<if>> and its test make 2 steps, each printed number 2 more, and entering 1.
		"steps": {4997, func(n int) string {
			return "<<if 1>>" + strings.Repeat("<<= 1>>", n) + "<</if>>" + strings.Repeat("$x", 2)
		}},
		"list items": {MaxList, func(n int) string { return "<<set $l to [1" + strings.Repeat(",1", n-2) + "]>><<set $l to $l + [1]>>" }},
	} {
		t.Run(name, func(t *testing.T) {
			for n, fits := range map[int]bool{test.max: true, test.max + 1: false} {
				s, report := Parse("a.twee", []byte(source("SugarCube", ":: Start\n"+test.body(n))))
				if s == nil {
					t.Fatal(report.Err())
				}
				_, _, err := s.Enter(s.Begin(1), "Start")
				if fits && err != nil {
					t.Errorf("at %d: %v", n, err)
				}
				if !fits {
					mustLimit(t, err)
				}
			}
		})
	}
}

func TestLimits_Variables(t *testing.T) {
	s, _ := parse(t, "SugarCube", ":: Start\n<<set $last to 1>>\n[[Start][$last to 2]]\n")
	p := Progress{Vars: map[string]any{}}
	for i := range MaxVariables - 1 {
		p.Vars[fmt.Sprintf("v%d", i)] = 1.0
	}
	_, full := enter(t, s, p, "Start")
	diff(t, "variables", len(full.Vars), MaxVariables)
	p.Vars["one more"] = 1.0
	_, _, err := s.Enter(p, "Start")
	mustLimit(t, err)
	_, err = s.Choose(p, Choice{Target: "Start", Effects: []string{"$last to 2"}})
	mustLimit(t, err)

	p.Vars = map[string]any{"s": strings.Repeat("x", MaxVarsBytes-len("s")-2-len("last")-8)}
	enter(t, s, p, "Start")
	p.Vars["s"] = p.Vars["s"].(string) + "x"
	_, _, err = s.Enter(p, "Start")
	mustLimit(t, err)
}

func TestLimits_Lists(t *testing.T) {
	nested := func(n int) any {
		var v any = 1.0
		for range n {
			v = []any{v}
		}
		return v
	}
	s, _ := parse(t, "SugarCube", ":: Start\n<<set $x to 1>><<set $l to [$x]>>\n")
	enter(t, s, Progress{Vars: map[string]any{"x": 1.0}}, "Start")
	r := newRun(Progress{Vars: map[string]any{"l": nested(MaxNesting - 1)}})
	e, err := parseExpr("[$l]", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.eval(r); err != nil {
		t.Error(err)
	}
	r.p.Vars["l"] = nested(MaxNesting)
	_, err = e.eval(r)
	mustLimit(t, err)
}
