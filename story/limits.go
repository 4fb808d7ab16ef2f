package story

import "fmt"

// Limits. What exceeds one is refused with a [LimitError], or with an error in the report when a source is read.
const (
	MaxFileBytes       = 4 << 20   // of one source file
	MaxPassages        = 5000      // in one story
	MaxProblems        = 1000      // errors and warnings on one file; a file with more is not a story
	MaxNotes           = 100       // notes on one file; further ones are left out
	MaxNameRunes       = 120       // of a passage's name and of a title
	MaxLabelRunes      = 120       // of a choice's label
	MaxSummaryRunes    = 1000      // of kino.summary
	MaxWords           = 20        // in kino.genres and in kino.themes
	MaxWorld           = 100       // entries of each list of kino.world
	MaxWorldRunes      = 600       // of its style, and of each rule and each line about somebody
	MaxLoreRunes       = 1200      // of a text of its lore
	MaxDirectionRunes  = 4000      // of what a narrator is told to tell, as it is rendered
	MaxReserve         = 20        // reserve passages of one scene
	MaxBeats           = 8         // of one bridge
	MaxTowardRunes     = 400       // of the scene that a bridge leads to, as a narrator is told of it
	MaxChoices         = 9         // of one scene; a poll has no more (vote.MaxChoices)
	MaxTextRunes       = 20_000    // of one scene's text, as it is rendered
	MaxNesting         = 64        // conditions inside conditions; brackets inside brackets
	MaxExpressionBytes = 4096      // of one expression, macro or link in the source
	MaxSteps           = 10_000    // nodes and expressions evaluated by one Enter or Choose
	MaxStringBytes     = 64 << 10  // of one string
	MaxList            = 1000      // items of one list
	MaxVariables       = 1000      // of one show
	MaxVarsBytes       = 256 << 10 // of all variables of one show together
	MaxStories         = 1000      // in one library
	MaxEditions        = 20        // of one story
)

// maxRawBytes bounds a scene's text before markup and blank space are taken out of it.
const maxRawBytes = 16 * MaxTextRunes

// LimitError says which limit was exceeded. It wraps [ErrLimit].
type LimitError struct {
	What string // in words, e.g. "choices of a scene"
	Max  int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %v: at most %d", e.What, ErrLimit, e.Max)
}

// Unwrap makes errors.Is(err, ErrLimit) true.
func (e *LimitError) Unwrap() error { return ErrLimit }
