package plan

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// valid fails the test unless an audience can vote on a set.
func valid(t testing.TB, set Set, turn Turn) {
	t.Helper()
	language := turn.Language
	if scripts[primary(language)] != nil && made[primary(language)].fixed == nil && set.Why.From != FromModel {
		language = "" // English may stand in
	}
	n := len(set.Choices)
	if n < MinShown || n > turn.show() {
		t.Fatalf("%d choices: %+v", n, set)
	}
	ids, shorts, sum := make(map[string]bool), make(map[string]bool), 0.0
	for i, c := range set.Choices {
		if !InLanguage(c.Label, turn.Language) && !InLanguage(c.Label, language) {
			t.Fatalf("label %q of a story in %q", c.Label, turn.Language)
		}
		if utf8.RuneCountInString(c.Label) > MaxLabel || c.Label != clean(c.Label) || strings.Contains(c.Label, "{") {
			t.Fatalf("label %q", c.Label)
		}
		if c.Short == "" || Columns(c.Short) > ShortColumns && c.Short != c.Label {
			t.Fatalf("short label %q of %q", c.Short, c.Label)
		}
		if ids[c.ID] || c.ID == "" || shorts[c.Short] {
			t.Fatalf("twice: %q, %q", c.ID, c.Short)
		}
		if c.Ends && !turn.MayEnd {
			t.Fatalf("%q ends the story", c.Label)
		}
		ids[c.ID], shorts[c.Short] = true, true
		if !(c.P >= 0 && c.P <= 1) {
			t.Fatalf("chance %v", c.P)
		}
		sum += c.P
		for _, other := range set.Choices[:i] {
			if Distance(c.Label, other.Label) < MinDistance {
				t.Fatalf("%q and %q", c.Label, other.Label)
			}
		}
	}
	if sum < 1-1e-9 || sum > 1+1e-9 || len(set.Why.Shown) != n {
		t.Fatalf("chances add up to %v, %v shown", sum, set.Why.Shown)
	}
	if _, err := json.Marshal(set); err != nil { // nothing in it is NaN
		t.Fatal(err)
	}
	for _, language := range []string{"en", "zh"} {
		for _, line := range set.Why.Lines(language) {
			if line == "" || strings.ContainsAny(line, "{}") && !strings.ContainsAny(fmt.Sprint(set.Choices), "{}") || strings.Contains(line, "NaN") {
				t.Fatalf("why: %q", line)
			}
		}
	}
}

// In 2,000 turns, one answer in ten broken in any of the ways and one in twenty cut off anywhere, the audience always has a choice; where
// the answer was only broken, it has the model's.
func TestChoose_SurvivesBadAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var broken, cut, models, mended, asked int
	for n := range 2000 {
		m := model{random, []string{"en", "zh"}[n%2]}
		p := m.plan()
		text := answer(p)
		turn := Turn{
			Language: m.language, Show: MinShown + n%3, Mode: []Mode{"", MaxEntropy, Greedy, Beam}[n%4], Sample: n%5 == 0, Seed: uint64(n),
			Context: p.Summary, Known: []string{"t1"}, Threads: []Thread{{"t1", m.one(phrasebook[m.language].things), 3}},
			Cast: []string{"Mara", "老陈"},
		}
		damaged := false
		switch n % 20 {
		case 3, 13:
			text = breaks[broken%len(breaks)].do(m, p)
			broken++
			damaged = true
		case 7:
			text = text[:random.IntN(len(text))]
			cut++
		}
		read, _, err := Parse(text)
		if err == nil {
			_, _, err = Check(read, turn)
		}
		if err != nil {
			asked++
			if problem := Problem(err, m.language); problem == "" {
				t.Fatal("nothing to say about", err)
			}
		}
		set := Choose(read, turn)
		valid(t, set, turn)
		if set.Why.From == FromModel {
			models++
			if damaged {
				mended++
			}
		} else if n%20 != 7 {
			t.Fatalf("turn %d: %s choices although the answer was not cut:\n%s", n, set.Why.From, text)
		}
	}
	t.Logf("2000 turns, %d broken in %d ways, %d cut; %d with the model's choices, %d of the broken; %d would be asked again", broken,
		len(breaks), cut, models, mended, asked)
	if broken != 200 || cut != 100 || mended != broken {
		t.Errorf("%d broken, %d mended, %d cut", broken, mended, cut)
	}
}

func TestChoose_Deterministic(t *testing.T) {
	m := model{rand.New(rand.NewPCG(8, 8)), "en"}
	differ := false
	for seed := range uint64(20) {
		p := m.plan()
		turn := Turn{Sample: true, Seed: seed, Target: &Mood{0.2, 0.5, 0.4}, Author: map[string]float64{"a": 1, "b": 0.5, "c": 0.2}, Context: p.Summary}
		first := Choose(p, turn)
		for range 10 {
			if diff := cmp.Diff(first, Choose(p, turn)); diff != "" {
				t.Fatalf("(-first +again):\n%s", diff)
			}
		}
		turn.Seed += 1000
		differ = differ || !slices.Equal(Choose(p, turn).Why.Shown, first.Why.Shown)
	}
	if !differ {
		t.Error("the seed makes no difference")
	}
}

func candidate(id, label string, prob float64) Candidate {
	return Candidate{ID: id, Label: label, Kind: Action, Prob: prob}
}

func TestChoose_Modes(t *testing.T) {
	p := Plan{Candidates: []Candidate{
		candidate("a", "Open the red door", 0.5),
		candidate("b", "Open the iron gate", 0.3),
		candidate("c", "Sing to the whale", 0.25),
		candidate("d", "Burn every letter", 0.05),
	}}
	p.Candidates[0].Hook, p.Candidates[1].Hook = "behind it waits the keeper of the house", "behind it waits the keeper of the house"
	shown := func(turn Turn) string {
		set := Choose(p, turn)
		valid(t, set, turn)
		return strings.Join(set.Why.Shown, "")
	}
	if got := shown(Turn{Mode: Greedy, Show: 2}); got != "ab" {
		t.Errorf("greedy: %s", got)
	}
	if got := shown(Turn{Show: 2}); got != "ac" {
		t.Errorf("with diversity: %s", got)
	}
	if got := shown(Turn{Show: 2, Author: map[string]float64{"d": 9}, Weights: Weights{Chance: 1, Author: 3}}); got[0] != 'd' {
		t.Errorf("the author's: %s", got)
	}
	if got := shown(Turn{Mode: Beam, Show: 2, BeatsLeft: 3, Outliner: outlines{"d": {{"harbour", 1, 0}}}}); got[0] != 'd' {
		t.Errorf("the only one that reaches the anchor: %s", got)
	}
	even := Choose(p, Turn{Floor: 1}).Why
	if even.Evenness() < 0.999999 {
		t.Errorf("evenness %v", even.Evenness())
	}
	if got := Choose(p, Turn{}).Why; got.Evenness() < DefaultFloor {
		t.Errorf("evenness %v", got.Evenness())
	}
	counts := make(map[string]int)
	for seed := range uint64(600) {
		counts[Choose(p, Turn{Show: 2, Sample: true, Seed: seed}).Why.Shown[0]]++
	}
	if !(counts["a"] > counts["b"] && counts["b"] > counts["c"] && counts["c"] > 15 && counts["d"] > 15) {
		t.Errorf("drawn first: %v", counts)
	}
}

// pick without the distances draws by the chances.
func TestPick_DrawsByTheChances(t *testing.T) {
	candidates := []Candidate{candidate("a", "A", 0), candidate("b", "B", 0), candidate("c", "C", 0)}
	chances := []float64{0.6, 0.3, 0.1}
	var first [3]float64
	for seed := range uint64(20000) {
		first[pick(candidates, chances, 2, 0, rand.New(rand.NewPCG(seed, 1)))[0]] += 1. / 20000
	}
	for i, want := range chances {
		if first[i] < want-0.015 || first[i] > want+0.015 {
			t.Errorf("drawn %v, chances %v", first, chances)
		}
	}
}

func TestChoose_ShortLabels(t *testing.T) {
	p := Plan{Candidates: []Candidate{
		candidate("a", "Follow the smugglers down into the flooded cellar", 0.4),
		candidate("b", "Follow the smugglers home and wake their mothers there", 0.3),
		candidate("c", "Ring the bell of Saint Hubert three times at midnight", 0.3),
	}}
	for _, c := range Choose(p, Turn{}).Choices {
		want := c.Label
		if c.ID == "c" {
			want = "Ring the bell of Saint…"
		}
		if c.Short != want {
			t.Errorf("short label %q, want %q", c.Short, want)
		}
	}
}

// evil refuses everything with one of its words in it.
type evil []string

func (e evil) Passes(text string) (bool, string) {
	for _, word := range e {
		if strings.Contains(strings.ToLower(text), word) {
			return false, "word_list"
		}
	}
	return true, ""
}

type ledger string

func (l ledger) Contradicts(c Candidate) (string, bool) {
	return "f9", strings.Contains(c.Label, string(l))
}

func TestCheck(t *testing.T) {
	ends := candidate("e", "Let the curtain fall", 0)
	ends.Ends = true
	badHook := candidate("h", "Whisper the secret", 0)
	badHook.Hook = "Poison is poured."
	badWhy := candidate("w", "Lift the anchor", 0)
	badWhy.Why = "poison"
	p := Plan{Candidates: []Candidate{
		candidate("a", "1. **“Open the red door.”**", 0), candidate("b", "Open the red  door!", 0), candidate("c", "???", 0),
		candidate("d", "打开红色的大门", 0), ends, candidate("f", "Ask dead Captain Ruiz", 0), candidate("g", "Buy POISON", 0), badHook, badWhy,
	}}
	good, refused, err := Check(p, Turn{Ledger: ledger("Ruiz"), Gate: evil{"poison"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Refusal{
		{"b", TooAlike, "a"}, {"c", NoWords, ""}, {"d", WrongScript, ""}, {"e", EndsTooSoon, ""}, {"f", Contradictory, "f9"},
		{"g", Blocked, "word_list"}, {"h", Blocked, "word_list"},
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if len(good) != 2 || good[0].Label != "Open the red door" || good[1].Label != "Lift the anchor" || good[1].Why != "" {
		t.Errorf("good: %+v", good)
	}
	if good, _, _ := Check(p, Turn{MayEnd: true}); !slices.ContainsFunc(good, func(c Candidate) bool { return c.Ends }) {
		t.Error("no end although it may")
	}

	_, _, err = Check(Plan{Candidates: p.Candidates[:4]}, Turn{Language: "en-GB"})
	for language, words := range map[string]string{"en": "- b: the label says nearly the same as that of a", "zh-Hans": "- d：选项的语言与故事不符"} {
		if got := Problem(err, language); !strings.Contains(got, words) || strings.Contains(got, "red door") || strings.Contains(got, "{") {
			t.Errorf("%s: %s", language, got)
		}
	}
	for _, err := range []error{ErrNoAnswer, ErrFewCandidates, &TooFewError{}} {
		if en, zh := Problem(err, ""), Problem(err, "zh"); en == zh || !strings.Contains(en, "JSON") || !InLanguage(zh, "zh") {
			t.Errorf("%v: %s / %s", err, en, zh)
		}
	}
}

func TestPlan_Pass(t *testing.T) {
	p := Plan{Summary: "Poison!", FactsAdd: []Fact{{"cup", "has", "poison"}, {"cup", "is", "blue"}}, End: End{Kind: "tragic"}}
	if n := p.Pass(evil{"poison"}); n != 2 || p.Summary != "" || len(p.FactsAdd) != 1 || p.End.Kind != "tragic" {
		t.Errorf("%d blocked, left %+v", n, p)
	}
}

func TestTidyAndShorten(t *testing.T) {
	for label, want := range map[string]string{
		"1. Open": "Open", "A) Open": "Open", "- “Open”": "Open", "2、打开门。": "打开门", "**Open** ": "Open", "3.5 metres down": "3.5 metres down",
		"Wait...": "Wait...", `"Go" or "stay"`: `"Go" or "stay"`, "「走」": "走", "": "", "\u202eOpen\x00\n it": "Open it", "I. Go": "Go",
	} {
		if got := tidy(label); got != want {
			t.Errorf("%q: got %q, want %q", label, got, want)
		}
	}
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"Open the door", 13, "Open the door"}, {"Open the door", 12, "Open the…"}, {"Open the door", 8, "Open…"},
		{"Unbelievable", 6, "Unbel…"}, {"打开大门", 3, "打开…"}, {"打开大门", 4, "打开大门"}, {"", 5, ""},
	} {
		if got := Shorten(tt.text, tt.n); got != tt.want || utf8.RuneCountInString(got) > tt.n {
			t.Errorf("%q to %d: got %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"Open the door to the attic": "Open the door to the…", "打开通往阁楼的那扇红色的门": "打开通往阁楼的那扇红色…", "打开通往阁楼的那扇小门吧": "打开通往阁楼的那扇小门吧",
		"Open it, or do not open it": "Open it, or do not open…",
	} {
		if got := short(text); got != want || Columns(got) > ShortColumns {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b        string
		least, most float64
	}{
		{"Open the door", "open  the DOOR!", 0, 1e-12}, {"Open the door", "Sell a fish", 0.9, 1}, {"", "", 1, 1},
		{"Open the door", "Open the doors", 0, MinDistance}, {"打开大门", "打开大门。", 0, 1e-12}, {"打开大门", "关上窗户", 0.99, 1},
		{"打开那扇红色的大门", "打开这扇红色的大门", 0, 0.5}, {"Talk to Mara", "Follow Mara", MinDistance, 1},
	} {
		if got := Distance(tt.a, tt.b); got < tt.least || got > tt.most || got != Distance(tt.b, tt.a) {
			t.Errorf("%q, %q: %v, want %v to %v", tt.a, tt.b, got, tt.least, tt.most)
		}
	}
}
