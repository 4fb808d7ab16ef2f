package gate

// automaton finds every term of a list in one pass over a text, in time that grows with the text and not with the list (Aho and
// Corasick, 1975). Its states are the beginnings of terms. A letter leads from the longest beginning that the text so far ends with to
// the next such one.
//
// The letters a to z and the two digits that look like none have their transitions worked out in full, a small table for each state.
// Han and all other signs are far too many for that: a state has those that go on with a term, and where none does, the search goes on
// from the state's fallback, the longest shorter beginning. Most such signs of a text meet the first state, which has a table for them.
type automaton struct {
	states []state
	firsts [1 << 16]int32 // transitions of the first state by other signs of the basic plane
	others map[edge]int32 // all transitions by other signs
	ends   []end          // the first is none
}

// signs is how many signs have a place in a state's table.
const signs = 28

type state struct {
	next     [signs]int32
	fallback int32
	ends     int32 // index of the first end here, 0 for none
}

type edge struct {
	from int32
	sign rune
}

// end is a term that ends in a state, with the next one in the same state or in its fallbacks.
type end struct {
	term int32
	next int32
}

// newAutomaton takes each term as its signs (see collapse). None may be empty.
func newAutomaton(terms [][]rune) *automaton {
	a := &automaton{states: make([]state, 1), others: make(map[edge]int32), ends: make([]end, 1)}
	parents := []edge{{}} // how each state was first reached; states are numbered so that parents come first
	for i, term := range terms {
		at := int32(0)
		for _, sign := range term {
			next := a.child(at, sign)
			if next == 0 {
				next = int32(len(a.states))
				a.states = append(a.states, state{})
				parents = append(parents, edge{at, sign})
				a.grow(at, sign, next)
			}
			at = next
		}
		a.ends = append(a.ends, end{term: int32(i), next: a.states[at].ends})
		a.states[at].ends = int32(len(a.ends) - 1)
	}
	for _, at := range byDepth(parents) {
		a.link(at, parents[at])
	}
	return a
}

// byDepth are the states but the first, those with the shorter way to the first before the others.
func byDepth(parents []edge) []int32 {
	depths := make([]int, len(parents))
	var levels [][]int32
	for at := 1; at < len(parents); at++ {
		depths[at] = depths[parents[at].from] + 1
		if depths[at] > len(levels) {
			levels = append(levels, nil)
		}
		levels[depths[at]-1] = append(levels[depths[at]-1], int32(at))
	}
	var order []int32
	for _, level := range levels {
		order = append(order, level...)
	}
	return order
}

// link gives a state its fallback, whose own transitions are complete, and completes its table and its ends from it.
func (a *automaton) link(at int32, parent edge) {
	fallback := int32(0)
	if parent.from != 0 {
		fallback = a.step(a.states[parent.from].fallback, parent.sign)
	}
	s := &a.states[at]
	s.fallback = fallback
	for i, next := range s.next {
		if next == 0 {
			s.next[i] = a.states[fallback].next[i]
		}
	}
	if s.ends == 0 {
		s.ends = a.states[fallback].ends
		return
	}
	last := s.ends
	for a.ends[last].next != 0 {
		last = a.ends[last].next
	}
	a.ends[last].next = a.states[fallback].ends
}

// place is where a sign stands in a state's table, -1 for nowhere.
func place(sign rune) int {
	switch {
	case 'a' <= sign && sign <= 'z':
		return int(sign - 'a')
	case sign == '2':
		return 26
	case sign == '9':
		return 27
	}
	return -1
}

func (a *automaton) child(at int32, sign rune) int32 {
	if i := place(sign); i >= 0 {
		return a.states[at].next[i]
	}
	return a.others[edge{at, sign}]
}

func (a *automaton) grow(at int32, sign rune, next int32) {
	if i := place(sign); i >= 0 {
		a.states[at].next[i] = next
		return
	}
	a.others[edge{at, sign}] = next
	if at == 0 && sign < 1<<16 {
		a.firsts[sign] = next
	}
}

// step is the state after one more sign.
func (a *automaton) step(at int32, sign rune) int32 {
	if i := place(sign); i >= 0 {
		return a.states[at].next[i]
	}
	for at != 0 {
		if next := a.others[edge{at, sign}]; next != 0 {
			return next
		}
		at = a.states[at].fallback
	}
	if sign < 1<<16 {
		return a.firsts[sign]
	}
	return a.others[edge{0, sign}]
}
