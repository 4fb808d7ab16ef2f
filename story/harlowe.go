package story

import (
	"regexp"
	"strings"
)

// harloweMacros are those that count where no format is declared; other brackets belong to the prose.
var harloweMacros = map[string]bool{
	"set": true, "if": true, "unless": true, "elseif": true, "else": true, "print": true, "linkgoto": true, "goto": true,
	"live": true, "after": true, "event": true, "random": true, "either": true, "visited": true,
}

var harloweName = regexp.MustCompile(`^\(([A-Za-z][A-Za-z0-9_-]*)\s*:`)

var harloweLetters = strings.NewReplacer("-", "", "_", "")

// harloweTag reads the (name: args) at pos without moving on. Harlowe's names have no case, hyphens or underscores.
func (c *compiler) harloweTag() (name, args string, end int, ok bool) {
	m := harloweName.FindStringSubmatch(c.text[c.pos:min(len(c.text), c.pos+64)])
	if m == nil {
		return "", "", 0, false
	}
	name = harloweLetters.Replace(strings.ToLower(m[1]))
	if c.dialect.lax && !harloweMacros[name] {
		return "", "", 0, false
	}
	from := c.pos + len(m[0])
	stop := closing(c.text, from, ")")
	if stop < 0 {
		return "", "", 0, false
	}
	return name, strings.TrimSpace(c.text[from:stop]), stop + 1, true
}

// harloweMacro reads one macro and, if it has one, its hook.
func (c *compiler) harloweMacro() (block, bool) {
	name, args, end, ok := c.harloweTag()
	if !ok {
		return nil, false
	}
	if name == "if" || name == "unless" {
		return c.harloweIf(name, args, end), true
	}
	b, known := c.harloweSingle(name, args, c.text[c.pos:end])
	c.pos = end
	if !known {
		outer := c.inert
		c.inert = true // such a macro may do later, or never, what its hook says
		b, _ = c.hook()
		c.inert = outer
	}
	return append(block{dropped{}}, b...), true
}

// harloweSingle reads a macro without a hook; whole is all of it. Of one that is not known the hook's text is kept.
func (c *compiler) harloweSingle(name, args, whole string) (b block, known bool) {
	switch name {
	case "set":
		return block{c.assignments(args, false)}, true
	case "print":
		return c.print(args, false), true
	case "random", "either", "visited":
		return c.print(whole, false), true
	case "linkgoto":
		return c.harloweLink(args), true
	case "goto":
		target := ""
		if all, err := parseArguments(args); err == nil && len(all) == 1 {
			target = quoted(all[0])
		}
		return c.jumpTo("(goto:)", target), true
	case "live", "after", "event":
		c.timer("(" + name + ":)")
	case "elseif", "else":
		c.here()
		c.warn("("+name+":)", "(%s:) has no (if:) before it; its text is kept", name)
	default:
		c.unknown("(" + name + ":)")
	}
	return nil, false
}

// hook reads the [text] that belongs to the macro before it.
func (c *compiler) hook() (block, bool) {
	rest := c.text[c.pos:]
	body := strings.TrimLeft(rest, " \t")
	if !strings.HasPrefix(body, "[") || strings.HasPrefix(body, "[[") && !strings.HasPrefix(body, "[[[") {
		return nil, false
	}
	c.pos += len(rest) - len(body) + 1
	b, closer := c.block("]")
	if closer == "" {
		c.here()
		c.warn("[", "a hook is not closed by ]; it ends with the passage")
	}
	return b, true
}

// harloweIf reads (if:)[…] and the (else-if:)[…] and (else:)[…] that follow it.
func (c *compiler) harloweIf(name, args string, end int) block {
	var n condition
	for {
		var test expr
		readable := true
		if name != "else" {
			test = c.expr(args, false)
			readable = test != nil
		}
		if name == "unless" {
			test = unary{"not", test}
		}
		c.pos = end
		body, ok := c.hook()
		if !ok {
			c.here()
			c.warn("("+name+":)", "(%s:) has no [text] after it; it is left out", name)
		}
		if ok && readable {
			n.arms = append(n.arms, arm{test, body})
		}
		after := c.pos
		c.pos += len(c.text[c.pos:]) - len(strings.TrimLeft(c.text[c.pos:], " \t\n"))
		if name, args, end, ok = c.harloweTag(); !ok || name != "elseif" && name != "else" {
			c.pos = after
			return block{n}
		}
	}
}

// harloweLink reads (link-goto: "text", "P"); with one string it is both.
func (c *compiler) harloweLink(args string) block {
	all, err := parseArguments(args)
	if err != nil || len(all) == 0 || len(all) > 2 || quoted(all[len(all)-1]) == "" {
		c.here()
		c.warn("(link-goto:)", `(link-goto:) needs a text and a passage in quotes; it is left out`)
		return block{dropped{}}
	}
	target := quoted(all[len(all)-1])
	if source := quoted(all[0]); source != "" {
		return block{c.newLink(c.label(source), source, target, nil)}
	}
	c.checkExpr(all[0], args)
	return block{c.newLink(block{printed{all[0]}}, "…", target, nil)}
}
