package memory

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotes are what opens and closes speech. Apostrophes are none of them, and 《 》 name a work.
var quotes = map[rune]rune{'“': '”', '"': '"', '「': '」', '『': '』', '«': '»', '„': '“'}

// sentences parts a text at full stops, marks of exclamation and question, and line breaks, but not within speech.
func sentences(text string) []string {
	var all []string
	start, closing := 0, rune(0)
	cut := func(end int) {
		if s := strings.TrimSpace(text[start:end]); s != "" {
			all = append(all, s)
		}
		start = end
	}
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		switch {
		case r == '\n':
			cut(end)
			closing = 0
		case r == closing:
			closing = 0
		case closing == 0 && quotes[r] != 0:
			closing = quotes[r]
		case closing == 0 && strings.ContainsRune("。！？!?", r), closing == 0 && r == '.' && stops(text[:i], text[end:]):
			if next, _ := utf8.DecodeRuneInString(text[end:]); !strings.ContainsRune("。！？!?.…）)", next) || next == utf8.RuneError {
				cut(end)
			}
		}
	}
	cut(len(text))
	return all
}

// stops says whether a dot ends a sentence: not within a number, not after an initial or a title.
func stops(before, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	if after != "" && !unicode.IsSpace(next) && !strings.ContainsRune("”\"’)", next) {
		return false
	}
	word := before[strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	return strings.HasSuffix(before, ".") || utf8.RuneCountInString(word) > 1 && !strings.Contains(" Mr Mrs Ms Dr St ", " "+word+" ")
}

// unspoken is a sentence without what is said in it: “Run!” becomes “”. What people say may be wrong, old or a lie.
func unspoken(sentence string) string {
	var b strings.Builder
	closing := rune(0)
	for _, r := range sentence {
		switch {
		case closing == 0 && quotes[r] != 0:
			closing = quotes[r]
			b.WriteRune('“')
		case closing == 0:
			b.WriteRune(r)
		case r == closing:
			closing = 0
			b.WriteRune('”')
		}
	}
	return b.String()
}
