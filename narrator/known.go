package narrator

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"
)

// How long a model's first word may be awaited before another model is asked too: as long as it takes in 19 of 20 cases, within these bounds.
const (
	minHedge    = 400 * time.Millisecond
	maxHedge    = 2500 * time.Millisecond // also while fewer than leastRecent times are known
	keptRecent  = 64
	leastRecent = 8
)

// recent is the last times until a first word, in no order.
type recent struct {
	times [keptRecent]time.Duration
	n     int // that were added
}

func (r *recent) add(d time.Duration) {
	r.times[r.n%keptRecent] = d
	r.n++
}

// percentile95 is 0 as long as too little is known.
func (r *recent) percentile95() time.Duration {
	n := min(r.n, keptRecent)
	if n < leastRecent {
		return 0
	}
	times := slices.Sorted(slices.Values(r.times[:n]))
	return times[(n*95+99)/100-1]
}

// heard takes note of the time until a first word.
func (m *Model) heard(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.words.add(d)
}

// firstWord is the time within which the model said its first word in 19 of 20 recent cases; 0 while that is not known.
func (m *Model) firstWord() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.words.percentile95()
}

func (m *Model) hedgeAfter() time.Duration {
	return min(max(cmp.Or(m.firstWord(), maxHedge), minHedge), maxHedge)
}

// ill says whether the last check failed.
func (m *Model) ill() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known.ill != nil
}

// spare says whether the model would take a call at once.
func (m *Model) spare() bool {
	m.mu.Lock()
	free := len(m.slots) < cap(m.slots) && m.known.ill == nil && !time.Now().Before(m.rest)
	m.mu.Unlock()
	return free && m.breaker.State() == gobreaker.StateClosed
}

// refused is the fields that the backend is known not to take.
func (m *Model) refused() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	refuses := maps.Clone(m.refuses)
	if m.known.schema == no {
		refuses["response_format"] = true
	}
	return refuses
}

// learnRefused remembers the fields that were left out of a call that succeeded, but for those that it is better to try again.
func (m *Model) learnRefused(refuses map[string]bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, remember := range refuses {
		if remember {
			m.refuses[name] = true
		}
	}
}

// Context is how many tokens a prompt and its answer may have together, and who says so.
func (m *Model) Context() (tokens int, source string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.backend.Context > 0:
		return m.backend.Context, "set by ctx="
	case m.known.context > 0:
		return m.known.context, "said by the server"
	}
	return unknownContext, "assumed, since nobody says; set ctx="
}

// Status is what is known about a model at a moment. Nothing in it comes from people or holds a key.
type Status struct {
	Backend   string
	Ill       string        // why its server cannot be asked; "" = it can, as far as is known
	Breaker   string        // "closed": it is asked; "open": it is left alone after failures; "half-open": one call tries again
	Busy      int           // calls under way
	Slots     int           // calls that it takes at once
	FirstWord time.Duration // until the first word in 19 of 20 recent calls; 0 = not known
	Context   int           // tokens
	Schema    string        // "yes", "no" or "unknown": whether it can be held to a JSON schema
}

// Status is what is known about the model now.
func (m *Model) Status() Status {
	tokens, _ := m.Context()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{
		Backend: m.backend.String(), Breaker: m.breaker.State().String(), Busy: len(m.slots), Slots: cap(m.slots),
		FirstWord: m.words.percentile95(), Context: tokens, Schema: []string{"unknown", "yes", "no"}[m.known.schema],
	}
	if m.known.ill != nil {
		s.Ill = m.known.ill.Error()
	}
	return s
}
