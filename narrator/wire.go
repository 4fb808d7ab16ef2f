package narrator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	maxEvent = 1 << 20 // bytes of one event of a stream, or of an answer that is not a stream
	maxPiece = 8 << 10 // bytes of text in one event as langchaingo gets it: it reads lines of at most 64 KiB, and JSON escapes can take six times as much

	maxIdleConns = 64              // connections to one backend that are kept for the next call
	keepIdle     = 4 * time.Second // how long: llama.cpp and uvicorn drop idle ones after 5 s
)

// dialer opens connections.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// newHTTP is what all calls of one backend go through. It has no timeout of its own: wire sets the limits of each call.
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
			MaxIdleConns:        maxIdleConns,
			MaxIdleConnsPerHost: maxIdleConns,
			IdleConnTimeout:     keepIdle,
			DisableCompression:  true, // so that no proxy gathers the stream before it packs it
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// wire stands between langchaingo and a backend for one call. langchaingo drops most options, takes cut streams, errors inside streams and
// events that it cannot read for success, and loses the causes of the errors that it does see. So wire writes the request and reads the
// answer itself, hands on a clean stream, and keeps what really happened.
type wire struct {
	http   *http.Client
	idle   time.Duration            // silence allowed between two tokens
	cancel context.CancelCauseFunc  // ends the call
	redact func(text string) string // takes secrets out of what the backend says
	fields map[string]any           // of the request's body, over what langchaingo wrote there; nil values are left out
	native bool                     // the backend is asked over Ollama's own API

	mu     sync.Mutex
	err    error // what went wrong first
	result result
}

// result is what a backend says beside the words.
type result struct {
	finish   string // why the model stopped: "stop", "length", …; "" = it did not
	usage    usage
	logProbs []LogProb
}

// usage is what a backend counted, in tokens; zeros where it does not say.
type usage struct {
	Prompt  int `json:"prompt_tokens"`
	Told    int `json:"completion_tokens"`
	Details struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// ended says how the call ended.
func (w *wire) ended() (result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.result, w.err
}

func (w *wire) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	return w.err
}

// note keeps something of the result.
func (w *wire) note(keep func(r *result)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keep(&w.result)
}

// Do implements the doer that langchaingo asks for. Its error is never a net.Error, whose text langchaingo would replace.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	if err := w.rewrite(req); err != nil {
		return nil, w.fail(fmt.Errorf("%w: prepare call: %w", errRefused, err))
	}
	res, err := w.http.Do(req)
	if err != nil {
		if cause := context.Cause(req.Context()); cause != nil {
			return nil, w.fail(cause)
		}
		return nil, w.fail(fmt.Errorf("%w: %s", errUnreachable, err))
	}
	s := newStream(w, req.Context(), res.Body)
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode != http.StatusOK || kind == "text/html":
		report, _ := io.ReadAll(io.LimitReader(res.Body, maxEvent))
		res.Body.Close()
		failed := readStatus(res.StatusCode, res.Header, report, w.redact)
		if res.StatusCode == http.StatusOK {
			failed.Message = "a web page instead of an answer"
		}
		return nil, w.fail(failed)
	case kind == "application/json":
		s.readWhole()
	}
	res.Body, res.ContentLength = s, -1
	return res, nil
}

// rewrite puts the call's own fields into the request, and the request onto the backend's own path.
func (w *wire) rewrite(req *http.Request) error {
	body := map[string]any{}
	defer req.Body.Close()
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return err
	}
	for name, value := range w.fields {
		if value == nil {
			delete(body, name)
		} else {
			body[name] = value
		}
	}
	if w.native {
		body = toOllama(body)
		req.URL.Path = strings.TrimSuffix(req.URL.Path, "/v1/chat/completions") + "/api/chat"
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(text))
	// A kept connection may turn out to be closed at the other end. With this entry, which is not sent as it is empty, net/http then asks once
	// more over a fresh one.
	req.Header["Idempotency-Key"] = nil
	return nil
}
