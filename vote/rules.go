package vote

import (
	"fmt"
	"math"
)

// The longest that the parts of a poll may take, in seconds. Each may be 0.
const (
	MaxArmSeconds  = 60
	MaxVoteSeconds = 3600
	MaxTailSeconds = 60
)

// DefaultRules are those of a poll that nobody has said anything about.
func DefaultRules() Rules {
	return Rules{
		ArmSeconds:  4,
		VoteSeconds: 20,
		TailSeconds: 5,
		Method:      Plurality,
		Tie:         Listed,
		Tallies:     Live,
		ChangeVotes: true,
	}
}

// Check names the first field, as in JSON, that is out of its range. It cannot judge Default, which only [New] sees beside choices.
func (r Rules) Check() error {
	for _, f := range []struct {
		name       string
		value, top float64
	}{
		{"arm_seconds", r.ArmSeconds, MaxArmSeconds},
		{"vote_seconds", r.VoteSeconds, MaxVoteSeconds},
		{"tail_seconds", r.TailSeconds, MaxTailSeconds},
		{"quorum", r.Quorum, 1},
	} {
		if !(f.value >= 0 && f.value <= f.top) { // so written, it refuses NaN too
			return fmt.Errorf("%s must be from 0 to %v, not %v", f.name, f.top, f.value)
		}
	}
	switch r.Method {
	case Plurality, Approval, Ranked:
	default:
		return fmt.Errorf("method must be plurality, approval or ranked, not %.20q", r.Method)
	}
	switch r.Tie {
	case Listed, Draw, Host:
	default:
		return fmt.Errorf("tie must be listed, draw or host, not %.20q", r.Tie)
	}
	switch r.Tallies {
	case Live, Hidden:
	default:
		return fmt.Errorf("tallies must be live or hidden, not %.20q", r.Tallies)
	}
	return nil
}

// needed is how many of the eligible the quorum asks for: its share, rounded up. A product such as 0.07 × 100 comes out a hair above
// the whole number that was meant; a billionth is far more than that error for any audience that a room can hold, and far less than
// one viewer.
func (r Rules) needed(eligible int) int {
	return int(math.Ceil(r.Quorum*float64(eligible) - 1e-9))
}
