package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// MinDistance is how different two labels must be, by [Distance].
const MinDistance = 0.35

// Reason says why a candidate was refused.
type Reason string

const (
	NoWords       Reason = "no_words"    // its label has no letters, or a blank such as {name} that nobody filled in
	WrongScript   Reason = "language"    // its label is not in the story's language
	TooAlike      Reason = "duplicate"   // its label says the same as that of one before it
	EndsTooSoon   Reason = "ends"        // it ends the story where that is not allowed
	Contradictory Reason = "contradicts" // a fact says otherwise
	Blocked       Reason = "gate"        // the safety gate refused its label or hook
)

// Refusal is a candidate that was refused. It never holds the candidate's words, which may be the reason.
type Refusal struct {
	ID     string `json:"id"`
	Reason Reason `json:"reason"`
	Of     string `json:"of,omitempty"` // the id that it is too much like, the fact, or the gate's word
}

// TooFewError says that fewer than MinShown candidates are left.
type TooFewError struct {
	Left    int
	Refused []Refusal
}

func (e *TooFewError) Error() string {
	var words []string
	for _, r := range e.Refused {
		words = append(words, fmt.Sprintf("%s: %s", r.ID, r.Reason))
	}
	return fmt.Sprintf("%d candidates left (%s)", e.Left, strings.Join(words, ", "))
}

// Check returns the candidates that may be shown, with their labels tidied and shortened to MaxLabel, and what was refused. The error is a
// *[TooFewError] if fewer than MinShown are left; [Problem] makes of it the words for another try, and [Choose] does without.
func Check(p Plan, t Turn) ([]Candidate, []Refusal, error) {
	var (
		good    []Candidate
		refused []Refusal
	)
	for _, c := range p.Candidates {
		c.Label = Shorten(tidy(c.Label), MaxLabel)
		if r := judge(c, t, t.Language, good); r.Reason != "" {
			refused = append(refused, r)
			continue
		}
		if ok, _ := t.passes(c.Why); !ok {
			c.Why = ""
		}
		good = append(good, c)
	}
	if len(good) < MinShown {
		return good, refused, &TooFewError{len(good), refused}
	}
	return good, refused, nil
}

// judge says why a candidate may not stand beside others, with a zero Refusal if it may.
func judge(c Candidate, t Turn, language string, others []Candidate) Refusal {
	refuse := func(why Reason, of string) Refusal { return Refusal{c.ID, why, of} }
	if !strings.ContainsFunc(c.Label, unicode.IsLetter) || strings.ContainsAny(c.Label, "{}") {
		return refuse(NoWords, "")
	}
	if !InLanguage(c.Label, language) {
		return refuse(WrongScript, "")
	}
	if c.Ends && !t.MayEnd {
		return refuse(EndsTooSoon, "")
	}
	for _, other := range others {
		if Distance(c.Label, other.Label) < MinDistance {
			return refuse(TooAlike, other.ID)
		}
	}
	if t.Ledger != nil {
		if fact, yes := t.Ledger.Contradicts(c); yes {
			return refuse(Contradictory, fact)
		}
	}
	for _, text := range []string{c.Label, c.Hook} {
		if ok, word := t.passes(text); !ok {
			return refuse(Blocked, word)
		}
	}
	return Refusal{}
}

// Pass takes out of a plan what the gate refuses besides candidates, which Check judges: the summary, facts, the kind of ending. It says
// how many texts that were.
func (p *Plan) Pass(g Gate) (blocked int) {
	t := Turn{Gate: g}
	for _, text := range []*string{&p.Summary, &p.End.Kind} {
		if ok, _ := t.passes(*text); !ok {
			*text = ""
			blocked++
		}
	}
	p.FactsAdd = slices.DeleteFunc(p.FactsAdd, func(f Fact) bool {
		ok, _ := t.passes(f.Subject + " " + f.Predicate + " " + f.Object)
		if !ok {
			blocked++
		}
		return !ok
	})
	return blocked
}
