package story

import (
	"regexp"
	"strings"
)

var address = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*:)?//|^mailto:`)

// link reads [[T]], [[text->T]], [[T<-text]], [[text|T]], each with SugarCube's [$x to v] after it or not.
func (c *compiler) link() (block, bool) {
	line, _, _ := strings.Cut(c.text[c.pos:min(len(c.text), c.pos+MaxExpressionBytes)], "\n")
	inner, setter, size, ok := cutLink(line)
	if !ok {
		return nil, false
	}
	label, target := splitLink(inner)
	if target == "" {
		return nil, false
	}
	var effects []string
	if setter != "" {
		effects = c.effects(c.assignments(setter, false))
	}
	n := c.newLink(c.label(label), label, target, effects)
	c.pos += size
	return block{n}, true
}

// cutLink takes a link off the beginning of line: what is between its brackets, and its assignments.
func cutLink(line string) (inner, setter string, size int, ok bool) {
	end := strings.Index(line, "]]")
	if sets := strings.Index(line, "]["); sets >= 0 && sets < end {
		if e := closing(line, sets+2, "]]"); e >= 0 {
			return line[2:sets], line[sets+2 : e], e + 2, true
		}
	}
	if end < 0 {
		return "", "", 0, false
	}
	for strings.HasPrefix(line[end+2:], "]") && strings.Count(line[2:end], "[") > strings.Count(line[2:end], "]") {
		end++ // a name with brackets
	}
	return line[2:end], "", end + 2, true
}

// splitLink parts a link's label from its target: at the last ->, else at the first <-, else at the first |.
func splitLink(inner string) (label, target string) {
	if i := strings.LastIndex(inner, "->"); i >= 0 {
		label, target = inner[:i], inner[i+len("->"):]
	} else if to, from, ok := strings.Cut(inner, "<-"); ok {
		label, target = from, to
	} else if from, to, ok := strings.Cut(inner, "|"); ok {
		label, target = from, to
	} else {
		label, target = inner, inner
	}
	return strings.TrimSpace(label), strings.TrimSpace(target)
}

// newLink checks where a link leads. One that leads nowhere stays in the text as words.
func (c *compiler) newLink(label block, source, target string, effects []string) *link {
	c.here()
	n := &link{label: label, plain: plainLine(source), effects: effects}
	if n.plain == "" {
		n.plain = target
	}
	if runes := len([]rune(n.plain)); runes > MaxLabelRunes {
		c.limit("characters of a choice's label", MaxLabelRunes)
	}
	if c.leads(target) {
		n.target = target
	}
	return n
}

// leads says whether target is a scene, and reports if it is not.
func (c *compiler) leads(target string) bool {
	switch k := c.kinds[target]; {
	case k == kindScene:
		return true
	case k == kindReserve:
		c.warn("link", "%q is a reserve passage: it stands in for the narrator and cannot be entered; the link is left out", target)
	case k != 0:
		c.warn("link", "%q is not a scene; the link is left out", target)
	case address.MatchString(target):
		c.warn("link", "%q is outside the story; the link is shown as text", target)
	case strings.HasPrefix(target, "$") || strings.HasPrefix(target, "_"):
		c.warn("link", "%q: a target cannot be computed; the link is left out", target)
	default:
		c.warn("link", "there is no passage %q; the link is left out", target)
	}
	return false
}

// label compiles a link's words, in which only variables mean anything.
func (c *compiler) label(source string) block {
	outer := *c
	c.here()
	c.begin(source, c.line)
	var b block
	start := 0
	for c.pos < len(source) {
		at := c.pos
		var nodes block
		ok := false
		switch {
		case source[at] == '$' || source[at] == '_':
			if c.dialect.sugarcube || c.dialect.harlowe {
				nodes, ok = c.variable()
			}
		case source[at] == '{' && c.dialect.chapbook:
			nodes, ok = c.chapbookInsert(source[at:])
		}
		if !ok {
			c.pos = at + 1
			continue
		}
		b = append(append(b, text(source[start:at])), nodes...)
		start = c.pos
	}
	c.resume(&outer)
	return append(b, text(source[start:]))
}

// effects are the sources of assignments, which Choose makes when the choice is taken.
func (c *compiler) effects(all assigns) []string {
	var effects []string
	for _, a := range all {
		temp := a.target.temp
		walkExpr(a.value, func(e expr) {
			if v, ok := e.(variable); ok && v.temp {
				temp = true
			}
		})
		if temp {
			c.here()
			c.warn("link", "%q: a temporary variable is gone when the choice is taken; use $ instead of _", a.source)
		}
		effects = append(effects, a.source)
	}
	return effects
}
