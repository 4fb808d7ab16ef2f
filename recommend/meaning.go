package recommend

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// Meanings are vectors of texts by a model that knows what words mean: texts of like meaning have vectors of like direction.
type Meanings interface {
	// Vector is a text's vector, of any length but 0, or nil while it isn't known. It answers at once and may be called by many rooms at
	// the same time; a text that isn't known may be looked up meanwhile, for the next list.
	Vector(text string) []float32
}

// WithMeanings is the catalogue whose fit M is also one of meanings, for the fifty best items by everything else; nil takes it away again.
func (c *Catalogue) WithMeanings(m Meanings) *Catalogue {
	with := *c
	with.meanings = m
	return &with
}

// mean brings meanings into the fit of a pool, as far as they are known. Of an item whose meaning is known, the cosine is the mean of the
// lexical one and of that of meanings, of which what the pool has in common is taken away: models find all stories somewhat alike.
func (c *Catalogue) mean(pool []scored, t *taste) {
	if c.meanings == nil || len(t.sources) == 0 {
		return
	}
	for i := range t.sources {
		if said := t.sources[i].said; said != "" {
			t.sources[i].meaning = c.meanings.Vector(said)
		}
	}
	cosines, sum, known := make([]float64, len(pool)), 0.0, 0
	for i, s := range pool {
		if cosines[i] = c.meant(s.item, t); !math.IsNaN(cosines[i]) {
			sum += cosines[i]
			known++
		}
	}
	if known == 0 {
		return
	}
	common := sum / float64(known)
	for i := range pool {
		if !math.IsNaN(cosines[i]) && common < 1 {
			above := max(0, (cosines[i]-common)/(1-common))
			t.cosines[pool[i].item] = float32((float64(max(0, t.cosines[pool[i].item])) + above) / 2)
			pool[i] = c.weigh(pool[i].item, t)
		}
	}
	slices.SortStableFunc(pool, func(a, b scored) int {
		switch x, y := a.score(), b.score(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
}

// meant is the cosine of an item's meaning and the history's, each part of which counts by its weight; not a number where one isn't known.
func (c *Catalogue) meant(item int32, t *taste) float64 {
	words := c.items[item].In(fallback)
	vector := c.meanings.Vector(words.Title + ". " + words.Sentence)
	sum, weights := 0.0, 0.0
	for _, s := range t.sources {
		if cosine := cosine(s.meaning, vector); !math.IsNaN(cosine) {
			sum += s.weight * cosine
			weights += s.weight
		}
	}
	return sum / weights
}

func cosine(a, b []float32) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return math.NaN()
	}
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}

// Limits of [Remembered].
const (
	MaxMeanings  = 20_000 // vectors that are kept: those of the largest catalogue, and of the newest scenes
	maxAsked     = 256    // texts that wait
	askTogether  = 32     // texts of one call
	askedTooSoon = 5 * time.Second
)

// Remembered is [Meanings] over a model server: it answers from memory, and asks for what it hasn't, behind everybody's back.
type Remembered struct {
	ask     func(context.Context, []string) ([][]float32, error)
	waiting chan string

	mu    sync.Mutex
	young map[string][]float32 // nil: asked for
	old   map[string][]float32
}

// NewRemembered asks with ask, which returns as many vectors as it got texts. [Remembered.Run] must run.
func NewRemembered(ask func(context.Context, []string) ([][]float32, error)) *Remembered {
	return &Remembered{ask: ask, waiting: make(chan string, maxAsked), young: map[string][]float32{}}
}

// Vector is what is remembered of a text.
func (r *Remembered) Vector(text string) []float32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, known := r.young[text]
	if !known {
		if v = r.old[text]; v == nil {
			select {
			case r.waiting <- text:
			default: // the next list asks again
				return nil
			}
		}
		r.keep(text, v)
	}
	return v
}

// keep remembers; what was not used while half of MaxMeanings others were is forgotten.
func (r *Remembered) keep(text string, v []float32) {
	if r.young[text] = v; len(r.young) >= MaxMeanings/2 {
		r.old, r.young = r.young, map[string][]float32{}
	}
}

// Run asks for what is wanted, some texts at a time, until ctx is done. A call that fails is not repeated for 5 s; its texts are asked for
// again when they are wanted again.
func (r *Remembered) Run(ctx context.Context) {
	for {
		var texts []string
		select {
		case <-ctx.Done():
			return
		case text := <-r.waiting:
			texts = append(texts, text)
		}
		for len(texts) < askTogether && len(r.waiting) > 0 {
			texts = append(texts, <-r.waiting)
		}
		vectors, err := r.ask(ctx, texts)
		failed := err != nil || len(vectors) != len(texts)
		r.mu.Lock()
		for i, text := range texts {
			if failed || len(vectors[i]) == 0 {
				delete(r.young, text)
			} else {
				r.keep(text, vectors[i])
			}
		}
		r.mu.Unlock()
		if failed {
			select {
			case <-ctx.Done():
			case <-time.After(askedTooSoon):
			}
		}
	}
}
