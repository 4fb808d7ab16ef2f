package vote

import "errors"

// Method is how ballots become a winner.
type Method string

const (
	Plurality Method = "plurality" // one choice each; the most ballots win
	Approval  Method = "approval"  // any number each; the most approvals win
	Ranked    Method = "ranked"    // in order of preference; instant run-off
)

// Tie is what happens when the first place is shared.
type Tie string

const (
	Listed Tie = "listed" // the one listed first
	Draw   Tie = "draw"   // a draw by a seed whose hash was published before the vote
	Host   Tie = "host"   // the host decides; the listed order if the host does not
)

// Tallies says when counts are shown.
type Tallies string

const (
	Live   Tallies = "live"   // while people vote
	Hidden Tallies = "hidden" // after the close
)

// DecidedBy says which rule made the winner.
type DecidedBy string

const (
	ByMajority DecidedBy = "majority"  // the most ballots (the run-off's winner, the most approvals)
	ByTieBreak DecidedBy = "tie_break" // the tie rule
	ByQuorum   DecidedBy = "quorum"    // too few voted: the default was taken
	ByDefault  DecidedBy = "default"   // nobody voted: the default was taken
	ByHost     DecidedBy = "host"      // the host decided
)

// Errors of Cast, told apart with errors.Is. None of them changes the poll.
var (
	ErrNoSuchChoice   = errors.New("no such choice")
	ErrTooManyChoices = errors.New("too many choices")
	ErrNoChoice       = errors.New("no choice named")
	ErrAlreadyVoted   = errors.New("already voted")
	ErrClosed         = errors.New("poll closed")
)

// MaxChoices is the most choices a poll may have.
const MaxChoices = 9

// Choice is an option of a poll.
type Choice struct {
	ID    string `json:"id"` // "a", "b", …
	Label string `json:"label"`
}

// Rules are declared before a poll and never change while it runs.
type Rules struct {
	ArmSeconds  float64 `json:"arm_seconds"`
	VoteSeconds float64 `json:"vote_seconds"`
	TailSeconds float64 `json:"tail_seconds"`
	Method      Method  `json:"method"`
	Tie         Tie     `json:"tie"`
	Quorum      float64 `json:"quorum"`  // share of those able to vote that must vote, 0–1
	Default     string  `json:"default"` // the choice taken without votes or quorum; "" = the first listed
	Tallies     Tallies `json:"tallies"`
	ChangeVotes bool    `json:"change_votes"`
	EarlyClose  bool    `json:"early_close"` // close as soon as the outcome cannot change
}

// Result is a poll's outcome and the arithmetic behind it.
type Result struct {
	Winner    string         `json:"winner"`
	Counts    map[string]int `json:"counts"`   // first preferences when ranked; every choice is present
	Turnout   int            `json:"turnout"`  // ballots counted
	Eligible  int            `json:"eligible"` // viewers able to vote at the close
	DecidedBy DecidedBy      `json:"decided_by"`
	Tied      []string       `json:"tied,omitempty"`   // who shared the first place
	Rounds    []Round        `json:"rounds,omitempty"` // of a run-off
	Needed    int            `json:"needed,omitempty"` // ballots that the quorum asked for
	Rules     Rules          `json:"rules"`
}

// Round is one round of an instant run-off.
type Round struct {
	Counts     map[string]int `json:"counts"`               // of those still in
	Eliminated string         `json:"eliminated,omitempty"` // "" in the last round
	Exhausted  int            `json:"exhausted"`            // ballots with no choice left
}
