package memory

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

// remembered is a fact with how much it has to do with the last beats.
type remembered struct {
	known
	place  int
	key    string  // a name of it that came up
	names  int     // how many did
	weight float64 // share of its words that came up, weighted by their rarity; 0–1
}

func (r remembered) reason() string {
	if r.key != "" {
		return fmt.Sprintf("key %q", r.key)
	}
	return fmt.Sprintf("retrieved %.2f", r.weight)
}

// recall are the facts, not pinned, that the last beats touch: those of which a name came up, else those of which enough words did. The
// name of somebody of whom there are more than MaxFacts facts says too little to bring them all in; then it takes a second name, or a
// predicate that the ledger understands (who has what, who is where), or the words.
// The open beats still say what they brought themselves,
// so that the facts are those of closed beats and of the bible. They stand in the order in which they came.
func (c *composer) recall(scan string) []piece {
	for _, b := range slices.Backward(c.show.Beats[max(len(c.show.Beats)-ScanBeats, 0):]) {
		scan = b.Title + "\n" + b.Text + "\n" + b.Choice + "\n" + scan
	}
	all := c.rank(fold(scan))
	slices.SortFunc(all, func(a, b remembered) int {
		return cmp.Or(cmp.Compare(b.names, a.names), cmp.Compare(b.weight, a.weight), cmp.Compare(b.place, a.place))
	})
	for _, r := range all[min(len(all), MaxFacts):] {
		c.omit(LayerFacts, r.ID, 0)
	}
	all = all[:min(len(all), MaxFacts)]
	slices.SortFunc(all, func(a, b remembered) int { return cmp.Compare(a.place, b.place) })
	var lines []piece
	for _, r := range all {
		text := c.factLine(r.known)
		lines = append(lines, piece{Section{LayerFacts, r.ID, r.reason(), c.Count(text)}, text})
	}
	return lines
}

// rank are the facts that a text touches, in the order in which they came.
func (c *composer) rank(text folded) []remembered {
	said := map[string]bool{}
	for word := range terms(text) {
		said[word] = true
	}
	rarity := map[string]int{} // in how many facts a word is
	var all []remembered
	var words [][]string
	for i, f := range c.ledger.facts {
		if f.ended < 0 && !f.Pinned && f.came <= c.closedBeats {
			var of []string
			for word := range terms(fold(f.Predicate + " " + f.Object)) {
				if !slices.Contains(of, word) {
					of = append(of, word)
					rarity[word]++
				}
			}
			all, words = append(all, remembered{known: f, place: i}), append(words, of)
		}
	}
	carried := map[string]int{} // in how many facts a name is
	for _, r := range all {
		for _, one := range c.namesIn(r.known) {
			carried[one]++
		}
	}
	mentions := c.mentions(text)
	var touched []remembered
	for i, r := range all {
		for _, one := range c.namesIn(r.known) {
			if key := mentions(one); key != "" {
				if r.names++; r.typed != "" || r.names > 1 || carried[one] <= MaxFacts {
					r.key = cmp.Or(r.key, key)
				}
			}
		}
		var up, whole float64
		for _, word := range words[i] {
			weight := math.Log(1 + float64(len(all))/float64(rarity[word]))
			whole += weight
			if said[word] {
				up += weight
			}
		}
		if whole > 0 {
			r.weight = up / whole
		}
		if r.key != "" || r.weight >= minRetrieved {
			touched = append(touched, r)
		}
	}
	return touched
}

// namesIn are the names of a fact: its subject, and an object that the cast knows.
func (c *composer) namesIn(k known) []string {
	if _, entity := c.ledger.names.kinds[k.object]; entity && k.object != k.subject {
		return []string{k.subject, k.object}
	}
	return []string{k.subject}
}

// mentions tells by which of its names an entity comes up in a text, "" for none.
func (c *composer) mentions(text folded) func(one string) string {
	known := map[string]string{}
	return func(one string) string {
		key, asked := known[one]
		if asked || one == "" {
			return key
		}
		for _, name := range c.ledger.names.called(one) {
			if key == "" && text.has(folded(name), c.ledger.names.around(name)) {
				key = name
			}
		}
		known[one] = key
		return key
	}
}

// terms are the words of a text that say something: those of four letters and more, and pairs of Han characters.
func terms(text folded) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, letters, wasHan, before := 0, 0, false, 0
		for i, r := range text + " " {
			isHan := r >= 0x80 && unicode.Is(unicode.Han, r)
			if isHan && wasHan && !yield(string(text[before:i+utf8.RuneLen(r)])) {
				return
			}
			if before, wasHan = i, isHan; spaced(r) {
				if letters == 0 {
					start = i
				}
				letters++
				continue
			}
			if letters >= 4 && !yield(string(text[start:i])) {
				return
			}
			letters = 0
		}
	}
}
