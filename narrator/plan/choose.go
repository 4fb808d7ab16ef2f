package plan

import "math/rand/v2"

// Choice is what the audience may vote for.
type Choice struct {
	Candidate
	Short string  `json:"short"` // the label in at most ShortColumns where space is scarce; the whole label where that would make two alike
	P     float64 `json:"p"`     // 0–1, among the choices shown
}

// Set is what the audience is offered, MinShown to MaxShown choices, and why.
type Set struct {
	Choices []Choice `json:"choices"`
	Why     Why      `json:"why"`
}

// Choose makes the choices that come after a beat of a model's plan; without a model's answer that is the zero Plan. It always returns at
// least MinShown choices whose labels are in the story's language, differ by MinDistance or more, and passed the gate: when too few of the
// plan's candidates are left, [Invent] adds to them. (A story in a language that we have no templates for then gets English ones.)
//
// Each candidate's score is the sum of its weighted [Parts]; its chance is that of [Temper] with the turn's floor, without a floor
// in greedy mode. Which candidates are shown is up to the [Mode].
func Choose(p Plan, t Turn) Set {
	candidates, refused, _ := Check(p, t)
	from := FromModel
	switch len(candidates) {
	case 0:
		from = FromStory
		candidates = Invent(t.show(), t, nil)
	case 1:
		from = FromBoth
		candidates = append(candidates, Invent(MinShown-1, t, candidates)...)
	}

	why := Why{Mode: t.Mode, From: from, Seed: t.Seed, Sampled: t.Sample, Offered: len(p.Candidates), Refused: refused}
	floor, diverse := t.floor(), diversity
	var (
		reached []float64
		paths   [][]string
		noise   *rand.Rand
	)
	switch t.Mode {
	case Greedy:
		floor, diverse = 0, 0
	case Beam:
		reached, paths = reach(candidates, t)
	default:
		why.Mode = MaxEntropy
	}
	if t.Sample {
		noise = rand.New(rand.NewPCG(t.Seed, 1))
	}
	total, parts := scores(candidates, t, reached)
	why.Floor = floor
	why.Temperature, _ = Temper(total, floor)
	chances := Softmax(total, why.Temperature)
	why.Entropy = Entropy(chances)

	shown := pick(candidates, chances, t.show(), diverse, noise)
	for i, c := range candidates {
		w := Weighed{ID: c.ID, Label: c.Label, P: chances[i], Score: total[i], Parts: parts[i]}
		if paths != nil {
			w.Path = paths[i]
		}
		why.Candidates = append(why.Candidates, w)
	}
	return Set{Choices: choices(candidates, chances, shown, &why), Why: why}
}

// choices are those shown, in the order in which they were picked.
func choices(candidates []Candidate, chances []float64, shown []int, why *Why) []Choice {
	sum := 0.0
	for _, i := range shown {
		sum += chances[i]
	}
	shorts := make(map[string]int)
	for _, i := range shown {
		shorts[short(candidates[i].Label)]++
	}
	var list []Choice
	for _, i := range shown {
		c := Choice{Candidate: candidates[i], Short: short(candidates[i].Label), P: 1 / float64(len(shown))}
		if shorts[c.Short] > 1 {
			c.Short = c.Label
		}
		if sum > 0 {
			c.P = chances[i] / sum
		}
		list = append(list, c)
		why.Shown = append(why.Shown, c.ID)
	}
	return list
}
