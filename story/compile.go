package story

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// dialect says which format's constructs a story is written with.
type dialect struct {
	sugarcube, harlowe, chapbook, snowman bool
	lax                                   bool // no format declared: only macros that are known count as such
}

func dialectOf(format string) dialect {
	switch strings.ToLower(format) {
	case "sugarcube":
		return dialect{sugarcube: true}
	case "harlowe":
		return dialect{harlowe: true}
	case "chapbook":
		return dialect{chapbook: true}
	case "snowman":
		return dialect{snowman: true}
	}
	return dialect{sugarcube: true, harlowe: true, lax: true}
}

// compiler makes units of passages. It knows all names beforehand, and remembers which variables are set and read.
type compiler struct {
	*reporter
	dialect dialect
	kinds   map[string]kind // of every passage
	set     map[string]bool // variables that are assigned somewhere
	reads   []reading       // the first of each variable
	seen    map[string]bool // names in reads

	text    string // being compiled, read up to pos
	pos     int
	first   int    // the line of text's beginning
	breaks  []int  // where its lines end
	args    string // of the macro that closed the last block
	nesting int
	inert   bool            // inside the hook of a macro that is not known
	absent  map[string]bool // closing signs that text does not hold any more
}

// reading is a place where a variable is used.
type reading struct {
	name    string
	prose   bool // not in an expression: what follows a dot may be the next sentence
	passage string
	line    int
}

// kind says what a passage is for.
type kind int

const (
	kindScene   kind = iota + 1
	kindReserve      // stands in for the model
	kindSetup        // run by Begin
	kindScript       // kept, never run
	kindOther        // belongs to another player of the format; kept, not shown
)

// compile makes b of a passage's text. first is the line it begins in.
func (c *compiler) compile(source string, first int) block {
	outer := *c
	c.begin(source, first)
	var b block
	if c.dialect.chapbook {
		b = c.chapbook()
	} else {
		b, _ = c.block()
	}
	c.resume(&outer)
	return b
}

func (c *compiler) begin(source string, first int) {
	c.text, c.pos, c.first, c.breaks, c.absent = source, 0, first, nil, map[string]bool{}
	for i := range len(source) {
		if source[i] == '\n' {
			c.breaks = append(c.breaks, i)
		}
	}
}

func (c *compiler) resume(outer *compiler) {
	c.text, c.pos, c.first, c.breaks, c.absent = outer.text, outer.pos, outer.first, outer.breaks, outer.absent
}

// here moves the report to the line that is being read.
func (c *compiler) here() {
	n, _ := slices.BinarySearch(c.breaks, c.pos)
	c.line = c.first + n
}

// block reads up to one of the closers ("]", "}" or the name of a SugarCube macro) and says which it was; "" is the end.
func (c *compiler) block(closers ...string) (block, string) {
	c.nesting++
	defer func() { c.nesting-- }()
	if c.nesting > MaxNesting {
		c.here()
		c.limit("conditions inside conditions", MaxNesting)
		c.pos = len(c.text)
	}
	var b block
	start := c.pos
	flush := func(end int) {
		if end > start {
			b = append(b, text(c.text[start:end]))
		}
	}
	for c.pos < len(c.text) {
		at := c.pos
		if closer := c.closes(closers); closer != "" {
			flush(at)
			return b, closer
		}
		if nodes, ok := c.construct(); ok {
			flush(at)
			b = append(b, nodes...)
			start = c.pos
		} else {
			c.pos = at + 1
		}
	}
	flush(len(c.text))
	return b, ""
}

func (c *compiler) closes(closers []string) string {
	for _, closer := range closers {
		if len(closer) == 1 && strings.HasPrefix(c.text[c.pos:], closer) {
			c.pos++
			return closer
		}
	}
	if len(closers) == 0 || !c.dialect.sugarcube || !strings.HasPrefix(c.text[c.pos:], "<<") {
		return ""
	}
	name, args, end, ok := c.sugarTag()
	for _, closer := range closers {
		if ok && name == closer {
			c.pos, c.args = end, args
			return closer
		}
	}
	return ""
}

// construct reads what begins at pos, unless it is mere text.
func (c *compiler) construct() (block, bool) {
	rest := c.text[c.pos:]
	switch rest[0] {
	case '[':
		if strings.HasPrefix(rest, "[[") {
			return c.link()
		}
		return c.image(rest)
	case '<':
		if c.dialect.sugarcube && strings.HasPrefix(rest, "<<") {
			return c.sugarMacro()
		}
		return c.markup(rest)
	case '(':
		if c.dialect.harlowe {
			return c.harloweMacro()
		}
	case '{':
		if c.dialect.chapbook {
			return c.chapbookInsert(rest)
		}
		if c.dialect.harlowe && !c.dialect.lax {
			c.pos++
			body, _ := c.block("}")
			return block{wrapped{body: body}}, true
		}
	case '/':
		if c.dialect.sugarcube {
			return c.comment(rest)
		}
	case '$', '_':
		if c.dialect.sugarcube || c.dialect.harlowe {
			return c.variable()
		}
	}
	return nil, false
}

// variable reads $name in the text. _name counts only where a word can begin.
func (c *compiler) variable() (block, bool) {
	name, end, temp, ok := variableAt(c.text, c.pos)
	if !ok || temp && c.pos > 0 && isWord(c.text[c.pos-1]) {
		return nil, false
	}
	n := named{variable{name, temp}, c.text[c.pos:end]}
	if !temp {
		c.read(name, true)
	}
	c.pos = end
	rest := c.text[end:min(len(c.text), end+MaxExpressionBytes)]
	if c.dialect.sugarcube && strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, "[[") {
		if stop := strings.IndexByte(rest, ']'); stop > 0 {
			if at, err := parseExpr(rest[1:stop], false); err == nil {
				c.pos = end + stop + 1
				return block{printed{index{n.variable, at}}}, true
			}
		}
	}
	return block{n}, true
}

// read remembers that a variable is used here.
func (c *compiler) read(name string, prose bool) {
	if c.seen[name] {
		return
	}
	c.here()
	c.seen[name] = true
	c.reads = append(c.reads, reading{name, prose, c.passage, c.line})
}

// checkReads reports variables that nothing ever sets.
func (c *compiler) checkReads() {
	for _, use := range c.reads {
		known := c.set[use.name] || c.set[strings.TrimSuffix(use.name, ".length")]
		for name := use.name; use.prose && !known && name != ""; {
			name = name[:max(strings.LastIndexByte(name, '.'), 0)]
			known = c.set[name]
		}
		if !known {
			c.at(use.passage, use.line)
			c.warn("variable", "$%s is never set", use.name)
		}
	}
}

// comment drops /* … */ and /% … %/.
func (c *compiler) comment(rest string) (block, bool) {
	for _, sign := range []string{"*", "%"} {
		if strings.HasPrefix(rest, "/"+sign) {
			return c.drop(rest, sign+"/")
		}
	}
	return nil, false
}

// drop leaves out everything up to and with the closing sign. Without one it is text.
func (c *compiler) drop(rest, closing string) (block, bool) {
	if c.absent[closing] {
		return nil, false
	}
	end := strings.Index(rest[2:], closing)
	if end < 0 {
		c.absent[closing] = true
		return nil, false
	}
	c.pos += 2 + end + len(closing)
	return block{dropped{}}, true
}

var (
	codeTag    = regexp.MustCompile(`(?i)^<(script|style)\b`)
	codeTagEnd = regexp.MustCompile(`(?i)</(?:script|style)\s*>`)
)

// markup drops HTML comments, scripts and styles, and Snowman's code. Other tags are text for now and fall out of it when it is rendered.
func (c *compiler) markup(rest string) (block, bool) {
	if strings.HasPrefix(rest, "<!--") {
		return c.drop(rest, "-->")
	}
	if c.dialect.snowman && strings.HasPrefix(rest, "<%") {
		c.here()
		c.warn("<%", "code is not run; it is left out")
		return c.drop(rest, "%>")
	}
	m := codeTag.FindStringSubmatch(rest[:min(len(rest), 16)])
	if m == nil {
		return nil, false
	}
	c.here()
	tag := strings.ToLower(m[1])
	c.warn("<"+tag+">", "<%s> is never run; it is left out", tag)
	if end := codeTagEnd.FindStringIndex(rest); end != nil {
		c.pos += end[1]
	} else {
		c.pos = len(c.text)
	}
	return block{dropped{}}, true
}

// image drops SugarCube's [img[…]] and its kin.
func (c *compiler) image(rest string) (block, bool) {
	if !c.dialect.sugarcube || !strings.HasPrefix(rest, "[img[") {
		return nil, false
	}
	c.here()
	c.warn("[img[", "pictures are not shown; it is left out")
	return c.drop(rest, "]]")
}

// expr reads an expression; a mistake in it is reported and leaves nil.
func (c *compiler) expr(source string, bare bool) expr {
	e, err := parseExpr(source, bare)
	if err != nil {
		c.wrong(source, err)
		return nil
	}
	c.checkExpr(e, source)
	return e
}

// print is an expression in the text.
func (c *compiler) print(source string, bare bool) block {
	if e := c.expr(source, bare); e != nil {
		return block{printed{e}}
	}
	return block{dropped{}}
}

// wrong reports an expression that cannot be read.
func (c *compiler) wrong(source string, err error) {
	c.here()
	if limit, ok := errors.AsType[*LimitError](err); ok {
		c.limit(limit.What, limit.Max)
		return
	}
	c.warn("expression", "%.60q cannot be read: %v; it is left out", strings.TrimSpace(source), err)
}

// checkExpr reports what can be known to go wrong before a show.
func (c *compiler) checkExpr(e expr, source string) {
	c.here()
	if err := tryConstant(e); err != nil {
		c.warn("expression", "%.60q has no value: %v", strings.TrimSpace(source), err)
	}
	walkExpr(e, func(e expr) {
		switch e := e.(type) {
		case variable:
			if !e.temp {
				c.read(e.name, false)
			}
		case call:
			for _, a := range e.args {
				if name, ok := a.(literal); ok && strings.HasSuffix(strings.ToLower(e.name), "visited") {
					if s, ok := name.value.(string); ok && c.kinds[s] == 0 {
						c.warn("expression", "%s(%q): there is no passage of that name", e.name, s)
					}
				}
			}
		}
	})
}

// assignments reads `$a to 1, $b to 2`; a mistake in it is reported and leaves none.
func (c *compiler) assignments(source string, bare bool) assigns {
	all, err := parseAssignments(source, bare)
	if err != nil {
		c.wrong(source, err)
		return nil
	}
	for _, a := range all {
		c.checkExpr(a.value, a.source)
		if !a.target.temp {
			c.set[a.target.name] = true
		}
	}
	return all
}

// timer says what to use instead of a construct that waits.
func (c *compiler) timer(construct string) {
	c.here()
	c.warn(construct, `%s is not supported: a poll has its own time, see the "vote" key of kino (tag vote:15s); its text is kept`, construct)
}

func (c *compiler) unknown(construct string) {
	c.here()
	c.warn(construct, "%s is not supported; it is left out and its text is kept", construct)
}

// closing finds the sign that ends a construct in text[from:], outside quotes and the brackets that belong to an expression,
// or else simply the next one. It is -1 if that is too far away.
func closing(text string, from int, sign string) int {
	s := text[from:min(len(text), from+MaxExpressionBytes)]
	first := strings.Index(s, sign)
	if first < 0 {
		return -1
	}
	var open []byte
	for i := 0; i < len(s); i++ {
		if len(open) == 0 && strings.HasPrefix(s[i:], sign) {
			return from + i
		}
		switch s[i] {
		case '"', '\'':
			if end := quoteEnd(s, i); end > 0 && (i == 0 || !isWord(s[i-1])) { // not the apostrophe of a word
				i = end - 1
			}
		case '(', '[':
			open = append(open, s[i])
		case ')', ']':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	return from + first
}
