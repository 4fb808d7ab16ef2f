package story

import (
	"fmt"
	"strings"
)

// Severity says how much a problem matters.
type Severity string

const (
	SeverityError   Severity = "error"   // the story cannot be used
	SeverityWarning Severity = "warning" // something was dropped or made up
	SeverityNote    Severity = "note"    // nothing is wrong, but the author may wonder
)

// Problem is one thing that a reader of stories has to say.
type Problem struct {
	File      string   `json:"file"`
	Line      int      `json:"line"` // counted from 1; 0 means the whole file
	Passage   string   `json:"passage,omitempty"`
	Construct string   `json:"construct,omitempty"` // what it is about, e.g. "link", "<<timed>>", "kino.vote.seconds", "limit"
	Text      string   `json:"text"`
	Severity  Severity `json:"severity"`
}

// String is `file:line: severity: passage "X": text`.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	fmt.Fprintf(&b, ": %s: ", p.Severity)
	if p.Passage != "" {
		fmt.Fprintf(&b, "passage %q: ", p.Passage)
	}
	b.WriteString(p.Text)
	return b.String()
}

// Report is everything found while reading, in the order of the sources.
type Report struct {
	Problems []Problem `json:"problems"`
}

// Err is nil unless something is an error. It wraps [ErrLimit] if a limit is among the errors.
func (r Report) Err() error { return r.failure(SeverityError) }

// Strict is nil unless something is an error or a warning. It wraps [ErrLimit] if a limit is among them.
func (r Report) Strict() error { return r.failure(SeverityError, SeverityWarning) }

func (r Report) failure(severities ...Severity) error {
	var first *Problem
	more, limit := 0, false
	for i, p := range r.Problems {
		for _, s := range severities {
			if p.Severity != s {
				continue
			}
			limit = limit || p.Construct == constructLimit
			if first == nil {
				first = &r.Problems[i]
			} else {
				more++
			}
		}
	}
	if first == nil {
		return nil
	}
	text := first.String()
	if more > 0 {
		text = fmt.Sprintf("%s (and %d more)", text, more)
	}
	if limit {
		return fmt.Errorf("%s: %w", text, ErrLimit)
	}
	return fmt.Errorf("%s", text)
}

// constructLimit marks the problems that are about a limit.
const constructLimit = "limit"

// reporter collects the problems of one file. passage and line say where the reading is.
type reporter struct {
	file     string
	passage  string
	line     int
	problems []Problem
	notes    int
}

func (r *reporter) add(severity Severity, construct, format string, args ...any) {
	switch n := len(r.problems) - r.notes; {
	case n < MaxProblems:
		r.problems = append(r.problems, Problem{
			File: r.file, Line: r.line, Passage: r.passage, Construct: construct, Text: fmt.Sprintf(format, args...), Severity: severity,
		})
	case n == MaxProblems:
		r.problems = append(r.problems, Problem{
			File: r.file, Construct: constructLimit, Text: fmt.Sprintf("more than %d problems", MaxProblems), Severity: SeverityError,
		})
	}
}

func (r *reporter) fail(construct, format string, args ...any) {
	r.add(SeverityError, construct, format, args...)
}

func (r *reporter) warn(construct, format string, args ...any) {
	r.add(SeverityWarning, construct, format, args...)
}

func (r *reporter) note(construct, format string, args ...any) {
	if r.notes < MaxNotes && len(r.problems)-r.notes < MaxProblems {
		r.add(SeverityNote, construct, format, args...)
		r.notes++
	}
}

func (r *reporter) limit(what string, limit int) {
	r.add(SeverityError, constructLimit, "%s: more than %d", what, limit)
}

// at says where the next problems are.
func (r *reporter) at(passage string, line int) { r.passage, r.line = passage, line }

func (r *reporter) report() Report { return Report{Problems: r.problems} }
