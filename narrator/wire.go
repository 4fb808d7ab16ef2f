package narrator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// How a model fails. What is told to the world about it is why's business.
var (
	errUnreachable = errors.New("no answer at the backend's address")
	errTimeout     = errors.New("too late")
	errRefused     = errors.New("the backend reported an error")
	errEmpty       = errors.New("an answer without a whole sentence")
	errCut         = errors.New("the answer broke off")
)

const (
	maxEvent  = 1 << 20 // bytes of one event of a stream, or of an answer that is not a stream
	maxPiece  = 8 << 10 // bytes of text in one event as langchaingo gets it: it reads lines of at most 64 KiB, and JSON escapes can take six times as much
	maxReport = 200     // characters of a backend's own error text that are kept
)

// dialer opens connections.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// newHTTP is what all calls of one backend go through. It has no timeout of its own: wire sets the limits of each call. Connections are not
// reused, since model servers drop idle ones without warning and a telling needs just one.
func newHTTP(dial dialer, connect time.Duration) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, connect)
				defer cancel()
				return dial(ctx, network, address)
			},
			TLSHandshakeTimeout: connect,
			DisableKeepAlives:   true,
			DisableCompression:  true, // so that no proxy gathers the stream before it packs it
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// wire stands between langchaingo and a backend for one call. langchaingo takes cut streams, errors inside streams and events that
// it cannot read for success, and it loses the causes of the errors that it does see. So wire reads the backend's answer itself,
// hands on a clean stream, and keeps what really happened.
type wire struct {
	http   *http.Client
	idle   time.Duration            // silence allowed between two tokens
	cancel context.CancelCauseFunc  // ends the call
	redact func(text string) string // takes secrets out of what the backend says

	mu     sync.Mutex
	err    error  // what went wrong first
	finish string // why the model stopped: "stop", "length", …; "" = it did not
}

// result says how the call ended.
func (w *wire) result() (finish string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.finish, w.err
}

func (w *wire) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	return w.err
}

func (w *wire) finished(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finish = reason
}

// Do implements the doer that langchaingo asks for. Its error is never a net.Error, whose text langchaingo would replace.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	res, err := w.http.Do(req)
	if err != nil {
		if cause := context.Cause(req.Context()); cause != nil {
			return nil, w.fail(cause)
		}
		return nil, w.fail(fmt.Errorf("%w: %s", errUnreachable, err))
	}
	s := &stream{w: w, ctx: req.Context(), body: res.Body, lines: bufio.NewReader(res.Body)}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode != http.StatusOK || kind == "text/html":
		report, _ := io.ReadAll(io.LimitReader(res.Body, maxEvent))
		res.Body.Close()
		return nil, w.fail(w.refusal(fmt.Sprintf("status %d, ", res.StatusCode), report))
	case kind == "application/json":
		s.readWhole()
	}
	res.Body, res.ContentLength = s, -1
	return res, nil
}

// stream reads a backend's events and is read as a clean stream of events. One goroutine reads it; another may close it.
type stream struct {
	w     *wire
	ctx   context.Context
	body  io.ReadCloser
	lines *bufio.Reader

	data  []byte // the data lines of an event that is not complete
	clean []byte // for the reader
	told  bool   // a token came: from now on silence is limited
	end   error  // for the reader once clean is empty; io.EOF = the answer is complete
}

// Close implements io.Closer.
func (s *stream) Close() error { return s.body.Close() }

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.clean) == 0 {
		if s.end != nil {
			return 0, s.end
		}
		s.awaitToken()
	}
	n := copy(p, s.clean)
	s.clean = s.clean[n:]
	return n, nil
}

// awaitToken reads lines until there is something for the reader. The clock runs only while it waits for the backend, not while the
// reader is busy; and lines without words, as servers send them to keep a connection open, do not stop it.
func (s *stream) awaitToken() {
	if s.told {
		silence := time.AfterFunc(s.w.idle, func() { s.w.cancel(fmt.Errorf("%w: silence between two words", errTimeout)) })
		defer silence.Stop()
	}
	for len(s.clean) == 0 && s.end == nil {
		line, err := s.readLine()
		if len(line) > 0 {
			s.takeLine(line)
		}
		if err != nil && s.end == nil {
			s.stop(err)
		}
	}
}

// readLine reads one line of at most maxEvent bytes; an empty one ends an event.
func (s *stream) readLine() ([]byte, error) {
	var line []byte
	for {
		part, err := s.lines.ReadSlice('\n')
		if len(line)+len(part) > maxEvent {
			return nil, fmt.Errorf("%w: an event of more than %d bytes", errRefused, maxEvent)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// takeLine takes one line, its line break included.
func (s *stream) takeLine(line []byte) {
	line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte("\ufeff"))
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "data":
		if len(s.data)+len(value) > maxEvent {
			s.stop(fmt.Errorf("%w: an event of more than %d bytes", errRefused, maxEvent))
			return
		}
		alone := len(s.data) == 0
		s.data = append(append(s.data, value...), '\n')
		if alone { // most events are one line: no need to wait for the empty one
			s.takeData(false)
		}
	case "error":
		s.stop(s.w.refusal("", value))
	case "":
		if len(line) == 0 { // else a comment
			s.takeData(true)
		}
	}
}

// takeData takes the event gathered so far if it is complete; it must be when it is over.
func (s *stream) takeData(over bool) {
	data := bytes.TrimSpace(s.data)
	switch {
	case string(data) == "[DONE]":
		s.stop(io.EOF)
	case json.Valid(data):
		s.data = nil
		s.takeEvent(data)
	case over && len(data) > 0:
		s.stop(fmt.Errorf("%w: an event that is not JSON", errRefused))
	}
}

// answer is an event of a stream, or a whole answer, or an error, as the kinds of servers write them.
type answer struct {
	Choices []struct {
		Index  int
		Delta  words
		Whole  words  `json:"message"` // of an answer that is not a stream
		Finish string `json:"finish_reason"`
	}
	Object string
	Error  json.RawMessage
}

type words struct {
	Content   string
	Reasoning string // vLLM, Ollama; others call it reasoning_content
	Thoughts  string `json:"reasoning_content"`
}

func (s *stream) takeEvent(data []byte) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		s.stop(fmt.Errorf("%w: an event of an unknown form", errRefused))
		return
	}
	if len(a.Error) > 0 && string(a.Error) != "null" || a.Object == "error" {
		s.stop(s.w.refusal("", data))
		return
	}
	for _, choice := range a.Choices {
		if choice.Index != 0 {
			continue
		}
		w := choice.Delta
		text := w.Content + choice.Whole.Content
		s.told = s.told || text+w.Reasoning+w.Thoughts != ""
		for len(text) > 0 && s.end == nil {
			piece := clipBytes(text, maxPiece)
			text = text[len(piece):]
			s.emit(piece, "")
		}
		if choice.Finish != "" && s.end == nil {
			s.finish(choice.Finish)
		}
	}
}

func (s *stream) emit(content, finish string) {
	event, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"delta": map[string]any{"content": content}, "finish_reason": finish}}})
	s.clean = append(append(append(s.clean, "data: "...), event...), '\n', '\n')
}

// finish ends the stream as the model meant it.
func (s *stream) finish(reason string) {
	if reason == "content_filter" {
		s.stop(fmt.Errorf("%w: content_filter", errRefused))
		return
	}
	s.w.finished(reason)
	s.emit("", reason)
	s.end = io.EOF
}

// stop ends the stream because of err: io.EOF is the end of what the backend sent, which is not always the end of an answer.
func (s *stream) stop(err error) {
	cause := context.Cause(s.ctx)
	switch {
	case cause != nil:
		err = cause
	case errors.Is(err, io.EOF) && !s.told:
		err = errEmpty
	case errors.Is(err, io.EOF) && string(bytes.TrimSpace(s.data)) == "[DONE]": // some servers name no reason
		s.finish("stop")
		return
	case !errors.Is(err, errRefused):
		err = fmt.Errorf("%w: %s", errCut, err)
	}
	s.end = s.w.fail(err)
}

// readWhole takes an answer that is not a stream: some servers and proxies ignore that one was asked for.
func (s *stream) readWhole() {
	body, err := io.ReadAll(io.LimitReader(s.body, maxEvent+1))
	switch {
	case err != nil:
		s.stop(err)
	case len(body) > maxEvent:
		s.stop(fmt.Errorf("%w: an answer of more than %d bytes", errRefused, maxEvent))
	default:
		s.takeEvent(body)
	}
	switch {
	case s.end == nil && s.told: // nothing more can come
		s.finish("stop")
	case s.end == nil:
		s.stop(io.EOF)
	}
}

// refusal is the error of a backend that reports one, in the forms of OpenAI, vLLM, Ollama and FastAPI, else in plain words.
func (w *wire) refusal(what string, body []byte) error {
	var report struct {
		Error  json.RawMessage
		Text   string `json:"message"`
		Detail string
	}
	text := string(body)
	if json.Unmarshal(body, &report) == nil {
		var inner struct {
			Text string `json:"message"`
		}
		var plain string
		switch {
		case json.Unmarshal(report.Error, &plain) == nil:
			text = plain
		case json.Unmarshal(report.Error, &inner) == nil && inner.Text != "":
			text = inner.Text
		case report.Text+report.Detail != "":
			text = report.Text + report.Detail
		}
	}
	return fmt.Errorf("%w: %s%s", errRefused, what, clip(strings.Join(strings.Fields(w.redact(text)), " "), maxReport))
}
