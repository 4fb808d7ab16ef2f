package narrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Finding is one thing that Examine found, in words that an operator can act on. It holds no key.
type Finding struct {
	Good bool
	Text string
}

const (
	examineTokens = 120
	slowRate      = 10                     // tokens per second: about as fast as people read
	slowCancel    = 50 * time.Millisecond  // until a cancelled call is over
	slowAfter     = 500 * time.Millisecond // that a first word may come later than before when the call ahead of it was cancelled
)

// Examine asks the model's server for all that shows need of it: about a minute at worst for each of a few short answers, since a server may have
// to load its model first. It is meant for operators, not for a node that runs shows.
func (m *Model) Examine(ctx context.Context) []Finding {
	var found []Finding
	note := func(good bool, format string, args ...any) {
		found = append(found, Finding{good, fmt.Sprintf(format, args...)})
	}
	models, err := m.listModels(ctx)
	if err != nil {
		note(false, "%s", Advice(err))
		return found
	}
	if listed := models.has(m.backend.Model); listed == nil && len(models) > 0 {
		note(false, "the server answers, but does not list the model %q; it has %s", m.backend.Model, m.backend.redact(models.names()))
	} else {
		note(true, "the server answers and %s", map[bool]string{true: "lists the model", false: "has no list of models"}[listed != nil])
	}
	m.check(ctx)
	if err := m.learn(ctx); err != nil {
		note(false, "it gives no answer: %s", Advice(err))
		return found
	}
	found = append(found, m.limits()...)
	found = append(found, m.speed(ctx)...)
	return found
}

// limits is what was learnt.
func (m *Model) limits() []Finding {
	tokens, source := m.Context()
	s := m.Status()
	found := []Finding{
		{!strings.HasPrefix(source, "assumed"), fmt.Sprintf("a prompt and its answer may have %d tokens (%s)", tokens, source)},
		{true, fmt.Sprintf("up to %d calls at once; slots= sets another number", s.Slots)},
		{true, "the model can be held to a JSON schema"},
	}
	if m.backend.native() {
		found[0].Text += fmt.Sprintf("; num_ctx=%d is sent with each call", tokens)
	}
	if s.Schema != "yes" {
		found[2] = Finding{false, "the model cannot be held to a JSON schema: plans are asked for in words and will fail more often"}
	}
	return found
}

// speed tells a bit, and then cancels a longer telling.
func (m *Model) speed(ctx context.Context) (found []Finding) {
	q := question{
		turns: []Turn{{RoleAsked, "Tell how a night at a lighthouse begins, in about eighty words."}},
		call:  Call{MaxTokens: examineTokens, FirstWord: learnTime},
	}
	told, err := m.examine(ctx, q, 0)
	switch {
	case errors.Is(err, errEmpty):
		return []Finding{{false, "it answers without a word that could be shown; if the model thinks first, turn that off in the server or take another model"}}
	case err != nil:
		return []Finding{{false, "it does not tell to the end: " + Advice(err)}}
	}
	found = append(found, Finding{told.FirstWord <= m.opts.FirstWord, fmt.Sprintf("first word after %d ms", told.FirstWord.Milliseconds())})
	if !found[0].Good {
		found[0].Text += fmt.Sprintf("; shows wait %d ms and then take the author's words: use a smaller model, or a faster machine", m.opts.FirstWord.Milliseconds())
	}
	rate := Finding{told.Rate == 0 || told.Rate >= slowRate, fmt.Sprintf("%.0f tokens per second", told.Rate)}
	switch {
	case told.Rate == 0:
		rate.Text = "the answer came at once"
	case !rate.Good:
		rate.Text += "; people read faster than that"
	}
	return append(append(found, rate), m.cancels(ctx, q, told.FirstWord))
}

// cancels says whether a cancelled call ends at once, for us and for the server.
func (m *Model) cancels(ctx context.Context, q question, usual time.Duration) Finding {
	q.call.MaxTokens = 1000
	var cancelled, over time.Time
	_, err := m.examine(ctx, q, 3, func() { cancelled = time.Now() })
	over = time.Now()
	switch {
	case cancelled.IsZero() && err == nil:
		return Finding{true, "a longer answer was over before it could be cancelled"}
	case cancelled.IsZero():
		return Finding{false, "a longer answer failed: " + Advice(err)}
	}
	q.call.MaxTokens = 1
	next, err := m.examine(ctx, q, 0)
	took, later := over.Sub(cancelled), next.FirstWord-usual
	switch {
	case err != nil:
		return Finding{false, "after a cancelled call the next one failed: " + Advice(err)}
	case took > slowCancel:
		return Finding{false, fmt.Sprintf("a cancelled call ended only after %d ms", took.Milliseconds())}
	case later > slowAfter:
		return Finding{false, fmt.Sprintf("after a cancelled call the next answer came %d ms later than usual: the server seems to go on writing; update it, or give it more slots",
			later.Milliseconds())}
	}
	return Finding{true, fmt.Sprintf("a cancelled call ends within %d ms, and the next one is served at once", took.Milliseconds()+1)}
}

// examine makes one call, which it cancels after so many pieces; 0 = never.
func (m *Model) examine(ctx context.Context, q question, after int, cancelled ...func()) (Answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pieces := 0
	return m.answer(ctx, cancel, q, func(string) error {
		if pieces++; pieces == after {
			for _, tell := range cancelled {
				tell()
			}
			cancel(errOutrun)
		}
		return nil
	})
}

// Advice is an error of a call with what an operator can do about it. It holds no key.
func Advice(err error) string {
	status, reported := errors.AsType[*StatusError](err)
	do := ""
	switch {
	case errors.Is(err, errUnreachable):
		do = "see that the server runs and that the address is right"
	case errors.Is(err, errTimeout):
		do = "the server may be loading its model, or be too busy"
	case errors.Is(err, errLanguage):
		do = "take a model that knows the language, or do not show stories in it"
	case !reported:
	case status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden:
		do = "put the right key into the file that key_file names, or into " + KeyVariable
	case status.Code == http.StatusNotFound || status.Code == http.StatusOK || status.Code >= 300 && status.Code < 400:
		do = "see that the address ends as the server's documentation says, mostly in /v1, and that the model's name is right"
	case status.Code == http.StatusTooManyRequests:
		do = "the server wants fewer calls; slots= limits them"
	case status.ContextOverflow():
		do = "start the server with a longer context, or say with ctx= how long it is"
	case status.Code == http.StatusServiceUnavailable:
		do = "wait until the server has loaded its model"
	case status.Code >= 500:
		do = "look into the server's own log"
	}
	if do == "" {
		return err.Error()
	}
	return err.Error() + "; " + do
}

// names lists the first few.
func (l listedModels) names() string {
	const most = 5
	var names []string
	for _, m := range l[:min(len(l), most)] {
		names = append(names, clip(cmp.Or(m.ID, m.Name), maxModelName))
	}
	if len(l) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
