package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes one line of a text: single spaces, and nothing that cannot be seen or that turns the direction of writing.
func clean(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c':
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Shorten is a text of at most n characters, n > 0: cut after a word where that leaves at least half, and with … at its end where it was
// longer.
func Shorten(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return cutAt(text, func(cut []rune) bool { return len(cut) < n })
}

// Columns is how wide a text is on a screen: a character of Chinese, Japanese or Korean counts twice.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff60 {
		return 2
	}
	return 1
}

// ShortColumns is the width of a label where space is scarce: 24 letters or 12 Chinese characters.
const ShortColumns = 24

// short is a label for where space is scarce.
func short(label string) string {
	if Columns(label) <= ShortColumns {
		return label
	}
	return cutAt(label, func(cut []rune) bool { return Columns(string(cut)) < ShortColumns })
}

// cutAt is the longest beginning of a text that fits, less the word that is cut in two, with an ellipsis.
func cutAt(text string, fits func([]rune) bool) string {
	runes := []rune(text)
	n := 0
	for n < len(runes) && fits(runes[:n+1]) {
		n++
	}
	word := n
	for word > 0 && unicode.IsLetter(runes[word-1]) && unicode.IsLetter(runes[word]) && columns(runes[word]) == 1 && columns(runes[word-1]) == 1 {
		word--
	}
	if word >= n/2 && word > 0 {
		n = word
	}
	return strings.TrimRightFunc(string(runes[:n]), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

// tidy is a label without what models put around it: a number, quotation marks, a full stop, Markdown.
func tidy(label string) string {
	label = clean(strings.NewReplacer("**", "", "__", "", "`", "").Replace(label))
	for {
		rest := strings.TrimSpace(label)
		if i := strings.IndexAny(rest, ".):、．）："); i > 0 && i <= 2 && isOrdinal(rest[:i]) {
			_, size := utf8.DecodeRuneInString(rest[i:])
			if after := rest[i+size:]; after == "" || !unicode.IsDigit(rune(after[0])) { // else it is a number such as 3.5
				rest = strings.TrimSpace(after)
			}
		}
		rest = strings.TrimSpace(strings.TrimLeft(rest, "-*•#"))
		for _, marks := range [][2]string{{`"`, `"`}, {"“", "”"}, {"「", "」"}, {"'", "'"}, {"‘", "’"}, {"«", "»"}, {"【", "】"}, {"《", "》"}} {
			if inner, ok := strings.CutPrefix(rest, marks[0]); ok {
				if inner, ok := strings.CutSuffix(inner, marks[1]); ok && !strings.Contains(inner, marks[1]) {
					rest = inner
				}
			}
		}
		if trimmed := strings.TrimRight(rest, ".。;；,，"); !strings.HasSuffix(rest, "...") {
			rest = trimmed
		}
		if rest == label {
			return label
		}
		label = rest
	}
}

// isOrdinal says whether that is a number or one letter, as stands before an entry of a list.
func isOrdinal(text string) bool {
	if len(text) == 1 && text[0] >= 'A' && text[0] <= 'Z' {
		return true
	}
	return strings.Trim(text, "0123456789") == ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// capital makes the first letter a capital.
func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// scripts are those in which languages are written, by primary tag; of any other language everything is believed.
var scripts = map[string][]*unicode.RangeTable{
	"zh": {unicode.Han},
	"ja": {unicode.Han, unicode.Hiragana, unicode.Katakana},
	"ko": {unicode.Hangul, unicode.Han},
	"ru": {unicode.Cyrillic}, "uk": {unicode.Cyrillic}, "bg": {unicode.Cyrillic},
	"el": {unicode.Greek}, "ar": {unicode.Arabic}, "fa": {unicode.Arabic}, "he": {unicode.Hebrew}, "hi": {unicode.Devanagari}, "th": {unicode.Thai},
	"en": {unicode.Latin}, "de": {unicode.Latin}, "fr": {unicode.Latin}, "es": {unicode.Latin}, "it": {unicode.Latin}, "pt": {unicode.Latin},
	"nl": {unicode.Latin}, "pl": {unicode.Latin}, "cs": {unicode.Latin}, "sv": {unicode.Latin}, "da": {unicode.Latin}, "fi": {unicode.Latin},
	"tr": {unicode.Latin}, "vi": {unicode.Latin},
}

// primary is a language's tag without its region and script, English where there is none.
func primary(language string) string {
	tag, _, _ := strings.Cut(strings.ToLower(language), "-")
	if tag == "" {
		return "en"
	}
	return tag
}

// InLanguage says whether a text may be of that language, a BCP 47 tag: whether most of its letters are of the language's script, so that a
// name may be of another. It cannot tell languages of one script apart. A character of Chinese counts as three letters, for it says as much
// as a short word.
func InLanguage(text, language string) bool {
	tables, known := scripts[primary(language)]
	own := 0
	for _, r := range text {
		if !known || unicode.In(r, tables...) {
			own += weight(r)
		}
	}
	return own > 0 && own >= Letters(text)-own
}

// Letters is how many letters a text has, a character of Chinese counting for three.
func Letters(text string) int {
	n := 0
	for _, r := range text {
		n += weight(r)
	}
	return n
}

func weight(r rune) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return 3
	case unicode.IsLetter(r):
		return 1
	}
	return 0
}
