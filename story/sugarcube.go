package story

import "strings"

// sugarTag reads the <<name args>> at pos without moving on.
func (c *compiler) sugarTag() (name, args string, end int, ok bool) {
	if first := c.pos + 2; first == len(c.text) || !isWord(c.text[first]) && !strings.Contains("/=-", c.text[first:first+1]) {
		return "", "", 0, false
	}
	stop := closing(c.text, c.pos+2, ">>")
	if stop < 0 {
		return "", "", 0, false
	}
	inside := c.text[c.pos+2 : stop]
	n := 0
	for n < len(inside) && (isWord(inside[n]) || inside[n] == '-' || n == 0 && inside[n] == '/') {
		n++
	}
	if n == 0 && strings.HasPrefix(inside, "=") {
		n = 1
	}
	if n == 0 {
		return "", "", 0, false
	}
	return inside[:n], strings.TrimSpace(inside[n:]), stop + 2, true
}

// sugarMacro reads one macro and, if it has one, its body.
func (c *compiler) sugarMacro() (block, bool) {
	name, args, end, ok := c.sugarTag()
	if !ok {
		return nil, false
	}
	switch name {
	case "if":
		return c.sugarIf(args, end), true
	case "link", "button":
		return c.sugarLink(name, args, end), true
	case "nobr", "silently", "silent":
		c.pos = end
		body, closer := c.block("/" + name)
		c.closed(name, closer)
		return block{wrapped{body, name != "nobr"}}, true
	case "script", "style":
		c.here()
		c.warn("<<"+name+">>", "<<%s>> is never run; it is left out", name)
		c.drop(c.text[c.pos:], "<</"+name+">>")
		c.pos = max(c.pos, end)
		return block{dropped{}}, true
	}
	b := c.sugarSingle(name, args)
	c.pos = end
	return b, true
}

// sugarSingle reads a macro without a body; of one that is not known the body is kept.
func (c *compiler) sugarSingle(name, args string) block {
	switch name {
	case "set":
		return block{c.assignments(args, false)}
	case "print", "=", "-":
		return c.print(args, false)
	case "goto":
		return c.sugarGoto(args)
	case "timed", "repeat":
		c.timer("<<" + name + ">>")
	case "else", "elseif", "/if", "/link", "/button":
		c.here()
		c.warn("<<"+name+">>", "<<%s>> has no beginning; it is left out", name)
	default:
		if !strings.HasPrefix(name, "/") && name != "next" {
			c.unknown("<<" + name + ">>")
		}
	}
	return block{dropped{}}
}

func (c *compiler) closed(name, closer string) {
	if closer == "" {
		c.here()
		c.warn("<<"+name+">>", "<<%s>> is not closed by <</%s>>; it ends with the passage", name, name)
	}
}

// sugarIf reads <<if>> … <<elseif>> … <<else>> … <</if>>. An arm whose test cannot be read is left out.
func (c *compiler) sugarIf(args string, end int) block {
	var n condition
	closer := "if"
	for closer != "/if" && closer != "" {
		var test expr
		readable := true
		if rest, isElseIf := strings.CutPrefix(args, "if "); closer == "else" && isElseIf {
			closer, args = "elseif", rest
		}
		if closer != "else" {
			test = c.expr(args, false)
			readable = test != nil
		}
		c.pos = max(c.pos, end)
		var body block
		body, closer = c.block("elseif", "else", "/if")
		args = c.args
		if readable {
			n.arms = append(n.arms, arm{test, body})
		}
	}
	c.closed("if", closer)
	return block{n}
}

// sugarLink reads <<link "text" "P">> assignments <</link>>, and <<link [[text|P]]>>; <<goto "P">> inside names the target as well.
func (c *compiler) sugarLink(name, args string, end int) block {
	opened := c.pos
	label, source, target := c.linkArguments(args)
	c.pos = end
	body, closer := c.block("/" + name)
	c.closed(name, closer)
	after := c.pos
	c.pos = opened
	var effects []string
	walk(body, func(n node) {
		switch n := n.(type) {
		case assigns:
			effects = append(effects, c.effects(n)...)
		case jump:
			target = n.target
		case dropped:
		case text:
			if strings.TrimSpace(string(n)) != "" {
				c.unknown("the text inside <<" + name + ">>")
			}
		default:
			c.unknown("what is inside <<" + name + ">>")
		}
	})
	if label == nil || target == "" {
		c.here()
		c.warn("<<"+name+">>", `<<%s>> needs a text and a passage in quotes; it is left out`, name)
		c.pos = after
		return block{dropped{}}
	}
	n := c.newLink(label, source, target, effects)
	c.pos = after
	return block{n}
}

func (c *compiler) linkArguments(args string) (label block, source, target string) {
	if strings.HasPrefix(args, "[[") {
		if inner, _, _, ok := cutLink(args); ok {
			source, target = splitLink(inner)
			return c.label(source), source, target
		}
	}
	all, err := parseArguments(args)
	if err != nil || len(all) == 0 {
		return nil, "", ""
	}
	for _, e := range all {
		c.checkExpr(e, args)
	}
	if len(all) > 1 {
		target = quoted(all[1])
	}
	if source = quoted(all[0]); source != "" {
		return c.label(source), source, target
	}
	return block{printed{all[0]}}, "…", target
}

// quoted is the string that e is, "" if it is none.
func quoted(e expr) string {
	l, _ := e.(literal)
	s, _ := l.value.(string)
	return strings.TrimSpace(s)
}

func (c *compiler) sugarGoto(args string) block {
	target := ""
	if inner, _, _, ok := cutLink(args); ok && strings.HasPrefix(args, "[[") {
		_, target = splitLink(inner)
	} else if all, err := parseArguments(args); err == nil && len(all) == 1 {
		target = quoted(all[0])
	}
	return c.jumpTo("<<goto>>", target)
}

// jumpTo leads on to target by itself, without a choice.
func (c *compiler) jumpTo(construct, target string) block {
	c.here()
	if target == "" {
		c.warn(construct, "%s needs a passage in quotes; it is left out", construct)
		return block{dropped{}}
	}
	if c.inert {
		c.warn(construct, "%s stands in the hook of a macro that is not known; it is left out", construct)
		return block{dropped{}}
	}
	if !c.leads(target) {
		return block{dropped{}}
	}
	return block{jump{target}}
}
