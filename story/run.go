package story

import (
	"errors"
	"maps"
	"strings"
)

// Marks in rendered text. Sources never hold them: normalise takes control characters out.
const (
	markGone      = "\x00" // something stood here that shows nothing
	markLink      = "\x01" // a link's words begin
	markLinkEnd   = "\x02"
	markLineBreak = "\x03"
)

// errJump stops the rendering of a passage that leads on to another by itself.
var errJump = errors.New("jump")

// run is one evaluation: of a passage and those it jumps to, or of a choice's effects. It owns its maps.
type run struct {
	p       Progress
	temps   map[string]any
	steps   int
	out     *strings.Builder
	silent  bool
	choices []numbered
	jump    string
}

type numbered struct {
	Choice
	number int
}

func newRun(p Progress) *run {
	p.Vars, p.Visits = maps.Clone(p.Vars), maps.Clone(p.Visits)
	return &run{p: p, out: new(strings.Builder)}
}

// aside renders b without any effect on the show.
func (r *run) aside(b block) (string, error) {
	side := newRun(r.p)
	side.temps, side.steps = maps.Clone(r.temps), r.steps
	err := side.render(b)
	r.steps = side.steps
	if err != nil && !errors.Is(err, errJump) {
		return "", err
	}
	return plain(side.out.String()), nil
}

func (r *run) step(n int) error {
	r.steps += n
	if r.steps > MaxSteps {
		return &LimitError{What: "steps of an evaluation", Max: MaxSteps}
	}
	return nil
}

func (r *run) write(s string) error {
	if r.silent {
		return nil
	}
	if r.out.Len()+len(s) > maxRawBytes {
		return &LimitError{What: "characters of a scene's text", Max: MaxTextRunes}
	}
	r.out.WriteString(s)
	return nil
}

func (r *run) render(b block) error {
	for _, n := range b {
		if err := r.step(1); err != nil {
			return err
		}
		if err := n.render(r); err != nil {
			return err
		}
	}
	return nil
}

// try evaluates e. ok is false when it has no value; the error is always about a limit.
func (r *run) try(e expr) (v any, ok bool, err error) {
	v, err = e.eval(r)
	if errors.Is(err, ErrLimit) {
		return nil, false, err
	}
	return v, err == nil, nil
}

func (t text) render(r *run) error { return r.write(string(t)) }

func (dropped) render(r *run) error { return r.write(markGone) }

func (n printed) render(r *run) error {
	v, _, err := r.try(n.value)
	if err != nil {
		return err
	}
	return r.print(show(v))
}

func (r *run) print(s string) error {
	if s == "" {
		return r.write(markGone)
	}
	return r.write(strip(s))
}

func (n named) render(r *run) error {
	v, set := r.value(n.variable)
	if !set && n.temp { // more likely an underscore of the prose
		return r.write(n.source)
	}
	for name := n.name; !set; { // the dot may be that of a sentence
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			break
		}
		name = name[:dot]
		if v, set = r.value(variable{name: name}); set {
			return r.write(strip(show(v)) + n.name[dot:])
		}
	}
	return r.print(show(v))
}

func (n assigns) render(r *run) error {
	if err := r.assign(n); err != nil {
		return err
	}
	return r.write(markGone)
}

// assign makes assignments one after the other; one whose expression has no value is left out.
func (r *run) assign(all []assignment) error {
	for _, a := range all {
		v, ok, err := r.try(a.value)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		vars := &r.p.Vars
		if a.target.temp {
			vars = &r.temps
		}
		if *vars == nil {
			*vars = map[string]any{}
		}
		if _, known := (*vars)[a.target.name]; !known && len(*vars) == MaxVariables {
			return &LimitError{What: "variables of a show", Max: MaxVariables}
		}
		(*vars)[a.target.name] = v
	}
	return nil
}

// checkVars keeps what a journal has to hold for each scene within bounds.
func (r *run) checkVars() error {
	n := 0
	for name, v := range r.p.Vars {
		n += len(name) + size(v)
	}
	if n > MaxVarsBytes {
		return &LimitError{What: "bytes of a show's variables", Max: MaxVarsBytes}
	}
	return nil
}

func (n condition) render(r *run) error {
	if err := r.write(markGone); err != nil {
		return err
	}
	for _, a := range n.arms {
		holds := a.test == nil
		if !holds {
			v, _, err := r.try(a.test)
			if err != nil {
				return err
			}
			holds = truth(v)
		}
		if holds {
			if err := r.render(a.body); err != nil {
				return err
			}
			break
		}
	}
	return r.write(markGone)
}

func (n wrapped) render(r *run) error {
	outer, silent := r.out, r.silent
	r.out, r.silent = new(strings.Builder), silent || n.silent
	err := r.render(n.body)
	inner := strings.ReplaceAll(r.out.String(), "\n", " ")
	r.out, r.silent = outer, silent
	if err != nil {
		return err
	}
	return r.write(markGone + inner + markGone)
}

func (n *link) render(r *run) error {
	if r.silent {
		return nil
	}
	label, err := r.label(n)
	if err != nil {
		return err
	}
	if n.target != "" {
		if len(r.choices) == MaxChoices {
			return &LimitError{What: "choices of a scene", Max: MaxChoices}
		}
		id := string(rune('a' + len(r.choices)))
		r.choices = append(r.choices, numbered{Choice{ID: id, Label: label, Target: n.target, Effects: n.effects}, n.number})
	}
	return r.write(markLink + label + markLinkEnd)
}

func (r *run) label(n *link) (string, error) {
	side := newRun(r.p)
	side.temps, side.steps = r.temps, r.steps
	err := side.render(n.label)
	r.steps, r.p.Draws = side.steps, side.p.Draws
	if err != nil {
		return "", err
	}
	label := plainLine(side.out.String())
	if label == "" {
		label = n.target
	}
	if len([]rune(label)) > MaxLabelRunes {
		return "", &LimitError{What: "characters of a choice's label", Max: MaxLabelRunes}
	}
	return label, nil
}

func (n jump) render(r *run) error {
	r.jump = n.target
	return errJump
}
