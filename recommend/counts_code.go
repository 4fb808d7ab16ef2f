package recommend

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// maxCountedID is how long an item's id may be, in bytes: that of a film, or of a story with its prefix.
const maxCountedID = 100

// MaxCountsBytes is how long encoded counts may be.
const MaxCountsBytes = 16 << 20

var countsMagic = []byte("kinocounts1\n")

// ErrCounts is what [DecodeCounts] returns of what Encode did not write.
var ErrCounts = errors.New("these are no counts, or damaged ones")

// Encode writes the counts for [DecodeCounts]; what stands in them is the same for the same counts, however they came to be.
//
// The form: a line of its own; the numbers of people, items and pairs; per item, by id, the id's length, the id, and how many took it up,
// played it and sent it away; per pair, in order, the first item's distance from that of the pair before, the second's from that before (or
// from the first item, where that has changed), and how many people. All numbers are unsigned varints.
func (c *Counts) Encode() []byte {
	order := make([]int32, len(c.ids))
	for p := range order {
		order[p] = int32(p)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(c.ids[a], c.ids[b]) })
	rank := make([]int32, len(order))
	out := slices.Clone(countsMagic)
	number := func(v uint64) { out = binary.AppendUvarint(out, v) }
	number(uint64(c.people))
	number(uint64(len(order)))
	number(uint64(len(c.pairs)))
	for r, p := range order {
		rank[p] = int32(r)
		number(uint64(len(c.ids[p])))
		out = append(out, c.ids[p]...)
		number(uint64(c.taken[p]))
		number(uint64(c.played[p]))
		number(uint64(c.sent[p]))
	}
	type entry struct {
		key uint64
		n   uint32
	}
	pairs := make([]entry, 0, len(c.pairs))
	for key, n := range c.pairs {
		pairs = append(pairs, entry{pair(rank[key>>32], rank[uint32(key)]), n})
	}
	slices.SortFunc(pairs, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	var first, second uint64
	for _, e := range pairs {
		a, b := e.key>>32, e.key&(1<<32-1)
		if a != first {
			second = a
		}
		number(a - first)
		number(b - second)
		number(uint64(e.n))
		first, second = a, b
	}
	return out
}

// DecodeCounts reads what [Counts.Encode] wrote. The error is [ErrCounts], with what is wrong.
func DecodeCounts(source []byte) (*Counts, error) {
	if len(source) > MaxCountsBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrCounts, MaxCountsBytes)
	}
	if len(source) < len(countsMagic) || string(source[:len(countsMagic)]) != string(countsMagic) {
		return nil, fmt.Errorf("%w: they begin otherwise", ErrCounts)
	}
	r := &countsReader{rest: source[len(countsMagic):]}
	c := &Counts{people: int(r.number(maxPeople))}
	items, pairs := r.number(MaxCounted), r.number(MaxPairs)
	for range items {
		r.item(c)
	}
	var first, second uint64
	for range pairs {
		if step := r.number(items); step > 0 {
			first += step
			second = first
		}
		second += r.number(items)
		n := r.number(uint64(c.people))
		if r.wrong || first >= second || second >= items || n == 0 {
			return nil, fmt.Errorf("%w: a pair is wrong", ErrCounts)
		}
		key := pair(int32(first), int32(second))
		if _, twice := c.pairs[key]; twice {
			return nil, fmt.Errorf("%w: a pair stands there twice", ErrCounts)
		}
		c.pairs[key] = uint32(n)
	}
	if r.wrong || len(r.rest) > 0 || len(c.ids) != int(items) {
		return nil, ErrCounts
	}
	return c, nil
}

// countsReader reads numbers; after the first wrong one all are 0.
type countsReader struct {
	rest  []byte
	wrong bool
}

func (r *countsReader) number(most uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.wrong = r.wrong || n <= 0 || v > most; r.wrong {
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *countsReader) item(c *Counts) {
	n := int(r.number(maxCountedID))
	if r.wrong = r.wrong || n == 0 || n > len(r.rest); r.wrong {
		return
	}
	id := string(r.rest[:n])
	r.rest = r.rest[n:]
	if _, twice := c.place[id]; twice {
		r.wrong = true
		return
	}
	p, _ := c.at(id)
	most := uint64(c.people)
	c.taken[p], c.played[p], c.sent[p] = uint32(r.number(most)), uint32(r.number(most)), uint32(r.number(most))
}
