package gate

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of lines, in characters. What is longer is cut.
const (
	MaxLabel      = 120 // of a choice, as in stories
	MaxTitle      = 120 // of a scene or a story, as in stories
	MaxSuggestion = 140 // of what a viewer suggests
)

// maxAccents is how many marks on one letter are left; more of them climb over the lines above and below.
const maxAccents = 2

// Line makes one line of text that looks like what it is, of at most limit characters: NFKC, no control, bidi or other invisible
// characters, single spaces. Chinese punctuation and the … keep their width, which NFKC would take from them.
func Line(text string, limit int) string {
	text = tidy(text)
	if chars := []rune(text); len(chars) > limit {
		text = strings.TrimRightFunc(string(chars[:max(limit, 0)]), unicode.IsSpace)
	}
	return text
}

// Line returns a label, a title or a suggestion as [Line] makes it, and its verdict. A line of which nothing is left does not pass.
func (g *Gate) Line(ctx context.Context, text string, limit int) (string, Verdict) {
	if len(text) > MaxText {
		return "", Verdict{Layer: LayerLexical, Category: TooLong}
	}
	text = Line(text, limit)
	if text == "" {
		return "", Verdict{Layer: LayerLexical, Category: Empty}
	}
	return text, g.Check(ctx, "", text)
}

// tidy is Line without a limit.
func tidy(text string) string {
	var (
		normal  strings.Builder
		pending int // where the characters begin that are still to be normalised
	)
	for i, r := range text {
		if keepsWidth(r) {
			normal.WriteString(norm.NFKC.String(text[pending:i]))
			normal.WriteRune(r)
			pending = i + utf8.RuneLen(r)
		}
	}
	normal.WriteString(norm.NFKC.String(text[pending:]))
	var (
		out     strings.Builder
		gap     bool
		accents int
	)
	for _, r := range normal.String() {
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case r == utf8.RuneError || unicode.IsControl(r) || isInvisible(r):
			continue
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if accents++; accents > maxAccents {
				continue
			}
		default:
			accents = 0
		}
		if gap && out.Len() > 0 {
			out.WriteByte(' ')
		}
		gap = false
		out.WriteRune(r)
	}
	return out.String()
}

// keepsWidth says that a mark is written wide on purpose.
func keepsWidth(r rune) bool {
	return r == '…' || 0xff01 <= r && r <= 0xff65 && (unicode.IsPunct(r) || r == '～')
}
