package recommendation

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"kinoautomat/recommend"
	"kinoautomat/recommend/ratings"
)

// world is a set of ratings with the catalogue of its films, which nobody has taught anything yet.
type world struct {
	set       *ratings.Set
	ids       []string
	place     map[string]int32
	catalogue *recommend.Catalogue
	likes     [][]int32         // by person
	hates     []map[int32]bool  // by person: films of two stars or fewer
	genres    []map[string]bool // by film
}

func newWorld(set *ratings.Set) (*world, error) {
	if len(set.People) < 60 || len(set.Films) < 50 {
		return nil, errors.New("there must be at least 60 people and 50 films")
	}
	c, err := recommend.New(set.Films)
	if err != nil {
		return nil, err
	}
	w := &world{set: set, catalogue: c, place: map[string]int32{}}
	w.ids, w.likes = set.Baskets(ratings.LikeStars)
	for i, id := range w.ids {
		w.place[id] = int32(i)
		of := map[string]bool{}
		for _, g := range set.Films[i].Genres {
			of[g] = true
		}
		w.genres = append(w.genres, of)
	}
	for _, p := range set.People {
		hated := map[int32]bool{}
		for _, r := range p {
			if r.Stars <= 2 {
				hated[r.Film] = true
			}
		}
		w.hates = append(w.hates, hated)
	}
	return w, nil
}

// taught is the catalogue after training.
func (w *world) taught(t recommend.Training) *recommend.Catalogue {
	return w.catalogue.WithModel(t.Model())
}

// member is a person with what they are known to like.
func (w *world) member(films []int32) recommend.Member {
	m := recommend.Member{Liked: make([]recommend.Like, len(films))}
	for i, f := range films {
		m.Liked[i].ID = w.ids[f]
	}
	return m
}

func (w *world) idsOf(films []int32) []string {
	ids := make([]string, len(films))
	for i, f := range films {
		ids[i] = w.ids[f]
	}
	return ids
}

func (w *world) filmsOf(picks []recommend.Pick) []int32 {
	films := make([]int32, len(picks))
	for i, p := range picks {
		films[i] = w.place[p.ID]
	}
	return films
}

// long is how many are listed.
const long = 10

// gain is NDCG@10 of a list for one person, with binary relevance and the best possible list as 1; and Recall@10.
func gain(list []int32, wanted map[int32]bool) (ndcg, recall float64) {
	if len(wanted) == 0 {
		return 0, 0
	}
	var is, best float64
	hits := 0
	for r, film := range list[:min(len(list), long)] {
		if wanted[film] {
			is += 1 / math.Log2(float64(r)+2)
			hits++
		}
	}
	for r := range min(long, len(wanted)) {
		best += 1 / math.Log2(float64(r)+2)
	}
	return is / best, float64(hits) / float64(len(wanted))
}

// likeness is the cosine of two films' genres.
func (w *world) likeness(a, b int32) float64 {
	both := 0
	for g := range w.genres[a] {
		if w.genres[b][g] {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / math.Sqrt(float64(len(w.genres[a])*len(w.genres[b])))
}

// unlikeness is the mean of 1 − likeness over all pairs of a list.
func (w *world) unlikeness(list []int32) float64 {
	sum, n := 0.0, 0
	for i, a := range list {
		for _, b := range list[i+1:] {
			sum += 1 - w.likeness(a, b)
			n++
		}
	}
	return sum / float64(max(1, n))
}

// top are the n films with the highest scores that aren't skipped, the best first; of equal ones the first.
func top(scores []float32, n int, skip map[int32]bool) []int32 {
	list := make([]int32, 0, n+1)
	for i, v := range scores {
		if len(list) == n && v <= scores[list[n-1]] || skip[int32(i)] {
			continue
		}
		at := len(list)
		for at > 0 && scores[list[at-1]] < v {
			at--
		}
		list = slices.Insert(list, at, int32(i))
		list = list[:min(len(list), n)]
	}
	return list
}

// spread is a mean over seeds and how far its values lie apart.
type spread struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"sd"`
}

func over(values []float64) spread {
	mean, square := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	return spread{mean, math.Sqrt(square / float64(max(1, len(values)-1)))}
}

// randomness is that of a seed and a purpose.
func randomness(seed int, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), purpose))
}
