package plan

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntropy(t *testing.T) {
	for _, tt := range []struct {
		chances []float64
		want    float64
	}{
		{nil, 0}, {[]float64{1}, 0}, {[]float64{1, 0}, 0}, {[]float64{0.5, 0.5}, math.Ln2}, {[]float64{0.25, 0.25, 0.25, 0.25}, math.Log(4)},
		{[]float64{0.5, 0.25, 0.25}, 1.5 * math.Ln2},
	} {
		if got := Entropy(tt.chances); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("%v: got %v, want %v", tt.chances, got, tt.want)
		}
	}
}

func TestSoftmax(t *testing.T) {
	got := Softmax([]float64{math.Log(2), math.Log(1), math.Log(1)}, 1)
	for i, want := range []float64{0.5, 0.25, 0.25} {
		if math.Abs(got[i]-want) > 1e-15 {
			t.Errorf("got %v", got)
		}
	}
	if got := Softmax([]float64{1e6, -1e6}, 1); got[0] != 1 || got[1] != 0 {
		t.Errorf("far apart: %v", got)
	}
}

// The floor is kept exactly: not missed, and not exceeded where 1 would not have kept it.
func TestTemper(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		scores := make([]float64, 2+random.IntN(7))
		for i := range scores {
			scores[i] = random.NormFloat64() * math.Pow(10, float64(random.IntN(5)-2))
		}
		floor := float64(random.IntN(11)) / 10
		temperature, chances := Temper(scores, floor)
		least := floor * math.Log(float64(len(scores)))
		h := Entropy(chances)
		if h < least-1e-12 {
			t.Fatalf("%v at floor %v: entropy %v below %v", scores, floor, h, least)
		}
		if temperature > 1 && floor < 1 && h > least+1e-6 {
			t.Fatalf("%v at floor %v: entropy %v far above %v, temperature %v", scores, floor, h, least, temperature)
		}
		if temperature < 1 || math.IsInf(temperature, 0) || math.IsNaN(temperature) {
			t.Fatalf("temperature %v", temperature)
		}
		sum := 0.0
		for i, p := range chances {
			sum += p
			for j, q := range chances {
				if scores[i] > scores[j] && p < q {
					t.Fatalf("%v became %v", scores, chances)
				}
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Fatalf("chances add up to %v", sum)
		}
		last := -1.0
		for _, at := range []float64{0.01, 0.1, 0.5, 1, 2, 10, 1000} { // the entropy never falls with the temperature
			h := Entropy(Softmax(scores, at))
			if h < last-1e-12 {
				t.Fatalf("%v: entropy %v at %v, %v before", scores, h, at, last)
			}
			last = h
		}
	}
	for _, scores := range [][]float64{nil, {3}, {2, 2, 2}} {
		if temperature, chances := Temper(scores, 1); temperature != 1 || len(chances) != len(scores) {
			t.Errorf("%v: %v at %v", scores, chances, temperature)
		}
	}
}

// No other distribution with the same mean score has more entropy: every small step that keeps the sum and the mean loses some.
func TestTemper_IsTheMaximumEntropyDistribution(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		n := 3 + random.IntN(4)
		scores := make([]float64, n)
		for i := range scores {
			scores[i] = 2 * random.NormFloat64()
		}
		_, chances := Temper(scores, 0.8)
		step := make([]float64, n) // made orthogonal to (1, …, 1) and to the scores
		for i := range step {
			step[i] = random.NormFloat64()
		}
		ones := slices.Repeat([]float64{1}, n)
		centred := without(scores, ones)
		step = without(without(step, ones), centred)
		size := 0.0
		for _, s := range step {
			size = max(size, math.Abs(s))
		}
		other := make([]float64, n)
		for i := range other {
			other[i] = chances[i] + 0.2*slices.Min(chances)*step[i]/size
		}
		if size > 1e-6 && Entropy(other) >= Entropy(chances) {
			t.Fatalf("scores %v: %v has entropy %v, %v has %v", scores, chances, Entropy(chances), other, Entropy(other))
		}
	}
}

// without is a less its part along b.
func without(a, b []float64) []float64 {
	ab, bb := 0.0, 0.0
	for i := range a {
		ab += a[i] * b[i]
		bb += b[i] * b[i]
	}
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - ab/bb*b[i]
	}
	return out
}

func TestScores(t *testing.T) {
	candidates := []Candidate{
		{ID: "a", Label: "Ask the keeper about the lamp", Kind: Dialogue, Prob: 0.4, Uses: []string{"t1"}},
		{ID: "b", Label: "Swim out to the wreck", Kind: Action, Risk: 3, Prob: 0.1, Uses: []string{"t1", "t7"}},
	}
	one := func(w Weights, turn Turn) (a, b float64) {
		turn.Weights = w
		total, parts := scores(candidates, turn, nil)
		for i := range total {
			p := parts[i]
			if sum := p.Chance + p.Coherence + p.Novelty + p.Feeling + p.Author + p.Reach; math.Abs(sum-total[i]) > 1e-12 {
				t.Errorf("parts %+v add up to %v, not %v", p, sum, total[i])
			}
		}
		return total[0], total[1]
	}
	for name, tt := range map[string]struct {
		weights Weights
		turn    Turn
		first   bool
	}{
		"chance":         {Weights{Chance: 1}, Turn{}, true},
		"what is known":  {Weights{Coherence: 1}, Turn{Known: []string{"t1"}}, true},
		"what was told":  {Weights{Coherence: 1}, Turn{Known: []string{"t1", "t7"}, Context: "The wreck lies far out. Nobody can swim."}, false},
		"novelty":        {Weights{Novelty: 1}, Turn{Recent: []string{"Ask the keeper about the boat"}}, false},
		"a calm feeling": {Weights{Feeling: 1}, Turn{Target: &Mood{0.2, 0.3, 0.3}}, true},
		"a tense one":    {Weights{Feeling: 1}, Turn{Target: &Mood{0, 0.9, 1}}, false},
		"the author":     {Weights{Author: 1}, Turn{Author: map[string]float64{"b": 0.1}}, false},
	} {
		a, b := one(tt.weights, tt.turn)
		if (a > b) != tt.first || math.Abs(a+b) > 1e-12 || math.Abs(math.Abs(a)-1) > 1e-9 {
			t.Errorf("%s: %v and %v; standardised, two values are ±1", name, a, b)
		}
	}
	nan := math.NaN()
	a, b := one(Weights{Chance: nan, Author: math.Inf(1)}, Turn{Author: map[string]float64{"a": nan, "b": math.Inf(-1)}})
	if math.IsNaN(a+b) || math.IsInf(a, 0) {
		t.Errorf("nonsense in, %v and %v out", a, b)
	}
}

// outlines are the beats after each last beat of a path.
type outlines map[string][]Outline

func (o outlines) Next(path []string) []Outline { return o[path[len(path)-1]] }

func TestReach(t *testing.T) {
	graph := outlines{
		"near": {{"gate", 1, 1}},                                                 // choice, gate, harbour: 3 beats
		"far":  {{"hill", 1, 3}},                                                 // 5 beats
		"fork": {{"x", 0.4, -1}, {"y", 0.3, -1}, {"z", 0.2, -1}, {"w", 0.1, -1}}, // only w leads there, and falls out of the beam
		"deep": {{"x", 0.5, -1}, {"v", 0.3, -1}},
		"lost": {{"x", 1, -1}},
		"v":    {{"harbour", 0.5, 0}, {"x", 0.5, -1}},
		"w":    {{"harbour", 1, 0}},
		"x":    {{"x", 1, -1}},
	}
	var candidates []Candidate
	for _, id := range []string{"near", "far", "fork", "deep", "lost", "dead end"} {
		candidates = append(candidates, Candidate{ID: id})
	}
	values, paths := reach(candidates, Turn{Outliner: graph, BeatsLeft: 3})
	if !(values[0] > values[3] && values[3] > 0.5 && values[1] == 0.5*3/5 && values[2] == 0 && values[4] == 0 && values[5] == 0) {
		t.Errorf("values %v", values)
	}
	if diff := cmp.Diff([]string{"deep", "v", "harbour"}, paths[3]); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if values, _ := reach(candidates, Turn{Outliner: graph, BeatsLeft: 2}); values[0] >= 0.5 || values[3] >= 0.5 {
		t.Errorf("with a beat less: %v", values)
	}
	for _, turn := range []Turn{{Outliner: graph}, {BeatsLeft: 3}, {Outliner: graph, BeatsLeft: -1}} {
		if values, _ := reach(candidates, turn); values != nil {
			t.Errorf("nothing to reach, and yet %v", values)
		}
	}
	asked := &counting{outlines: graph}
	reach(candidates, Turn{Outliner: asked, BeatsLeft: 3})
	if asked.n > len(candidates)*(1+BeamWidth) {
		t.Errorf("asked %d times", asked.n)
	}
}

type counting struct {
	outlines
	n int
}

func (c *counting) Next(path []string) []Outline {
	c.n++
	return c.outlines.Next(path)
}

func TestWhy_Lines(t *testing.T) {
	p := Plan{Candidates: []Candidate{
		candidate("a", "Open the red door", 0.7), candidate("b", "Sing to the whale", 0.2), candidate("c", "Burn every letter", 0.1), candidate("d", "?", 0),
	}}
	zh := Plan{Candidates: []Candidate{candidate("a", "推开红色的门", 0.7)}}
	for _, tt := range []struct {
		why      Why
		language string
		want     [3]string
	}{
		{Choose(p, Turn{Show: 2}).Why, "en", [3]string{
			"The narrator thought of 4 ways on; 3 fitted the story, and you see 2.",
			"“Open the red door” was thought likeliest (65%): the narrator saw it coming.",
			"The question was kept 80% as open as it can be, and the choices were picked to differ from each other.",
		}},
		{Choose(Plan{}, Turn{Show: 2}).Why, "de", [3]string{
			"The narrator had no answer in time, so these 2 choices come from the story's own threads and people.",
			"“" + Choose(Plan{}, Turn{Show: 2}).Choices[0].Label + "” was thought likeliest (50%), but hardly more than the others.",
			"The question was kept 100% as open as it can be, and the choices were picked to differ from each other.",
		}},
		{Choose(zh, Turn{Show: 2, Language: "zh", Mode: Greedy}).Why, "zh-Hans", [3]string{
			"讲述者的想法只有一个符合故事，另一个选项取自故事本身。",
			"“" + Choose(zh, Turn{Show: 2, Language: "zh", Mode: Greedy}).Choices[0].Label + "”被认为最有可能（88%）：情节正朝这个方向发展。",
			"这里展示的是最有可能的走向，不论彼此是否相似；悬念为最大可能的 52%。",
		}},
	} {
		if diff := cmp.Diff(tt.want, tt.why.Lines(tt.language)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.language, diff)
		}
	}
	for language, words := range reasons {
		for from := range words.from {
			for i := range words.parts {
				w := Why{From: from, Offered: i, Candidates: []Weighed{{ID: "a", Label: "X", P: 0.5}}, Shown: []string{"a"}, Sampled: i%2 == 0}
				*w.Candidates[0].Parts.part(i) = 1
				for _, line := range w.Lines(language) {
					if line == "" || strings.ContainsAny(line, "{}") {
						t.Errorf("%s %s %d: %q", language, from, i, line)
					}
				}
			}
		}
	}
}
