package vote

import "slices"

// runOff is the instant run-off (the single-winner alternative vote). In each round a ballot counts for the choice that it
// prefers among those still in; it is exhausted when it names none of them. Who has more than half of the ballots that are not
// exhausted has won. Else the choice with the fewest goes out and the next round begins.
//
// Among several with the fewest, the one that had fewest in the round before goes out, and so on back to the first round;
// if they were equal in all of them, the one listed last. When the last two are equal, they share the first place.
//
// There must be a ballot. It returns all rounds and the winner, or the two who share the first place, as listed.
func (p *Poll) runOff() (rounds []Round, first []string) {
	in := p.ids()
	for {
		rounds = append(rounds, p.round(in))
		now := &rounds[len(rounds)-1]
		first = most(in, now.Counts)
		if 2*now.Counts[first[0]] > p.Turnout()-now.Exhausted || len(in) == 2 {
			return rounds, first
		}
		now.Eliminated = lowest(in, rounds)
		in = slices.DeleteFunc(in, func(id string) bool { return id == now.Eliminated })
	}
}

// round counts every ballot for its best choice among those still in.
func (p *Poll) round(in []string) Round {
	r := Round{Counts: make(map[string]int, len(in))}
	for _, id := range in {
		r.Counts[id] = 0
	}
	for _, ballot := range p.Ballots {
		i := slices.IndexFunc(ballot, func(id string) bool { return slices.Contains(in, id) })
		if i < 0 {
			r.Exhausted++
		} else {
			r.Counts[ballot[i]]++
		}
	}
	return r
}

// lowest is who goes out after the latest of the rounds.
func lowest(in []string, rounds []Round) string {
	for _, r := range slices.Backward(rounds) {
		fewest := r.Counts[in[0]]
		for _, id := range in {
			fewest = min(fewest, r.Counts[id])
		}
		in = having(in, r.Counts, fewest)
	}
	return in[len(in)-1]
}
