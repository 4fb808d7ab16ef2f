package vote

import "slices"

// Close ends the voting and decides. Eligible is the number of viewers who voted or still could; it is taken as at least the turnout.
// From then on Cast returns ErrClosed. Closing again gives the same result.
//
// Without ballots, or with fewer than the quorum asks for, the default wins. Else the one with the most votes or approvals, or the
// run-off's winner, wins by majority; a shared first place goes to the tie rule. If that is the host, waiting is true and the result
// has no Winner and no DecidedBy yet: go on with [Poll.Settle] or [Poll.SettleListed].
func (p *Poll) Close(eligible int) (r Result, waiting bool) {
	p.Closed = true
	r = p.outcome(eligible, p.Rules.Tie)
	return r, r.Winner == ""
}

// Settle ends the voting, if it has not ended, with the host's choice, whatever the ballots say. The result keeps their arithmetic.
// It returns ErrNoSuchChoice, and then changes nothing.
func (p *Poll) Settle(choice string, eligible int) (Result, error) {
	if p.place(choice) < 0 {
		return Result{}, ErrNoSuchChoice
	}
	r, _ := p.Close(eligible)
	r.Winner, r.DecidedBy = choice, ByHost
	return r, nil
}

// SettleListed is Close with shared first places going to the one listed first; for a host who was asked and did not answer.
func (p *Poll) SettleListed(eligible int) Result {
	p.Closed = true
	return p.outcome(eligible, Listed)
}

// outcome decides by the ballots as they are now, with the given tie rule.
func (p *Poll) outcome(eligible int, tie Tie) Result {
	turnout := p.Turnout()
	eligible = max(eligible, turnout)
	r := Result{
		Winner:   p.Rules.Default,
		Counts:   p.Counts(),
		Turnout:  turnout,
		Eligible: eligible,
		Needed:   p.Rules.needed(eligible),
		Rules:    p.Rules,
	}
	if r.Winner == "" {
		r.Winner = p.Choices[0].ID
	}
	if turnout == 0 {
		r.DecidedBy = ByDefault
		return r
	}
	if turnout < r.Needed {
		r.DecidedBy = ByQuorum
		return r
	}

	var first []string
	if p.Rules.Method == Ranked {
		r.Rounds, first = p.runOff()
	} else {
		first = most(p.ids(), r.Counts)
	}
	if len(first) == 1 {
		r.Winner, r.DecidedBy = first[0], ByMajority
		return r
	}
	r.Tied = first
	switch tie {
	case Host:
		r.Winner = ""
	case Draw:
		r.Winner, r.DecidedBy = first[p.draw(first)], ByTieBreak
	default:
		r.Winner, r.DecidedBy = first[0], ByTieBreak
	}
	return r
}

// most are those of ids that have the highest count, in the same order.
func most(ids []string, counts map[string]int) []string {
	top := 0
	for _, id := range ids {
		top = max(top, counts[id])
	}
	return having(ids, counts, top)
}

// having are those of ids that have exactly n, in the same order.
func having(ids []string, counts map[string]int, n int) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return counts[id] != n })
}

// Decided says that no ballot still to come can change winner or reason, so that an open poll may close early. Eligible is as for
// [Poll.Close] and must count those who voted and left, else viewers who have not voted yet are overlooked. Viewers who come later
// and ballots voided later are outside of what it can know.
//
//   - Nobody has voted: never.
//   - Everybody eligible has voted: always. Where votes may be changed this is the only case, since any ballot could still move; that
//     everybody has spoken is then taken as final.
//   - Else the quorum must be met already, because those who have not voted may never do so, and the lead must be out of reach.
//     Plurality and approval: each of the remaining ballots brings a rival at most one nearer and at worst does nothing for the
//     leader, so a lead greater than their number can be neither overtaken nor tied. Ranked: a choice with more first preferences than
//     half of the eligible has a majority in the first round whatever the others do; short of that, later preferences may turn it.
func (p *Poll) Decided(eligible int) bool {
	turnout := p.Turnout()
	eligible = max(eligible, turnout)
	switch {
	case turnout == 0:
		return false
	case turnout == eligible:
		return true
	case p.Rules.ChangeVotes || turnout < p.Rules.needed(eligible):
		return false
	}
	first, second := 0, 0
	for _, n := range p.counts {
		first, second = max(first, n), max(second, min(first, n))
	}
	if p.Rules.Method == Ranked {
		return 2*first > eligible
	}
	return first-second > eligible-turnout
}
