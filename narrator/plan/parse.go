package plan

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Errors of Parse, told apart with errors.Is.
var (
	ErrNoAnswer      = errors.New("no JSON object that looks like a plan")
	ErrFewCandidates = errors.New("fewer than two candidates")
)

// RepairKind says what was wrong with an answer.
type RepairKind string

const (
	RepairLength      RepairKind = "length"       // longer than its limit: shortened
	RepairCount       RepairKind = "count"        // more than the limit: the rest was dropped
	RepairAround      RepairKind = "text_around"  // words or a code fence around the object
	RepairEncoded     RepairKind = "encoded"      // JSON inside of a JSON string
	RepairWrapped     RepairKind = "wrapped"      // the plan inside of another object, or only its candidates
	RepairCut         RepairKind = "cut"          // the end is missing: closed, the last value dropped
	RepairBracket     RepairKind = "bracket"      // a bracket inside is missing
	RepairComma       RepairKind = "comma"        // one too many, or missing
	RepairPunctuation RepairKind = "punctuation"  // another mark than JSON's, or one out of place
	RepairQuotes      RepairKind = "quotes"       // none, or other ones than "
	RepairInnerQuote  RepairKind = "inner_quote"  // a quotation mark that was not escaped
	RepairNewline     RepairKind = "newline"      // a line break or tab that was not escaped
	RepairComment     RepairKind = "comment"      // a comment
	RepairBareWord    RepairKind = "bare_word"    // a value without quotes, or Python's words for it
	RepairName        RepairKind = "name"         // a field under a slightly different name
	RepairType        RepairKind = "type"         // a value of another type, as a number in quotes
	RepairRange       RepairKind = "range"        // a number out of its range
	RepairEnum        RepairKind = "enum"         // a word that is not among those allowed: the first or nearest is taken
	RepairMissing     RepairKind = "missing"      // a field that is not there: empty, or a fair default
	RepairDuplicateID RepairKind = "duplicate_id" // a candidate's id that another has: a new one
)

// Repair is one thing that was put right.
type Repair struct {
	Kind  RepairKind `json:"kind"`
	Where string     `json:"where,omitempty"` // e.g. "candidates[1].prob"; "" for the answer as a whole
}

// maxRepairs is how many repairs are recorded; an answer with more is as broken as one can be.
const maxRepairs = 64

// Parse reads a model's answer, mends what can be mended, and tells what that was. It never panics, whatever the text.
//
// It returns [ErrNoAnswer] when nothing in the text looks like a plan, and [ErrFewCandidates] when there are fewer than two candidates
// although the story goes on; what there is of the plan is returned even so. A plan without an error keeps to all limits, but has not been
// judged: see [Check].
func Parse(text string) (Plan, []Repair, error) {
	r := &reader{}
	if len(text) > MaxAnswer {
		text = strings.ToValidUTF8(text[:MaxAnswer], "")
		r.repaired(RepairLength, "")
	}
	fields := r.find(text)
	if fields == nil {
		return Plan{}, r.repairs, ErrNoAnswer
	}
	p := r.plan(record{fields: fields, reader: r})
	if len(p.Candidates) < 2 && !p.End.IsEnd {
		return p, r.repairs, ErrFewCandidates
	}
	return p, r.repairs, nil
}

// reader makes a plan of an answer and keeps what it repaired on the way.
type reader struct{ repairs []Repair }

func (r *reader) repaired(kind RepairKind, where string) {
	if repair := (Repair{kind, where}); len(r.repairs) < maxRepairs && !slices.Contains(r.repairs, repair) {
		r.repairs = append(r.repairs, repair)
	}
}

// find is the object in the text that is most like a plan, nil if there is none.
func (r *reader) find(text string) map[string]any {
	text = strings.TrimSpace(strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\ufeff"))
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		if inner, ok := v.(string); ok {
			r.repaired(RepairEncoded, "")
			text = strings.TrimSpace(inner)
			v = nil
			if json.Unmarshal([]byte(text), &v) != nil {
				return r.search(text)
			}
		}
		fields, rank, wrapped := likeness(v)
		if rank > 0 {
			if wrapped {
				r.repaired(RepairWrapped, "")
			}
			return fields
		}
		return nil
	}
	return r.search(text)
}

// maxAttempts is how many brackets of an answer are tried as the beginning of the plan.
const maxAttempts = 8

// search tries brackets in turn; the first of the best rank has it.
func (r *reader) search(text string) map[string]any {
	if i := strings.LastIndex(text, "</think>"); i >= 0 {
		text = text[i+len("</think>"):]
		r.repaired(RepairAround, "")
	}
	var (
		best     map[string]any
		bestRank int
		repairs  []Repair
	)
	for at, attempt := 0, 0; attempt < maxAttempts && bestRank < full; attempt++ {
		i := strings.IndexAny(text[at:], "{[")
		if i < 0 {
			break
		}
		at += i
		try := &reader{}
		v, end := try.read(text, at)
		fields, rank, wrapped := likeness(v)
		if rank > bestRank {
			if wrapped {
				try.repaired(RepairWrapped, "")
			}
			before, after := strings.TrimSpace(text[:at]), strings.TrimSpace(text[end:])
			if before != "" || after != "" {
				try.repaired(RepairAround, "")
			}
			best, bestRank, repairs = fields, rank, try.repairs
			at = end
		} else {
			at++ // what is inside may be better
		}
	}
	for _, repair := range repairs {
		r.repaired(repair.Kind, repair.Where)
	}
	return best
}

// read reads the value that begins at a bracket, as JSON if it is, else loosely.
func (r *reader) read(text string, at int) (v any, end int) {
	strict := json.NewDecoder(strings.NewReader(text[at:]))
	if strict.Decode(&v) == nil {
		return v, at + int(strict.InputOffset())
	}
	l := &loose{text: text, at: at, repaired: func(kind RepairKind) { r.repaired(kind, "") }}
	v = l.value(0)
	if l.cut {
		r.repaired(RepairCut, "")
	}
	return v, l.at
}

// full is the rank of a value with candidates.
const full = 4

// likeness is how much a value looks like a plan: with candidates in it, a list of candidates, a plan without them, a list of labels, or
// not at all (0). Wrapped: the plan is inside of another object, or has to be put around the list.
func likeness(v any) (fields map[string]any, rank int, wrapped bool) {
	switch v := v.(type) {
	case map[string]any:
		if rank = planRank(v); rank > 0 {
			return v, rank, false
		}
		for _, name := range sortedNames(v) {
			inner, ok := v[name].(map[string]any)
			if !ok {
				continue
			}
			if rank = planRank(inner); rank > 0 {
				return inner, rank, true
			}
		}
	case []any:
		labels, words := 0, 0
		for _, item := range v {
			switch item := item.(type) {
			case map[string]any:
				if _, ok := lookUp(item, "label"); ok {
					labels++
				}
			case string:
				if utf8.RuneCountInString(item) > 1 {
					words++
				}
			}
		}
		fields = map[string]any{"candidates": v}
		switch {
		case labels > 0:
			return fields, 3, true
		case words > 1:
			return fields, 1, true
		}
	}
	return nil, 0, false
}

func planRank(fields map[string]any) int {
	if _, ok := lookUp(fields, "candidates", "choices", "options"); ok {
		return full
	}
	for _, name := range []string{"summary", "facts_add", "facts_end", "threads", "mood", "end"} {
		if _, ok := lookUp(fields, name); ok {
			return 2
		}
	}
	return 0
}
