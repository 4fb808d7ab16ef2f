package recommendation

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"kinoautomat/recommend"
)

// Kind is rooms of so many people with so many known likes each, and what methods offer them.
type Kind struct {
	Members int      `json:"members"`
	Likes   int      `json:"likes"`
	Alike   bool     `json:"alike"` // the people's tastes are near each other
	Methods []Method `json:"methods"`
}

// Method is what one offers to rooms of a kind.
type Method struct {
	Name   string `json:"method"`
	Member spread `json:"ndcg_10"`       // mean of the members'
	Least  spread `json:"least_ndcg_10"` // of the member who is served worst
	Harm   spread `json:"harm"`          // share of the list that some member rated with two stars or fewer
}

const (
	ofStrictRooms = "Kinoautomat, pairs of 20 people on"
	ofPooled      = "Kinoautomat, one pooled history"
	ofAsymmetric  = "co-occurrence"
	ofAverage     = "EASE, lambda 250, plain average"
	ofWide        = "EASE, lambda 4000, plain average"
	ofTuned       = "EASE + popularity, tuned on validation people"
)

// room is people with what is known of them.
type room struct {
	people []int
	known  [][]int32
}

func (r room) all() []int32 { return slices.Concat(r.known...) }

// cold is people split into those that models learn from, those that parameters are chosen with, and those that are judged, none of whom a
// model has met.
type cold struct {
	*world
	train       [][]int32
	valid, test []int
	ref         *reference
	ours        *recommend.Catalogue
	strict      *recommend.Catalogue
	ease        map[float64]scorer
	scores, sum []float32
}

// knownLeast is how many likes a person has at least who comes into a room.
const knownLeast = 10

func newCold(w *world, seed int) (*cold, error) {
	c := &cold{world: w, ease: map[float64]scorer{}, scores: make([]float32, len(w.ids)), sum: make([]float32, len(w.ids))}
	order := randomness(seed, 2).Perm(len(w.likes))
	first, second := len(order)*65/100, len(order)*80/100
	for i, p := range order {
		switch {
		case i < first:
			c.train = append(c.train, w.likes[p])
		case len(w.likes[p]) < knownLeast:
		case i < second:
			c.valid = append(c.valid, p)
		default:
			c.test = append(c.test, p)
		}
	}
	if len(c.test) < 10 || len(c.valid) < 10 {
		return nil, fmt.Errorf("only %d people have %d likes; too few for rooms", len(c.test), knownLeast)
	}
	counts := recommend.CountRatings(w.ids, c.train)
	c.ours, c.strict = w.taught(recommend.Training{Published: counts}), w.taught(recommend.Training{Live: counts})
	c.ref = newReference(len(w.ids), c.train)
	for _, lambda := range []float64{250, 1000, 4000} {
		var err error
		if c.ease[lambda], err = c.ref.ease(lambda, recommend.MaxHead); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// make makes rooms of people. Half of a person's likes at most is known, so that something is left to be found.
func (c *cold) rooms(people []int, members, likes, n int, alike bool, random *rand.Rand) []room {
	rooms := make([]room, n)
	for i := range rooms {
		from := people
		if alike {
			from = c.near(people, people[random.IntN(len(people))], max(members, len(people)/8))
		}
		for _, at := range random.Perm(len(from))[:min(members, len(from))] {
			p := from[at]
			mine := c.likes[p]
			var known []int32
			for _, j := range random.Perm(len(mine))[:min(likes, len(mine)/2)] {
				known = append(known, mine[j])
			}
			rooms[i].people, rooms[i].known = append(rooms[i].people, p), append(rooms[i].known, known)
		}
	}
	return rooms
}

// near are the n people whose likes are nearest to one's, by Jaccard's measure, that one among them.
func (c *cold) near(people []int, one, n int) []int {
	mine := setOf(c.likes[one])
	likeness := map[int]float64{}
	for _, p := range people {
		both := 0
		for _, f := range c.likes[p] {
			if mine[f] {
				both++
			}
		}
		likeness[p] = float64(both) / float64(len(mine)+len(c.likes[p])-both)
	}
	order := slices.Clone(people)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(likeness[b], likeness[a]) })
	return order[:n]
}

func (c *cold) query(r room) recommend.Query {
	q := recommend.Query{Seen: c.idsOf(r.all())}
	for _, known := range r.known {
		q.Members = append(q.Members, c.member(known))
	}
	return q
}

func (c *cold) pooled(r room) recommend.Query {
	return recommend.Query{Seen: c.idsOf(r.all()), Members: []recommend.Member{c.member(r.all())}}
}

// average lists what has the highest mean of the members' scores, standardised or as they are.
func (c *cold) average(r room, s scorer, standard bool) []int32 {
	clear(c.sum)
	for _, known := range r.known {
		clear(c.scores)
		s(known, c.scores)
		if standard {
			standardise(c.scores)
		}
		for f, v := range c.scores {
			c.sum[f] += v
		}
	}
	return top(c.sum, long, setOf(r.all()))
}

// blend is EASE and popularity, both standardised.
func (c *cold) blend(lambda, popularity float64) scorer {
	popular := make([]float32, len(c.ids))
	c.ref.popularity(nil, popular)
	standardise(popular)
	return func(history []int32, into []float32) {
		c.ease[lambda](history, into)
		standardise(into)
		for f, v := range popular {
			into[f] += float32(popularity) * v
		}
	}
}

// tuned is the blend that serves rooms of the validation people best.
func (c *cold) tuned(members, likes int, alike bool, random *rand.Rand) scorer {
	rooms := c.rooms(c.valid, members, likes, 60, alike, random)
	var best scorer
	most := -1.0
	for _, lambda := range []float64{1000, 4000} {
		for _, popularity := range []float64{0, 1, 4, 16} {
			s := c.blend(lambda, popularity)
			sum := 0.0
			for _, r := range rooms {
				sum += c.judge(r, c.average(r, s, true)).member
			}
			if sum > most {
				best, most = s, sum
			}
		}
	}
	return best
}

// verdict is what a list is to a room.
type verdict struct{ member, least, harm float64 }

func (c *cold) judge(r room, list []int32) verdict {
	known := setOf(r.all())
	v := verdict{least: math.Inf(1)}
	for _, p := range r.people {
		wanted := map[int32]bool{}
		for _, f := range c.likes[p] {
			if !known[f] {
				wanted[f] = true
			}
		}
		n, _ := gain(list, wanted)
		v.member += n / float64(len(r.people))
		v.least = min(v.least, n)
	}
	for _, f := range list {
		if slices.ContainsFunc(r.people, func(p int) bool { return c.hates[p][f] }) {
			v.harm += 1 / float64(len(list))
		}
	}
	return v
}

// methods list films for a room.
func (c *cold) methods(k Kind, random *rand.Rand) map[string]func(room) []int32 {
	best := func(of *recommend.Catalogue, q recommend.Query) []int32 { return c.filmsOf(of.Best(q, long)) }
	all := map[string]func(room) []int32{
		ofProduction: func(r room) []int32 { return best(c.ours, c.query(r)) },
		ofPopularity: func(r room) []int32 { return c.average(r, c.ref.popularity, false) },
	}
	if k.Likes == 0 {
		return all
	}
	tuned := c.tuned(k.Members, k.Likes, k.Alike, random)
	all[ofStrictRooms] = func(r room) []int32 { return best(c.strict, c.query(r)) }
	all[ofPooled] = func(r room) []int32 { return best(c.ours, c.pooled(r)) }
	all[ofAsymmetric] = func(r room) []int32 { return c.average(r, c.ref.cooccurrence, true) }
	all[ofAverage] = func(r room) []int32 { return c.average(r, c.ease[250], false) }
	all[ofWide] = func(r room) []int32 { return c.average(r, c.ease[4000], false) }
	all[ofTuned] = func(r room) []int32 { return c.average(r, tuned, true) }
	return all
}

var methodOrder = []string{ofProduction, ofStrictRooms, ofPooled, ofTuned, ofWide, ofAverage, ofAsymmetric, ofPopularity}

// kindsOfRooms are all that are judged.
func kindsOfRooms() []Kind {
	var kinds []Kind
	for _, members := range []int{1, 2, 5, 10} {
		for _, likes := range []int{0, 1, 2, 5} {
			kinds = append(kinds, Kind{Members: members, Likes: likes})
		}
	}
	for _, members := range []int{2, 5, 10} {
		for _, likes := range []int{1, 2, 5} {
			kinds = append(kinds, Kind{Members: members, Likes: likes, Alike: true})
		}
	}
	return kinds
}

func (k Kind) String() string {
	name := fmt.Sprintf("%d × %d", k.Members, k.Likes)
	if k.Alike {
		name += " alike"
	}
	return name
}

// rooms judges rooms of people whom no model has met.
func (b Bench) rooms(ctx context.Context, w *world, r *Report, progress io.Writer) error {
	kinds := kindsOfRooms()
	got := make([]map[string][3][]float64, len(kinds)) // by kind, method: member, least, harm of each seed
	for seed := range b.Seeds {
		c, err := newCold(w, seed)
		if err != nil {
			return err
		}
		for i, kind := range kinds {
			if got[i] == nil {
				got[i] = map[string][3][]float64{}
			}
			rooms := c.rooms(c.test, kind.Members, kind.Likes, b.Rooms, kind.Alike, randomness(seed, uint64(100+i)))
			for name, list := range c.methods(kind, randomness(seed, uint64(200+i))) {
				var mean verdict
				for _, room := range rooms {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					v := c.judge(room, list(room))
					mean.member, mean.least, mean.harm = mean.member+v.member, mean.least+v.least, mean.harm+v.harm
				}
				n, all := float64(len(rooms)), got[i][name]
				got[i][name] = [3][]float64{append(all[0], mean.member/n), append(all[1], mean.least/n), append(all[2], mean.harm/n)}
			}
		}
		fmt.Fprintf(progress, "rooms, seed %d done\n", seed)
	}
	for i, kind := range kinds {
		fmt.Fprintf(progress, "\n%-50s %8s %8s %8s %8s\n", "people × likes: "+kind.String(), "NDCG@10", "± sd", "least", "harm")
		for _, name := range methodOrder {
			if v, ok := got[i][name]; ok {
				m := Method{name, over(v[0]), over(v[1]), over(v[2])}
				kind.Methods = append(kind.Methods, m)
				fmt.Fprintf(progress, "%-50s %8.4f %8.4f %8.4f %8.4f\n", name, m.Member.Mean, m.Member.Deviation, m.Least.Mean, m.Harm.Mean)
			}
		}
		r.Rooms = append(r.Rooms, kind)
		r.barsOf(kind)
	}
	fmt.Fprintln(progress)
	return nil
}

func (k Kind) of(name string) Method {
	i := slices.IndexFunc(k.Methods, func(m Method) bool { return m.Name == name })
	return k.Methods[i]
}

func (r *Report) barsOf(k Kind) {
	if k.Likes == 0 {
		return
	}
	ours := k.of(ofProduction)
	r.bar(fmt.Sprintf("%s: NDCG@10 against popularity", k), ours.Member.Mean, k.of(ofPopularity).Member.Mean, false)
	if k.Members == 1 || k.Alike || k.Members == 5 {
		best := max(k.of(ofTuned).Member.Mean, k.of(ofWide).Member.Mean, k.of(ofAverage).Member.Mean, k.of(ofAsymmetric).Member.Mean)
		r.bar(fmt.Sprintf("%s: NDCG@10 against the best reference", k), ours.Member.Mean, best, false)
	}
	if k.Members == 5 && !k.Alike && (k.Likes == 1 || k.Likes == 5) {
		r.bar(fmt.Sprintf("%s: least satisfied, against one pooled history, +15 %%", k), ours.Least.Mean, 1.15*k.of(ofPooled).Least.Mean, false)
		r.bar(fmt.Sprintf("%s: mean, against one pooled history", k), ours.Member.Mean, k.of(ofPooled).Member.Mean, false)
		r.bar(fmt.Sprintf("%s: least satisfied, against plain average of EASE 250, +15 %%", k), ours.Least.Mean, 1.15*k.of(ofAverage).Least.Mean, false)
		r.bar(fmt.Sprintf("%s: least satisfied, against plain average of EASE 4000, +15 %%", k), ours.Least.Mean, 1.15*k.of(ofWide).Least.Mean, false)
		r.bar(fmt.Sprintf("%s: mean, against plain average of EASE 4000", k), ours.Member.Mean, k.of(ofWide).Member.Mean, false)
	}
}
