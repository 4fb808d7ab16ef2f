package gate

import (
	"cmp"
	"slices"
	"sync"
)

// matcher finds what a gate's lists and patterns forbid. It does not change and is safe for concurrent use.
type matcher struct {
	terms []term
	width []int32 // signs of each term in the automaton
	auto  *automaton
	skip  map[Category]bool // of patterns
	pads  sync.Pool         // *pad
}

// pad is the memory of one search.
type pad struct {
	reader
	steps []int32 // the letters that the automaton was given, by index
	hits  []hit
}

// hit is a place where a term stands: the offsets of its first and its last letter.
type hit struct {
	term        int32
	first, last int32
}

// maxKept is how many letters a pad may have room for and still be kept for the next search.
const maxKept = 16 << 10

func newMatcher(terms []term, skip map[Category]bool) *matcher {
	m := &matcher{terms: terms, skip: skip}
	signs := make([][]rune, len(terms))
	for i, t := range terms {
		signs[i] = t.collapse()
		m.width = append(m.width, int32(len(signs[i])))
	}
	m.auto = newAutomaton(signs)
	m.pads.New = func() any { return new(pad) }
	return m
}

// find says what is forbidden in previous and text together, as far as it reaches into text; "" is nothing.
func (m *matcher) find(previous, text string) Category {
	p := m.pads.Get().(*pad)
	defer func() {
		if cap(p.letters) <= maxKept {
			m.pads.Put(p)
		}
	}()
	return m.look(p, previous, text)
}

func (m *matcher) look(p *pad, previous, text string) Category {
	p.reset()
	p.hits = p.hits[:0]
	p.add(previous, 0)
	p.add(text, len(previous))
	m.search(p, false)
	if p.mixed {
		m.search(p, true)
	}
	if worst := m.worst(p.hits, int32(len(previous))); worst != "" {
		return worst
	}
	if p.address || p.marks || p.digits >= fewestDigits || p.longest >= minNumber {
		return m.patterns(previous, text, p.longest >= minNumber)
	}
	return ""
}

// search adds every place where a term stands to p.hits. With fillers it looks at wide letters only.
func (m *matcher) search(p *pad, fillers bool) {
	var (
		at     int32
		before rune
	)
	p.steps = p.steps[:0]
	for k := range p.letters {
		l := &p.letters[k]
		sign := class(l.sign)
		if fillers && !isWide(sign) {
			continue
		}
		if repeats(sign, before) {
			continue
		}
		before = sign
		p.steps = append(p.steps, int32(k))
		at = m.auto.step(at, sign)
		for e := m.auto.states[at].ends; e != 0; e = m.auto.ends[e].next {
			m.consider(p, m.auto.ends[e].term, k, fillers)
		}
	}
}

// consider adds a term that the automaton found to end at letter k, if it does stand there. The automaton took a letter again and again
// for one, even over gaps. So the term begins with the first of them or with the last that begins a word, and ends with the last before
// a gap or with the last of all.
func (m *matcher) consider(p *pad, term int32, k int, fillers bool) {
	begin := int(p.steps[len(p.steps)-int(m.width[term])])
	word := begin
	for i := begin + 1; i <= k && p.repeated(i); i++ {
		if p.letters[i].gap != none {
			word = i
		}
	}
	end := k
	for end+1 < len(p.letters) && p.letters[end+1].gap == none && p.repeated(end+1) {
		end++
	}
	last := end
	for last+1 < len(p.letters) && p.repeated(last+1) && isAlone(p.letters, last+1) {
		last++
	}
	for _, span := range [...][2]int{{begin, end}, {word, end}, {begin, last}, {word, last}} {
		if m.terms[term].at(p.letters, span[0], span[1], fillers) {
			p.hits = append(p.hits, hit{term: term, first: p.letters[span[0]].at, last: p.letters[span[1]].at})
			return
		}
		if word == begin && last == end {
			return
		}
	}
}

// repeated says that letter k is only more of the one before.
func (p *pad) repeated(k int) bool {
	return repeats(class(p.letters[k].sign), class(p.letters[k-1].sign))
}

// worst is the gravest category of the hits that end at the offset or later and lie in no harmless phrase.
func (m *matcher) worst(hits []hit, from int32) (worst Category) {
	if len(hits) == 0 {
		return ""
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.last, a.last)) })
	harmless := int32(-1) // where the harmless phrase ends that reaches furthest, of those that begin no later
	for same := 0; len(hits) > 0; hits = hits[same:] {
		for same = 0; same < len(hits) && hits[same].first == hits[0].first; same++ {
			if h := hits[same]; m.terms[h.term].excuse {
				harmless = max(harmless, h.last)
			}
		}
		for _, h := range hits[:same] {
			if t := &m.terms[h.term]; !t.excuse && h.last >= from && h.last > harmless && t.category.graver(worst) {
				worst = t.category
			}
		}
	}
	return worst
}
