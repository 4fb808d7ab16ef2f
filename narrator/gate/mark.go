package gate

import (
	"crypto/sha256"
	"strings"
	"unicode"
)

// Limits of what is marked, in characters.
const (
	MaxMarked = MaxSuggestion // of a viewer's text in a prompt, the marks not counted
	maxWord   = 16            // of a stretch without a mark; no order fits into one
	hanWord   = 4             // the same of scripts that write without spaces
)

// Marker stands between the words of viewers' text in one prompt, so that a model can tell every word of it from the words that it is to
// follow (datamarking: Hines et al., Defending against indirect prompt injection attacks with spotlighting, 2024). The zero Marker lets
// no text through.
type Marker struct {
	text string
}

// markerLetters spell nothing.
const markerLetters = "bcdfghjkmnpqrstvwxz"

// NewMarker returns the marker for a turn of the narrator: the same for the same entropy, so that a journal gives the same prompt again,
// and one that nobody who lacks the entropy can guess. Sixteen random bytes are enough.
func NewMarker(entropy []byte) Marker {
	sum := sha256.Sum256(entropy)
	var text strings.Builder
	text.WriteByte('^')
	for _, b := range sum[:6] {
		text.WriteByte(markerLetters[int(b)%len(markerLetters)])
	}
	text.WriteByte('^')
	return Marker{text: text.String()}
}

// String is the marker as it stands in marked text, for the words of a prompt that explain it.
func (m Marker) String() string { return m.text }

// structural are the characters that reserved tokens, markers and markup are made of.
const structural = "^<>|[]{}#`~\\_/=▁｜＾＜＞［］｛｝＃｀～＼＿／＝〈〉《》"

// Mark makes viewers' text fit for a prompt: one line that begins and ends with the marker and has it between any two words, "" if there
// is nothing to mark. The text is cut to MaxMarked characters; tokens that chat templates reserve are taken out, and so are the
// characters that they and markers are made of, wherever they stand: no text can forge either.
func (m Marker) Mark(text string) string {
	if m.text == "" {
		return ""
	}
	text = reserved.ReplaceAllString(tidy(clip(text, 4*MaxMarked)), " ")
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(structural, r) {
			return ' '
		}
		return r
	}, text)
	text = clip(strings.Join(strings.Fields(text), " "), MaxMarked)
	var out strings.Builder
	for _, word := range words(text) {
		out.WriteString(m.text)
		out.WriteString(word)
	}
	if out.Len() > 0 {
		out.WriteString(m.text)
	}
	return out.String()
}

// words are the pieces of a text that stand between markers.
func words(text string) (pieces []string) {
	var piece []rune
	end := func() {
		if len(piece) > 0 {
			pieces = append(pieces, string(piece))
			piece = piece[:0]
		}
	}
	for _, r := range text {
		if unicode.IsSpace(r) {
			end()
			continue
		}
		longest := maxWord
		if isWide(r) {
			longest = hanWord
		}
		if len(piece) >= longest || len(piece) > 0 && unicode.IsLetter(r) && isWide(r) != isWide(piece[0]) {
			end()
		}
		piece = append(piece, r)
	}
	end()
	return pieces
}

// clip is the beginning of a text, at most n characters of it.
func clip(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
