package recommendation

import (
	"cmp"
	"math"
	"slices"

	"kinoautomat/recommend"
)

// reference is what methods of the literature learn from baskets. It shares nothing with the ranking that is judged but the solver.
type reference struct {
	films   int
	taken   []float64
	holders [][]int32
	baskets [][]int32
	rows    map[int32][]uint32
	order   []int32 // films, the most popular first
}

func newReference(films int, baskets [][]int32) *reference {
	r := &reference{films: films, taken: make([]float64, films), holders: make([][]int32, films), baskets: baskets, rows: map[int32][]uint32{}}
	for p, basket := range baskets {
		for _, f := range basket {
			r.taken[f]++
			r.holders[f] = append(r.holders[f], int32(p))
		}
	}
	for f := range films {
		r.order = append(r.order, int32(f))
	}
	slices.SortStableFunc(r.order, func(a, b int32) int { return cmp.Compare(r.taken[b], r.taken[a]) })
	return r
}

// together is how many people have both films, for all films.
func (r *reference) together(film int32) []uint32 {
	row := make([]uint32, r.films)
	for _, p := range r.holders[film] {
		for _, f := range r.baskets[p] {
			row[f]++
		}
	}
	row[film] = 0
	return row
}

// row is together, remembered.
func (r *reference) row(film int32) []uint32 {
	row, known := r.rows[film]
	if !known {
		row = r.together(film)
		r.rows[film] = row
	}
	return row
}

// scorer scores all films for one person's history; into is 0 before.
type scorer func(history []int32, into []float32)

func (r *reference) popularity(_ []int32, into []float32) {
	for f, n := range r.taken {
		into[f] = float32(math.Log(n + 0.5))
	}
}

// asymmetric is co-occurrence c / (n(i)^0.9 · n(j)^0.1 + 10) of a film i of the history and a candidate j.
func (r *reference) asymmetric(c, i, j float64) float32 {
	return float32(c / (math.Pow(i, 0.9)*math.Pow(j, 0.1) + 10))
}

func (r *reference) cooccurrence(history []int32, into []float32) {
	for _, i := range history {
		for j, c := range r.row(i) {
			if c > 0 {
				into[j] += r.asymmetric(float64(c), r.taken[i], r.taken[j])
			}
		}
	}
}

type weighed struct {
	film   int32
	weight float32
}

// nearest50 is co-occurrence of which each candidate keeps the 50 strongest.
func (r *reference) nearest50() scorer {
	says := make([][]weighed, r.films) // by film of the history
	var row []weighed
	for j := range r.films {
		row = row[:0]
		for i, c := range r.together(int32(j)) {
			if c > 0 {
				row = append(row, weighed{int32(i), r.asymmetric(float64(c), r.taken[i], r.taken[j])})
			}
		}
		slices.SortFunc(row, func(a, b weighed) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.film, b.film)) })
		for _, e := range row[:min(len(row), 50)] {
			says[e.film] = append(says[e.film], weighed{int32(j), e.weight})
		}
	}
	return func(history []int32, into []float32) {
		for _, i := range history {
			for _, e := range says[i] {
				into[e.film] += e.weight
			}
		}
	}
}

// referenceHead is how many films EASE of the reference spans at most: all of most small sets.
const referenceHead = 4000

func (r *reference) ease(lambda float64, head int) (scorer, error) {
	order := r.order[:min(head, len(r.order))]
	n := len(order)
	at := make([]int32, r.films)
	for f := range at {
		at[f] = -1
	}
	for a, f := range order {
		at[f] = int32(a)
	}
	gram := make([]float32, n*n)
	for a, f := range order {
		for g, c := range r.together(f) {
			if b := at[g]; b >= 0 {
				gram[a*n+int(b)] = float32(c)
			}
		}
		gram[a*n+a] = float32(r.taken[f])
	}
	weights, err := recommend.EASE(n, lambda, func(a, b int) float64 { return float64(gram[a*n+b]) })
	if err != nil {
		return nil, err
	}
	sums := make([]float32, n)
	return func(history []int32, into []float32) {
		clear(sums)
		for _, i := range history {
			if a := int(at[i]); a >= 0 {
				for b, v := range weights[a*n : a*n+n] {
					sums[b] += v
				}
			}
		}
		for b, v := range sums {
			into[order[b]] += v
		}
	}, nil
}

// standardise makes scores comparable: less their mean, divided by their deviation.
func standardise(scores []float32) {
	var sum, square float64
	for _, v := range scores {
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	n := float64(len(scores))
	mean := sum / n
	deviation := math.Sqrt(max(0, square/n-mean*mean))
	if deviation < 1e-9 {
		deviation = 1
	}
	for i := range scores {
		scores[i] = float32((float64(scores[i]) - mean) / deviation)
	}
}
