package narration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"

	"kinoautomat/bench"
	"kinoautomat/narrator"
)

// Checkup looks at real backends, one after the other.
type Checkup struct {
	Backends []narrator.Backend
	Streams  int // at once, 1–256
}

// Check says what is out of its range.
func (c Checkup) Check() error {
	if c.Streams < 1 || c.Streams > 256 {
		return errors.New("--streams must be from 1 to 256")
	}
	return nil
}

// State is what a check came to.
type State string

// The states. Shows go on with what warns, if less well; what fails has them fall back on other backends or the author's words.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Found is what one check found, in words that an operator can act on. It holds no key.
type Found struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Text  string `json:"text"`
}

// CheckupReport is what a Checkup found.
type CheckupReport struct {
	Benchmark string           `json:"benchmark"`
	Machine   bench.Machine    `json:"machine"` // that asked; the backend may be on another
	Backends  []*BackendReport `json:"backends"`
}

// BackendReport is what was found of one backend. Times are in milliseconds; figures of what could not be measured are left out.
type BackendReport struct {
	Backend   string  `json:"backend"`
	Found     []Found `json:"checks"`
	FirstWord float64 `json:"first_word_ms,omitempty"`
	Rate      float64 `json:"tokens_per_s,omitempty"`
	Cancel    float64 `json:"cancel_ms,omitempty"` // the longest of a few
	Load      *Load   `json:"load,omitempty"`
	Prefix    *Prefix `json:"prefix,omitempty"`
}

// Load is how a backend answers several calls that are made at once.
type Load struct {
	Streams   int     `json:"streams"`
	Failed    int     `json:"failed"`
	FirstWord Spread  `json:"first_word_ms"`
	AddedP50  float64 `json:"added_p50_ms"` // to the first word of a call that is alone
	AddedP95  float64 `json:"added_p95_ms"`
	SlowRate  float64 `json:"slowest_tokens_per_s"`
	Rate      float64 `json:"tokens_per_s"` // of all together, from the first call's beginning to the last one's end
}

// Prefix is how long a prompt took whose beginning the backend had not seen (Cold) or had seen just before (Warm): the better of two each.
type Prefix struct {
	Prompt int     `json:"prompt_tokens,omitempty"` // as the backend counted them
	Cached int     `json:"cached_tokens,omitempty"` // of those, known from before
	Cold   float64 `json:"cold_first_word_ms"`
	Warm   float64 `json:"warm_first_word_ms"`
}

// ErrIll is the error of a Run that found something that fails.
var ErrIll = errors.New("a backend failed a check")

// Run makes all checks and writes what it finds to log as it goes. It takes about a minute for each backend, and longer where one is slow. It
// returns the report also with ErrIll.
func (c Checkup) Run(ctx context.Context, log io.Writer) (*CheckupReport, error) {
	r := &CheckupReport{Benchmark: "narrator", Machine: bench.ThisMachine()}
	var ill error
	for _, b := range c.Backends {
		fmt.Fprintln(log, b)
		e, err := newExam(b, c.Streams, log)
		if err != nil {
			return nil, err
		}
		e.run(ctx)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		r.Backends = append(r.Backends, e.report)
		for _, found := range e.report.Found {
			if found.State == Fail {
				ill = ErrIll
			}
		}
	}
	return r, ill
}

// patient are limits under which also a slow backend can be measured. Shows are not so patient.
var patient = narrator.Options{FirstWord: time.Minute, Idle: 15 * time.Second, Whole: 3 * time.Minute}

// showWord is how long a show waits for a model's first word, and readRate the tokens per second that people read.
const (
	showWord = 2500 * time.Millisecond
	readRate = 10
)

// exam is the checking of one backend.
type exam struct {
	model   *narrator.Model // patient
	show    *narrator.Model // as in a show
	pool    *narrator.Pool  // of model
	streams int
	log     io.Writer
	report  *BackendReport
}

func newExam(b narrator.Backend, streams int, log io.Writer) (*exam, error) {
	model, err := narrator.NewModel(b, patient, zap.NewNop())
	if err != nil {
		return nil, err
	}
	show, err := narrator.NewModel(b, narrator.Options{}, zap.NewNop())
	if err != nil {
		return nil, err
	}
	return &exam{model: model, show: show, pool: narrator.NewPool(model), streams: streams, log: log, report: &BackendReport{Backend: b.String()}}, nil
}

func (e *exam) note(check string, state State, format string, args ...any) {
	found := Found{check, state, fmt.Sprintf(format, args...)}
	e.report.Found = append(e.report.Found, found)
	fmt.Fprintf(e.log, "%-5s %-10s %s\n", found.State, found.Check, found.Text)
}

func (e *exam) run(ctx context.Context) {
	if !e.reachable(ctx) {
		return
	}
	for _, check := range []func(context.Context){e.streaming, e.schema, e.cancel, e.languages, e.load, e.prefix} {
		if ctx.Err() == nil {
			check(ctx)
		}
	}
}

// reachable waits until the backend has answered, and what it says of itself is known.
func (e *exam) reachable(ctx context.Context) bool {
	begun := time.Now()
	answer, err := e.pool.Ask(ctx, "", asks("Say hello."), narrator.Call{MaxTokens: 16, FirstWord: time.Minute})
	if err != nil {
		e.note("reachable", Fail, "%s", narrator.Advice(err))
		return false
	}
	e.learn(ctx)
	tokens, source := e.model.Context()
	e.note("reachable", OK, "a first answer of %d tokens came after %d ms; up to %d calls at once, %d tokens of context (%s)",
		answer.Tokens, time.Since(begun).Milliseconds(), e.model.Status().Slots, tokens, source)
	return true
}

// learn lets the pool find out what the server says of itself, for as long as that may take a slow one.
func (e *exam) learn(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	learned := make(chan struct{})
	go func() {
		defer close(learned)
		e.pool.Run(ctx)
	}()
	for e.model.Status().Schema == "unknown" && e.model.Status().Ill == "" && wait(ctx, 50*time.Millisecond) == nil {
	}
	stop()
	<-learned
}

const night = "Tell how a night at a lighthouse begins, in about a hundred words."

func asks(text string) []narrator.Turn {
	return []narrator.Turn{{Role: narrator.RoleAsked, Text: text}}
}

func (e *exam) streaming(ctx context.Context) {
	pieces := 0
	answer, err := e.pool.Stream(ctx, "", asks(night), narrator.Call{MaxTokens: 160}, func(string) error { pieces++; return nil })
	if err != nil {
		e.note("streaming", Fail, "%s", narrator.Advice(err))
		return
	}
	e.report.FirstWord, e.report.Rate = millis(answer.FirstWord), round(answer.Rate, 1)
	switch {
	case answer.Rate == 0 || pieces < 3:
		e.note("streaming", Warn, "the answer came in %d pieces after %d ms: see that no proxy before the server holds streams back", pieces, answer.FirstWord.Milliseconds())
	case answer.FirstWord > showWord:
		e.note("streaming", Fail, "the first word came after %d ms, and shows wait %d ms: use a smaller model, or a faster machine",
			answer.FirstWord.Milliseconds(), showWord.Milliseconds())
	case answer.Rate < readRate:
		e.note("streaming", Warn, "first word after %d ms, %.1f tokens per second: people read faster than that", answer.FirstWord.Milliseconds(), answer.Rate)
	default:
		e.note("streaming", OK, "first word after %d ms, %.1f tokens per second", answer.FirstWord.Milliseconds(), answer.Rate)
	}
}

const cancels = 5

// cancel closes a few streams while they come, and sees that the backend is free afterwards.
func (e *exam) cancel(ctx context.Context) {
	var worst time.Duration
	for range cancels {
		var at time.Time
		calling, stop := context.WithCancel(ctx)
		pieces := 0
		_, err := e.pool.Stream(calling, "", asks(night), narrator.Call{MaxTokens: 1000}, func(string) error {
			if pieces++; pieces == 3 {
				at = time.Now()
				stop()
			}
			return nil
		})
		stop()
		switch {
		case ctx.Err() != nil:
			return
		case at.IsZero() && err == nil:
			e.note("cancel", Warn, "the answer was over before it could be cancelled")
			return
		case at.IsZero():
			e.note("cancel", Fail, "a longer answer failed: %s", narrator.Advice(err))
			return
		}
		worst = max(worst, time.Since(at))
	}
	e.report.Cancel = millis(worst)
	next, err := e.pool.Stream(ctx, "", asks(night), narrator.Call{MaxTokens: 8}, func(string) error { return nil })
	later := millis(next.FirstWord) - e.report.FirstWord
	switch {
	case err != nil:
		e.note("cancel", Fail, "after cancelled calls the next one failed: %s", narrator.Advice(err))
	case worst > 50*time.Millisecond:
		e.note("cancel", Fail, "a cancelled call ended only after %d ms: see whether this machine is too busy", worst.Milliseconds())
	case later > 500:
		e.note("cancel", Warn, "after %d cancelled calls the next first word came %.0f ms later than alone: the server seems to go on writing; update it, or give it more slots",
			cancels, later)
	default:
		e.note("cancel", OK, "%d cancelled calls ended within %.1f ms, and the next one was served at once", cancels, millis(worst))
	}
}

// load makes several calls at once.
func (e *exam) load(ctx context.Context) {
	l := &Load{Streams: e.streams}
	answers, errs := make([]narrator.Answer, e.streams), make([]error, e.streams)
	begun, all := time.Now(), newTogether(ctx)
	for i := range e.streams {
		all.do(func(ctx context.Context) error {
			answers[i], errs[i] = e.pool.Stream(ctx, fmt.Sprint("room-", i), asks(fmt.Sprintf("%s The keeper is %d years old.", night, 30+i)),
				narrator.Call{MaxTokens: 160, FirstWord: time.Minute}, func(string) error { return nil })
			return nil
		})
	}
	if all.wait() != nil {
		return
	}
	var words bench.Histogram
	tokens, failed := 0, error(nil)
	for i, answer := range answers {
		if errs[i] != nil {
			l.Failed++
			failed = errs[i]
			continue
		}
		words.Record(answer.FirstWord)
		tokens += answer.Tokens
		if answer.Rate > 0 && (l.SlowRate == 0 || answer.Rate < l.SlowRate) {
			l.SlowRate = round(answer.Rate, 1)
		}
	}
	l.FirstWord, l.Rate = spreadOf(&words), round(float64(tokens)/time.Since(begun).Seconds(), 1)
	l.AddedP50, l.AddedP95 = round(l.FirstWord.P50-e.report.FirstWord, 1), round(l.FirstWord.P95-e.report.FirstWord, 1)
	e.report.Load = l
	figures := fmt.Sprintf("%d at once: first word after %.0f ms (median) and %.0f ms (19 of 20), %+.0f and %+.0f ms more than alone; the slowest has %.1f tokens per second, all have %.0f",
		l.Streams, l.FirstWord.P50, l.FirstWord.P95, l.AddedP50, l.AddedP95, l.SlowRate, l.Rate)
	if slots := e.model.Status().Slots; slots < l.Streams {
		figures += fmt.Sprintf("; it takes %d calls at a time, so the others waited: slots= sets another number", slots)
	}
	switch {
	case l.Failed > 0:
		e.note("load", Fail, "%d of %d calls at once failed: %s", l.Failed, l.Streams, narrator.Advice(failed))
	case l.FirstWord.P95 > millis(showWord):
		e.note("load", Warn, "%s. Shows wait %d ms: hold fewer shows at once, or give the server more slots", figures, showWord.Milliseconds())
	case l.SlowRate > 0 && l.SlowRate < readRate:
		e.note("load", Warn, "%s. People read faster than that: hold fewer shows at once", figures)
	default:
		e.note("load", OK, "%s", figures)
	}
}

// prefix asks twice with the same long beginning, which is new to the backend at first.
func (e *exam) prefix(ctx context.Context) {
	const tries = 2
	tokens, _ := e.model.Context()
	tokens = min(tokens/2, 3000)
	p := &Prefix{}
	for try := range tries {
		beginning := longPrompt(time.Now().UnixNano(), tokens)
		for i, end := range []string{"Name the island.", "Name the keeper."} {
			turns := []narrator.Turn{{Role: narrator.RoleContract, Text: beginning}, {Role: narrator.RoleAsked, Text: end}}
			answer, err := e.pool.Stream(ctx, "", turns, narrator.Call{MaxTokens: 8, FirstWord: time.Minute}, func(string) error { return nil })
			if err != nil {
				e.note("prefix", Fail, "a prompt of about %d tokens failed: %s", tokens, narrator.Advice(err))
				return
			}
			took := &p.Cold
			if i > 0 {
				took = &p.Warm
				p.Prompt, p.Cached = answer.Prompt, max(p.Cached, answer.Cached)
			}
			if word := millis(answer.FirstWord); try == 0 || word < *took {
				*took = word
			}
		}
	}
	e.report.Prefix = p
	figures := fmt.Sprintf("a prompt of about %d tokens: first word after %.0f ms, and after %.0f ms when its beginning was known", cmp.Or(p.Prompt, tokens), p.Cold, p.Warm)
	if p.Cached > 0 {
		figures += fmt.Sprintf(" (%d tokens of it, as the server says)", p.Cached)
	}
	switch {
	case p.Cached > 0 && p.Cached*2 >= p.Prompt || p.Warm <= 0.7*p.Cold:
		e.note("prefix", OK, "%s", figures)
	case p.Cold-e.report.FirstWord < 100:
		e.note("prefix", OK, "%s: too quick to say whether beginnings are kept, and quick enough", figures)
	default:
		e.note("prefix", Warn, "%s. The server does not seem to keep prompts: turn its prefix cache on, or give it more memory for it", figures)
	}
}
