package recommend

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Numbers of diversification: maximal marginal relevance. J. Carbonell, J. Goldstein: "The use of MMR, diversity-based reranking for
// reordering documents and producing summaries" (1998).
const (
	poolSize  = 50   // best items that are looked at
	relevance = 0.8  // λ: weight of the score against unlikeness to what is chosen already
	certainty = 0.93 // the same where a model ranks: there the score knows more, and costs more
)

// exploreLeast is the shortest list that has a pick to learn from.
const exploreLeast = 4

// compose makes the list of the pool: the favourite of whose turn it is, what is best and not alike, and last what is there to learn from.
func (c *Catalogue) compose(pool []scored, t *taste, q Query, n int, w *work) []scored {
	var chosen []scored
	if q.Turn > 0 && len(t.voices) > 0 {
		chosen = c.favourite(t, (q.Turn-1)%len(t.voices))
	}
	if q.Explore == 0 || n < exploreLeast {
		return c.diversify(pool, n, chosen, w)
	}
	chosen = c.diversify(pool, n-1, chosen, w)
	return append(chosen, c.explore(pool, chosen, t, q.Explore, n)...)
}

// favourite is the item that one of the voices alone would be offered first.
func (c *Catalogue) favourite(t *taste, voice int) []scored {
	alone := *t
	alone.group = make([]float32, len(t.group))
	c.model.group(t.voices[voice:voice+1], alone.group, make([]float32, len(t.group)))
	for _, s := range c.best(&alone, 1) {
		s = c.weigh(s.item, t)
		s.turn = true
		return []scored{s}
	}
	return nil
}

// explore draws one of the pool that wasn't chosen: the fewer people are known to have taken it up the likelier, by 1/√(1 + people).
func (c *Catalogue) explore(pool, chosen []scored, t *taste, seed uint64, n int) []scored {
	weights, all := make([]float64, len(pool)), 0.0
	for i, s := range pool {
		if !slices.ContainsFunc(chosen, func(other scored) bool { return other.item == s.item }) && c.fits(s.item, chosen, n) {
			weights[i] = 1 / math.Sqrt(1+c.takers(s.item))
			all += weights[i]
		}
	}
	draw := rand.New(rand.NewPCG(seed, 0)).Float64() * all
	for i, weight := range weights {
		if draw -= weight; weight > 0 && draw < 0 {
			pool[i].chance = weight / all
			return pool[i : i+1]
		}
	}
	return nil
}

// takers is how many people are known to have taken an item up, about.
func (c *Catalogue) takers(item int32) float64 {
	if c.model == nil || c.modelled[item] < 0 {
		return 0
	}
	return math.Exp(float64(c.model.prior[c.modelled[item]])) * float64(c.model.people)
}

// diversify adds up to n of the pool to what is chosen: each time the item with the highest λ · score/best − (1 − λ) · likeness, where likeness is the
// cosine to the most similar item that is chosen. One film of a director, half of the list from one country and a third of it stories are
// the most, unless the list couldn't be filled otherwise.
func (c *Catalogue) diversify(pool []scored, n int, chosen []scored, w *work) []scored {
	if len(pool) == 0 {
		return chosen
	}
	best, nearest, λ := pool[0].score(), make([]float64, len(pool)), relevance
	if c.model != nil {
		λ = certainty
	}
	taken := make([]bool, len(pool))
	beside := func(item int32) {
		w.spread(c.index.vectors[item])
		defer w.gather()
		for i, s := range pool {
			taken[i] = taken[i] || s.item == item
			nearest[i] = max(nearest[i], w.dot(c.index.vectors[s.item]))
		}
	}
	for _, first := range chosen {
		beside(first.item)
	}
	for _, strictly := range []bool{true, false} {
		for len(chosen) < n {
			next, most := -1, 0.0
			for i, s := range pool {
				if taken[i] || strictly && !c.fits(s.item, chosen, n) {
					continue
				}
				if v := λ*s.score()/best - (1-λ)*nearest[i]; next < 0 || v > most {
					next, most = i, v
				}
			}
			if next < 0 {
				break
			}
			chosen = append(chosen, pool[next])
			beside(pool[next].item)
		}
	}
	return chosen
}

// fits says whether an item may stand beside those that are chosen.
func (c *Catalogue) fits(item int32, chosen []scored, n int) bool {
	countrymen, stories := 0, 0
	for _, other := range chosen {
		if c.items[item].Country != "" && c.items[item].Country != UnknownCountry && c.items[other.item].Country == c.items[item].Country {
			countrymen++
		}
		if c.items[other.item].Kind == KindStory {
			stories++
		}
		if slices.ContainsFunc(c.directors[item], func(name string) bool { return slices.Contains(c.directors[other.item], name) }) {
			return false
		}
	}
	return countrymen < (n+1)/2 && (c.items[item].Kind != KindStory || stories < max(1, n/3))
}
