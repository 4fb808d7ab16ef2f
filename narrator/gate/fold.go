package gate

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letter is one character of a text as the gate reads it: whoever wrote it in whatever guise, and what stood before it. A text is a row
// of letters; all that is not a letter is a gap before the next one, or nothing at all.
type letter struct {
	sign rune  // lower case, without marks, Latin where it looks Latin, simplified Han; '1' is i or l
	at   int32 // byte offset in the text
	gap  gap   // what stands between the letter before and this one
	kind kind
}

// gap is what stands between two letters, the widest thing of several.
type gap uint8

const (
	none   gap = iota
	tight      // marks without space, as in e-mail or o'clock
	space      // blank space
	clause     // a mark that ends a sentence or a part of one, or a new line
)

// kind is what a letter was before it was read as one.
type kind uint8

const (
	plain  kind = iota
	digit       // 0 for o, 3 for e
	symbol      // @ for a, $ for s
)

// ambiguous stands for a character that can be an i as well as an l: 1, !, |, and a capital I.
const ambiguous = '1'

// reader makes letters of texts. It is used again, so that reading needs no memory of its own.
type reader struct {
	letters []letter
	gap     gap
	digits  int  // among the characters
	run     int  // numerals in a row, Chinese ones too
	longest int  // such run
	mixed   bool // Latin letters stand right between Han characters
	address bool // there is an @, or an (at
	marks   bool // there are marks that reserved tokens are made of
}

func (r *reader) reset() {
	*r = reader{letters: r.letters[:0]}
}

// add reads a text that begins at the offset.
func (r *reader) add(text string, offset int) {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			r.ascii(c, offset+i, text[:i], text[i+1:])
			i++
			continue
		}
		char, size := utf8.DecodeRuneInString(text[i:])
		if isEastAsian(char) {
			r.wide(simplify(char), offset+i)
		} else if sign := alphabetic(char); sign != 0 {
			r.put(sign, offset+i, plain)
		} else {
			r.beyond(char, text[i:], offset+i)
		}
		i += size
	}
}

// beyond reads a character beyond ASCII, with which the text begins.
func (r *reader) beyond(char rune, text string, at int) {
	switch {
	case char == utf8.RuneError:
		r.widen(tight) // shown as a box
	case isInvisible(char):
	case isClause(char):
		r.widen(clause)
	default:
		parts := norm.NFKD.PropertiesString(text).Decomposition()
		if parts == nil {
			r.other(char, at)
		}
		for len(parts) > 0 {
			part, n := utf8.DecodeRune(parts)
			r.other(part, at)
			parts = parts[n:]
		}
	}
}

// alphabets are what beyond makes of each character before U+0600 that is one letter, Latin, Greek or Cyrillic; 0 for the others.
var alphabets = sync.OnceValue(func() *[0x600]rune {
	var table [0x600]rune
	for char := rune(utf8.RuneSelf); char < 0x600; char++ {
		var r reader
		if r.beyond(char, string(char), 0); len(r.letters) == 1 && r.gap == none && r.letters[0].kind == plain {
			table[char] = r.letters[0].sign
		}
	}
	return &table
})

func alphabetic(char rune) rune {
	if char < 0x600 {
		return alphabets()[char]
	}
	return 0
}

// ascii reads a character of the first 128, with the text before and after it.
func (r *reader) ascii(c byte, at int, before, after string) {
	switch {
	case 'a' <= c && c <= 'z':
		r.put(rune(c), at, plain)
	case c == ' ' || c == '\t':
		r.widen(space)
	case c == 'I':
		r.put(ambiguous, at, plain)
	case 'A' <= c && c <= 'Z':
		r.put(rune(c)+'a'-'A', at, plain)
	case '0' <= c && c <= '9':
		r.digits++
		r.run++
		r.longest = max(r.longest, r.run)
		r.put(rune(digitLetters[c-'0']), at, digit)
	case c == '\n' || c == '\r':
		r.widen(clause)
	case c < ' ' || c == 0x7f: // shown as nothing
	default:
		r.mark(c, at, before, after)
	}
}

// digitLetters are what 0 to 9 are read as. 2 and 9 look like no letter.
const digitLetters = "o12easgtb9"

// mark reads a mark of ASCII, which can stand for a letter where it is part of a word.
func (r *reader) mark(c byte, at int, before, after string) {
	var (
		follows  = before != "" && isWord(before[len(before)-1])
		precedes = after != "" && isWord(after[0])
	)
	switch {
	case c == '@':
		r.address = true
		r.put('a', at, symbol)
		return
	case c == '$' && (follows || precedes):
		r.put('s', at, symbol)
		return
	case (c == '!' || c == '|') && follows && precedes:
		r.put(ambiguous, at, symbol)
		return
	case c == '+' && follows && precedes:
		r.put('t', at, symbol)
		return
	case c == '(' || c == '[':
		r.marks = r.marks || c == '['
		r.address = r.address || strings.HasPrefix(strings.ToLower(after[:min(len(after), 3)]), "at")
	case c == '<' || c == '#':
		r.marks = true
	}
	switch c {
	case ',', ';', ':', '!', '?', '"':
		r.widen(clause)
	default:
		r.widen(tight)
	}
}

// other reads a character beyond ASCII that is no Han character, or a part of one.
func (r *reader) other(char rune, at int) {
	switch {
	case char < utf8.RuneSelf:
		r.ascii(byte(char), at, "", "")
	case isEastAsian(char):
		r.wide(simplify(char), at)
	case isAccent(char) || isInvisible(char):
	case unicode.IsSpace(char) || char == '\u2800': // an empty braille cell
		r.widen(space)
	default:
		if latin := lookalike(char); latin != 0 {
			r.put(latin, at, plain)
		} else if unicode.IsLetter(char) || unicode.IsNumber(char) || unicode.IsMark(char) {
			r.put(unicode.ToLower(char), at, plain)
		} else {
			r.widen(tight)
		}
	}
}

func (r *reader) wide(char rune, at int) {
	if isNumeral(char) {
		r.run++
		r.longest = max(r.longest, r.run)
	} else {
		r.run = 0
	}
	r.letters = append(r.letters, letter{sign: char, at: int32(at), gap: r.gap})
	r.gap = none
}

func (r *reader) put(char rune, at int, kind kind) {
	if n := len(r.letters); n > 0 && r.letters[n-1].sign >= 0xe00 && char < 0xe00 {
		r.mixed = true
	}
	if kind != digit {
		r.run = 0
	}
	r.letters = append(r.letters, letter{sign: char, at: int32(at), gap: r.gap, kind: kind})
	r.gap = none
}

func (r *reader) widen(gap gap) { r.gap = max(r.gap, gap) }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '@' || c == '$'
}

// isClause says that a mark beyond ASCII parts what is said. Those between words of one phrase, like ’ and ·, do not.
func isClause(r rune) bool {
	switch r {
	case '，', '。', '！', '？', '、', '；', '：', '…', '‥', '—', '–', '―', '“', '”', '„', '«', '»', '「', '」', '『', '』', '《', '》', '〈', '〉',
		'（', '）', '【', '】', '〔', '〕', '［', '］', '｛', '｝', '¡', '¿', '\u2028', '\u2029', '\u0085':
		return true
	}
	return false
}

// isInvisible says that a character is shown as nothing: format and bidi controls, variation selectors, fillers, tags.
func isInvisible(r rune) bool {
	switch {
	case r < 0xad:
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' || 0x7f <= r && r <= 0x9f && r != 0x85
	case 0x300 <= r && r < 0x2000:
		return r == 0x34f || r == 0x61c || r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5 || 0x180b <= r && r <= 0x180f
	case 0x2000 <= r && r < 0xfe00:
		return 0x200b <= r && r <= 0x200f || 0x202a <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f || r == 0x3164
	default:
		return r == 0xad || 0xfe00 <= r && r <= 0xfe0f || r == 0xfeff || r == 0xffa0 || 0xfff0 <= r && r <= 0xfffb ||
			0xe0000 <= r && r <= 0xe0fff || unicode.Is(unicode.Cf, r)
	}
}

// isAccent says that a character is a mark on a Latin, Greek or Cyrillic letter or one drawn around or through any; those of other
// scripts are letters there.
func isAccent(r rune) bool {
	return 0x300 <= r && r <= 0x36f || 0x483 <= r && r <= 0x489 || 0x1ab0 <= r && r <= 0x1aff || 0x1dc0 <= r && r <= 0x1dff ||
		0x20d0 <= r && r <= 0x20ff || 0xfe20 <= r && r <= 0xfe2f
}

// isEastAsian says that a character is Han, hiragana or katakana and is what it is: none has another form but its simplified one.
func isEastAsian(r rune) bool {
	return 0x3400 <= r && r <= 0x9fff || 0x3041 <= r && r <= 0x3096 || 0x30a1 <= r && r <= 0x30fa || r == '〇' || 0x20000 <= r && r <= 0x2f7ff
}

// isWide says that a letter belongs to a script that writes without spaces between words, or with endings glued to them: no word has a
// beginning or an end there.
func isWide(r rune) bool {
	return r >= 0xe00 && (isEastAsian(r) || unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Hangul))
}

func isNumeral(r rune) bool {
	switch r {
	case '〇', '零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '幺':
		return true
	}
	return false
}

// variants are pairs of characters, a traditional one and its simplified form: Unihan's kSimplifiedVariant.
//
//go:embed variants.txt
var variants string

// moreVariants are pairs that Unihan does not call simplifications, though they are written for one another: some by custom, some to
// get past lists like ours.
const moreVariants = "妳你慾欲裏里祕秘兇凶癡痴牠它祂他婬淫肏操艹操衹只祇只姪侄巖岩嶽岳遊游蹟迹"

// simplified is the simplified form of each character from U+4E00 that has one, else 0.
var simplified = sync.OnceValue(func() *[0x5200]uint16 {
	var table [0x5200]uint16
	pairs := []rune(strings.ReplaceAll(variants, "\n", "") + moreVariants)
	for i := 0; i+1 < len(pairs); i += 2 {
		table[pairs[i]-0x4e00] = uint16(pairs[i+1])
	}
	return &table
})

func simplify(r rune) rune {
	if i := r - 0x4e00; 0 <= i && i < 0x5200 {
		if s := simplified()[i]; s != 0 {
			return rune(s)
		}
	}
	return r
}
