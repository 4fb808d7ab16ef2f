package narrator

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/memory"
	"kinoautomat/story"
)

// leastChance is the time within which a model may still bring a first sentence; with less left of FirstOnScreen none is asked.
const leastChance = 300 * time.Millisecond

// rewriteTime is how long the first sentence of a rewrite may take when viewers have read what came before the blocked one.
const rewriteTime = 1500 * time.Millisecond

// contradiction ends a telling that goes against a fact.
type contradiction struct{ fact string }

func (*contradiction) Error() string { return "a fact says otherwise" }

// contradicts finds a fact that the next sentence goes against. The ledger knows patterns and not meaning, so this is a reason to ask once more, and
// not to keep a sentence from viewers.
func contradicts(facts memory.Ledger, cue story.Cue, told, sentence string) error {
	for _, c := range facts.Check(cue.Told+told+sentence, cue.Language) {
		if strings.Contains(sentence, strings.TrimSpace(c.Sentence)) {
			return &contradiction{c.Fact.Subject + " " + c.Fact.Predicate + " " + c.Fact.Object}
		}
	}
	return nil
}

// Ladder is the Narrator for shows: one model after another, then the author's reserve passages, then the scene's own text. A telling
// always ends well, unless write fails or ctx is over.
//
// A model that fails before its first sentence is as if it had never been asked: the next one tells the scene, as long as FirstOnScreen
// leaves it a chance, else the author's words do. Where a model breaks off later, what it told stands if it is enough for a scene; else
// the author's words follow as a new paragraph, and the telling says why.
//
// Every sentence passes the gate before it is written, whoever it is from. A model that is stopped by it, or that falls into another language, may
// go on once more, with a stricter contract; after that the author's words do. One that goes against a fact may go on once more too, told which one,
// and is then believed. Those pass the gate's lists only: a guard that is out of order must not silence a show.
type Ladder struct {
	pool  *Pool
	gate  *gate.Gate
	lists *gate.Gate    // without the guard
	judge time.Duration // that a guard may take for the first sentence
	log   *zap.Logger
}

// NewLadder returns a ladder that asks a pool of these models, with a gate of the built-in lists. None is fine.
func NewLadder(log *zap.Logger, models ...*Model) *Ladder {
	g := builtInGate()
	return &Ladder{pool: NewPool(models...), gate: g, lists: g, log: log.Named("narrator")}
}

var builtInGate = sync.OnceValue(func() *gate.Gate { return gate.New(gate.BuiltIn(), gate.Options{}) })

// SetGate makes the ladder use other lists and another guard. Call it before the first telling.
func (l *Ladder) SetGate(lists gate.Lists, options gate.Options) {
	l.gate = gate.New(lists, options)
	if l.judge = 0; options.Guard != nil {
		l.judge = cmp.Or(options.Timeout, gate.GuardTimeout)
	}
	options.Guard = nil
	l.lists = gate.New(lists, options)
}

// Pool is the models of the ladder. Its Run keeps them checked.
func (l *Ladder) Pool() *Pool { return l.pool }

// Tell implements Narrator.
func (l *Ladder) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	begun := time.Now()
	cue = cue.Passing(func(text string) bool { return l.passes(ctx, cue, text) })
	if standsIn(cue) || enough(cue.Told) && utf8.RuneCountInString(cue.Told) > maxChars(cue)-leastRest {
		return Authored{}.Tell(ctx, cue, write) // whoever told it before was done or had given up on the models
	}
	left := FirstOnScreen - l.judge
	why, err := l.ask(ctx, &cue, left, write)
	if (why == WhyBlocked || why == WhyLanguage || why == WhyContradicts) && err == nil {
		if left = FirstOnScreen - l.judge - time.Since(begun); cue.Told != "" {
			left = rewriteTime
		}
		cue.Stopped = why
		why, err = l.ask(ctx, &cue, left, write)
	}
	switch {
	case err != nil:
		return story.Telling{}, err
	case why == WhyModelAnswered:
		return story.Telling{Source: story.SourceModel, Why: why}, nil
	}
	telling, err := Authored{}.Tell(ctx, cue, write)
	if err != nil {
		return story.Telling{}, err
	}
	if why != WhyNoModel {
		l.log.Warn("the author's words stand in", zap.String("room", cue.Room), zap.String("scene", cue.Scene), zap.String("why", why))
	}
	if telling.Source != story.SourceModel || why == WhyBlocked || why == WhyLanguage {
		telling.Why = why
	}
	return telling, nil
}

// ask asks the models and adds what passed the gate to cue.Told. Its error is that of write, or the end of ctx; why says everything else.
func (l *Ladder) ask(ctx context.Context, cue *story.Cue, within time.Duration, write func(text string) error) (why string, err error) {
	var (
		start = time.Now()
		line  = l.pool.line(cue.Room)
		out   = l.gate.Stream(cue.Told, write)
		facts = memory.NewLedger(bible(*cue), beats(*cue))
		told  strings.Builder
	)
	why = WhyNoModel
	defer func() { cue.Told += told.String() }()
	for len(line.waiting) > 0 {
		left := within - time.Since(start)
		if left < leastChance {
			break
		}
		begun, err := tell(ctx, line, *cue, left, func(text string) error {
			if cue.Stopped == "" {
				if err := contradicts(facts, *cue, told.String(), text); err != nil {
					return err
				}
			}
			if err := out.Release(ctx, text); err != nil {
				return err
			}
			told.WriteString(text)
			return nil
		})
		if blocked, ok := errors.AsType[*gate.BlockedError](err); ok {
			l.log.Warn("narration blocked", zap.String("room", cue.Room), zap.String("scene", cue.Scene), zap.Stringer("verdict", blocked.Verdict))
			return WhyBlocked, nil
		}
		if against, ok := errors.AsType[*contradiction](err); ok {
			l.log.Info("narration contradicts a fact", zap.String("room", cue.Room), zap.String("scene", cue.Scene))
			cue.Against = against.fact
			return WhyContradicts, nil
		}
		if errors.Is(err, ErrNoModel) { // the time for asking one ran out just now
			break
		}
		switch why = Why(err); why {
		case WhyModelAnswered:
			return why, nil
		case WhyAbandoned:
			return why, err
		}
		if begun {
			break
		}
	}
	return why, nil
}

// Passes says whether a text of an author's, a host's or a viewer's passes the lists. The guard is not asked: rooms do not wait for it.
func (l *Ladder) Passes(text string) bool { return l.lists.Check(context.Background(), "", text).Pass }

func (l *Ladder) passes(ctx context.Context, cue story.Cue, text string) bool {
	verdict := l.lists.Check(ctx, "", text)
	if !verdict.Pass {
		l.log.Warn("the author's words blocked", zap.String("room", cue.Room), zap.String("scene", cue.Scene), zap.Stringer("verdict", verdict))
	}
	return verdict.Pass
}
