package story

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Why an expression has no value. A show goes on without it.
var (
	errType   = errors.New("the values do not go together")
	errNumber = errors.New("the number is too large or divided by zero")
)

// functions that authors may call, and how many values they take. visits, visit and turns take none.
var functions = map[string]struct {
	least, most int
	call        func(r *run, args []any) (any, error)
}{
	"visits":     {0, 0, func(r *run, _ []any) (any, error) { return float64(r.p.Visits[r.p.Scene]), nil }},
	"visit":      {0, 0, func(r *run, _ []any) (any, error) { return float64(r.p.Visits[r.p.Scene]), nil }},
	"turns":      {0, 0, func(r *run, _ []any) (any, error) { return float64(r.p.Turns), nil }},
	"visited":    {0, MaxList, visited},
	"hasVisited": {1, MaxList, hasVisited},
	"random":     {1, 2, random},
	"either":     {1, MaxList, either},
}

// visited counts how often the fewest visited of the named passages was entered; without names, this one.
func visited(r *run, args []any) (any, error) {
	if len(args) == 0 {
		args = []any{r.p.Scene}
	}
	least := math.MaxInt
	for _, a := range args {
		name, ok := a.(string)
		if !ok {
			return nil, errType
		}
		least = min(least, r.p.Visits[name])
	}
	return float64(least), nil
}

func hasVisited(r *run, args []any) (any, error) {
	n, err := visited(r, args)
	return err == nil && n != 0.0, err
}

// random draws a whole number between two, both included; with one, between 0 and it.
func random(r *run, args []any) (any, error) {
	bounds := []float64{0}
	for _, a := range args {
		n, ok := a.(float64)
		if !ok {
			return nil, errType
		}
		if math.Abs(n) > 1<<52 {
			return nil, errNumber
		}
		bounds = append(bounds, math.Trunc(n))
	}
	last := len(bounds) - 1
	low, high := min(bounds[last-1], bounds[last]), max(bounds[last-1], bounds[last])
	return low + float64(r.draw(int64(high-low)+1)), nil
}

// either draws one of its values; a list stands for its items.
func either(r *run, args []any) (any, error) {
	var all []any
	for _, a := range args {
		if items, ok := a.([]any); ok {
			all = append(all, items...)
		} else {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, errType
	}
	return all[r.draw(int64(len(all)))], nil
}

// draw is the show's next random number, from 0 up to but not n. It depends on nothing but Progress.Seed and Progress.Draws.
func (r *run) draw(n int64) int64 {
	source := rand.New(rand.NewPCG(r.p.Seed, r.p.Draws))
	r.p.Draws++
	return source.Int64N(n)
}

func (e literal) eval(r *run) (any, error) { return e.value, r.step(1) }

func (e variable) eval(r *run) (any, error) {
	v, _ := r.value(e)
	return v, r.step(1)
}

// value looks a variable up; .length of a list or a string needs no assignment.
func (r *run) value(e variable) (any, bool) {
	vars := r.p.Vars
	if e.temp {
		vars = r.temps
	}
	v, ok := vars[e.name]
	if whole, cut := strings.CutSuffix(e.name, ".length"); cut && !ok {
		switch v := vars[whole].(type) {
		case string:
			return float64(len([]rune(v))), true
		case []any:
			return float64(len(v)), true
		}
	}
	return v, ok
}

func (e index) eval(r *run) (any, error) {
	l, err := e.list.eval(r)
	if err != nil {
		return nil, err
	}
	at, err := e.at.eval(r)
	if err != nil {
		return nil, err
	}
	items, isList := l.([]any)
	n, isNumber := at.(float64)
	if !isList || !isNumber {
		return nil, errType
	}
	if n < 0 || n >= float64(len(items)) || n != math.Trunc(n) {
		return nil, r.step(1)
	}
	return items[int(n)], r.step(1)
}

func (e unary) eval(r *run) (any, error) {
	x, err := e.x.eval(r)
	if err != nil {
		return nil, err
	}
	if e.op == "not" {
		return !truth(x), r.step(1)
	}
	n, ok := x.(float64)
	if !ok {
		return nil, errType
	}
	return 0 - n, r.step(1) // not -n: there is no minus zero
}

func (e list) eval(r *run) (any, error) {
	items := make([]any, len(e.items))
	for i, x := range e.items {
		v, err := x.eval(r)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return r.checked(items)
}

func (e call) eval(r *run) (any, error) {
	args := make([]any, len(e.args))
	for i, x := range e.args {
		v, err := x.eval(r)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	if err := r.step(1); err != nil {
		return nil, err
	}
	return functions[e.name].call(r, args)
}

func (e binary) eval(r *run) (any, error) {
	l, err := e.l.eval(r)
	if err != nil {
		return nil, err
	}
	if e.op == "and" && !truth(l) || e.op == "or" && truth(l) {
		return truth(l), r.step(1)
	}
	right, err := e.r.eval(r)
	if err != nil {
		return nil, err
	}
	v, err := operate(e.op, l, right)
	if err != nil {
		return nil, err
	}
	return r.checked(v)
}

func operate(op string, l, r any) (any, error) {
	switch op {
	case "and", "or":
		return truth(r), nil
	case "==":
		return equal(l, r), nil
	case "!=":
		return !equal(l, r), nil
	case "contains":
		return contains(l, r)
	case "<", "<=", ">", ">=":
		return compare(op, l, r)
	case "+":
		if v, ok := join(l, r); ok {
			return v, nil
		}
	}
	a, isNumber := l.(float64)
	b, areNumbers := r.(float64)
	if !isNumber || !areNumbers {
		return nil, errType
	}
	return arithmetic(op, a, b)
}

func arithmetic(op string, a, b float64) (any, error) {
	var n float64
	switch op {
	case "+":
		n = a + b
	case "-":
		n = a - b
	case "*":
		n = a * b
	case "/":
		n = a / b
	case "%":
		n = math.Mod(a, b)
	}
	if math.IsNaN(n) || math.IsInf(n, 0) { // JSON has neither
		return nil, errNumber
	}
	return n + 0, nil
}

// join adds what is not two numbers: lists to lists, and anything but a list to a string.
func join(l, r any) (any, bool) {
	a, isList := l.([]any)
	b, areLists := r.([]any)
	if isList && areLists {
		return slices.Concat(a, b), true
	}
	_, isString := l.(string)
	_, isStringToo := r.(string)
	if (isString || isStringToo) && !isList && !areLists {
		return show(l) + show(r), true
	}
	return nil, false
}

func compare(op string, l, r any) (any, error) {
	var order int
	switch a := l.(type) {
	case float64:
		b, ok := r.(float64)
		if !ok {
			return nil, errType
		}
		switch {
		case a < b:
			order = -1
		case a > b:
			order = 1
		}
	case string:
		b, ok := r.(string)
		if !ok {
			return nil, errType
		}
		order = strings.Compare(a, b)
	default:
		return nil, errType
	}
	switch op {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	}
	return order >= 0, nil
}

func contains(whole, part any) (any, error) {
	switch whole := whole.(type) {
	case string:
		if s, ok := part.(string); ok {
			return strings.Contains(whole, s), nil
		}
	case []any:
		return slices.ContainsFunc(whole, func(v any) bool { return equal(v, part) }), nil
	}
	return nil, errType
}

// equal never mixes types: 1 is not "1".
func equal(l, r any) bool {
	a, isList := l.([]any)
	b, areLists := r.([]any)
	if isList || areLists {
		return isList && areLists && slices.EqualFunc(a, b, equal)
	}
	switch l.(type) {
	case nil, bool, float64, string:
		return l == r
	}
	return false
}

// truth: nothing, false, 0, the empty string and the empty list are false.
func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	}
	return false
}

// show is how a value is printed; nothing prints as nothing.
func show(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show(x)
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// size is about what a value takes in a journal, in bytes.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case []any:
		n := 2
		for _, x := range v {
			n += size(x) + 1
		}
		return n
	}
	return 8
}

// checked lets a new value through if it is within the limits. Large values take more steps than small ones.
func (r *run) checked(v any) (any, error) {
	n := 0
	switch v := v.(type) {
	case string:
		if n = len(v); n > MaxStringBytes {
			return nil, &LimitError{What: "bytes of a string", Max: MaxStringBytes}
		}
	case []any:
		if len(v) > MaxList {
			return nil, &LimitError{What: "items of a list", Max: MaxList}
		}
		if n = size(v); n > MaxVarsBytes {
			return nil, &LimitError{What: "bytes of a list", Max: MaxVarsBytes}
		}
		if depth(v) > MaxNesting {
			return nil, &LimitError{What: "lists in lists", Max: MaxNesting}
		}
	}
	return v, r.step(1 + n/1024)
}

func depth(v any) int {
	deepest := 0
	if items, ok := v.([]any); ok {
		for _, x := range items {
			deepest = max(deepest, 1+depth(x))
		}
	}
	return deepest
}

// tryConstant finds out before a show what could only go wrong in it: an expression without variables is evaluated.
func tryConstant(e expr) error {
	var found error
	walkExpr(e, func(x expr) {
		b, ok := x.(binary)
		if !ok || found != nil {
			return
		}
		if zero, ok := b.r.(literal); ok && (b.op == "/" || b.op == "%") && zero.value == 0.0 {
			found = fmt.Errorf("division by zero")
			return
		}
		l, isLiteral := b.l.(literal)
		r, areLiterals := b.r.(literal)
		if isLiteral && areLiterals {
			_, found = operate(b.op, l.value, r.value)
		}
	})
	return found
}
