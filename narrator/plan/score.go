package plan

import (
	"cmp"
	"math"
	"slices"
)

// Weights say how much each part of a score counts. The parts are standardised first, so that 1 is one standard deviation.
type Weights struct {
	Chance    float64 `json:"chance"`    // the logarithm of what the model says that its chance is
	Coherence float64 `json:"coherence"` // how much it builds on what was told
	Novelty   float64 `json:"novelty"`   // how different it is from what was offered lately
	Feeling   float64 `json:"feeling"`   // how well it fits the mood that is wanted
	Author    float64 `json:"author"`    // the author's preference
	Reach     float64 `json:"reach"`     // whether an authored anchor can still be reached; in beam mode only
}

// DefaultWeights are those of a turn that says nothing else.
func DefaultWeights() Weights {
	return Weights{Chance: 1, Coherence: 0.6, Novelty: 0.5, Feeling: 0.5, Author: 0.8, Reach: 1.5}
}

// Parts are a score's, each its weight times its standardised value, so that they add up to the score.
type Parts = Weights

// leastChance is what a candidate has that its model gave none; a logarithm needs one.
const leastChance = 0.01

// scores are those of candidates, with their parts. reach is each one's from the beam, nil without.
func scores(candidates []Candidate, t Turn, reach []float64) ([]float64, []Parts) {
	w := cmp.Or(t.Weights, DefaultWeights())
	n := len(candidates)
	raw := make([][6]float64, n)
	context := count(t.Context).scale()
	for i, c := range candidates {
		raw[i] = [6]float64{
			math.Log(max(c.Prob, leastChance)), coherence(c, t, context), novelty(c, t), feeling(c, t), t.Author[c.ID],
		}
		if reach != nil {
			raw[i][5] = reach[i]
		}
	}
	total, parts := make([]float64, n), make([]Parts, n)
	for part := range 6 {
		values := make([]float64, n)
		for i := range raw {
			values[i] = finite(raw[i][part])
		}
		for i, z := range standardised(values) {
			weight, field := w.part(part), parts[i].part(part)
			*field = finite(*weight) * z
			total[i] += *field
		}
	}
	return total, parts
}

// part is the n-th of them, in the order of their fields.
func (w *Weights) part(n int) *float64 {
	return [...]*float64{&w.Chance, &w.Coherence, &w.Novelty, &w.Feeling, &w.Author, &w.Reach}[n]
}

// finite keeps what an author or a caller got wrong from spreading; beyond a million nothing can be told apart anyhow.
func finite(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return min(max(x, -1e6), 1e6)
}

// coherence is half the share of a candidate's uses that there really are, and half its likeness to what was told last, 0–1. A candidate
// that claims nothing is taken to be half right.
func coherence(c Candidate, t Turn, context grams) float64 {
	known := 0.5
	if len(c.Uses) > 0 {
		n := 0
		for _, id := range c.Uses {
			if slices.Contains(t.Known, id) {
				n++
			}
		}
		known = float64(n) / float64(len(c.Uses))
	}
	return (known + cosine(count(c.Label+" "+c.Hook).scale(), context)) / 2
}

// novelty is the distance to the likest of the labels offered lately, 0–1.
func novelty(c Candidate, t Turn) float64 {
	least := 1.0
	for _, label := range t.Recent {
		least = min(least, Distance(c.Label, label))
	}
	return least
}

// moods are what beats of each kind usually feel like. Our own estimate, in steps of a tenth.
var moods = map[Kind]Mood{
	Action:   {Valence: 0, Arousal: 0.8, Tension: 0.7},
	Reveal:   {Valence: 0.1, Arousal: 0.6, Tension: 0.5},
	Twist:    {Valence: -0.2, Arousal: 0.8, Tension: 0.9},
	Dialogue: {Valence: 0.1, Arousal: 0.4, Tension: 0.4},
	Calm:     {Valence: 0.4, Arousal: 0.1, Tension: 0.1},
}

// feeling is how near what a candidate leads to is to the mood wanted, 0–1: 1 − the distance, of which each half of valence, arousal and
// tension is a side of at most 1. What is at stake adds to the tension.
func feeling(c Candidate, t Turn) float64 {
	if t.Target == nil {
		return 0
	}
	m := moods[c.Kind]
	tension := min(1, m.Tension+0.1*float64(c.Risk))
	square := math.Pow((m.Valence-t.Target.Valence)/2, 2) + math.Pow(m.Arousal-t.Target.Arousal, 2) + math.Pow(tension-t.Target.Tension, 2)
	return 1 - math.Sqrt(square/3)
}
