package narrator

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// linger is how long a backend may take to end a stream after the model's last word. What comes then are counts; a stream that has ended
// leaves its connection to the next call.
const linger = 50 * time.Millisecond

// stream reads a backend's events and is read as a clean stream of events. One goroutine reads it; another may close it.
type stream struct {
	w     *wire
	ctx   context.Context
	body  io.ReadCloser
	lines *bufio.Reader

	data  []byte       // the data lines of an event that is not complete
	text  []byte       // words that are not in clean yet
	clean bytes.Buffer // for the reader
	told  bool         // a token came: from now on silence is limited
	over  *time.Timer  // set once the model is done: ends the wait for the rest of the stream
	end   error        // for the reader once clean is empty; io.EOF = the answer is complete
}

func newStream(w *wire, ctx context.Context, body io.ReadCloser) *stream {
	return &stream{w: w, ctx: ctx, body: body, lines: bufio.NewReader(body)}
}

// Close implements io.Closer.
func (s *stream) Close() error { return s.body.Close() }

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for s.clean.Len() == 0 {
		if s.end != nil {
			return 0, s.end
		}
		s.awaitToken()
	}
	return s.clean.Read(p)
}

// awaitToken reads lines until there is something for the reader. The clock runs only while it waits for the backend, not while the
// reader is busy; and lines without words, as servers send them to keep a connection open, do not stop it.
func (s *stream) awaitToken() {
	if s.told {
		silence := time.AfterFunc(s.w.idle, func() { s.w.cancel(fmt.Errorf("%w: silence between two words", errTimeout)) })
		defer silence.Stop()
	}
	for s.end == nil && (len(s.text) == 0 || s.lineWaits()) {
		line, err := s.readLine()
		if len(line) > 0 {
			s.takeLine(line)
		}
		if err != nil && s.end == nil {
			s.stop(err)
		}
	}
	s.flush()
}

// lineWaits says whether a line has come already. The words of such lines are joined into one event, so that whoever falls behind catches up.
func (s *stream) lineWaits() bool {
	waiting, _ := s.lines.Peek(s.lines.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

// readLine reads one line of at most maxEvent bytes, which is valid until the next one; an empty one ends an event.
func (s *stream) readLine() ([]byte, error) {
	line, err := s.lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	line = bytes.Clone(line)
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
	if s.w.native {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			s.takeEvent(line, true)
		}
		return
	}
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
		s.stop(readStatus(0, nil, value, s.w.redact))
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
	case len(data) == 0:
	case string(data) == "[DONE]":
		s.data = s.data[:0]
		s.takeFinish("stop") // some servers name no reason
	case s.takeEvent(data, over):
		s.data = s.data[:0]
	}
}

// answer is an event of a stream, or a whole answer, or an error, as the kinds of servers write them.
type answer struct {
	Choices []struct {
		Index    int
		Delta    words
		Whole    words  `json:"message"` // of an answer that is not a stream
		Finish   string `json:"finish_reason"`
		LogProbs struct{ Content []LogProb }
	}
	Usage  *usage
	Object string
	Error  json.RawMessage
	ollamaLine
}

type words struct {
	Content   string
	Reasoning string // vLLM, Ollama's compatible API
	Thoughts  string `json:"reasoning_content"` // llama.cpp, SGLang, LM Studio
	Thinking  string // Ollama
}

// takeEvent takes an event, unless it could become one with more lines; whole: there are no more.
func (s *stream) takeEvent(data []byte, whole bool) (taken bool) {
	var a answer
	err := json.Unmarshal(data, &a)
	_, unfinished := errors.AsType[*json.SyntaxError](err)
	switch {
	case unfinished && !whole:
		return false
	case len(a.Error) > 0 && string(a.Error) != "null" || a.Object == "error":
		s.stop(readStatus(0, nil, data, s.w.redact))
	case err != nil:
		s.stop(fmt.Errorf("%w: an event that is not JSON or has an unknown form", errRefused))
	default:
		s.takeAnswer(&a)
	}
	return true
}

func (s *stream) takeAnswer(a *answer) {
	if a.Usage != nil {
		s.w.note(func(r *result) { r.usage = *a.Usage })
	}
	for _, choice := range a.Choices {
		if choice.Index == 0 { // one was asked for; more would be mixed into one text
			choice.Delta.Content += choice.Whole.Content
			s.takeWords(choice.Delta, choice.LogProbs.Content)
			s.takeFinish(choice.Finish)
		}
	}
	s.takeWords(a.Message, a.ollamaLine.LogProbs)
	if a.Done {
		s.w.note(func(r *result) { r.usage.Prompt, r.usage.Told = a.Prompt, a.Told })
		s.takeFinish(cmp.Or(a.DoneReason, "stop"))
	}
}

func (s *stream) takeWords(w words, probs []LogProb) {
	if s.over != nil || s.end != nil {
		return
	}
	s.told = s.told || w != words{}
	if len(probs) > 0 {
		s.w.note(func(r *result) { r.logProbs = append(r.logProbs, probs...) })
	}
	s.text = append(s.text, w.Content...)
}

func (s *stream) takeFinish(reason string) {
	if reason != "" && s.over == nil && s.end == nil {
		s.finish(reason)
	}
}

// flush gives the words to the reader, in events that langchaingo can read.
func (s *stream) flush() {
	for text := string(s.text); len(text) > 0; {
		piece := clipBytes(text, maxPiece)
		text = text[len(piece):]
		s.emit(piece, "")
	}
	s.text = s.text[:0]
}

func (s *stream) emit(content, finish string) {
	text, _ := json.Marshal(content)
	s.clean.WriteString(`data: {"choices":[{"delta":{"content":`)
	s.clean.Write(text)
	s.clean.WriteString(`},"finish_reason":"` + finish + "\"}]}\n\n")
}

// finish ends the stream as the model meant it, as soon as the backend has ended it too.
func (s *stream) finish(reason string) {
	switch {
	case reason == "content_filter":
		s.stop(fmt.Errorf("%w: content_filter", errRefused))
	case !s.told:
		s.stop(io.EOF)
	default:
		s.w.note(func(r *result) { r.finish = reason })
		s.over = time.AfterFunc(linger, func() { s.body.Close() })
	}
}

// stop ends the stream because of err: io.EOF is the end of what the backend sent, which is not always the end of an answer.
func (s *stream) stop(err error) {
	s.flush()
	if s.over != nil {
		s.over.Stop()
		s.emit("", "stop")
		s.end = io.EOF
		return
	}
	switch cause := context.Cause(s.ctx); {
	case cause != nil:
		err = cause
	case errors.Is(err, io.EOF) && !s.told:
		err = errEmpty
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
		s.takeEvent(body, true)
	}
	s.takeFinish("stop") // nothing more can come
	if s.end == nil {
		s.stop(io.EOF)
	}
}
