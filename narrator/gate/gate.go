package gate

import (
	"context"
	"errors"
	"time"
)

// MaxText is how many bytes a text may have, of what is checked at once; a longer one does not pass. Twenty thousand characters, the
// longest text of a scene, have at most 80,000.
const MaxText = 128 << 10

// GuardTimeout is how long a guard may take for one verdict if Options say nothing else. Longer than that, a stream of words would
// visibly stop.
const GuardTimeout = 1500 * time.Millisecond

// Guard is a model that judges a text by what it means, after the lists have found nothing. Judge must end soon after ctx does; it is
// called from many goroutines at a time.
type Guard interface {
	Judge(ctx context.Context, text string) (Judgement, error)
}

// Judgement is what a guard found. The zero Judgement is not safe.
type Judgement struct {
	Safe     bool
	Category Category // of a text that is not safe; what is no category's name counts as Other
}

// Layer is who blocked a text.
type Layer string

// The layers. LayerTimeout and LayerError mean that a guard gave no verdict: what nobody could judge does not pass.
const (
	LayerLexical Layer = "lexical"
	LayerGuard   Layer = "guard"
	LayerTimeout Layer = "timeout"
	LayerError   Layer = "error"
)

// Verdict says whether viewers may see a text. The zero Verdict is that they may not. It never holds a word of the text, so it can be
// logged and counted.
type Verdict struct {
	Pass     bool
	Layer    Layer    // who blocked it; "" if it passed
	Category Category // why; "" if it passed or nobody could judge
}

// String implements fmt.Stringer: "passed", "blocked: lexical hate" or "blocked: timeout".
func (v Verdict) String() string {
	switch {
	case v.Pass:
		return "passed"
	case v.Category == "":
		return "blocked: " + string(v.Layer)
	}
	return "blocked: " + string(v.Layer) + " " + string(v.Category)
}

// Options of a gate.
type Options struct {
	Guard   Guard         // nil for none
	Timeout time.Duration // of one judgement; 0 is GuardTimeout

	OnVerdict func(Verdict) // hears every verdict, from the goroutine that asked for it; nil for nobody
}

// Gate gives verdicts. It does not change and is safe for concurrent use.
type Gate struct {
	words   *matcher
	guard   Guard
	timeout time.Duration
	heard   func(Verdict)
}

// New returns a gate with these lists. It takes some milliseconds; one gate serves all rooms of a node.
func New(lists Lists, options Options) *Gate {
	g := &Gate{words: lists.matcher(), guard: options.Guard, timeout: options.Timeout, heard: options.OnVerdict}
	if g.timeout <= 0 {
		g.timeout = GuardTimeout
	}
	return g
}

// Check says whether text may follow previous, which has passed before: both together are judged, since what is harmless in halves need
// not be so as a whole, but what lies in previous alone is not found again. Previous is "" at the beginning.
func (g *Gate) Check(ctx context.Context, previous, text string) Verdict {
	verdict := g.check(ctx, previous, text)
	if g.heard != nil {
		g.heard(verdict)
	}
	return verdict
}

func (g *Gate) check(ctx context.Context, previous, text string) Verdict {
	if len(previous)+len(text) > MaxText {
		return Verdict{Layer: LayerLexical, Category: TooLong}
	}
	if category := g.words.find(previous, text); category != "" {
		return Verdict{Layer: LayerLexical, Category: category}
	}
	if g.guard == nil {
		return Verdict{Pass: true}
	}
	return g.judge(ctx, previous+text)
}

// errGuardLate ends a judgement that takes too long.
var errGuardLate = errors.New("the guard took too long")

func (g *Gate) judge(ctx context.Context, text string) Verdict {
	ctx, cancel := context.WithTimeoutCause(ctx, g.timeout, errGuardLate)
	defer cancel()
	judgement, err := g.guard.Judge(ctx, text)
	switch {
	case errors.Is(context.Cause(ctx), errGuardLate): // whatever it says now, it is too late to trust it
		return Verdict{Layer: LayerTimeout}
	case err != nil || ctx.Err() != nil:
		return Verdict{Layer: LayerError}
	case judgement.Safe:
		return Verdict{Pass: true}
	case !categoryName.MatchString(string(judgement.Category)):
		judgement.Category = Other // a model's words do not get into logs
	}
	return Verdict{Layer: LayerGuard, Category: judgement.Category}
}
