package narrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"

	"kinoautomat/story"
)

// Options say how long a model may take and who counts what came of it. A zero field means its default.
type Options struct {
	Connect     time.Duration // until a connection stands; default 1 s
	FirstWord   time.Duration // until the first word that viewers could read; default 2.5 s
	Idle        time.Duration // between two tokens; default 1.5 s
	Whole       time.Duration // for the whole call; default 25 s
	Temperature float64       // of the sampling, 0–2; default 0.8

	// OnOutcome is called once for each call of the model, from the goroutine of Tell. outcome is one of the Why constants; firstWord
	// is the time until the first word, 0 where none came.
	OnOutcome func(backend, outcome string, took, firstWord time.Duration)

	// Dial opens connections; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
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

// Model is one language model behind one backend. It is a Narrator that may fail; a Ladder catches it.
type Model struct {
	backend Backend
	opts    Options
	http    *http.Client
	log     *zap.Logger
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
	return &Model{backend: b, opts: opts, http: newHTTP(opts.Dial, opts.Connect), log: log.Named("narrator")}, nil
}

// Backend is where the model answers.
func (m *Model) Backend() Backend { return m.backend }

// Tell implements Narrator. It may fail before or after its first sentence; what it wrote are whole sentences.
func (m *Model) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	if err := m.tell(ctx, cue, FirstOnScreen, write); err != nil {
		return story.Telling{}, err
	}
	return story.Telling{Source: story.SourceModel, Why: WhyModelAnswered}, nil
}

// tell streams the model's words as whole sentences, the first of them within onScreen.
func (m *Model) tell(ctx context.Context, cue story.Cue, onScreen time.Duration, write func(text string) error) error {
	begun := time.Now()
	call, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := func(what string, after time.Duration) *time.Timer {
		return time.AfterFunc(after, func() { cancel(fmt.Errorf("%w: %s", errTimeout, what)) })
	}
	word, sentence, whole := late("no first word", m.opts.FirstWord), late("no first sentence", onScreen), late("no end", m.opts.Whole)
	defer word.Stop()
	defer sentence.Stop()
	defer whole.Stop()

	var firstWord time.Duration
	out := newProse(cue, write)
	out.onWord = func() {
		word.Stop()
		firstWord = time.Since(begun)
	}
	out.onSentence = func() { sentence.Stop() }
	err := m.call(call, cancel, cue, out)
	switch {
	case out.failed != nil: // by the room: the model did nothing wrong
		err = out.failed
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case err == nil && !out.begun:
		err = errEmpty
	}
	if m.opts.OnOutcome != nil {
		m.opts.OnOutcome(m.backend.String(), outcome(err), time.Since(begun), firstWord)
	}
	return err
}

// outcome is the Why constant of an error of tell.
func outcome(err error) string {
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
	}
	return WhyAbandoned
}
