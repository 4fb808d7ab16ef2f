package narrator_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// running lets a pool check its models until the test ends.
func running(t *testing.T, models ...*narrator.Model) *narrator.Pool {
	t.Helper()
	p := narrator.NewPool(models...)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	synctest.Wait()
	return p
}

func TestHealth_WhatIsLearnt(t *testing.T) {
	type script = narratortest.Script
	for name, test := range map[string]struct {
		setting string
		script  script
		context int
		slots   int
		schema  string
	}{
		"vLLM":                      {"openai+http://one?model=test-model", script{Context: 32768}, 32768, 256, "yes"},
		"llama.cpp":                 {"openai+http://one?model=test-model", script{Context: 8000, Slots: 4}, 8000, 4, "yes"},
		"Ollama, a long model":      {"ollama+http://one?model=test-model", script{Context: 131072}, 8192, 4, "yes"},
		"Ollama, a short model":     {"ollama+http://one?model=test-model", script{Context: 2048}, 2048, 4, "yes"},
		"nobody says":               {"openai+http://one?model=test-model", script{}, 4096, 256, "yes"},
		"the operator says":         {"openai+http://one?model=test-model&ctx=16000&slots=7", script{Context: 32768, Slots: 4}, 16000, 7, "yes"},
		"the operator says, Ollama": {"ollama+http://one?model=test-model&ctx=16000&slots=7", script{Context: 131072}, 16000, 7, "yes"},
		"schemas ignored":           {"openai+http://one?model=test-model", script{Schema: narratortest.Ignored}, 4096, 256, "no"},
		"schemas refused":           {"openai+http://one?model=test-model", script{Schema: narratortest.Refused}, 4096, 256, "no"},
		"another model's name":      {"openai+http://one?model=other", script{Context: 32768}, 4096, 256, "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.script.Models = []string{"nomic-embed", "test-model:latest"}
				m := named(t, test.setting, test.script, narrator.Options{})
				p := running(t, m)
				s := m.Status()
				if s.Context != test.context || p.Context() != test.context || s.Slots != test.slots || s.Schema != test.schema || s.Ill != "" || s.Busy != 0 {
					t.Errorf("learnt %+v, want context %d, %d slots, schema %s", s, test.context, test.slots, test.schema)
				}
			})
		})
	}
}

// servedBy is a model behind a server of the test's own.
func servedBy(t *testing.T, setting string, h http.Handler) *narrator.Model {
	t.Helper()
	b, err := narrator.ParseBackend(setting)
	if err != nil {
		t.Fatal(err)
	}
	m, err := narrator.NewModel(b, narrator.Options{Dial: narratortest.DialHandler(t, h)}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A server that goes is asked last, and one that comes back is asked as before; nobody waits for it in between.
func TestHealth_IllAndWellAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ill atomic.Bool
		gate := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if ill.Load() {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
		}
		first := servedBy(t, "openai+http://one?model=a", gate(narratortest.Script{}))
		second := named(t, "openai+http://two?model=b", narratortest.Script{}, narrator.Options{})
		p := running(t, first, second)
		order := func() string { return narrator.Line(p, "r")[0] }
		if !strings.HasSuffix(order(), "=a") {
			t.Fatalf("asked first: %s", order())
		}
		ill.Store(true)
		time.Sleep(13 * time.Second)
		if !strings.HasSuffix(order(), "=b") || !strings.Contains(first.Status().Ill, "no answer") {
			t.Errorf("asked first: %s, status %+v; want the second, and why", order(), first.Status())
		}
		ill.Store(false)
		time.Sleep(3 * time.Second)
		if !strings.HasSuffix(order(), "=a") || first.Status().Ill != "" {
			t.Errorf("asked first: %s, status %+v; want the first again", order(), first.Status())
		}
	})
}

// No viewer has to be the one who tries a model that was left alone.
func TestHealth_TriesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ill atomic.Bool
		var calls atomic.Int64
		m := servedBy(t, "openai+http://one?model=a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mode := narratortest.OK
			if strings.HasSuffix(r.URL.Path, "/completions") {
				calls.Add(1)
				if ill.Load() {
					mode = narratortest.Status500
				}
			}
			narratortest.Handler(mode).ServeHTTP(w, r)
		}))
		p := running(t, m)
		ill.Store(true)
		for range 3 {
			stream(t, p, "r")
		}
		if m.Status().Breaker != "open" {
			t.Fatalf("breaker %s, want open", m.Status().Breaker)
		}
		time.Sleep(10 * time.Second)
		ill.Store(false)
		time.Sleep(10 * time.Second)
		if m.Status().Breaker != "closed" {
			t.Errorf("breaker %s 10 s after the server is well again, want closed", m.Status().Breaker)
		}
		before := calls.Load()
		if _, err := stream(t, p, "r"); err != nil || calls.Load() != before+1 {
			t.Errorf("got %v", err)
		}
	})
}

func TestHealth_ServersWithoutAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := servedBy(t, "openai+http://one?model=a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/completions") {
				http.NotFound(w, r)
				return
			}
			narratortest.Handler(narratortest.OK).ServeHTTP(w, r)
		}))
		running(t, m)
		if s := m.Status(); s.Ill != "" || s.Schema != "yes" {
			t.Errorf("status %+v; want a model that is well", s)
		}
	})
}
