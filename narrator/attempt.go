package narrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/sony/gobreaker/v2"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"go.uber.org/zap"
)

// question is what a race asks of models, and who hears the answer.
type question struct {
	room  string
	turns []Turn
	call  Call
	until time.Time // no model is asked after it; zero = no limit

	hear func(piece string) error  // called with each piece of the answer; errFull: that is enough
	end  func(finish string) error // called at the end of an answer that is whole, with "" after errFull; what it returns becomes the outcome
}

const leastSpan = 10 * time.Millisecond // from the first word to the last, so that a rate can be told

// attempt is one call of one model. Its goroutine sends what the model says to pieces, and closes pieces when the call is over.
type attempt struct {
	model  *Model
	cancel context.CancelCauseFunc
	pieces chan string

	answer Answer // complete when pieces is closed
	err    error
}

func (m *Model) attempt(ctx context.Context, q question, wg *sync.WaitGroup) *attempt {
	ctx, cancel := context.WithCancelCause(ctx)
	a := &attempt{model: m, cancel: cancel, pieces: make(chan string)}
	wg.Go(func() {
		defer close(a.pieces)
		defer cancel(nil)
		a.answer, a.err = m.answer(ctx, cancel, q, func(piece string) error {
			if ctx.Err() != nil { // else select would still let a piece pass now and then
				return context.Cause(ctx)
			}
			select {
			case a.pieces <- piece:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	})
	return a
}

// heard is where the attempt's words come from; nothing comes from no attempt.
func (a *attempt) heard() <-chan string {
	if a == nil {
		return nil
	}
	return a.pieces
}

// report counts what came of an attempt that is over.
func (a *attempt) report(room string, err error) {
	why := Why(err)
	if errors.Is(err, errResting) { // it was not asked
		return
	}
	if why != WhyModelAnswered && why != WhyAbandoned && why != WhyOutrun {
		a.model.log.Warn("model failed", zap.String("room", room), zap.String("why", why), zap.Duration("took", a.answer.Took), zap.Error(err))
	}
	if a.model.opts.OnOutcome != nil {
		a.model.opts.OnOutcome(Outcome{
			Backend: a.model.backend.String(), Why: why, Took: a.answer.Took, FirstWord: a.answer.FirstWord, Rate: a.answer.Rate})
	}
}

// answer asks the model and pushes what it says. cancel ends ctx.
func (m *Model) answer(ctx context.Context, cancel context.CancelCauseFunc, q question, push func(piece string) error) (a Answer, err error) {
	begun := time.Now()
	late := func(what string, after time.Duration) *time.Timer {
		return time.AfterFunc(after, func() { cancel(fmt.Errorf("%w: %s", errTimeout, what)) })
	}
	word, whole := late("no first word", cmp.Or(q.call.FirstWord, m.opts.FirstWord)), late("no end", m.opts.Whole+q.call.FirstWord)
	defer word.Stop()
	defer whole.Stop()
	defer func() { a.Took = time.Since(begun) }()
	leave, err := m.enter(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer func() { leave(err) }()

	var text strings.Builder
	var last time.Time
	spoken, pieces := thoughts{}, 0
	hear := func(piece string) error {
		if text.Len() == 0 {
			piece = strings.TrimLeft(piece, " \t\r\n")
		}
		if piece == "" {
			return nil
		}
		last = time.Now()
		if pieces++; pieces == 1 {
			if !word.Stop() { // just now
				return fmt.Errorf("%w: no first word", errTimeout)
			}
			a.FirstWord = last.Sub(begun)
			m.heard(a.FirstWord)
		}
		text.WriteString(piece)
		return push(piece)
	}
	end, held, err := m.adapt(ctx, cancel, q, func(piece string) error { return hear(spoken.push(piece)) })
	if err == nil {
		err = hear(spoken.close())
	}
	a.Text, a.Finish, a.Held, a.Backend, a.LogProbs = text.String(), end.finish, held, m.backend.String(), end.logProbs
	a.Tokens, a.Prompt, a.Cached = cmp.Or(end.usage.Told, pieces), end.usage.Prompt, end.usage.Details.Cached
	if span := last.Sub(begun) - a.FirstWord; span >= leastSpan && a.Tokens > 1 {
		a.Rate = float64(a.Tokens-1) / span.Seconds()
	}
	if err == nil && pieces == 0 {
		err = errEmpty
	}
	return a, err
}

// enter waits until the backend has a slot for a call. What it returns must be called with what came of the call.
func (m *Model) enter(ctx context.Context) (leave func(error), err error) {
	if err := m.resting(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	slots := m.slots
	m.mu.Unlock()
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	done, err := m.breaker.Allow()
	if err != nil {
		<-slots
		return nil, m.asleep()
	}
	return func(err error) {
		<-slots
		if errors.Is(err, errFull) {
			err = nil
		}
		m.mu.Lock()
		if err != nil && blames(err) {
			m.trouble = err
		}
		if status, ok := errors.AsType[*StatusError](err); ok && status.RetryAfter > 0 {
			m.rest = time.Now().Add(min(status.RetryAfter, maxRest))
		}
		m.mu.Unlock()
		done(err)
	}, nil
}

// resting is the error of asking a model that is to be left alone, nil if it may be asked.
func (m *Model) resting() error {
	m.mu.Lock()
	rest := m.rest
	m.mu.Unlock()
	if time.Now().Before(rest) || m.breaker.State() == gobreaker.StateOpen {
		return m.asleep()
	}
	return nil
}

// asleep gives a model's last trouble as the reason why it is left alone.
func (m *Model) asleep() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Errorf("%w: %w", errResting, cmp.Or(m.trouble, errUnreachable))
}

// adapt asks the model, and asks again without the fields that its backend refuses, which it remembers. held: the backend took the schema.
func (m *Model) adapt(ctx context.Context, cancel context.CancelCauseFunc, q question, push func(string) error) (end result, held bool, err error) {
	refuses := m.refused()
	for {
		fields := q.call.fields(m.opts.Temperature)
		if m.backend.native() {
			fields["num_ctx"], _ = m.Context()
		}
		for name := range refuses {
			fields[name] = nil
			if name == "max_tokens" { // the newest models of OpenAI know it by this name only
				fields["max_completion_tokens"] = cmp.Or(q.call.MaxTokens, defaultTokens)
			}
		}
		turns := q.turns
		if held = fields["response_format"] != nil; !held && q.call.Schema != nil {
			turns = withSchema(turns, q.call.Schema)
		}
		end, err = m.ask(ctx, cancel, joined(turns), fields, push)
		status, ok := errors.AsType[*StatusError](err)
		if !ok || status.streamed || !status.refused() || !refuse(refuses, status.Message, fields) {
			break
		}
	}
	if err == nil {
		m.learnRefused(refuses)
	}
	return end, held, err
}

// refuse adds the fields that a backend seems not to take: those that its words name, else all that only some kinds of servers know, else the
// schema, which may just be one that is too much for it and is not remembered. It returns false if nothing is left to do without.
func refuse(refuses map[string]bool, words string, fields map[string]any) bool {
	named := strings.FieldsFunc(words, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
	var present, special []string
	for name, value := range fields {
		if value != nil && name != "max_completion_tokens" && slices.Contains(named, name) {
			present = append(present, name)
		}
		if value != nil && !slices.Contains(plainFields, name) {
			special = append(special, name)
		}
	}
	remember := true
	switch {
	case len(present) > 0:
	case len(special) > 0:
		present = special
	case fields["response_format"] != nil:
		present, remember = []string{"response_format"}, false
	}
	for _, name := range present {
		refuses[name] = remember
	}
	return len(present) > 0
}

// ask makes one request through langchaingo.
func (m *Model) ask(
	ctx context.Context, cancel context.CancelCauseFunc, turns []Turn, fields map[string]any, push func(string) error,
) (result, error) {
	w := &wire{http: m.http, idle: m.opts.Idle, cancel: cancel, redact: m.backend.redact, fields: fields, native: m.backend.native()}
	llm, err := openai.New(openai.WithBaseURL(m.backend.Base), openai.WithToken(m.backend.token()), openai.WithModel(m.backend.Model),
		openai.WithOrganization(""), openai.WithHTTPClient(w))
	if err != nil {
		return result{}, fmt.Errorf("%w: prepare call: %w", errRefused, err)
	}
	var messages []llms.MessageContent
	for _, turn := range turns {
		role := map[Role]llms.ChatMessageType{
			RoleContract: llms.ChatMessageTypeSystem, RoleAsked: llms.ChatMessageTypeHuman, RoleTold: llms.ChatMessageTypeAI}[turn.Role]
		messages = append(messages, llms.TextParts(role, turn.Text))
	}
	var stopped error // of push
	_, err = llm.GenerateContent(ctx, messages, llms.WithStreamingFunc(func(_ context.Context, piece []byte) error {
		stopped = push(string(piece))
		return stopped
	}))
	end, failed := w.ended()
	switch {
	case stopped != nil:
		return end, stopped
	case context.Cause(ctx) != nil: // langchaingo forgets to say so half of the time
		return end, context.Cause(ctx)
	case failed != nil:
		return end, failed
	case err != nil:
		return end, fmt.Errorf("%w: %s", errRefused, m.backend.redact(err.Error()))
	case end.finish == "":
		return end, errCut
	}
	return end, nil
}
