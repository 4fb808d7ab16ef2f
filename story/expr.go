package story

import (
	"fmt"
	"strconv"
	"strings"
)

// expr is an expression, ready to be evaluated any number of times by any number of shows at once.
type expr interface {
	eval(*run) (any, error)
	operands() []expr
}

type (
	literal  struct{ value any }
	variable struct {
		name string
		temp bool // gone when the scene is
	}
	index struct{ list, at expr }
	unary struct {
		op string // "-" or "not"
		x  expr
	}
	binary struct {
		op   string // as in operators
		l, r expr
	}
	call struct {
		name string
		args []expr
	}
	list struct{ items []expr }
)

func (literal) operands() []expr  { return nil }
func (variable) operands() []expr { return nil }
func (e index) operands() []expr  { return []expr{e.list, e.at} }
func (e unary) operands() []expr  { return []expr{e.x} }
func (e binary) operands() []expr { return []expr{e.l, e.r} }
func (e call) operands() []expr   { return e.args }
func (e list) operands() []expr   { return e.items }

// walkExpr visits e and everything in it.
func walkExpr(e expr, visit func(expr)) {
	visit(e)
	for _, x := range e.operands() {
		walkExpr(x, visit)
	}
}

// assignment is one `$name to value`.
type assignment struct {
	target variable
	value  expr
	source string
}

// operators maps what authors write to what is evaluated, and says how tightly it binds.
var operators = map[string]struct {
	op    string
	power int
}{
	"or": {"or", 1}, "||": {"or", 1},
	"and": {"and", 2}, "&&": {"and", 2},
	"==": {"==", 3}, "===": {"==", 3}, "is": {"==", 3}, "eq": {"==", 3},
	"!=": {"!=", 3}, "!==": {"!=", 3}, "isnot": {"!=", 3}, "neq": {"!=", 3},
	"<": {"<", 4}, "lt": {"<", 4}, "<=": {"<=", 4}, "lte": {"<=", 4},
	">": {">", 4}, "gt": {">", 4}, ">=": {">=", 4}, "gte": {">=", 4}, "contains": {"contains", 4},
	"+": {"+", 5}, "-": {"-", 5},
	"*": {"*", 6}, "/": {"/", 6}, "%": {"%", 6},
}

const prefixPower = 7

// parser is a Pratt parser (V. Pratt, "Top down operator precedence", 1973) over the tokens of one source.
type parser struct {
	source string
	tokens []token
	bare   bool      // names without a sign are variables, as in Chapbook
	it     *variable // what `it` means while an assignment is read
	depth  int
}

func newParser(source string, bare bool) (*parser, error) {
	tokens, err := lex(source)
	return &parser{source: source, tokens: tokens, bare: bare}, err
}

// parseExpr reads a whole source as one expression.
func parseExpr(source string, bare bool) (expr, error) {
	p, err := newParser(source, bare)
	if err != nil {
		return nil, err
	}
	e, err := p.expr(0)
	if err == nil && p.peek().kind != tokenEnd {
		err = fmt.Errorf("%q is not expected here", p.peek().text)
	}
	return e, err
}

// parseArguments reads expressions parted by commas or, as SugarCube's macros have them, by blanks alone.
func parseArguments(source string) ([]expr, error) {
	p, err := newParser(source, false)
	if err != nil {
		return nil, err
	}
	var args []expr
	for p.peek().kind != tokenEnd {
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
		p.skip(",")
	}
	return args, nil
}

// parseAssignments reads `$a to 1, $b += 2; $c++`.
func parseAssignments(source string, bare bool) ([]assignment, error) {
	p, err := newParser(source, bare)
	if err != nil {
		return nil, err
	}
	var all []assignment
	for {
		for p.skip(";") || p.skip(",") {
		}
		if p.peek().kind == tokenEnd {
			break
		}
		a, err := p.assignment()
		if err != nil {
			return nil, err
		}
		all = append(all, a)
		if t := p.peek(); t.kind != tokenEnd && t.text != "," && t.text != ";" {
			return nil, fmt.Errorf("%q is not expected after an assignment", t.text)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no assignment")
	}
	return all, nil
}

func (p *parser) assignment() (assignment, error) {
	t := p.next()
	if t.kind != tokenVariable && t.kind != tokenTemp && !(p.bare && t.kind == tokenWord) {
		return assignment{}, fmt.Errorf("%q is not a variable", t.text)
	}
	target := variable{t.text, t.kind == tokenTemp}
	p.it = &target
	defer func() { p.it = nil }()
	op := p.next()
	var value expr
	var err error
	switch {
	case op.text == "to" && op.kind == tokenWord, op.text == "=":
		value, err = p.expr(0)
	case op.text == "+" && p.skip("+"), op.text == "-" && p.skip("-"):
		value = binary{op.text, target, literal{1.0}}
	case op.kind == tokenSign && len(op.text) == 2 && op.text[1] == '=' && strings.Contains("+-*/%", op.text[:1]):
		var x expr
		x, err = p.expr(0)
		value = binary{op.text[:1], target, x}
	default:
		err = fmt.Errorf("%q is not an assignment to $%s", op.text, target.name)
	}
	source := strings.TrimSpace(p.source[t.start:p.tokens[0].start])
	return assignment{target, value, source}, err
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) skip(sign string) bool {
	if t := p.peek(); t.kind == tokenSign && t.text == sign {
		p.next()
		return true
	}
	return false
}

// expr reads an expression whose operators bind tighter than power.
func (p *parser) expr(power int) (expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > MaxNesting {
		return nil, &LimitError{What: "nesting of an expression", Max: MaxNesting}
	}
	left, err := p.prefix()
	for err == nil {
		t := p.peek()
		o, known := operators[t.text]
		if t.kind != tokenSign && t.kind != tokenWord || !known || o.power <= power {
			return left, nil
		}
		p.next()
		op := o.op
		if t.text == "is" && p.peek().kind == tokenWord && p.peek().text == "not" {
			p.next()
			op = "!="
		}
		var right expr
		right, err = p.expr(o.power)
		left = binary{op, left, right}
	}
	return nil, err
}

func (p *parser) prefix() (expr, error) {
	switch t := p.next(); t.kind {
	case tokenNumber:
		n, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", t.text)
		}
		return literal{n}, nil
	case tokenString:
		return literal{t.text}, nil
	case tokenVariable, tokenTemp:
		return p.indexed(variable{t.text, t.kind == tokenTemp})
	case tokenWord:
		return p.word(t.text)
	case tokenSign:
		return p.sign(t)
	}
	return nil, fmt.Errorf("something is missing at the end")
}

func (p *parser) sign(t token) (expr, error) {
	switch t.text {
	case "-":
		x, err := p.expr(prefixPower)
		return unary{"-", x}, err
	case "!":
		x, err := p.expr(prefixPower)
		return unary{"not", x}, err
	case "[":
		items, err := p.arguments("]")
		return list{items}, err
	case "(":
		if len(p.tokens) > 1 && p.peek().kind == tokenWord && p.tokens[1].text == ":" {
			name := p.next().text
			p.next()
			return p.call(name) // Harlowe: (random: 1, 6)
		}
		e, err := p.expr(0)
		if err == nil && !p.skip(")") {
			err = fmt.Errorf("a ) is missing")
		}
		return e, err
	}
	return nil, fmt.Errorf("%q is not expected here", t.text)
}

func (p *parser) word(name string) (expr, error) {
	switch name {
	case "true", "false":
		return literal{name == "true"}, nil
	case "null", "undefined":
		return literal{nil}, nil
	case "not":
		x, err := p.expr(prefixPower)
		return unary{"not", x}, err
	case "it":
		if p.it != nil {
			return *p.it, nil
		}
	case "visits", "visit", "turns":
		if p.skip("(") && !p.skip(")") {
			return nil, fmt.Errorf("%s takes nothing in its brackets", name)
		}
		return call{name: name}, nil
	}
	if p.skip("(") {
		return p.call(name)
	}
	if p.bare {
		return p.indexed(variable{name: name})
	}
	return nil, fmt.Errorf("%q is not known here", name)
}

func (p *parser) call(name string) (expr, error) {
	args, err := p.arguments(")")
	if err != nil {
		return nil, err
	}
	if name == "a" || name == "array" {
		return list{args}, nil
	}
	f, known := functions[name]
	if !known {
		return nil, fmt.Errorf("there is no function %q", name)
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, fmt.Errorf("%s does not take %d values", name, len(args))
	}
	return call{name, args}, nil
}

// arguments reads what comes before the closing sign.
func (p *parser) arguments(closing string) ([]expr, error) {
	var args []expr
	for !p.skip(closing) {
		if len(args) > 0 && !p.skip(",") {
			return nil, fmt.Errorf("a %s is missing", closing)
		}
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	if len(args) > MaxList {
		return nil, &LimitError{What: "items of a list", Max: MaxList}
	}
	return args, nil
}

// indexed reads the [0] after a variable.
func (p *parser) indexed(e expr) (expr, error) {
	for range MaxNesting {
		if !p.skip("[") {
			return e, nil
		}
		at, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		if !p.skip("]") {
			return nil, fmt.Errorf("a ] is missing")
		}
		e = index{e, at}
	}
	return nil, &LimitError{What: "nesting of an expression", Max: MaxNesting}
}
