package recommend

import (
	"cmp"
	"math"
	"slices"
)

// Numbers of a model. They were chosen on people of a development set who are in no test; docs/benchmarks.md has what they give elsewhere.
const (
	priorPeople  = 20.0 // κ: as many people as popularity alone weighs against those who took up an item
	minPublished = 3    // people of a pair of published ratings that says anything by itself
	nearest      = 50   // items that say anything for an item, where there is no matrix
	nearAlpha    = 0.9  // how much of an item's popularity is taken out of it, where there is no matrix: the rest is the candidate's
	nearShrink   = 10.0 // people
)

// Model is what counts say of items, made ready for ranking: how popular each is, and what having taken up one says for another. It is
// immutable and safe for concurrent use; [Catalogue.WithModel] puts it to use.
type Model struct {
	ids    []string // the most popular first
	place  map[string]int32
	people int
	prior  []float32 // by item: ln of the share of people who took it up
	flat   spread    // of prior
	least  float32   // the prior of what nobody took up
	lifts  [][]entry // by item i: items j, in order, and ln(1 + c(i,j)/(κ·p(j))); of the others it is 0
	even   []float32 // by item: what its lift is for an item that it says nothing for
	head   int
	matrix []float32 // head × head
	near   [][]entry // as lifts; what the matrix has, where there is none
}

// spread is what scores are told apart by: their mean, and 1 / their standard deviation.
type spread struct{ mean, scale float32 }

// Training is what a model is made of. Either counts may be nil.
type Training struct {
	Published *Counts // of ratings that their givers knew would be published: every pair is used
	Live      *Counts // of this installation's own people: pairs that fewer than MinPeople made are unused
	Online    bool    // no matrix: only what can be kept up to date with every like
}

// Model trains. It takes up to 2 s of one core where there are published ratings, and up to half a second where not: call it in the
// background, and swap the catalogue when it is done. It is nil when there are no people. The same training gives the same model.
func (t Training) Model() *Model {
	all := &Counts{}
	if t.Published != nil {
		all.Add(t.Published)
	}
	least := uint32(minPublished)
	published := all.people
	if t.Live != nil {
		live := t.Live.Clone()
		for key, n := range live.pairs {
			if n < MinPeople {
				delete(live.pairs, key)
			}
		}
		all.Add(live)
	}
	if published == 0 {
		least = MinPeople
	}
	if all.people == 0 {
		return nil
	}
	m := &Model{people: all.people, place: map[string]int32{}}
	order := all.popular()
	at := make([]int32, len(order)) // in the model, by place in the counts
	n := make([]float64, len(order))
	for i, p := range order {
		at[p], n[i] = int32(i), float64(all.taken[p])
		m.ids = append(m.ids, all.ids[p])
		m.place[all.ids[p]] = int32(i)
		m.prior = append(m.prior, float32(logShare(n[i], float64(all.sent[p]), all.people)))
		m.even = append(m.even, float32(math.Log1p(n[i]/priorPeople)))
	}
	m.flat = spreadOf(m.prior)
	m.least = float32(logShare(0, 0, m.people))
	m.lift(all, at, least)
	if published > 0 && !t.Online {
		m.solve(t.Published)
	} else {
		m.nearest(all, at, n)
	}
	return m
}

// logShare is ln of the share of people who take an item up, half a person more than did so that nothing is impossible; those who sent it
// away make it smaller.
func logShare(taken, sent float64, people int) float64 {
	return math.Log((taken+0.5)/(float64(people)+1)) + math.Log(1-sent/(taken+sent+priorPeople))
}

// lift fills lifts. With the share of those who took up i of whom j is expected, (c(i,j) + κ·p(j)) / (n(i) + κ), the lift of j is its
// logarithm less that of p(j), but for what doesn't depend on j.
func (m *Model) lift(c *Counts, at []int32, least uint32) {
	m.lifts = make([][]entry, len(m.ids))
	for _, e := range c.strong(at, least) {
		weight := func(j int32) float32 {
			return float32(math.Log1p(float64(e.n) / (priorPeople * math.Exp(float64(m.prior[j])))))
		}
		m.lifts[e.a] = append(m.lifts[e.a], entry{e.b, weight(e.b)})
		m.lifts[e.b] = append(m.lifts[e.b], entry{e.a, weight(e.a)})
	}
}

// together is a pair of items and how many people took up both.
type together struct {
	a, b int32
	n    uint32
}

// strong are the pairs that at least so many people made, in order.
func (c *Counts) strong(at []int32, least uint32) []together {
	var all []together
	for key, n := range c.pairs {
		if a, b := at[key>>32], at[uint32(key)]; n >= least {
			all = append(all, together{min(a, b), max(a, b), n})
		}
	}
	slices.SortFunc(all, func(x, y together) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return all
}

// solve fills the matrix from published counts.
func (m *Model) solve(c *Counts) {
	popular := c.popular()
	popular = popular[:min(len(popular), MaxHead)]
	n := len(popular)
	row := make([]int, len(c.ids)) // 1 for the first
	for a, p := range popular {
		row[p] = a + 1
	}
	gram := make([]uint32, n*n)
	for key, count := range c.pairs {
		if a, b := row[key>>32]-1, row[uint32(key)]-1; a >= 0 && b >= 0 {
			gram[min(a, b)*n+max(a, b)] = count
		}
	}
	for a, p := range popular {
		gram[a*n+a] = c.taken[p]
	}
	weights, err := EASE(n, easeRidge, func(a, b int) float64 { return float64(gram[a*n+b]) })
	if err != nil {
		return // the lifts still speak
	}
	m.head, m.matrix = n, weights
	m.reorder(popular, c)
}

// reorder puts the matrix's items first: live counts may have made others more popular since.
func (m *Model) reorder(popular []int32, c *Counts) {
	first := make([]int32, 0, len(m.ids)) // old places in the new order
	taken := make([]bool, len(m.ids))
	for _, p := range popular {
		i := m.place[c.ids[p]]
		first = append(first, i)
		taken[i] = true
	}
	for i := range m.ids {
		if !taken[i] {
			first = append(first, int32(i))
		}
	}
	now := make([]int32, len(first))
	for i, was := range first {
		now[was] = int32(i)
	}
	ids, prior, even, lifts := m.ids, m.prior, m.even, m.lifts
	m.ids, m.prior, m.even, m.lifts = make([]string, len(ids)), make([]float32, len(ids)), make([]float32, len(ids)), make([][]entry, len(ids))
	for i, was := range first {
		m.ids[i], m.prior[i], m.even[i], m.lifts[i] = ids[was], prior[was], even[was], lifts[was]
		m.place[ids[was]] = int32(i)
		for k := range m.lifts[i] {
			m.lifts[i][k].at = now[m.lifts[i][k].at]
		}
		slices.SortFunc(m.lifts[i], func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	}
}

// nearest fills near: c(i,j) / (n(i)^α · n(j)^(1−α) + 10) for the 50 items i for which it is largest, for each j.
func (m *Model) nearest(c *Counts, at []int32, n []float64) {
	among := make([][]entry, len(m.ids)) // by j
	for _, e := range c.strong(at, 1) {  // rare ones among people of our own are gone already
		weight := func(i, j int32) float32 {
			return float32(float64(e.n) / (math.Pow(n[i], nearAlpha)*math.Pow(n[j], 1-nearAlpha) + nearShrink))
		}
		among[e.b] = append(among[e.b], entry{e.a, weight(e.a, e.b)})
		among[e.a] = append(among[e.a], entry{e.b, weight(e.b, e.a)})
	}
	m.near = make([][]entry, len(m.ids))
	for j, all := range among {
		slices.SortFunc(all, func(x, y entry) int { return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.at, y.at)) })
		for _, e := range all[:min(len(all), nearest)] {
			m.near[e.at] = append(m.near[e.at], entry{int32(j), e.weight})
		}
	}
}

func spreadOf(scores []float32) spread {
	var sum, square float64
	for _, v := range scores {
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	n := float64(max(1, len(scores)))
	mean := sum / n
	deviation := math.Sqrt(max(0, square/n-mean*mean))
	if deviation < 1e-6 {
		return spread{float32(mean), 0} // all alike: nothing tells them apart
	}
	return spread{float32(mean), float32(1 / deviation)}
}

// People is how many the model learned from.
func (m *Model) People() int { return m.people }

// knows says whether the model knows what having taken up an item says for others.
func (m *Model) knows(i int32) bool { return i >= 0 && (len(m.lifts[i]) > 0 || int(i) < m.head) }
