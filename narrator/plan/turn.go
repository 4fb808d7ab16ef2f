package plan

import "cmp"

// How many choices are shown, and what a [Turn] has where it says nothing.
const (
	MinShown     = 2
	MaxShown     = 4
	DefaultShown = 3
	DefaultFloor = 0.8
)

// Mode is how choices are picked among the candidates.
type Mode string

const (
	MaxEntropy Mode = "max_entropy" // likely ones that differ, the chances as even as the floor asks; "" is the same
	Greedy     Mode = "greedy"      // the likeliest ones
	Beam       Mode = "beam"        // as MaxEntropy, and rather those from which an authored anchor can still be reached in time
)

// Turn is what there is to know about the story when its next choices are made. The zero Turn is fine.
type Turn struct {
	Language string  // of the story, BCP 47; "" is English
	Show     int     // choices, MinShown to MaxShown; 0 is DefaultShown
	Mode     Mode    // see there
	Floor    float64 // least entropy of the chances, as a share of the most possible, 0–1; 0 is DefaultFloor, negative is none
	Weights  Weights // of the parts of a score; all 0 is DefaultWeights
	Sample   bool    // draw the choices by their chances instead of taking the best ones
	Seed     uint64  // of that draw, and of the order in which choices are made up
	MayEnd   bool    // a choice may end the story

	Context string             // what was told last, its end is enough
	Known   []string           // ids of the facts and threads that there are
	Recent  []string           // labels of the choices offered lately, to be different from
	Target  *Mood              // what the next beat should feel like, nil if that is open
	Author  map[string]float64 // the author's preference by candidate id, any scale
	Threads []Thread           // open ones
	Cast    []string           // names of those who are there

	BeatsLeft int // until an authored anchor must be reached, this choice's beat included; 0 if there is none
	Outliner  Outliner
	Ledger    Ledger // nil: nothing contradicts
	Gate      Gate   // nil: everything passes
}

// Thread is an open question of the story.
type Thread struct {
	ID    string
	Title string // as viewers know it, e.g. "the missing key"
	Age   int    // beats since it last moved
}

// Gate is the safety gate. It must give the same verdict on the same text within a turn.
type Gate interface {
	// Passes says whether a text may be shown. The reason of a refusal is a stable word and not part of the text.
	Passes(text string) (ok bool, reason string)
}

// Ledger knows what is true in the story.
type Ledger interface {
	// Contradicts says whether a candidate goes against a fact, and which.
	Contradicts(c Candidate) (fact string, yes bool)
}

func (t Turn) passes(text string) (bool, string) {
	if t.Gate == nil || text == "" {
		return true, ""
	}
	return t.Gate.Passes(text)
}

func (t Turn) show() int { return min(max(cmp.Or(t.Show, DefaultShown), MinShown), MaxShown) }

func (t Turn) floor() float64 { return min(max(cmp.Or(t.Floor, DefaultFloor), 0), 1) }
