package narrator_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// A backend that repeats the key in everything it says must not get it into anything that we say: logs, errors, outcomes, statuses, findings, or
// whatever prints our values.
func TestKeys_AreNeverToldToAnybody(t *testing.T) {
	const secret = "sk-very-secret"
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tells := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, strings.ReplaceAll(body, "KEY", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
		}
	}
	chats := func(then http.Handler) http.HandlerFunc { // whose server is well but for its answers
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "chat") {
				then.ServeHTTP(w, r)
				return
			}
			narratortest.Script{Key: secret}.ServeHTTP(w, r)
		}
	}
	for name, h := range map[string]http.Handler{
		"well":                       narratortest.Script{Key: secret},
		"refuses the key":            narratortest.Script{Key: "another"},
		"401 in words":               tells(401, "text/plain", "Incorrect key KEY"),
		"500 with a type":            tells(500, "application/json", `{"error":{"message":"KEY","type":"KEY","code":"KEY"}}`),
		"a list of odd models":       tells(200, "application/json", `{"data":[{"id":"KEY"}]}`),
		"a web page":                 tells(200, "text/html", "<title>KEY</title>"),
		"an error in a stream":       chats(tells(200, "text/event-stream", `data: {"error":{"message":"KEY"}}`+"\n\n")),
		"an odd event":               chats(tells(200, "text/event-stream", "data: KEY\n\n")),
		"a redirect":                 tells(302, "text/plain", "KEY"),
		"closes the connection":      narratortest.Handler(narratortest.Dead),
		"is gone in mid-answer":      chats(narratortest.Handler(narratortest.Cut)),
		"names a field with the key": chats(tells(400, "application/json", `{"error":{"message":"top_k KEY"}}`)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said strings.Builder
				var mu sync.Mutex
				say := func(format string, args ...any) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintf(&said, format+"\n", args...)
				}
				log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(writer(func(p []byte) {
					say("%s", p)
				})), zap.DebugLevel))
				b, err := narrator.ParseBackend("openai+http://one?model=m&slots=2&ctx=8192&key_file=" + path)
				if err != nil {
					t.Fatal(err)
				}
				m, err := narrator.NewModel(b, narrator.Options{
					Dial: narratortest.DialHandler(t, h), OnOutcome: func(o narrator.Outcome) { say("%+v %#v", o, o) }}, log)
				if err != nil {
					t.Fatal(err)
				}
				ladder := narrator.NewLadder(log, m)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var checks sync.WaitGroup
				checks.Go(func() { ladder.Pool().Run(ctx) })
				for range 5 { // until the breaker opens
					telling, err := ladder.Tell(ctx, cue(), func(string) error { return nil })
					say("%+v %v", telling, err)
					answer, err := ladder.Pool().Ask(ctx, "r", night, narrator.Call{TopK: 7})
					say("%+v %v %+v %#v", answer, err, err, err)
					for err != nil {
						say("%T %+v", err, err)
						err = unwrapped(err)
					}
				}
				say("%+v %+v %#v %s %v", m.Status(), m, b, b, ladder.Pool().Models())
				for _, found := range m.Examine(ctx) {
					say("%+v", found)
				}
				cancel()
				checks.Wait()
				if at := strings.Index(said.String(), "very-secret"); at >= 0 {
					t.Errorf("the key is told: …%.300s", said.String()[max(0, at-200):])
				}
				if said.Len() < 200 {
					t.Errorf("hardly anything was told: %s", said.String())
				}
			})
		})
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

func unwrapped(err error) error {
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return err.Unwrap()
	case interface{ Unwrap() []error }:
		return err.Unwrap()[len(err.Unwrap())-1]
	}
	return nil
}
