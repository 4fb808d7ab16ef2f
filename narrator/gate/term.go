package gate

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// term is one entry of a list, taken apart.
type term struct {
	category Category
	excuse   bool // a hit inside this one does not count
	signs    []rune
	word     []bool // a new word of the term begins with this sign: any gap may stand before it in a text, or none
	fromMid  bool   // may begin inside a word
	toMid    bool   // may end inside a word
	spoken   bool   // has letters; a term without them is a number
}

var (
	errTermShort = errors.New("a term has at least two letters or digits")
	errTermLong  = errors.New("a term has at most 64 characters")
	errTermStar  = errors.New("* stands at the beginning or the end of a term only")
)

// parseTerm reads a term of a list: words, with * before or after them where the term is found inside words too.
func parseTerm(text string) (term, error) {
	if utf8.RuneCountInString(text) > MaxTerm {
		return term{}, errTermLong
	}
	var t term
	text, t.fromMid = strings.CutPrefix(text, "*")
	text, t.toMid = strings.CutSuffix(text, "*")
	if strings.Contains(text, "*") {
		return term{}, errTermStar
	}
	var r reader
	r.add(strings.ToLower(text), 0)
	for i, l := range r.letters {
		t.signs = append(t.signs, l.sign)
		t.word = append(t.word, i > 0 && l.gap != none)
		t.spoken = t.spoken || l.kind != digit
	}
	if len(t.signs) < 2 {
		return term{}, errTermShort
	}
	return t, nil
}

// key is the same for two terms that are found in the same places, but for *.
func (t term) key() string { return string(t.signs) }

// collapse is the term as the automaton knows it: i and l are one sign, and of a sign again and again one is left.
func (t term) collapse() []rune {
	var signs []rune
	for i, sign := range t.signs {
		sign = class(sign)
		if i > 0 && repeats(sign, class(t.signs[i-1])) {
			continue
		}
		signs = append(signs, sign)
	}
	return signs
}

// class makes one sign of those that can be read as one another. The automaton finds too much by it; term.at decides.
func class(sign rune) rune {
	if sign == 'l' || sign == ambiguous {
		return 'i'
	}
	return sign
}

// repeats says whether a sign after the same one is only more of it. In Han a character said twice is another word.
func repeats(sign, before rune) bool { return sign == before && !isWide(sign) }

// maxFiller is how many Latin letters in a row may stand between two Han characters of a term, as in 法x轮.
const maxFiller = 2

// at says whether the letters from first to last are the term. With fillers, what is not Han between its Han characters is passed over.
func (t *term) at(letters []letter, first, last int, fillers bool) bool {
	if !t.fromMid && !begins(letters, first) || !t.toMid && !ends(letters, last) {
		return false
	}
	var (
		next              = 0 // sign of the term
		gap               = none
		filled, alone     int
		broken, scattered bool
		plainly           bool // a letter that is one
		numerals          = true
	)
	for k := first; k <= last; k++ {
		l := &letters[k]
		gap = max(gap, l.gap)
		if fillers && !isWide(l.sign) {
			if filled++; filled > maxFiller {
				return false
			}
			gap = max(gap, tight)
			continue
		}
		filled = 0
		of := next // the sign of the term that this one is
		if of == len(t.signs) || !fits(l.sign, t.signs[of]) {
			if of--; of < 0 || isWide(l.sign) || !fits(l.sign, t.signs[of]) { // nor more of the same
				return false
			}
		}
		if next > 0 && gap != none && !t.word[of] {
			broken = true
			if gap > bridged(l.sign) {
				scattered = true
				if !spelled(letters, k) {
					return false
				}
			}
		}
		next = of + 1
		if isAlone(letters, k) {
			alone++
		}
		plainly = plainly || l.kind == plain
		numerals = numerals && l.kind == digit
		gap = none
	}
	switch {
	case next < len(t.signs) || scattered && alone < 2 || t.excuse && broken:
		return false
	case t.spoken:
		return plainly
	}
	return numerals
}

// fits says whether a sign of a text can be that sign of a term.
func fits(sign, of rune) bool {
	return sign == of || sign == ambiguous && (of == 'i' || of == 'l')
}

// bridged is the widest gap that does not part a word: n-o is no, but n o is two words; Han characters belong together over blanks too.
func bridged(sign rune) gap {
	if isWide(sign) {
		return space
	}
	return tight
}

// spelled says whether the gap before letter k is one of those of a word that is spelled out, l i k e t h i s.
func spelled(letters []letter, k int) bool {
	if isWide(letters[k].sign) {
		return isAlone(letters, k) && isAlone(letters, k-1)
	}
	return isAlone(letters, k) || isAlone(letters, k-1)
}

// isAlone says that a letter has gaps on both sides.
func isAlone(letters []letter, k int) bool {
	return (k == 0 || letters[k].gap != none) && (k+1 == len(letters) || letters[k+1].gap != none)
}

// begins says whether a word can begin with letter k. Digits and marks beside a word do not hide it: 1word.
func begins(letters []letter, k int) bool {
	return k == 0 || letters[k].gap != none || apart(letters[k-1], letters[k])
}

// ends says whether a word can end with letter k.
func ends(letters []letter, k int) bool {
	return k+1 == len(letters) || letters[k+1].gap != none || apart(letters[k+1], letters[k])
}

// apart says whether two letters side by side can belong to two words, of which l is at the border of the one that is looked for.
func apart(beside, l letter) bool {
	switch {
	case isWide(l.sign) || isWide(beside.sign):
		return true
	case l.kind == digit:
		return beside.kind == symbol // a number ends where its digits do
	}
	return beside.kind != plain
}
