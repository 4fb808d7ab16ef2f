package narratortest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// Mode is what the model server does with a request.
type Mode string

const (
	OK         Mode = "ok"          // streams the text, token by token
	Dead       Mode = "dead"        // refuses the connection (as a Handler: closes it without an answer)
	Hang       Mode = "hang"        // takes the request and never answers
	HangAfter  Mode = "hang_after"  // streams After tokens, then only comments that keep the connection open
	Status500  Mode = "status_500"  // answers 500
	Status503  Mode = "status_503"  // answers 503, as a server that still loads its model
	Status429  Mode = "status_429"  // answers 429 with Retry-After
	Overflow   Mode = "overflow"    // answers 400, as if the prompt were too long
	Page       Mode = "page"        // answers 200 with a web page
	ErrorFrame Mode = "error_frame" // streams After tokens, then an error as an event, and ends the stream properly
	Malformed  Mode = "malformed"   // streams After tokens, then an event that is not JSON, and goes on
	Cut        Mode = "cut"         // streams After tokens and closes the connection
	CutQuietly Mode = "cut_quietly" // streams After tokens and ends the stream as if that were all, but without saying so
	Empty      Mode = "empty"       // streams no words and ends properly
	LongLine   Mode = "long_line"   // sends the whole text in one event of 200 KiB
	Think      Mode = "think"       // streams a thought in <think> tags before the text
	Reason     Mode = "reason"      // streams a thought in the field "reasoning" before the text, as vLLM does
	ReasonToo  Mode = "reason_too"  // the same in the field "reasoning_content", as llama.cpp does
	Mixed      Mode = "mixed"       // streams a second candidate between the tokens of the first
	Whole      Mode = "whole"       // ignores that a stream was asked for and answers with one JSON object
	Stale      Mode = "stale"       // closes each kept connection as soon as it is used again
)

// Modes are all of them.
var Modes = []Mode{OK, Dead, Hang, HangAfter, Status500, Status503, Status429, Overflow, Page, ErrorFrame, Malformed, Cut, CutQuietly, Empty, LongLine,
	Think, Reason, ReasonToo, Mixed, Whole, Stale}

// Text is what a Script tells by default: five sentences in two paragraphs.
const Text = "The lamp goes out, and for a moment the whole island holds its breath. Below, the boat turns slowly toward the rocks.\n\n" +
	"“Somebody is at the door,” Mara says. She does not let go of the rope. You hear the latch lift."

// TextZh is a text in Chinese: four sentences in two paragraphs.
const TextZh = "灯灭了，整座岛仿佛屏住了呼吸。崖下，那条船正慢慢转向礁石。\n\n“有人在门外。”玛拉说，手里仍紧紧攥着绳子。你听见门闩被抬了起来。"

// ModelName is the model that the server lists unless a Script says otherwise.
const ModelName = "test-model"

const tokenLength = 4 // characters

// Script says how a model server behaves. It is an http.Handler for its whole API: chat completions, also Ollama's own, the lists of models, and
// what llama.cpp and Ollama tell of themselves.
type Script struct {
	Mode  Mode
	Text  string        // what it tells; "" = Text
	First time.Duration // before the first token, beside Delay
	Delay time.Duration // before each token
	After int           // tokens before HangAfter, ErrorFrame, Malformed, Cut and CutQuietly strike; 0 = half of the text, negative = none
	Stamp bool          // each token is the time at which it was sent, in Unix nanoseconds, and a space; there are as many as the text has

	Schema  Support  // of JSON schemas
	JSON    string   // what it answers to a request with a schema; "" = something that the schema allows
	Strict  bool     // refuses requests with fields that OpenAI does not know
	Key     string   // if set, requests without it are refused
	Models  []string // that are listed; nil = ModelName
	Context int      // tokens, told as vLLM, llama.cpp and Ollama tell it; 0 = not told
	Slots   int      // told as llama.cpp tells it; 0 = not told

	// Seen, if set, gets the body of each request for a completion, from the goroutine that serves it.
	Seen func(body []byte)
}

// Support is what the server does with a JSON schema.
type Support string

const (
	Held    Support = ""        // it answers as the schema says
	Ignored Support = "ignored" // it tells its text all the same
	Refused Support = "refused" // it answers 400
)

// Handler is a model server that tells Text in the given mode.
func Handler(mode Mode) http.Handler { return Script{Mode: mode} }

// ServeHTTP implements http.Handler.
func (s Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Mode == Dead || s.Mode == Stale && reused(r) {
		panic(http.ErrAbortHandler)
	}
	if s.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.Key {
		refuse(w, http.StatusUnauthorized, "authentication_error", "Incorrect API key provided: "+r.Header.Get("Authorization"))
		return
	}
	switch where := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1"); where {
	case "GET /models", "GET /api/tags", "GET /props", "POST /api/show":
		s.tell(w, where)
	case "POST /chat/completions", "POST /api/chat":
		body, err := io.ReadAll(r.Body) // to the end, so that the server notices when the caller goes away
		if err != nil {
			return
		}
		if s.Seen != nil {
			s.Seen(body)
		}
		q := question{native: where == "POST /api/chat"}
		if err := q.read(body); err != nil {
			refuse(w, http.StatusBadRequest, "invalid_request_error", err.Error())
			return
		}
		s.complete(w, r, q)
	default:
		http.NotFound(w, r)
	}
}

// tell answers what the server is asked about itself.
func (s Script) tell(w http.ResponseWriter, where string) {
	names := s.Models
	if names == nil {
		names = []string{ModelName}
	}
	listed := []any{}
	for _, name := range names {
		model := map[string]any{"id": name, "name": name, "object": "model"}
		if s.Context > 0 {
			model["max_model_len"] = s.Context
		}
		listed = append(listed, model)
	}
	var answer map[string]any
	switch {
	case where == "GET /models":
		answer = map[string]any{"object": "list", "data": listed}
	case where == "GET /api/tags":
		answer = map[string]any{"models": listed}
	case where == "GET /props" && s.Slots > 0:
		answer = map[string]any{"total_slots": s.Slots, "default_generation_settings": map[string]any{"n_ctx": s.Context}}
	case where == "POST /api/show" && s.Context > 0:
		answer = map[string]any{"model_info": map[string]any{"llama.context_length": s.Context}}
	default:
		refuse(w, http.StatusNotFound, "not_found", "not found")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func (s Script) complete(w http.ResponseWriter, r *http.Request, q question) {
	text, held := s.answer(q)
	switch {
	case s.Mode == Hang:
		<-r.Context().Done()
		return
	case s.Mode == Status500:
		refuse(w, http.StatusInternalServerError, "server_error", "the model runner has crashed")
		return
	case s.Mode == Status503:
		refuse(w, http.StatusServiceUnavailable, "unavailable_error", "Loading model")
		return
	case s.Mode == Status429:
		w.Header().Set("Retry-After", "7")
		refuse(w, http.StatusTooManyRequests, "rate_limit_error", "too many requests")
		return
	case s.Mode == Overflow:
		refuse(w, http.StatusBadRequest, "exceed_context_size_error", "the request exceeds the available context size. try increasing the context size")
		return
	case s.Mode == Page:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>Welcome</title>")
		return
	case s.Schema == Refused && q.schema() != nil:
		refuse(w, http.StatusBadRequest, "invalid_request_error", "response_format is not supported by this model")
		return
	case s.Strict && q.unknown != "":
		refuse(w, http.StatusBadRequest, "invalid_request_error", "Unrecognized request argument supplied: "+q.unknown)
		return
	case s.Mode == Whole:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{
			"index": 0, "finish_reason": "stop", "message": map[string]string{"role": "assistant", "content": text}}}})
		return
	}
	out := &events{w: w, r: r, q: q, first: s.First, delay: s.Delay, stamp: s.Stamp && !held, mixed: s.Mode == Mixed}
	out.begin()
	tokens := Tokens(text)
	switch s.Mode {
	case HangAfter, ErrorFrame, Malformed, Cut, CutQuietly:
		if !s.strike(out, tokens) {
			return
		}
	case LongLine:
		out.event(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]string{
			"content": text, "padding": strings.Repeat("x", 200<<10)}}}})
	case Think:
		out.tokens(Tokens("<think>" + thought + "</think>\n\n" + text))
	case Reason:
		out.think("reasoning")
		out.tokens(tokens)
	case ReasonToo:
		out.think("reasoning_content")
		out.tokens(tokens)
	case Empty:
	default:
		out.tokens(tokens)
	}
	out.end()
}

const thought = "The audience wants danger. I should write two paragraphs."

// answer is what the server tells, and whether that is because of a schema.
func (s Script) answer(q question) (text string, held bool) {
	switch {
	case q.schema() == nil || s.Schema != Held:
		return s.text(), false
	case s.JSON != "":
		return s.JSON, true
	}
	return Allowed(q.schema()), true
}

// strike tells the beginning and fails. It returns true if the stream goes on.
func (s Script) strike(out *events, tokens []string) bool {
	after := s.After
	if after == 0 {
		after = len(tokens) / 2
	}
	after = min(max(after, 0), len(tokens))
	out.tokens(tokens[:after])
	switch s.Mode {
	case HangAfter:
		out.ping()
	case ErrorFrame:
		out.event(map[string]any{"error": map[string]any{"message": "out of memory", "code": 500}})
		out.line("[DONE]")
	case Malformed:
		out.line(`{"choices": [{"delta": {"content": "half`)
		out.tokens(tokens[after:])
		return true
	case Cut:
		panic(http.ErrAbortHandler)
	}
	return false
}

func (s Script) text() string {
	if s.Text == "" {
		return Text
	}
	return s.Text
}

// Tokens are the pieces in which a text is streamed.
func Tokens(text string) []string {
	var tokens []string
	for runes := []rune(text); len(runes) > 0; {
		n := min(tokenLength, len(runes))
		tokens = append(tokens, string(runes[:n]))
		runes = runes[n:]
	}
	return tokens
}

func refuse(w http.ResponseWriter, status int, kind, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": why, "type": kind}})
}
