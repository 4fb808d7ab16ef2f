package narrator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How a model fails. What is told to the world about it is Why's business.
var (
	errUnreachable = errors.New("no answer at the backend's address")
	errTimeout     = errors.New("too late")
	errRefused     = errors.New("the backend reported an error")
	errEmpty       = errors.New("an answer without a whole sentence")
	errCut         = errors.New("the answer broke off")
	errResting     = errors.New("not asked, so that the backend can recover")
	errOutrun      = errors.New("another backend spoke first")
	errLanguage    = errors.New("an answer in another language")
)

const maxReport = 200 // characters of a backend's own error text that are kept

// StatusError is what a backend says instead of an answer. It holds no key: what looks like one of ours is taken out.
type StatusError struct {
	Code       int           // HTTP status, 100–599; 0 where a stream reported the error without one
	Kind       string        // the backend's own name for the error, such as "exceed_context_size_error"; may be ""
	Message    string        // in the backend's words, at most 200 characters
	RetryAfter time.Duration // how long the backend wants to be left alone; 0 = it did not say

	streamed bool // reported inside a stream, after the status was 200
}

// Error implements error.
func (e *StatusError) Error() string {
	where := ""
	if !e.streamed {
		where = fmt.Sprintf("status %d, ", e.Code)
	}
	return errRefused.Error() + ": " + where + e.Message
}

// Unwrap makes every StatusError one of the errors whose Why is WhyModelError.
func (e *StatusError) Unwrap() error { return errRefused }

// Retryable says whether the same call may well succeed a little later.
func (e *StatusError) Retryable() bool {
	switch e.Code {
	case 0, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return e.Code >= 500
}

// ContextOverflow says whether the prompt was longer than the model's context. The kinds of servers have no common code for it.
func (e *StatusError) ContextOverflow() bool {
	if e.Code != 0 && e.Code != http.StatusBadRequest && e.Code != http.StatusRequestEntityTooLarge && e.Code < 500 {
		return false
	}
	text := strings.ToLower(e.Kind + " " + e.Message)
	if strings.Contains(text, "context_length_exceeded") || strings.Contains(text, "exceed_context_size") {
		return true
	}
	return strings.Contains(text, "context") &&
		(strings.Contains(text, "maximum") || strings.Contains(text, "exceed") || strings.Contains(text, "longer than") || strings.Contains(text, "too long"))
}

// refused says whether the call itself was wrong in the backend's eyes, not the moment, the key or the prompt's length.
func (e *StatusError) refused() bool {
	return (e.Code == http.StatusBadRequest || e.Code == http.StatusUnprocessableEntity) && !e.ContextOverflow()
}

// readStatus reads an error in the forms of OpenAI, vLLM, Ollama and FastAPI, else in plain words. code is the HTTP status, 0 inside a stream.
func readStatus(code int, header http.Header, body []byte, redact func(string) string) *StatusError {
	var report struct {
		Error  json.RawMessage
		Text   string `json:"message"`
		Detail string
		Kind   string `json:"type"`
		Code   any
	}
	var inner struct {
		Text string `json:"message"`
		Kind string `json:"type"`
		Code any
	}
	text, plain := string(body), ""
	if json.Unmarshal(body, &report) == nil {
		switch {
		case json.Unmarshal(report.Error, &plain) == nil:
			text = plain
		case json.Unmarshal(report.Error, &inner) == nil && inner.Text != "":
			text = inner.Text
		case report.Text+report.Detail != "":
			text = report.Text + report.Detail
		}
	}
	e := &StatusError{
		Code: code, Kind: clip(redact(cmp.Or(inner.Kind, report.Kind)), maxReport), streamed: code == 0,
		Message: clip(strings.Join(strings.Fields(redact(text)), " "), maxReport), RetryAfter: retryAfter(header.Get("Retry-After")),
	}
	for _, said := range []any{inner.Code, report.Code} {
		switch said := said.(type) {
		case float64:
			if e.Code == 0 && said >= 100 && said < 600 {
				e.Code = int(said)
			}
		case string:
			e.Kind = cmp.Or(e.Kind, clip(redact(said), maxReport))
		}
	}
	return e
}

// retryAfter reads the header's two forms, seconds and a date.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
