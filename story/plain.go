package story

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	lineBreak = regexp.MustCompile(`(?i)<br\s*/?>`)
	paragraph = regexp.MustCompile(`(?i)</?(?:p|div|h[1-6]|blockquote|ul|ol|li)(?:\s[^<>]*)?/?>`)
	anyTag    = regexp.MustCompile(`<<?/?[A-Za-z][^<>]*>`)
	oneLink   = regexp.MustCompile(markLink + `[^` + markLinkEnd + `]*` + markLinkEnd)
	bullet    = regexp.MustCompile(`^\s*(?:\d+[.)]|#+)\s*`)
	heading   = regexp.MustCompile(`^\s*#{1,6}\s+`)
	rule      = regexp.MustCompile(`^\s*(?:-{3,}|\*{3,}|_{3,})\s*$`)
	marks     = strings.NewReplacer(markGone, "", markLink, "", markLinkEnd, "")

	// emphasis of SugarCube, Harlowe and Markdown; what is between the signs stays.
	emphasis = []struct {
		signs *regexp.Regexp
		kept  string
	}{
		{regexp.MustCompile(`''(.+?)''`), "$1"},
		{regexp.MustCompile(`(^|[^:/])//([^/].*?)//`), "$1$2"}, // but not the slashes of an address
		{regexp.MustCompile(`\*\*(\S|\S.*?\S)\*\*`), "$1"},
		{regexp.MustCompile(`\*(\S|\S[^*]*?\S)\*`), "$1"},
		{regexp.MustCompile(`__(\S|\S.*?\S)__`), "$1"},
		{regexp.MustCompile(`~~(\S|\S.*?\S)~~`), "$1"},
	}
)

// plain makes rendered text plain: markup gone, entities decoded, blank space collapsed, paragraphs parted by one blank line.
// A line that held nothing but links, or nothing but what shows nothing, is gone as if it had never been; a link inside a
// sentence leaves its words there, for the sentence would be broken without them.
func plain(raw string) string {
	raw = lineBreak.ReplaceAllLiteralString(raw, markLineBreak)
	raw = paragraph.ReplaceAllLiteralString(raw, "\n\n")
	raw = anyTag.ReplaceAllStringFunc(raw, func(tag string) string {
		if strings.HasPrefix(tag, "<<") { // a macro where there are none
			return tag
		}
		return ""
	})
	var paragraphs []string
	var lines []string
	flush := func() {
		if p := tidy(joinLines(lines)); p != "" {
			paragraphs = append(paragraphs, p)
		}
		lines = nil
	}
	for line := range strings.SplitSeq(raw, "\n") {
		if vanishes(line) {
			continue
		}
		line = marks.Replace(line)
		if strings.TrimSpace(line) == "" || rule.MatchString(line) {
			flush()
			continue
		}
		lines = append(lines, heading.ReplaceAllLiteralString(line, ""))
	}
	flush()
	return strings.Join(paragraphs, "\n\n")
}

// plainLine is plain on a single line, for labels.
func plainLine(raw string) string { return strings.Join(strings.Fields(plain(raw)), " ") }

func vanishes(line string) bool {
	rest := strings.ReplaceAll(line, markGone, "")
	without := oneLink.ReplaceAllLiteralString(rest, "")
	if len(without) == len(rest) {
		return len(rest) < len(line) && strings.TrimSpace(rest) == ""
	}
	without = bullet.ReplaceAllLiteralString(without, "")
	return !strings.ContainsFunc(without, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// joinLines makes one line of a paragraph's lines: with a space between words, without one beside Chinese or Japanese.
func joinLines(lines []string) string {
	var b strings.Builder
	var last rune
	for _, line := range lines {
		line = strings.TrimSpace(line)
		first, _ := utf8.DecodeRuneInString(line)
		if b.Len() > 0 && !isWide(last) && !isWide(first) {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		last, _ = utf8.DecodeLastRuneInString(line)
	}
	return b.String()
}

// isWide says whether r is written without spaces around it.
func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// tidy takes emphasis and entities out of one paragraph and collapses its blank space.
func tidy(s string) string {
	for _, e := range emphasis {
		s = e.signs.ReplaceAllString(s, e.kept)
	}
	lines := strings.Split(html.UnescapeString(s), markLineBreak)
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(strip(line)), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// strip takes control characters out, except tab and new line.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
