package narrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"

	"kinoautomat/narrator/gate"
	"kinoautomat/story"
)

// Options say how long a model may take and who counts what came of it. A zero field means its default.
type Options struct {
	Connect     time.Duration // until a connection stands; default 1 s
	FirstWord   time.Duration // until the first word that viewers could read; default 2.5 s
	Idle        time.Duration // between two tokens; default 1.5 s
	Whole       time.Duration // for the whole call; default 25 s
	Temperature float64       // of the sampling, 0–2; default 0.8

	// OnOutcome is called once for each call of the model, from the goroutine of Tell, Stream or Ask.
	OnOutcome func(Outcome)

	// Dial opens connections; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Outcome is what came of one call of one model. Nothing in it comes from viewers, authors or models, so all of it can label a metric.
type Outcome struct {
	Backend   string        // as the operator set it, without its key and its limits
	Why       string        // one of the Why constants
	Took      time.Duration // until the call was over
	FirstWord time.Duration // until the first word; 0 where none came
	Rate      float64       // tokens per second from the first word to the last; 0 where there are less than 10 ms between them
}

// FirstOnScreen is the time from the start of a cue within which its first sentence must be ready, whatever the models do.
const FirstOnScreen = 3500 * time.Millisecond

const (
	defaultMaxChars = 900
	minMaxChars     = 200
	maxMaxChars     = 4000
	leastRest       = 80 // characters: a scene that lacks no more than this is not gone on with
)

func maxChars(cue story.Cue) int {
	if cue.MaxChars == 0 {
		return defaultMaxChars
	}
	return min(max(cue.MaxChars, minMaxChars), maxMaxChars)
}

// When a model is left alone, so that calls fail over at once and its backend can recover.
const (
	restAfter   = 3                // failures in a row,
	restShare   = 0.5              // or this share of the calls of breakerSpan,
	restLeast   = 6                // if there were so many
	breakerSpan = 30 * time.Second // over which failures are counted
	restTime    = 5 * time.Second  // until one call may try again
	maxRest     = 30 * time.Second // that a backend can ask for with Retry-After
)

// Model is one language model behind one backend, and what was found out about it. By itself it is a Narrator that may fail; a Ladder
// catches it. It is safe for concurrent use.
type Model struct {
	backend Backend
	opts    Options
	http    *http.Client
	log     *zap.Logger
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu      sync.Mutex
	slots   chan struct{}   // holds one for each call that the backend is busy with
	refuses map[string]bool // fields of a request that the backend does not take
	trouble error           // of the last call that failed
	rest    time.Time       // until when the backend wants to be left alone
	words   recent          // times until the first word
	known   knowledge
}

// NewModel returns the model of a backend from ParseBackend or Detect. It connects to nothing.
func NewModel(b Backend, opts Options, log *zap.Logger) (*Model, error) {
	if b.Base == "" || b.Model == "" {
		return nil, fmt.Errorf("%w: it names no address or no model", ErrBackend)
	}
	opts.Connect = cmp.Or(opts.Connect, time.Second)
	opts.FirstWord = cmp.Or(opts.FirstWord, 2500*time.Millisecond)
	opts.Idle = cmp.Or(opts.Idle, 1500*time.Millisecond)
	opts.Whole = cmp.Or(opts.Whole, 25*time.Second)
	opts.Temperature = cmp.Or(opts.Temperature, 0.8)
	m := &Model{
		backend: b, opts: opts, http: newHTTP(opts.Dial, opts.Connect), log: log.Named("narrator").With(zap.Stringer("backend", b)),
		slots: make(chan struct{}, cmp.Or(b.Slots, defaultSlots(b))), refuses: map[string]bool{},
	}
	m.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Interval: breakerSpan, BucketPeriod: breakerSpan / 6, Timeout: restTime,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.ConsecutiveFailures >= restAfter || c.Requests >= restLeast && float64(c.TotalFailures) >= restShare*float64(c.Requests)
		},
		IsExcluded: func(err error) bool { return err != nil && !blames(err) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			m.log.Info("model breaker changed", zap.Stringer("from", from), zap.Stringer("to", to))
		},
	})
	return m, nil
}

// blames says whether an error of a call is the backend's fault, so that it counts against it.
func blames(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok && status.refused() || ok && status.ContextOverflow() {
		return false
	}
	why := Why(err)
	return why != WhyAbandoned && why != WhyModelAnswered && why != WhyOutrun && why != WhyBlocked && why != WhyContradicts && why != WhyLanguage
}

// Backend is where the model answers.
func (m *Model) Backend() Backend { return m.backend }

// Tell implements Narrator. It may fail before or after its first sentence; what it wrote are whole sentences.
func (m *Model) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	if _, err := tell(ctx, &line{waiting: []*Model{m}}, cue, FirstOnScreen, write); err != nil {
		return story.Telling{}, err
	}
	return story.Telling{Source: story.SourceModel, Why: WhyModelAnswered}, nil
}

// tell lets the models of the line race for the cue and writes the words of the one that speaks first as whole sentences, the first of them
// within onScreen. begun: there was one.
func tell(ctx context.Context, l *line, cue story.Cue, onScreen time.Duration, write func(text string) error) (begun bool, err error) {
	racing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(onScreen, func() { cancel(fmt.Errorf("%w: no first sentence", errTimeout)) })
	defer late.Stop()
	out := newProse(cue, write)
	out.onSentence = func() { late.Stop() }
	window := l.window()
	answer := min(maxChars(cue), window/2) // tokens: one has at least about one character
	asked := prompt(cue, window-answer)
	_, err = race(racing, l, question{
		room:  cue.Room,
		turns: []Turn{{RoleContract, asked.System}, {RoleAsked, asked.User}},
		call:  Call{MaxTokens: answer},
		until: time.Now().Add(onScreen - leastChance),
		hear:  out.push,
		end:   out.end,
	})
	if ctx.Err() != nil && out.failed == nil {
		err = context.Cause(ctx)
	}
	return out.begun, err
}

// Why is the Why constant of an error that a call of a model ended with.
func Why(err error) string {
	switch {
	case err == nil:
		return WhyModelAnswered
	case errors.Is(err, errUnreachable):
		return WhyModelUnreachable
	case errors.Is(err, errTimeout):
		return WhyModelTimeout
	case errors.Is(err, errRefused):
		return WhyModelError
	case errors.Is(err, errEmpty):
		return WhyModelEmpty
	case errors.Is(err, errCut):
		return WhyModelCut
	case errors.Is(err, errOutrun):
		return WhyOutrun
	case errors.Is(err, ErrNoModel):
		return WhyNoModel
	case errors.Is(err, errLanguage):
		return WhyLanguage
	}
	if _, blocked := errors.AsType[*gate.BlockedError](err); blocked {
		return WhyBlocked
	}
	if _, against := errors.AsType[*contradiction](err); against {
		return WhyContradicts
	}
	return WhyAbandoned
}
