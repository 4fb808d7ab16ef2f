package recommend

import (
	"cmp"
	"maps"
	"slices"
)

// Limits of what is counted.
const (
	MaxCounted = 10_000    // items; more are not counted
	MaxPairs   = 3 << 20   // pairs of items; beyond it those that the fewest people made are forgotten
	MaxBasket  = 30        // newest items of one person that Learn counts, so that nobody weighs more than this
	MinPeople  = 20        // who must have taken up both items of a pair before it says anything, where the people are this node's own
	maxPeople  = 1<<32 - 1 // of all counts
)

// Basket is what one person did with items during one show.
type Basket struct {
	Liked     []string // ids, oldest first; those that were marked
	Played    []string // those that were opened or played
	Dismissed []string // those that were sent away
}

// Counts are what is learned of items from people: how many took each of them up, by liking or playing it, how many sent it away, and for
// each two items how many took up both. They hold no person. Counts of several nodes add up, in any order, to those of all their people.
//
// The zero value has no people. Counts are not safe for concurrent use: their owner learns, and gives copies away ([Counts.Clone]).
type Counts struct {
	people int
	ids    []string
	place  map[string]int32
	taken  []uint32
	played []uint32
	sent   []uint32 // away
	pairs  map[uint64]uint32
}

// pair is the key of two places, the smaller one first.
func pair(a, b int32) uint64 {
	if a > b {
		a, b = b, a
	}
	return uint64(a)<<32 | uint64(b)
}

func (c *Counts) at(id string) (int32, bool) {
	if p, ok := c.place[id]; ok {
		return p, true
	}
	if len(c.ids) == MaxCounted || id == "" || len(id) > maxCountedID {
		return 0, false
	}
	if c.place == nil {
		c.place, c.pairs = map[string]int32{}, map[uint64]uint32{}
	}
	p := int32(len(c.ids))
	c.place[id] = p
	c.ids = append(c.ids, id)
	c.taken, c.played, c.sent = append(c.taken, 0), append(c.played, 0), append(c.sent, 0)
	return p, true
}

// People is how many baskets were learned.
func (c *Counts) People() int { return c.people }

// Items is how many items were counted.
func (c *Counts) Items() int { return len(c.ids) }

// Pairs is how many pairs of items were counted.
func (c *Counts) Pairs() int { return len(c.pairs) }

// Learn counts one person's basket. Of each kind it looks at the [MaxBasket] newest items; an item counts once.
func (c *Counts) Learn(b Basket) {
	liked, played, sent := c.places(b.Liked), c.places(b.Played), c.places(b.Dismissed)
	taken := slices.Compact(slices.Sorted(slices.Values(slices.Concat(liked, played))))
	if len(taken) == 0 && len(sent) == 0 {
		return
	}
	c.people = min(c.people+1, maxPeople)
	for _, p := range played {
		c.played[p]++
	}
	for _, p := range sent {
		c.sent[p]++
	}
	for i, p := range taken {
		c.taken[p]++
		for _, q := range taken[i+1:] {
			c.pairs[pair(p, q)]++
		}
	}
	c.forget(MaxPairs)
}

func (c *Counts) places(ids []string) []int32 {
	var all []int32
	for _, id := range ids[max(0, len(ids)-MaxBasket):] {
		if p, ok := c.at(id); ok && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// Add adds what others counted.
func (c *Counts) Add(other *Counts) {
	c.people = min(c.people+other.people, maxPeople)
	to := make([]int32, len(other.ids))
	for p, id := range other.ids {
		q, ok := c.at(id)
		if to[p] = q; !ok {
			to[p] = -1
			continue
		}
		c.taken[q] += other.taken[p]
		c.played[q] += other.played[p]
		c.sent[q] += other.sent[p]
	}
	for key, n := range other.pairs {
		if p, q := to[key>>32], to[uint32(key)]; p >= 0 && q >= 0 {
			c.pairs[pair(p, q)] += n
		}
	}
	c.forget(MaxPairs)
}

// Clone is a copy.
func (c *Counts) Clone() *Counts {
	return &Counts{
		people: c.people, ids: slices.Clone(c.ids), place: maps.Clone(c.place), taken: slices.Clone(c.taken), played: slices.Clone(c.played),
		sent: slices.Clone(c.sent), pairs: maps.Clone(c.pairs),
	}
}

// forget drops the pairs that the fewest people made until an eighth of the room is free, if there are more than most: they are the
// farthest from MinPeople.
func (c *Counts) forget(most int) {
	for few := uint32(1); len(c.pairs) > most || few > 1 && len(c.pairs) > most-most/8; few++ {
		maps.DeleteFunc(c.pairs, func(_ uint64, n uint32) bool { return n <= few })
	}
}

// popular are the places of the items, those that most people took up first, and among equals by id.
func (c *Counts) popular() []int32 {
	order := make([]int32, len(c.ids))
	for p := range order {
		order[p] = int32(p)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.taken[b], c.taken[a]), cmp.Compare(c.ids[a], c.ids[b]))
	})
	return order
}

// CountRatings counts baskets of published ratings: ids are the items, of which the first [MaxCounted] count, and each basket has places in
// them, none twice. Nobody's basket is cut. Pairs of the [MaxHead] most popular items are all kept, for the matrix is wrong without the rare ones;
// others from three people on, and of too many those that most people made.
func CountRatings(ids []string, baskets [][]int32) *Counts {
	c := &Counts{people: len(baskets)}
	for _, id := range ids {
		c.at(id)
	}
	holders := make([][]int32, len(c.ids)) // who has the item
	for person, basket := range baskets {
		for _, p := range basket {
			if int(p) >= len(c.ids) {
				continue
			}
			c.taken[p]++
			holders[p] = append(holders[p], int32(person))
		}
	}
	order := c.popular()
	rank := make([]int32, len(order))
	for r, p := range order {
		rank[p] = int32(r)
	}
	together, tail := make([]uint32, len(order)), &Counts{pairs: map[uint64]uint32{}}
	for p := range holders {
		clear(together)
		for _, person := range holders[p] {
			for _, q := range baskets[person] {
				if int(q) < len(together) {
					together[q]++
				}
			}
		}
		for q, n := range together[:p] {
			switch {
			case n > 0 && rank[p] < MaxHead && rank[q] < MaxHead:
				c.pairs[pair(int32(p), int32(q))] = n
			case n >= minPublished:
				tail.pairs[pair(int32(p), int32(q))] = n
			}
		}
		tail.forget(2 * MaxPairs) // on the way: never far above what is kept
	}
	tail.forget(MaxPairs - len(c.pairs))
	maps.Copy(c.pairs, tail.pairs)
	return c
}
