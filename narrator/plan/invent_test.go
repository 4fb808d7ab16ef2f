package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/quick"
)

// The fixed choices are always there: they are valid in themselves and never too much alike.
func TestInvent_FixedChoices(t *testing.T) {
	for language, words := range made {
		if len(words.fixed) < MaxShown+1 {
			t.Errorf("%s: only %d", language, len(words.fixed))
		}
		for i, a := range words.fixed {
			if !InLanguage(a.label, language) || !InLanguage(a.hook, language) || tidy(a.label) != a.label || Columns(a.label) > ShortColumns {
				t.Errorf("%s: %q", language, a.label)
			}
			for _, b := range words.fixed[:i] {
				if Distance(a.label, b.label) < MinDistance {
					t.Errorf("%s: %q and %q: %v", language, a.label, b.label, Distance(a.label, b.label))
				}
			}
		}
		for _, with := range slices.Concat(words.thread, words.cast) {
			if n := len([]rune(with.about(strings.Repeat("x", maxName)).Label)); n > MaxLabel {
				t.Errorf("%s: %q has %d characters with the longest name", language, with.label, n)
			}
		}
	}
}

func TestInvent(t *testing.T) {
	turn := Turn{
		Show: 4, Cast: []string{"Mara Voss"}, Threads: []Thread{{"t1", "the old debt", 1}, {"t2", "The Drowned Bell", 5}, {"t3", "", 9}},
	}
	labels := func() string {
		var all []string
		for _, c := range Invent(4, turn, nil) {
			all = append(all, c.Label)
		}
		return strings.Join(all, "|")
	}
	got := labels()
	for _, want := range []string{"Look into the Drowned Bell", "Talk to Mara Voss", "Leave the old debt alone for now"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if c := Invent(1, turn, nil)[0]; c.Uses[0] != "t2" || c.Hook != "The trail of the Drowned Bell is taken up again." || c.Kind != Reveal {
		t.Errorf("%+v", c)
	}
	turn.Recent = []string{"Look into the Drowned Bell"}
	if got := labels(); strings.Contains(got, "Look into the Drowned Bell") {
		t.Errorf("again: %s", got)
	}

	turn = Turn{Language: "zh-Hans", Cast: []string{"老陈"}, Threads: []Thread{{"t1", "失踪的钥匙", 1}, {"t2", "The Bell", 9}}}
	got = labels()
	if !strings.Contains(got, "追查失踪的钥匙") || !strings.Contains(got, "和老陈谈谈") || strings.Contains(got, "Bell") {
		t.Errorf("Chinese: %s", got)
	}
}

// deaf refuses everything.
type deaf struct{}

func (deaf) Passes(string) (bool, string) { return false, "down" }

func TestInvent_WhenTheGateIsDown(t *testing.T) {
	for _, language := range []string{"", "zh"} {
		turn := Turn{Language: language, Gate: deaf{}, Threads: []Thread{{"t1", "the debt", 1}}, Cast: []string{"Mara"}}
		set := Choose(model{rand.New(rand.NewPCG(1, 1)), templateLanguage(language)}.plan(), turn)
		valid(t, set, turn)
		for _, c := range set.Choices {
			if !slices.ContainsFunc(made[templateLanguage(language)].fixed, func(f template) bool { return f.label == c.Label }) {
				t.Errorf("%q was let through", c.Label)
			}
		}
	}
}

// Whatever a story has in its threads and cast, and whatever a model says, there is a choice.
func TestChoose_NeverEmpty(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	odd := []string{"", " ", "\x00", "{name}", "the key", "The Key", "the  key!", "钥匙", "ключ", "💥", "a", strings.Repeat("long ", 40), strings.Repeat("长", 99),
		"\u202egnorw", "…", "1.", "Talk to Mara", "go on ahead", "“quoted”", "<b>x</b>", "\xff\xfe", "Mara", "mara", "Ma Ra", "老陈"}
	some := func(most int) []string {
		list := make([]string, random.IntN(most+1))
		for i := range list {
			list[i] = odd[random.IntN(len(odd))]
		}
		return list
	}
	for range 800 {
		turn := Turn{
			Language: []string{"", "en", "en-GB", "zh", "zh-Hans", "de", "ru", "ja", "tlh", "-"}[random.IntN(10)],
			Show:     random.IntN(8) - 2,
			Mode:     []Mode{"", MaxEntropy, Greedy, Beam, "odd"}[random.IntN(5)],
			Floor:    float64(random.IntN(5)-1) / 2,
			Sample:   random.IntN(2) == 0, Seed: random.Uint64(),
			MayEnd: random.IntN(2) == 0, Recent: some(20), Cast: some(30), BeatsLeft: random.IntN(4) - 1, Outliner: outlines{},
		}
		for _, title := range some(20) {
			turn.Threads = append(turn.Threads, Thread{title, title, random.IntN(9) - 2})
		}
		if random.IntN(3) == 0 {
			turn.Gate = evil{"mara", "key", "go", "看", "往"}
		}
		var p Plan
		for i, label := range some(5) {
			p.Candidates = append(p.Candidates, Candidate{ID: fmt.Sprint("m", i), Label: label, Prob: random.Float64(), Ends: random.IntN(4) == 0})
		}
		valid(t, Choose(p, turn), turn)
	}
	if err := quick.Check(func(language string, title, name, label string, seed uint64) bool {
		turn := Turn{Language: language, Threads: []Thread{{title, title, 1}}, Cast: []string{name}, Seed: seed}
		valid(t, Choose(Plan{Candidates: []Candidate{{ID: "a", Label: label}}}, turn), turn)
		return true
	}, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}
