package recommend

import "slices"

// Numbers of diversification: maximal marginal relevance. J. Carbonell, J. Goldstein: "The use of MMR, diversity-based reranking for
// reordering documents and producing summaries" (1998).
const (
	poolSize  = 50  // best items that are looked at
	relevance = 0.8 // λ: weight of the score against unlikeness to what is chosen already
)

// diversify chooses up to n of the pool: each time the item with the highest λ · score/best − (1 − λ) · likeness, where likeness is the
// cosine to the most similar item that is chosen. One film of a director, half of the list from one country and a third of it stories are
// the most, unless the list couldn't be filled otherwise.
func (c *Catalogue) diversify(pool []scored, n int) []scored {
	var chosen []scored
	if len(pool) == 0 {
		return nil
	}
	best, nearest := pool[0].score(), make([]float64, len(pool))
	taken := make([]bool, len(pool))
	for _, strictly := range []bool{true, false} {
		for len(chosen) < n {
			next, most := -1, 0.0
			for i, s := range pool {
				if taken[i] || strictly && !c.fits(s.item, chosen, n) {
					continue
				}
				if v := relevance*s.score()/best - (1-relevance)*nearest[i]; next < 0 || v > most {
					next, most = i, v
				}
			}
			if next < 0 {
				break
			}
			taken[next] = true
			chosen = append(chosen, pool[next])
			for i, s := range pool {
				nearest[i] = max(nearest[i], c.index.vectors[s.item].dot(c.index.vectors[pool[next].item]))
			}
		}
	}
	return chosen
}

// fits says whether an item may stand beside those that are chosen.
func (c *Catalogue) fits(item int32, chosen []scored, n int) bool {
	countrymen, stories := 0, 0
	for _, other := range chosen {
		if c.items[item].Country != "" && c.items[other.item].Country == c.items[item].Country {
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
