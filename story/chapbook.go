package story

import (
	"regexp"
	"strings"
)

var (
	chapbookVar      = regexp.MustCompile(`^\s*([A-Za-z_][\w.]*)\s*(?:\((.*)\))?\s*:(.*)$`)
	chapbookModifier = regexp.MustCompile(`^\[([^\[\]]+)\]\s*$`)
)

// chapbook reads a passage of Chapbook: variables up to a line "--", then text with [modifiers] on lines of their own.
func (c *compiler) chapbook() block {
	b := c.chapbookVars()
	var chain *condition // the [if] that an [else] would belong to
	put := func(nodes block) { b = append(b, nodes...) }
	for c.pos < len(c.text) {
		body := c.chapbookText()
		put(body)
		if c.pos >= len(c.text) {
			break
		}
		line, _, _ := strings.Cut(c.text[c.pos:], "\n")
		words := strings.TrimSpace(chapbookModifier.FindStringSubmatch(line)[1])
		name, args, _ := strings.Cut(words, " ")
		a, isArm := c.chapbookArm(strings.ToLower(name), args, chain)
		c.pos = min(len(c.text), c.pos+len(line)+1)
		put(block{dropped{}})
		if !isArm {
			if strings.EqualFold(name, "note") {
				c.chapbookText()
			}
			chain = nil
			continue
		}
		a.body = c.chapbookText()
		if chain != nil && strings.EqualFold(name, "else") {
			chain.arms = append(chain.arms, a)
			b[len(b)-2] = *chain
			continue
		}
		chain = &condition{arms: []arm{a}}
		put(block{*chain})
	}
	return b
}

// chapbookVars reads `name: expression` and `name (condition): expression`.
func (c *compiler) chapbookVars() block {
	end := strings.Index("\n"+c.text, "\n--\n")
	if end < 0 {
		return nil
	}
	var b block
	for line := range strings.SplitSeq(c.text[:end], "\n") {
		if m := chapbookVar.FindStringSubmatch(line); m != nil {
			set := block{c.assignments(m[1]+" = "+m[3], true)}
			if m[2] != "" {
				if test := c.expr(m[2], true); test != nil {
					set = block{condition{[]arm{{test, set}}}}
				}
			}
			b = append(b, set...)
		} else if strings.TrimSpace(line) != "" {
			c.here()
			c.warn("--", "%.60q is not a variable; it is left out", line)
		}
		c.pos += len(line) + 1
	}
	c.pos = min(len(c.text), end+len("--\n"))
	return b
}

// chapbookText compiles up to the next line that is a modifier.
func (c *compiler) chapbookText() block {
	end := c.pos
	for end < len(c.text) {
		line, _, _ := strings.Cut(c.text[end:], "\n")
		if chapbookModifier.MatchString(line) {
			break
		}
		end = min(len(c.text), end+len(line)+1)
	}
	whole := c.text
	c.text, c.absent = whole[:end], map[string]bool{}
	b, _ := c.block()
	c.text, c.pos = whole, end
	return b
}

// chapbookArm reads a modifier that begins a condition. Others are reported, except [continue].
func (c *compiler) chapbookArm(name, args string, chain *condition) (arm, bool) {
	c.here()
	switch name {
	case "if", "ifalways", "unless":
		test := c.expr(args, true)
		if test == nil {
			return arm{}, false
		}
		if name == "unless" {
			test = unary{"not", test}
		}
		return arm{test: test}, true
	case "else":
		if chain == nil {
			c.warn("[else]", "[else] has no [if] before it; its text is kept")
		}
		return arm{}, chain != nil
	case "continue", "cont", "cont'd", "note":
	case "after":
		c.timer("[after]")
	default:
		c.unknown("[" + name + "]")
	}
	return arm{}, false
}

// chapbookInsert reads {expression}.
func (c *compiler) chapbookInsert(rest string) (block, bool) {
	end := strings.IndexByte(rest[:min(len(rest), MaxExpressionBytes)], '}')
	if end < 0 || strings.Contains(rest[:end], "\n") || strings.TrimSpace(rest[1:end]) == "" {
		return nil, false
	}
	b := c.print(rest[1:end], true)
	c.pos += end + 1
	return b, true
}
