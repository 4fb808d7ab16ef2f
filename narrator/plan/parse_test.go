package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParse_ReadsWhatFollowsTheContract(t *testing.T) {
	for _, language := range []string{"en", "zh"} {
		m := model{rand.New(rand.NewPCG(1, 1)), language}
		for range 50 {
			want := m.plan()
			got, repairs, err := Parse(answer(want))
			if err != nil || len(repairs) > 0 {
				t.Fatalf("repairs %v, error %v", repairs, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		}
	}
}

func TestParse_MendsEachKindOfDamage(t *testing.T) {
	for _, damage := range breaks {
		for _, language := range []string{"en", "zh"} {
			t.Run(damage.name+" "+language, func(t *testing.T) {
				m := model{rand.New(rand.NewPCG(2, 2)), language}
				for range 30 {
					want := m.plan()
					text := damage.do(m, want)
					got, repairs, err := Parse(text)
					if err != nil {
						t.Fatalf("%v in\n%s", err, text)
					}
					if len(got.Candidates) != len(want.Candidates) {
						t.Fatalf("%d candidates of\n%s", len(got.Candidates), text)
					}
					for i, c := range got.Candidates {
						w := want.Candidates[i]
						if c.ID != w.ID || c.Label != w.Label || c.Hook != w.Hook || c.Risk != w.Risk || c.Kind != w.Kind || c.Prob != w.Prob {
							t.Fatalf("got %+v\nwant %+v in\n%s", c, w, text)
						}
					}
					if text != answer(want) && !slices.ContainsFunc(repairs, func(r Repair) bool { return r.Kind == damage.want }) {
						t.Fatalf("repairs %v, want a %s, of\n%s", repairs, damage.want, text)
					}
				}
			})
		}
	}
}

// However early an answer ends, the candidates before its end are whole and the rest is not made up.
func TestParse_CutAnywhere(t *testing.T) {
	for _, language := range []string{"en", "zh"} {
		m := model{rand.New(rand.NewPCG(3, 3)), language}
		want := m.plan()
		text := answer(want)
		last := 0
		for end := range len(text) {
			got, repairs, err := Parse(text[:end])
			if got.Candidates != nil && err == nil && !slices.Contains(repairs, Repair{RepairCut, ""}) {
				t.Fatalf("cut at %d of %d: no word of it", end, len(text))
			}
			if len(got.Candidates) < last {
				t.Fatalf("cut at %d: %d candidates, after %d", end, len(got.Candidates), last)
			}
			last = len(got.Candidates)
			for i, c := range got.Candidates {
				if c.Label != want.Candidates[i].Label {
					t.Fatalf("cut at %d: label %q, want %q", end, c.Label, want.Candidates[i].Label)
				}
				if c.Hook != "" && c.Hook != want.Candidates[i].Hook {
					t.Fatalf("cut at %d: hook %q, want %q", end, c.Hook, want.Candidates[i].Hook)
				}
			}
		}
		if last != AskFor {
			t.Errorf("%d candidates at the end", last)
		}
	}
}

func TestParse_OddAnswers(t *testing.T) {
	tests := []struct {
		name, text string
		labels     []string
		err        error
	}{
		{"nothing", "", nil, ErrNoAnswer},
		{"prose", "I am sorry, but I cannot do that.", nil, ErrNoAnswer},
		{"a number", "42", nil, ErrNoAnswer},
		{"null", "null", nil, ErrNoAnswer},
		{"another object", `{"error": {"code": 500}}`, nil, ErrNoAnswer},
		{"one candidate", `{"candidates":[{"label":"Go on"}]}`, []string{"Go on"}, ErrFewCandidates},
		{"an ending", `{"candidates":[],"end":{"is_end":true,"kind":"tragic"}}`, nil, nil},
		{"bare labels", `["Open the door", "Leave the house"]`, []string{"Open the door", "Leave the house"}, nil},
		{"labels in candidates", `{"candidates":["Open the door", "Leave"]}`, []string{"Open the door", "Leave"}, nil},
		{"candidates by id", `{"candidates":{"b":{"label":"Leave"},"a":{"label":"Stay"}}}`, []string{"Stay", "Leave"}, nil},
		{"choices", `{"Choices":[{"Text":"Stay"},{"title":"Leave"}]}`, []string{"Stay", "Leave"}, nil},
		{"the second object", `{"note":"first {a} try"} {"candidates":[{"label":"Stay"},{"label":"Leave"}]}`, []string{"Stay", "Leave"}, nil},
		{"no labels", `{"candidates":[{"hook":"x"},{"label":""},{"label":null},7,null,{"label":["a"]}]}`, nil, ErrFewCandidates},
		{"Chinese quotes", `{「candidates」：[{“label”：“打开‘大门’”，“prob”：0.5}，{“label”：“离开”}]}`, []string{"打开‘大门’", "离开"}, nil},
		{"escapes", `{"candidates":[{"label":"\u6253\ud83d\ude00"},{'label':'it\'s \u6253\ud83d\ude00 "now"'}]}`, []string{"打😀", `it's 打😀 "now"`}, nil},
		{"no brackets at the end", `{"candidates":[{"label":"Stay"},{"label":"Leave"`, []string{"Stay", "Leave"}, nil},
		{"a label cut in two", `{"candidates":[{"label":"Stay"},{"label":"Leave"},{"label":"Open the d`, []string{"Stay", "Leave"}, nil},
		{"nested too deep", `{"candidates":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, nil, ErrFewCandidates},
		{"deep and broken", `{'candidates':` + strings.Repeat("[", 5000), nil, ErrFewCandidates},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _, err := Parse(tt.text)
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			var labels []string
			for _, c := range p.Candidates {
				labels = append(labels, c.Label)
			}
			if diff := cmp.Diff(tt.labels, labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_Values(t *testing.T) {
	p, repairs, err := Parse(`{"v":1,"summary":12,"facts_add":[{"s":"a","p":"is","o":""},{"subject":"lamp","p":"is","o":"on"}],"facts_end":"f1",
		"threads":[{"id":"t1","status":"closed now"},{"status":"open"}],"mood":{"valence":-7,"arousal":"0,5","tension":"high"},
		"candidates":[{"id":"a","label":"Stay","risk":9,"prob":30,"uses":"t1","ends":"yes","kind":"romance"},
		{"id":"a","label":"Leave","risk":-1,"prob":"x","uses":["t1","t1",""],"ends":0}],"end":{"is_end":"false","kind":null}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Summary: "12", FactsAdd: []Fact{{"lamp", "is", "on"}}, FactsEnd: []string{"f1"}, Threads: []ThreadChange{{"t1", Closed}},
		Mood: Mood{-1, 0.5, 0.5},
		Candidates: []Candidate{
			{ID: "a", Label: "Stay", Kind: Action, Risk: 3, Prob: 0.3, Uses: []string{"t1"}, Ends: true},
			{ID: "c2", Label: "Leave", Kind: Action, Risk: 0, Uses: []string{"t1"}},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, repair := range []Repair{
		{RepairType, "summary"}, {RepairName, "facts_add[1].s"}, {RepairType, "facts_end"}, {RepairEnum, "threads[0].status"},
		{RepairRange, "mood.valence"}, {RepairType, "mood.tension"}, {RepairRange, "candidates[0].risk"}, {RepairRange, "candidates[0].prob"},
		{RepairDuplicateID, "candidates[1].id"}, {RepairEnum, "candidates[0].kind"}, {RepairMissing, "candidates[0].hook"},
	} {
		if !slices.Contains(repairs, repair) {
			t.Errorf("no %v in %v", repair, repairs)
		}
	}
}

func TestParse_Limits(t *testing.T) {
	long := strings.Repeat("word ", 60)
	text := fmt.Sprintf(`{"summary":%q,"facts_end":[%s"x"],"candidates":[%s{"label":"Stay"}],"end":{"kind":%[1]q}}`, long,
		strings.Repeat(fmt.Sprintf("%q,", long), 2*MaxFacts), strings.Repeat(fmt.Sprintf(`{"label":%[1]q,"hook":%[1]q,"why":%[1]q,"uses":[%s"x"]},`, long,
			strings.Repeat(`"y","z",`, MaxUses)), 9))
	p, repairs, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	within(t, p)
	if len(p.Candidates) != MaxCandidates || !slices.Contains(repairs, Repair{RepairCount, "candidates"}) ||
		!slices.Contains(repairs, Repair{RepairLength, "summary"}) || utf8.RuneCountInString(p.Summary) > MaxSummary {
		t.Errorf("%d candidates, summary %q, repairs %v", len(p.Candidates), p.Summary, repairs)
	}

	candidates := `{"candidates":[{"label":"Stay"},{"label":"Leave"}]}`
	if _, repairs, err := Parse(candidates + strings.Repeat(" ", MaxAnswer-len(candidates))); err != nil ||
		slices.Contains(repairs, Repair{RepairLength, ""}) {
		t.Errorf("an answer of the most bytes: %v, %v", repairs, err)
	}
	if _, repairs, err := Parse(candidates + strings.Repeat(" ", MaxAnswer-len(candidates)+1)); err != nil ||
		!slices.Contains(repairs, Repair{RepairLength, ""}) {
		t.Errorf("one byte more: %v, %v", repairs, err)
	}
}

// The worst of answers takes no longer to read than a moment: no loop of the reader goes over the same text again and again.
func TestParse_HostileAnswers(t *testing.T) {
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":1,`, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"braces":          strings.Repeat("{", MaxAnswer),
		"brackets":        strings.Repeat("[", MaxAnswer),
		"quotes":          strings.Repeat(`"`, MaxAnswer),
		"quotes inside":   `{"summary":"` + strings.Repeat(`"x `, MaxAnswer/3),
		"spaced quotes":   `{"summary":"` + strings.Repeat(`"`+strings.Repeat(" ", 200), MaxAnswer/201),
		"curly quotes":    `{"summary":"` + strings.Repeat("”", MaxAnswer/3),
		"comments":        "{" + strings.Repeat("/*", MaxAnswer/2),
		"short comments":  "{'a':[" + strings.Repeat("/**/", MaxAnswer/4),
		"commas":          "{'a':[" + strings.Repeat(",", MaxAnswer),
		"empty names":     "{" + strings.Repeat(":", MaxAnswer),
		"backslashes":     `{"summary":"` + strings.Repeat(`\`, MaxAnswer/2),
		"escapes":         `{"summary":"` + strings.Repeat(`\u12`, MaxAnswer/5),
		"objects":         strings.Repeat("{}", MaxAnswer/2),
		"many fields":     `{"candidates":[{` + fields(6000) + `"label":"x"}]}`,
		"thoughts":        strings.Repeat("</think>", MaxAnswer/8),
		"no text at all":  strings.Repeat("\xff", MaxAnswer),
		"one long label":  `{"candidates":[{"label":"` + strings.Repeat("a. ", MaxAnswer/4) + `"}]}`,
		"one long number": `{"candidates":[{"risk":` + strings.Repeat("9", MaxAnswer/2) + `,"label":"x"}]}`,
	} {
		begun := time.Now()
		p, _, _ := Parse(text)
		valid(t, Choose(p, Turn{}), Turn{})
		within(t, p)
		if took := time.Since(begun); took > 2*time.Second { // below a tenth of a second where it is quiet
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// within fails the test unless a plan keeps to the limits.
func within(t *testing.T, p Plan) {
	t.Helper()
	text := func(name, s string, most int) {
		t.Helper()
		if utf8.RuneCountInString(s) > most || !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\t\x00") {
			t.Fatalf("%s: %q", name, s)
		}
	}
	text("summary", p.Summary, MaxSummary)
	text("end", p.End.Kind, MaxEndKind)
	if len(p.FactsAdd) > MaxFacts || len(p.FactsEnd) > MaxFacts || len(p.Threads) > MaxThreads || len(p.Candidates) > MaxCandidates {
		t.Fatalf("too many: %d, %d, %d, %d", len(p.FactsAdd), len(p.FactsEnd), len(p.Threads), len(p.Candidates))
	}
	for _, id := range p.FactsEnd {
		text("fact id", id, MaxID)
	}
	for _, f := range p.FactsAdd {
		text("fact", f.Subject, MaxTerm)
		text("fact", f.Predicate, MaxTerm)
		text("fact", f.Object, MaxTerm)
	}
	ids := make(map[string]bool)
	for _, c := range p.Candidates {
		text("id", c.ID, MaxID)
		text("label", c.Label, 4*MaxLabel)
		text("hook", c.Hook, MaxHook)
		text("why", c.Why, MaxWhy)
		if c.ID == "" || ids[c.ID] || c.Label == "" || len(c.Uses) > MaxUses || c.Risk < 0 || c.Risk > MaxRisk || !(c.Prob >= 0 && c.Prob <= 1) ||
			!slices.Contains(Kinds(), c.Kind) {
			t.Fatalf("candidate %+v", c)
		}
		ids[c.ID] = true
	}
	if m := p.Mood; !(m.Valence >= -1 && m.Valence <= 1 && m.Arousal >= 0 && m.Arousal <= 1 && m.Tension >= 0 && m.Tension <= 1) {
		t.Fatalf("mood %+v", m)
	}
}

func FuzzParse(f *testing.F) {
	m := model{rand.New(rand.NewPCG(4, 4)), "en"}
	for _, damage := range breaks {
		f.Add(damage.do(m, m.plan()))
	}
	for _, text := range []string{"", "{", "[[[", `{"a":"`, `{'`, "{:}", "{]", `{"candidates":[{"label":"a" "b"}]`, "{//", `{"\u`, "{a:b,c}", `"\""`, "{\"x\":\xff}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		begun := time.Now()
		p, repairs, err := Parse(text)
		if took := time.Since(begun); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
		if len(repairs) > maxRepairs {
			t.Fatalf("%d repairs", len(repairs))
		}
		within(t, p)
		if err == nil && len(p.Candidates) < 2 && !p.End.IsEnd {
			t.Fatal("too few candidates, no error")
		}
		for _, turn := range []Turn{{}, {Language: "zh-Hans", Mode: Beam, Sample: true}} {
			valid(t, Choose(p, turn), turn)
		}
		if _, err := json.Marshal(p); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSchema(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	var walk func(where string, schema map[string]any)
	walk = func(where string, schema map[string]any) {
		for _, word := range []string{"oneOf", "anyOf", "allOf", "$ref"} {
			if _, there := schema[word]; there {
				t.Errorf("%s: %s", where, word)
			}
		}
		switch schema["type"] {
		case "object":
			properties := schema["properties"].(map[string]any)
			required := schema["required"].([]any)
			if len(required) != len(properties) || schema["additionalProperties"] != false {
				t.Errorf("%s: not all required, or others allowed", where)
			}
			for _, name := range required {
				walk(where+"."+name.(string), properties[name.(string)].(map[string]any))
			}
		case "array":
			if schema["maxItems"] == nil {
				t.Errorf("%s: any number of items", where)
			}
			walk(where+"[]", schema["items"].(map[string]any))
		case "string":
			if schema["maxLength"] == nil && schema["enum"] == nil {
				t.Errorf("%s: any length", where)
			}
		case "number", "integer", "boolean":
		default:
			t.Errorf("%s: type %v", where, schema["type"])
		}
	}
	walk("", root)

	// What Plan writes has just the schema's names.
	var written map[string]any
	if err := json.Unmarshal([]byte(answer(model{rand.New(rand.NewPCG(5, 5)), "en"}.plan())), &written); err != nil {
		t.Fatal(err)
	}
	var same func(where string, schema map[string]any, v any)
	same = func(where string, schema map[string]any, v any) {
		switch v := v.(type) {
		case map[string]any:
			properties := schema["properties"].(map[string]any)
			if diff := cmp.Diff(sortedNames(properties), sortedNames(v)); diff != "" {
				t.Errorf("%s (-schema +written):\n%s", where, diff)
				return
			}
			for name := range v {
				same(where+"."+name, properties[name].(map[string]any), v[name])
			}
		case []any:
			for _, item := range v {
				same(where+"[]", schema["items"].(map[string]any), item)
			}
		}
	}
	same("", root, written)
}
