package plan

// Limits of an answer, in characters unless it says otherwise. What is longer is shortened, what is more is dropped.
const (
	MaxAnswer     = 64 << 10 // bytes of a whole answer
	MaxSummary    = 200
	MaxLabel      = 60
	MaxHook       = 160
	MaxWhy        = 120
	MaxTerm       = 80 // each part of a fact
	MaxID         = 40
	MaxEndKind    = 40
	MaxFacts      = 12 // added, and ended
	MaxThreads    = 12
	MaxUses       = 8 // of a candidate
	MaxCandidates = 8
	AskFor        = 6 // candidates, in a prompt
	MaxRisk       = 3
)

// Version is that of the contract with the model, in the field v.
const Version = 1

// Plan is a model's answer after a beat.
type Plan struct {
	Summary    string         `json:"summary"`   // of the beat
	FactsAdd   []Fact         `json:"facts_add"` // what has become true
	FactsEnd   []string       `json:"facts_end"` // ids of facts that hold no longer
	Threads    []ThreadChange `json:"threads"`
	Mood       Mood           `json:"mood"`
	Candidates []Candidate    `json:"candidates"` // ways to go on
	End        End            `json:"end"`
}

// Fact is a statement about the story's world: the lamp, is, broken.
type Fact struct {
	Subject   string `json:"s"`
	Predicate string `json:"p"`
	Object    string `json:"o"`
}

// ThreadStatus is what became of a thread in a beat.
type ThreadStatus string

const (
	Open     ThreadStatus = "open" // begun or still as it was
	Advanced ThreadStatus = "advanced"
	Closed   ThreadStatus = "closed"
)

// ThreadChange says what a beat did to a thread.
type ThreadChange struct {
	ID     string       `json:"id"`
	Status ThreadStatus `json:"status"`
}

// Mood is how a beat feels.
type Mood struct {
	Valence float64 `json:"valence"` // −1 (dark) to 1 (bright)
	Arousal float64 `json:"arousal"` // 0–1
	Tension float64 `json:"tension"` // 0–1
}

// Kind is what sort of beat a candidate leads to.
type Kind string

const (
	Action   Kind = "action"
	Reveal   Kind = "reveal"
	Twist    Kind = "twist"
	Dialogue Kind = "dialogue"
	Calm     Kind = "calm"
)

// Kinds are all of them, in the contract's order.
func Kinds() []Kind { return []Kind{Action, Reveal, Twist, Dialogue, Calm} }

// Candidate is a way in which the story could go on.
type Candidate struct {
	ID    string   `json:"id"`    // unique in its plan
	Label string   `json:"label"` // what the audience reads
	Hook  string   `json:"hook"`  // what would happen, for the narrator
	Kind  Kind     `json:"kind"`
	Risk  int      `json:"risk"` // 0–3, how much is at stake
	Prob  float64  `json:"prob"` // 0–1, how likely the model says that it is the story's next step
	Why   string   `json:"why"`
	Uses  []string `json:"uses"` // ids of facts and threads that it builds on
	Ends  bool     `json:"ends"` // it ends the story
}

// End says whether the story has ended with this beat.
type End struct {
	IsEnd bool   `json:"is_end"`
	Kind  string `json:"kind"` // e.g. "tragic"
}
