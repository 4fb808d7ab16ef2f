package story

// A passage is compiled once into nodes, which are rendered for every show that enters it.

type node interface {
	render(*run) error
}

type block []node

type (
	text    string               // the author's words, markup included
	printed struct{ value expr } // an expression in the text
	named   struct {             // a variable in the text, $name or _name
		variable
		source string
	}
	assigns   []assignment
	condition struct{ arms []arm }
	wrapped   struct { // <<nobr>>, <<silently>>
		body   block
		silent bool
	}
	link struct {
		label   block
		plain   string // the label as the source has it, without markup
		target  string // "" where it leads nowhere: its words stay in the text
		effects []string
		number  int // its place in the source, counted from 1; the arms of one condition share theirs
	}
	jump    struct{ target string } // <<goto>>
	dropped struct{}                // what was left out
)

// arm is one way of a condition; the first whose test holds is rendered. A nil test always holds.
type arm struct {
	test expr
	body block
}

// unit is a passage made ready to be told.
type unit struct {
	name      string
	title     string
	body      block
	rules     Rules
	byDefault int // the number of the link taken when nobody votes, 0 = the first
	ends      bool
	ending    string
	cue       *cuePlan
	storylet  *storylet
	scene     bool // not a reserve passage, nor one that Begin runs
}

// cuePlan is what a passage says to the narrator.
type cuePlan struct {
	direction, mood block
	reserve         []string // in a bridge by beat, "" where there is none
	maxChars        int
	tension         []float64 // by beat, the last one for all that follow
	bridge          *bridge
}

// walk visits every node of b in the order of the source.
func walk(b block, visit func(node)) {
	for _, n := range b {
		visit(n)
		switch n := n.(type) {
		case condition:
			for _, a := range n.arms {
				walk(a.body, visit)
			}
		case wrapped:
			walk(n.body, visit)
		}
	}
}

// number gives the links of b their numbers, beginning after last, and returns the highest.
func number(b block, last int) int {
	for _, n := range b {
		switch n := n.(type) {
		case *link:
			if n.target != "" {
				last++
				n.number = last
			}
		case condition:
			highest := last
			for _, a := range n.arms {
				highest = max(highest, number(a.body, last))
			}
			last = highest
		case wrapped:
			last = number(n.body, last)
		}
	}
	return last
}

// certain is b without what depends on a condition.
func certain(b block) block {
	var sure block
	for _, n := range b {
		switch n := n.(type) {
		case condition:
		case wrapped:
			if !n.silent {
				sure = append(sure, certain(n.body)...)
			}
		default:
			sure = append(sure, n)
		}
	}
	return sure
}
