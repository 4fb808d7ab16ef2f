package memory

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// folded is a text ready to be searched: lower case, full-width letters and digits as the usual ones, curly apostrophes straight.
type folded string

func fold(text string) folded {
	if plain(text) {
		return folded(text)
	}
	return folded(strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r < 0x80:
			return r
		case r == '’' || r == '‘':
			return '\''
		case r >= 0xFF10 && r <= 0xFF5A:
			r -= 0xFEE0
		}
		return unicode.ToLower(r)
	}, text))
}

// plain says whether a text is ASCII without capitals, as most names are the second time.
func plain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b >= 0x80 || b >= 'A' && b <= 'Z' {
			return false
		}
	}
	return true
}

// has says whether a key occurs. What is written with blanks between words must be a whole word, its plural included; what is not
// (Han, kana) may stand anywhere, but not inside one of the longer names given.
func (t folded) has(key folded, longer []folded) bool {
	return t.find(key, longer, 0) >= 0
}

// find is the place of the first occurrence of a key from a place on, or -1.
func (t folded) find(key folded, longer []folded, from int) int {
	if key == "" {
		return -1
	}
	first, _ := utf8.DecodeRuneInString(string(key))
	last, _ := utf8.DecodeLastRuneInString(string(key))
	for from <= len(t) {
		i := strings.Index(string(t[from:]), string(key))
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(key)
		if t.begins(first, i) && t.ends(last, end) && !t.inside(i, end, key, longer) {
			return i
		}
		_, size := utf8.DecodeRuneInString(string(t[i:]))
		from = i + size
	}
	return -1
}

func (t folded) begins(first rune, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(string(t[:i]))
	return !spaced(first) || i == 0 || !spaced(before)
}

func (t folded) ends(last rune, end int) bool {
	if !spaced(last) {
		return true
	}
	rest := string(t[end:])
	if unicode.IsLetter(last) {
		for _, plural := range []string{"es", "s"} {
			if after, ok := strings.CutPrefix(rest, plural); ok && !spacedFirst(after) {
				return true
			}
		}
	}
	return !spacedFirst(rest)
}

// inside says whether what stands at [i, end) is part of one of the longer names.
func (t folded) inside(i, end int, key folded, longer []folded) bool {
	for _, name := range longer {
		for at := 0; ; at++ {
			k := strings.Index(string(name[at:]), string(key))
			if k < 0 {
				break
			}
			at += k
			if start := i - at; start >= 0 && strings.HasPrefix(string(t[start:]), string(name)) {
				return true
			}
		}
	}
	return false
}

// spaced says whether r belongs to a script that parts its words by blanks.
func spaced(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func spacedFirst(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return text != "" && spaced(r)
}

// lexicon knows all the names that one name could be a part of.
type lexicon []folded

func newLexicon(names ...string) lexicon {
	var l lexicon
	for _, name := range names {
		if f := fold(strings.TrimSpace(name)); f != "" {
			l = append(l, f)
		}
	}
	return l
}

// around are the names that contain key and more. Only of scripts without blanks: "Anna" of "Anna Bell" is still Anna.
func (l lexicon) around(key folded) []folded {
	if first, _ := utf8.DecodeRuneInString(string(key)); spaced(first) {
		return nil
	}
	var longer []folded
	for _, name := range l {
		if len(name) > len(key) && strings.Contains(string(name), string(key)) {
			longer = append(longer, name)
		}
	}
	return longer
}
