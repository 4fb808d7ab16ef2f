package vote

import "math/bits"

// transfers tell, of the ballots that put a choice first, which choice each falls to among those still in. They are worked out from the
// ballots given, when a future's run-off comes to a set of choices for the first time.
type transfers struct {
	orders []order
	among  map[uint16]*[MaxChoices][MaxChoices]float64 // by the set of places still in
}

// order is how some ballots rank the choices: their places from the first preference on, each plus one, in 4 bits.
type order struct {
	code    uint64
	ballots float64
}

func newTransfers(p *Poll) *transfers {
	counts := make(map[uint64]int)
	for _, ballot := range p.Ballots {
		var code uint64
		for i, id := range ballot {
			code |= uint64(p.place(id)+1) << (4 * i)
		}
		counts[code]++
	}
	t := &transfers{among: make(map[uint16]*[MaxChoices][MaxChoices]float64), orders: make([]order, 0, len(counts))}
	for code, n := range counts {
		t.orders = append(t.orders, order{code, float64(n)})
	}
	return t
}

// to are the ballots by first preference and by the choice that they fall to among those in a set of places; exhausted ones are left out.
func (t *transfers) to(in uint16) *[MaxChoices][MaxChoices]float64 {
	if table := t.among[in]; table != nil {
		return table
	}
	table := new([MaxChoices][MaxChoices]float64)
	for _, o := range t.orders {
		for rest := o.code; rest != 0; rest >>= 4 {
			if place := rest&15 - 1; in&(1<<place) != 0 {
				table[o.code&15-1][place] += o.ballots
				break
			}
		}
	}
	t.among[in] = table
	return table
}

// runOff sets first to who wins the run-off of a future, by the rules of [Poll.runOff]. The ballots that put a choice first are as many
// as that future's count; they fall as those given do, and evenly where none was given.
func (o *outlook) runOff() {
	k := len(o.final)
	var rounds [MaxChoices][MaxChoices]float64
	copy(rounds[0][:], o.final)
	in := uint16(1)<<k - 1
	for r := 0; ; r++ {
		now := &rounds[r]
		if r > 0 {
			o.fall(in, now)
		}
		active, top := 0.0, -1.0
		for i := range k {
			if in&(1<<i) != 0 {
				active += now[i]
				top = max(top, now[i])
			}
		}
		if 2*top > active || bits.OnesCount16(in) <= 2 {
			o.first = o.first[:0]
			for i := range k {
				if in&(1<<i) != 0 && now[i] == top {
					o.first = append(o.first, i)
				}
			}
			return
		}
		in &^= 1 << lowestPlace(in, rounds[:r+1])
	}
}

// fall counts all ballots of a future for the choices still in.
func (o *outlook) fall(in uint16, now *[MaxChoices]float64) {
	if o.transfer == nil {
		o.transfer = newTransfers(o.poll)
	}
	table := o.transfer.to(in)
	for i, count := range o.final {
		given := float64(o.poll.counts[i])
		for j := range o.final {
			switch {
			case in&(1<<j) == 0:
			case given > 0:
				now[j] += count / given * table[i][j]
			case in&(1<<i) == 0:
				now[j] += count / float64(bits.OnesCount16(in))
			case i == j:
				now[j] += count
			}
		}
	}
}

// lowestPlace is who goes out after the latest of the rounds, as [lowest] has it.
func lowestPlace(in uint16, rounds [][MaxChoices]float64) int {
	for r := len(rounds) - 1; r >= 0; r-- {
		var fewest uint16
		least := -1.0
		for i := range MaxChoices {
			switch n := rounds[r][i]; {
			case in&(1<<i) == 0:
			case least < 0 || n < least:
				least, fewest = n, 1<<i
			case n == least:
				fewest |= 1 << i
			}
		}
		in = fewest
	}
	return bits.Len16(in) - 1
}
