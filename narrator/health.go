package narrator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"
)

const (
	checkEvery = 10 * time.Second // a well model, give or take a fifth
	checkIll   = 2 * time.Second  // an ill one
	checkTime  = 3 * time.Second  // for one question to a server about itself
	learnTime  = time.Minute      // for a first answer, since a server may have to load its model

	unknownContext = 4096 // tokens, where nobody says how many there are: what Ollama and small local servers start with
	ollamaContext  = 8192 // tokens that are asked of Ollama unless its model has fewer

	openSlots   = 256 // calls at once, where a server does not say how many it takes: what vLLM starts with
	ollamaSlots = 4
)

func defaultSlots(b Backend) int {
	if b.native() {
		return ollamaSlots
	}
	return openSlots
}

// knowledge is what was found out about a model by asking its server.
type knowledge struct {
	ill     error // why its server cannot be asked, nil if it can
	context int   // tokens; 0 = not said
	schema  support
}

// support is whether a server can do something, as far as is known.
type support int

const (
	unknown support = iota
	yes
	no
)

// Run checks the pool's models until ctx is over: whether their servers answer, and at the beginning and after a failure also what they can do. A
// model that has been left alone after failures is tried with one token, so that no viewer has to. Without Run a pool works too; it then learns
// from its calls only. Run returns when all of its checks are over.
func (p *Pool) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, m := range p.models {
		wg.Go(func() { m.watch(ctx) })
	}
	wg.Wait()
	for _, m := range p.models {
		m.http.CloseIdleConnections()
	}
}

func (m *Model) watch(ctx context.Context) {
	learned := false
	for ctx.Err() == nil {
		err := m.check(ctx)
		switch {
		case err != nil:
			learned = false
		case !learned:
			learned = m.learn(ctx) == nil
		case m.breaker.State() == gobreaker.StateHalfOpen:
			m.tryOut(ctx)
		}
		pause := checkEvery
		if err != nil || !learned || m.breaker.State() != gobreaker.StateClosed {
			pause = checkIll
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause*4/5 + rand.N(pause*2/5)):
		}
	}
}

// check asks the server whether it is there and has the model.
func (m *Model) check(ctx context.Context) error {
	models, err := m.listModels(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	listed := models.has(m.backend.Model)
	m.mu.Lock()
	before := m.known.ill
	m.known.ill = err
	if listed != nil && listed.tokens() > 0 {
		m.known.context = listed.tokens()
	}
	m.mu.Unlock()
	if err != nil && before == nil {
		m.log.Warn("model backend is ill", zap.Error(err))
	} else if err == nil && before != nil {
		m.log.Info("model backend is well again")
	}
	return err
}

// learn finds out what the server can do: first what it says of itself, then whether it holds its model to a schema. What calls have learnt is
// forgotten, since the server may be another one now.
func (m *Model) learn(ctx context.Context) error {
	m.mu.Lock()
	clear(m.refuses)
	m.known.schema = unknown
	m.mu.Unlock()
	var props struct {
		Slots    int `json:"total_slots"`
		Settings struct {
			Context int `json:"n_ctx"`
		} `json:"default_generation_settings"`
	}
	var show struct {
		Info       map[string]any `json:"model_info"`
		Parameters string
	}
	if m.backend.native() {
		if m.get(ctx, http.MethodPost, "/api/show", map[string]string{"model": m.backend.Model}, &show) == nil {
			m.learnContext(min(shownContext(show.Info, show.Parameters), maxContext))
		}
	} else if m.get(ctx, http.MethodGet, "/props", nil, &props) == nil { // llama.cpp
		m.learnContext(props.Settings.Context)
		m.learnSlots(props.Slots)
	}
	held, err := m.trySchema(ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.known.schema = map[bool]support{true: yes, false: no}[held]
	m.mu.Unlock()
	return nil
}

// shownContext is the context length in what Ollama shows of a model: that of its Modelfile, else what is asked for, if the model has as much.
func shownContext(info map[string]any, parameters string) int {
	for setting := range strings.Lines(parameters) {
		if words := strings.Fields(setting); len(words) == 2 && words[0] == "num_ctx" {
			if n, err := strconv.Atoi(words[1]); err == nil && n > 0 {
				return n
			}
		}
	}
	for name, value := range info {
		if n, ok := value.(float64); ok && strings.HasSuffix(name, ".context_length") {
			return min(int(n), ollamaContext)
		}
	}
	return 0
}

func (m *Model) learnContext(tokens int) {
	if tokens > 0 {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.known.context = tokens
	}
}

// learnSlots takes over how many calls the server serves at once, unless the operator said so. Calls under way leave the slots that they entered.
func (m *Model) learnSlots(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n = min(n, maxSlots); n > 0 && m.backend.Slots == 0 && cap(m.slots) != n {
		m.slots = make(chan struct{}, n)
	}
}

// probeSchema allows one answer, which no model would give to what probeTurns ask.
const (
	probeWord   = "kinoautomat"
	probeSchema = `{"type":"object","properties":{"word":{"type":"string","enum":["` + probeWord + `"]}},"required":["word"],"additionalProperties":false}`
)

var probeTurns = []Turn{{RoleAsked, "Say hello."}}

// trySchema asks for an answer that only a model which is held to the schema gives.
func (m *Model) trySchema(ctx context.Context) (held bool, err error) {
	answer, err := m.try(ctx, Call{MaxTokens: 64, Schema: json.RawMessage(probeSchema), FirstWord: learnTime})
	if err != nil {
		return false, err
	}
	var said struct{ Word string }
	return answer.Held && json.Unmarshal([]byte(answer.Text), &said) == nil && said.Word == probeWord, nil
}

// tryOut asks for one token and so ends, or prolongs, the time in which the model is left alone.
func (m *Model) tryOut(ctx context.Context) { m.try(ctx, Call{MaxTokens: 1}) }

// try makes one call whose answer nobody waits for.
func (m *Model) try(ctx context.Context, call Call) (Answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return m.answer(ctx, cancel, question{turns: probeTurns, call: call}, func(string) error { return nil })
}

// listedModel is a model as a server lists it, with its context length under the names that servers give it.
type listedModel struct {
	ID, Name string
	Tokens   int `json:"max_model_len"`  // vLLM, SGLang
	Window   int `json:"context_window"` // Groq
	Length   int `json:"context_length"` // OpenRouter, Together
}

func (m listedModel) tokens() int { return cmp.Or(m.Tokens, m.Window, m.Length) }

type listedModels []listedModel

// has finds a model by its name; Ollama adds a tag to names without one.
func (l listedModels) has(name string) *listedModel {
	for _, m := range l {
		if listed := cmp.Or(m.ID, m.Name); listed == name || listed == name+":latest" {
			return &m
		}
	}
	return nil
}

// listModels asks for the models of the server; a server without a list has an empty one.
func (m *Model) listModels(ctx context.Context) (listedModels, error) {
	var list struct{ Data, Models listedModels }
	err := m.get(ctx, http.MethodGet, "/v1/models", nil, &list)
	if status, ok := err.(*StatusError); ok && (status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed) {
		return nil, nil
	}
	return slices.Concat(list.Data, list.Models), err
}

// get asks the server about itself. path: as seen from the server's root; of a backend whose API lives elsewhere, only /v1/… exists.
func (m *Model) get(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	text, _ := json.Marshal(body) // of ours
	at := m.backend.root() + path
	if inAPI, ok := strings.CutPrefix(path, "/v1"); ok {
		at = m.backend.Base + inAPI
	}
	if _, err := url.Parse(at); err != nil {
		return fmt.Errorf("%w: %s", errUnreachable, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%w: %s", errUnreachable, err)
	}
	if m.backend.key != nil {
		req.Header.Set("Authorization", "Bearer "+*m.backend.key)
	}
	res, err := m.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %s", errUnreachable, err)
	}
	defer res.Body.Close()
	report, err := io.ReadAll(io.LimitReader(res.Body, maxProbe))
	if res.StatusCode != http.StatusOK {
		return readStatus(res.StatusCode, res.Header, report, m.backend.redact)
	}
	if err != nil || json.Unmarshal(report, answer) != nil {
		return fmt.Errorf("%w: %s did not answer with JSON; is it a model server?", errRefused, path)
	}
	return nil
}
