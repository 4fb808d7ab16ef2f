package narratortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// question is what of a request for a completion matters here.
type question struct {
	native bool // asked over Ollama's own API

	MaxTokens int  `json:"max_tokens"`
	LogProbs  bool `json:"logprobs"`
	Response  struct {
		Schema struct{ Schema json.RawMessage } `json:"json_schema"`
	} `json:"response_format"`
	Format  json.RawMessage
	Options struct {
		Predict int `json:"num_predict"`
	}

	size    int
	unknown string // a field that OpenAI does not know
}

func (q *question) read(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	known := []string{"model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "stop", "seed", "response_format", "n",
		"logprobs", "top_logprobs"}
	for name := range fields {
		if !slices.Contains(known, name) && (q.unknown == "" || name < q.unknown) {
			q.unknown = name
		}
	}
	q.size = len(body)
	return json.Unmarshal(body, q)
}

// schema is the one that the answer must follow, nil if there is none.
func (q *question) schema() json.RawMessage {
	if q.native {
		return q.Format
	}
	return q.Response.Schema.Schema
}

func (q *question) most() int {
	if q.native {
		return q.Options.Predict
	}
	return q.MaxTokens
}

// events writes a stream: of events, or of lines where it goes over Ollama's own API.
type events struct {
	w            http.ResponseWriter
	r            *http.Request
	q            question
	first, delay time.Duration
	stamp, mixed bool

	sent int // tokens
	full bool
}

func (e *events) begin() {
	if e.q.native {
		e.w.Header().Set("Content-Type", "application/x-ndjson")
		return
	}
	e.w.Header().Set("Content-Type", "text/event-stream")
	e.delta(0, map[string]any{"role": "assistant", "content": ""}, "")
}

// tokens streams them, as many as the request allows.
func (e *events) tokens(tokens []string) {
	for _, token := range tokens {
		if e.full = e.q.most() > 0 && e.sent >= e.q.most(); e.full {
			return
		}
		wait := e.delay
		if e.sent == 0 {
			wait += e.first
		}
		select {
		case <-e.r.Context().Done():
			return
		case <-time.After(wait):
		}
		e.sent++
		if e.stamp {
			token = strconv.FormatInt(time.Now().UnixNano(), 10) + " "
		}
		e.delta(0, map[string]any{"content": token}, token)
		if e.mixed {
			e.delta(1, map[string]any{"content": "Another story. "}, "")
		}
	}
}

// think streams a thought in a field of its own.
func (e *events) think(field string) {
	for _, token := range Tokens(thought) {
		e.delta(0, map[string]any{field: token}, "")
	}
}

func (e *events) ping() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-e.r.Context().Done():
			return
		case <-tick.C:
			fmt.Fprint(e.w, map[bool]string{true: "\n", false: ": ping\n\n"}[e.q.native])
			http.NewResponseController(e.w).Flush()
		}
	}
}

// end says that the model is done, and what it took.
func (e *events) end() {
	if e.r.Context().Err() != nil {
		return
	}
	finish := map[bool]string{true: "length", false: "stop"}[e.full]
	if e.q.native {
		e.event(map[string]any{"message": map[string]string{"content": ""}, "done": true, "done_reason": finish,
			"prompt_eval_count": e.q.size / 4, "eval_count": e.sent})
		return
	}
	e.event(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]string{}, "finish_reason": finish}}})
	e.event(map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": e.q.size / 4, "completion_tokens": e.sent,
		"prompt_tokens_details": map[string]int{"cached_tokens": e.q.size / 8}}})
	e.line("[DONE]")
}

// delta streams a piece of a candidate; token is what the probabilities are told of, "" = nothing.
func (e *events) delta(candidate int, delta map[string]any, token string) {
	if text, plain := delta["content"]; plain && len(delta) == 1 && !e.q.LogProbs && !e.q.native { // most are, and tests of load send many
		content, _ := json.Marshal(text)
		e.line(`{"choices":[{"index":` + strconv.Itoa(candidate) + `,"delta":{"content":` + string(content) + `}}]}`)
		return
	}
	var probs []any
	if e.q.LogProbs && token != "" {
		probs = []any{map[string]any{"token": token, "logprob": -0.5, "top_logprobs": []any{
			map[string]any{"token": token, "logprob": -0.5}, map[string]any{"token": "…", "logprob": -1.5}}}}
	}
	if e.q.native {
		if thought, ok := delta["reasoning"]; ok {
			delta["thinking"] = thought
		}
		line := map[string]any{"message": delta, "done": false}
		if probs != nil {
			line["logprobs"] = probs
		}
		e.event(line)
		return
	}
	choice := map[string]any{"index": candidate, "delta": delta}
	if probs != nil {
		choice["logprobs"] = map[string]any{"content": probs}
	}
	e.event(map[string]any{"choices": []any{choice}})
}

func (e *events) event(event any) {
	line, _ := json.Marshal(event) // maps, strings and numbers
	e.line(string(line))
}

func (e *events) line(line string) {
	switch {
	case e.q.native && line == "[DONE]":
	case e.q.native:
		fmt.Fprintf(e.w, "%s\n", line)
	default:
		fmt.Fprintf(e.w, "data: %s\n\n", line)
	}
	http.NewResponseController(e.w).Flush()
}
