package narratortest

import (
	"encoding/json"
	"fmt"
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
	Status429  Mode = "status_429"  // answers 429 with Retry-After
	ErrorFrame Mode = "error_frame" // streams After tokens, then an error as an event, and ends the stream properly
	Cut        Mode = "cut"         // streams After tokens and closes the connection
	CutQuietly Mode = "cut_quietly" // streams After tokens and ends the stream as if that were all, but without saying so
	Empty      Mode = "empty"       // streams no words and ends properly
	LongLine   Mode = "long_line"   // sends the whole text in one event of 200 KiB
	Think      Mode = "think"       // streams a thought in <think> tags before the text
	Whole      Mode = "whole"       // ignores that a stream was asked for and answers with one JSON object
)

// Modes are all of them.
var Modes = []Mode{OK, Dead, Hang, HangAfter, Status500, Status429, ErrorFrame, Cut, CutQuietly, Empty, LongLine, Think, Whole}

// Text is what a Script tells by default: five sentences in two paragraphs.
const Text = "The lamp goes out, and for a moment the whole island holds its breath. Below, the boat turns slowly toward the rocks.\n\n" +
	"“Somebody is at the door,” Mara says. She does not let go of the rope. You hear the latch lift."

// TextZh is a text in Chinese: four sentences in two paragraphs.
const TextZh = "灯灭了，整座岛仿佛屏住了呼吸。崖下，那条船正慢慢转向礁石。\n\n“有人在门外。”玛拉说，手里仍紧紧攥着绳子。你听见门闩被抬了起来。"

// ModelName is the one model that the server lists.
const ModelName = "test-model"

const tokenLength = 4 // characters

// Script says how a model server behaves. It is an http.Handler for its whole API: chat completions and the lists of models.
type Script struct {
	Mode  Mode
	Text  string        // what it tells; "" = Text
	Delay time.Duration // before each token
	After int           // tokens before HangAfter, ErrorFrame, Cut and CutQuietly strike; 0 = half of the text, negative = none

	// Seen, if set, gets the body of each request for a completion, from the goroutine that serves it.
	Seen func(body []byte)
}

// Handler is a model server that tells Text in the given mode.
func Handler(mode Mode) http.Handler { return Script{Mode: mode} }

// ServeHTTP implements http.Handler.
func (s Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Mode == Dead {
		panic(http.ErrAbortHandler)
	}
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1") {
	case "GET /models":
		fmt.Fprintf(w, `{"object":"list","data":[{"id":%q,"object":"model"}]}`, ModelName)
	case "GET /api/tags":
		fmt.Fprintf(w, `{"models":[{"name":%q}]}`, ModelName)
	case "POST /chat/completions":
		body, err := io.ReadAll(r.Body) // to the end, so that the server notices when the caller goes away
		if err != nil {
			return
		}
		if s.Seen != nil {
			s.Seen(body)
		}
		s.complete(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s Script) complete(w http.ResponseWriter, r *http.Request) {
	text := s.text()
	switch s.Mode {
	case Hang:
		<-r.Context().Done()
		return
	case Status500:
		refuse(w, http.StatusInternalServerError, "the model runner has crashed")
		return
	case Status429:
		w.Header().Set("Retry-After", "7")
		refuse(w, http.StatusTooManyRequests, "too many requests")
		return
	case Whole:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{
			"index": 0, "finish_reason": "stop", "message": map[string]string{"role": "assistant", "content": text}}}})
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := events{w: w, r: r, delay: s.Delay}
	out.delta(map[string]string{"role": "assistant", "content": ""})
	switch s.Mode {
	case HangAfter, ErrorFrame, Cut, CutQuietly:
		s.strike(out)
		return
	case LongLine:
		out.delta(map[string]string{"content": text, "padding": strings.Repeat("x", 200<<10)})
	case Think:
		out.tokens(Tokens("<think>The audience wants danger. I should write two paragraphs.</think>\n\n" + text))
	case Empty:
	default:
		out.tokens(Tokens(text))
	}
	out.event(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]string{}, "finish_reason": "stop"}}})
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// strike tells the beginning and fails.
func (s Script) strike(out events) {
	tokens := Tokens(s.text())
	after := s.After
	if after == 0 {
		after = len(tokens) / 2
	}
	out.tokens(tokens[:min(max(after, 0), len(tokens))])
	switch s.Mode {
	case HangAfter:
		out.ping()
	case ErrorFrame:
		out.event(map[string]any{"error": map[string]any{"message": "out of memory", "code": 500}})
		fmt.Fprint(out.w, "data: [DONE]\n\n")
	case Cut:
		panic(http.ErrAbortHandler)
	}
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

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": why, "type": "server_error"}})
}

// events writes a stream of events.
type events struct {
	w     http.ResponseWriter
	r     *http.Request
	delay time.Duration
}

func (e events) tokens(tokens []string) {
	for _, token := range tokens {
		select {
		case <-e.r.Context().Done():
			return
		case <-time.After(e.delay):
		}
		e.delta(map[string]string{"content": token})
	}
}

func (e events) ping() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-e.r.Context().Done():
			return
		case <-tick.C:
			fmt.Fprint(e.w, ": ping\n\n")
			http.NewResponseController(e.w).Flush()
		}
	}
}

func (e events) delta(delta map[string]string) {
	e.event(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": delta}}})
}

func (e events) event(event any) {
	line, _ := json.Marshal(event) // maps of strings and numbers
	fmt.Fprintf(e.w, "data: %s\n\n", line)
	http.NewResponseController(e.w).Flush()
}
