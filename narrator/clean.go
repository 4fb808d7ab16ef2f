package narrator

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleaner makes plain prose of what a model says: without Markdown, without the name of a speaker before the first line, with single
// spaces and with "\n\n" after each paragraph that has ended. Marks may arrive in any pieces; what could be the beginning of one is held
// back until that is certain.
type cleaner struct {
	head   string // held back: the beginning of a line, whose marks are not complete yet
	inLine bool   // the beginning of the line has passed
	first  bool   // a line has passed: no speaker's name is expected any more

	gap   rune // since the last visible character: 0 = nothing, ' ' = space that is held back, '\n' = the end of a paragraph
	begun bool // something visible came
}

// push takes the next piece and returns the prose that is certain.
func (c *cleaner) push(piece string) string {
	var prose strings.Builder
	for _, r := range piece {
		c.line(&prose, r)
	}
	return prose.String()
}

// close returns what was held back.
func (c *cleaner) close() string {
	var prose strings.Builder
	c.passHead(&prose, true)
	return prose.String()
}

// maxHead is how many bytes of a line are held back to find its marks.
const maxHead = 24

func (c *cleaner) line(prose *strings.Builder, r rune) {
	switch {
	case r == '\n':
		c.passHead(prose, true)
		c.inLine = false
		c.visible(prose, r)
	case c.inLine:
		c.visible(prose, r)
	default:
		c.head += string(r)
		if len(c.head) >= maxHead || !c.mayBeMark() {
			c.passHead(prose, false)
		}
	}
}

var (
	// ruleOrFence is a line of Markdown without words of its own.
	ruleOrFence = regexp.MustCompile("^\\s*(?:(?:`{3,}|~{3,})[\\w-]*|-{3,}|={3,}|(?:\\*\\s*){3,}|_{3,})\\s*$")
	// lineMark is a heading's, a quotation's or a list item's mark.
	lineMark = regexp.MustCompile(`^\s*(?:#{1,6}\s+|>\s*|[-*+•]\s+|\d{1,2}[.)]\s+|\d{1,2}、\s*)`)
	// speakers are the names under which models announce their own words.
	speakers = []string{"narrator", "storyteller", "assistant", "ai", "旁白", "叙述者", "讲述者", "叙事者", "助手"}
	speaker  = regexp.MustCompile(`(?i)^[\s*_]*(?:` + strings.Join(speakers, "|") + `)[\s*_]*[:：][\s*_]*`)
)

// mayBeMark says whether the held beginning of a line can be one of a mark.
func (c *cleaner) mayBeMark() bool {
	head := strings.ToLower(strings.TrimSpace(c.head))
	if strings.IndexFunc(head, func(r rune) bool { return !strings.ContainsRune("#>-*+•`~=_0123456789", r) }) != 0 {
		return true
	}
	return !c.first && slices.ContainsFunc(speakers, func(name string) bool {
		return strings.HasPrefix(name, head) || strings.HasPrefix(head, name)
	})
}

// passHead lets the held beginning of a line pass without its marks. whole: it is all of the line.
func (c *cleaner) passHead(prose *strings.Builder, whole bool) {
	if c.inLine {
		return
	}
	head := c.head
	c.head, c.inLine = "", true
	if whole && ruleOrFence.MatchString(head) {
		return
	}
	for {
		rest := head[len(lineMark.FindString(head)):]
		if !c.first {
			rest = rest[len(speaker.FindString(rest)):]
		}
		if rest == head {
			break
		}
		head = rest
	}
	c.first = c.first || strings.TrimSpace(head) != ""
	for _, r := range head {
		c.visible(prose, r)
	}
}

// visible lets one character of a line pass, with the white space before it.
func (c *cleaner) visible(prose *strings.Builder, r rune) {
	switch {
	case r == '\n':
		if c.begun && c.gap != '\n' {
			c.gap = '\n'
			prose.WriteString("\n\n") // at once: it completes a sentence
		}
	case unicode.IsSpace(r):
		if c.gap == 0 {
			c.gap = ' '
		}
	case r == '*' || r == '_' || r == '`':
	case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c':
	default:
		if c.begun && c.gap == ' ' {
			prose.WriteRune(' ')
		}
		c.gap, c.begun = 0, true
		prose.WriteRune(r)
	}
}
