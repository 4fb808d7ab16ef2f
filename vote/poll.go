package vote

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Poll is an open question and the ballots given so far. Its fields are exported for JSON, which keeps all of it; change them only
// through the methods.
type Poll struct {
	ID      string              `json:"id"`
	Choices []Choice            `json:"choices"` // 1–MaxChoices, in the order in which viewers see them
	Rules   Rules               `json:"rules"`
	Seed    []byte              `json:"seed"`    // 32 bytes, of this poll alone; secret until it is closed
	Ballots map[string][]string `json:"ballots"` // by viewer; choices in order of preference when ranked, else as listed
	Closed  bool                `json:"closed"`

	counts []int // by place in Choices, kept by Cast and Void: tallies are read several times a second
}

// New opens a poll. It refuses an empty id, rules that [Rules.Check] refuses, no choices or more than MaxChoices, choices whose ids are
// empty or not unique, and a default that is not among them.
//
// The seed must be unpredictable and used for one poll only, since it becomes public with the result.
func New(id string, choices []Choice, rules Rules, seed [32]byte) (*Poll, error) {
	p := &Poll{
		ID:      id,
		Choices: slices.Clone(choices),
		Rules:   rules,
		Seed:    slices.Clone(seed[:]),
		Ballots: make(map[string][]string),
		counts:  make([]int, len(choices)),
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("open poll: %w", err)
	}
	return p, nil
}

func (p *Poll) check() error {
	if p.ID == "" {
		return errors.New("id is empty")
	}
	if len(p.Seed) != 32 {
		return fmt.Errorf("seed must be 32 bytes, not %d", len(p.Seed))
	}
	if len(p.Choices) == 0 || len(p.Choices) > MaxChoices {
		return fmt.Errorf("choices must be 1 to %d, not %d", MaxChoices, len(p.Choices))
	}
	for i, c := range p.Choices {
		if c.ID == "" {
			return fmt.Errorf("choice %d has no id", i+1)
		}
		if p.place(c.ID) != i {
			return fmt.Errorf("choice id %.20q is there twice", c.ID)
		}
	}
	if d := p.Rules.Default; d != "" && p.place(d) < 0 {
		return fmt.Errorf("default %.20q is not among the choices", d)
	}
	return p.Rules.Check()
}

// UnmarshalJSON reads a whole poll and counts its ballots anew. It refuses whatever New and Cast would have refused, and then leaves
// the poll as it was.
func (p *Poll) UnmarshalJSON(b []byte) error {
	type fields Poll // the same without this method
	var read fields
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	q := Poll(read)
	if err := q.check(); err != nil {
		return fmt.Errorf("read poll: %w", err)
	}
	if q.Ballots == nil {
		q.Ballots = make(map[string][]string)
	}
	q.counts = make([]int, len(q.Choices))
	for viewer, choices := range q.Ballots {
		ballot, err := q.fill(choices)
		if err != nil {
			return fmt.Errorf("read ballot: %w", err)
		}
		q.Ballots[viewer] = ballot
		q.count(ballot, 1)
	}
	*p = q
	return nil
}

// Cast gives or changes the ballot of a viewer: exactly one choice in a plurality poll, one or more in an approval poll, one or more in
// order of preference in a ranked one; none may be named twice.
//
// The same ballot again is no error, not even after the close or where votes may not be changed, because commands are retried and
// the ballot does count. Else it returns ErrClosed, ErrNoChoice, ErrTooManyChoices (also for a choice named twice), ErrNoSuchChoice or
// ErrAlreadyVoted, and the poll stays as it was.
func (p *Poll) Cast(viewer string, choices []string) error {
	old, voted := p.Ballots[viewer]
	ballot, err := p.fill(choices)
	switch {
	case err == nil && voted && slices.Equal(old, ballot):
		return nil
	case p.Closed:
		return ErrClosed
	case err != nil:
		return err
	case voted && !p.Rules.ChangeVotes:
		return ErrAlreadyVoted
	}
	p.count(old, -1)
	p.count(ballot, 1)
	p.Ballots[viewer] = ballot
	return nil
}

// Void takes the ballot of a viewer back, as a ban does, and says whether there was one. The ballots of a closed poll stand.
func (p *Poll) Void(viewer string) bool {
	ballot, voted := p.Ballots[viewer]
	if !voted || p.Closed {
		return false
	}
	p.count(ballot, -1)
	delete(p.Ballots, viewer)
	return true
}

// Ballot is what a viewer chose, nil without a ballot. In an approval poll the choices come as listed, however they were named.
func (p *Poll) Ballot(viewer string) []string {
	return slices.Clone(p.Ballots[viewer])
}

// fill makes a ballot of what a viewer named. It holds the poll's own ids, so that a ballot never keeps a whole command in memory.
func (p *Poll) fill(choices []string) ([]string, error) {
	most := len(p.Choices)
	if p.Rules.Method == Plurality {
		most = 1
	}
	switch {
	case len(choices) == 0:
		return nil, ErrNoChoice
	case len(choices) > most:
		return nil, fmt.Errorf("%w: %d named, at most %d allowed", ErrTooManyChoices, len(choices), most)
	}
	places := make([]int, 0, MaxChoices)
	for _, id := range choices {
		i := p.place(id)
		if i < 0 {
			return nil, fmt.Errorf("%w: %.20q", ErrNoSuchChoice, id)
		}
		if slices.Contains(places, i) {
			return nil, fmt.Errorf("%w: %.20q is named twice", ErrTooManyChoices, id)
		}
		places = append(places, i)
	}
	if p.Rules.Method == Approval {
		slices.Sort(places)
	}
	ballot := make([]string, len(places))
	for i, place := range places {
		ballot[i] = p.Choices[place].ID
	}
	return ballot, nil
}

// place is where a choice is listed, -1 if it is not.
func (p *Poll) place(id string) int {
	return slices.IndexFunc(p.Choices, func(c Choice) bool { return c.ID == id })
}

// ids are the choices as listed.
func (p *Poll) ids() []string {
	ids := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		ids[i] = c.ID
	}
	return ids
}

// count adds a ballot to the running counts, or takes it out (sign −1). No ballot counts nothing.
func (p *Poll) count(ballot []string, sign int) {
	if p.Rules.Method != Approval {
		ballot = ballot[:min(1, len(ballot))]
	}
	for _, id := range ballot {
		p.counts[p.place(id)] += sign
	}
}

// Counts are the votes, approvals or first preferences that each choice has now; every choice is there. The map is the caller's.
func (p *Poll) Counts() map[string]int {
	counts := make(map[string]int, len(p.Choices))
	for i, c := range p.Choices {
		counts[c.ID] = p.counts[i]
	}
	return counts
}

// Turnout is the number of ballots.
func (p *Poll) Turnout() int { return len(p.Ballots) }
