package recommend

import (
	"math"
	"sync"
)

// work is the memory that a ranking needs and gives back.
type work struct {
	cosines []float32   // by item
	scores  []float32   // by item
	skip    []bool      // by item
	group   []float32   // by item of the model
	scratch []float32   // the same
	marks   [][]float32 // by mark, by item
	terms   []float32   // by term; all 0 between uses
	touched []int32     // of terms
	total   vector
	laid    vector // out in terms
	items   int
}

var works = sync.Pool{New: func() any { return new(work) }}

func newWork(c *Catalogue) *work {
	w := works.Get().(*work)
	w.items = len(c.items)
	w.cosines, w.scores = zeros(w.cosines, len(c.items)), sized(w.scores, len(c.items))
	if cap(w.skip) < len(c.items) {
		w.skip = make([]bool, len(c.items))
	}
	w.skip = w.skip[:len(c.items)]
	clear(w.skip)
	if c.model != nil {
		w.group, w.scratch = sized(w.group, len(c.model.ids)), sized(w.scratch, len(c.model.ids))
	}
	if n := len(c.index.cues); len(w.terms) < n {
		w.terms = make([]float32, n)
	}
	return w
}

func (w *work) free() { works.Put(w) }

// likes is room for how like a mark every item is.
func (w *work) likes(mark int) []float32 {
	for len(w.marks) <= mark {
		w.marks = append(w.marks, nil)
	}
	w.marks[mark] = zeros(w.marks[mark], w.items)
	return w.marks[mark]
}

// sum adds up the vectors of sources and scales the result to length 1 if it is longer: little history says little. The terms of the
// result are in no order.
func (w *work) sum(sources []source) vector {
	w.touched = w.touched[:0]
	for _, s := range sources {
		for _, e := range s.vector {
			if w.terms[e.at] == 0 {
				w.touched = append(w.touched, e.at)
			}
			w.terms[e.at] += e.weight
		}
	}
	w.total = w.total[:0]
	square := 0.0
	for _, at := range w.touched {
		weight := w.terms[at]
		w.terms[at] = 0
		square += float64(weight) * float64(weight)
		w.total = append(w.total, entry{at, weight})
	}
	if square > 1 {
		w.total.scale(1 / math.Sqrt(square))
	}
	return w.total
}

// spread lays a vector out by term, for dot; gather takes it away again.
func (w *work) spread(v vector) {
	w.laid = v
	for _, e := range v {
		w.terms[e.at] = e.weight
	}
}

func (w *work) gather() {
	for _, e := range w.laid {
		w.terms[e.at] = 0
	}
}

// dot is the product of what is spread and a vector.
func (w *work) dot(v vector) float64 {
	sum := float32(0)
	for _, e := range v {
		sum += e.weight * w.terms[e.at]
	}
	return float64(sum)
}

func sized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func zeros(s []float32, n int) []float32 {
	s = sized(s, n)
	clear(s)
	return s
}
