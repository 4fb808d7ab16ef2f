package plan

import (
	"math"
	"math/rand/v2"
)

// diversity is how much a full difference from all others counts against one in the logarithm of the chance: as e² = 7.4 times the chance.
const diversity = 2.0

// pick is up to n places of candidates, the first picked first, by maximal marginal relevance (Carbonell and Goldstein 1998): each time the
// one with the highest ln P + diversity·(distance to the likest of those picked), distances being those of TF-IDF weighted character
// 3-grams of label and hook.
//
// With noise, to every ln P a Gumbel deviate is added: without the distances that draws by the chances, without returning
// (Gumbel's trick; Kool, van Hoof and Welling 2019).
func pick(candidates []Candidate, chances []float64, n int, diverse float64, noise *rand.Rand) []int {
	texts := make([]string, len(candidates))
	value := make([]float64, len(candidates))
	for i, c := range candidates {
		texts[i] = c.Label + " " + c.Hook
		value[i] = math.Log(max(chances[i], math.SmallestNonzeroFloat64))
		if noise != nil {
			value[i] -= math.Log(noise.ExpFloat64()) // −ln of an exponential deviate is a Gumbel deviate
		}
	}
	vectors := weigh(texts)
	nearest := make([]float64, len(candidates)) // distance to those picked
	for i := range nearest {
		nearest[i] = 1
	}
	var picked []int
	for range min(n, len(candidates)) {
		marginal := make([]float64, len(candidates))
		for i := range candidates {
			marginal[i] = value[i] + diverse*nearest[i]
		}
		for _, i := range picked {
			marginal[i] = math.Inf(-1)
		}
		best := argmax(marginal)
		picked = append(picked, best)
		for i := range candidates {
			nearest[i] = min(nearest[i], 1-cosine(vectors[i], vectors[best]))
		}
	}
	return picked
}
