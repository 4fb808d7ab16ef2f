package narrator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// patient are limits for tests over sockets on busy machines.
var patient = narrator.Options{Connect: time.Minute, FirstWord: time.Minute, Idle: time.Minute, Whole: time.Minute}

var errSkipped = errors.New("the host skipped the scene")

// cancelled streams until the third piece, or for so long, and returns how long the call took to end after that.
func cancelled(t *testing.T, p *narrator.Pool, after time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	var at time.Time
	stop := func() {
		at = time.Now()
		cancel(errSkipped)
	}
	if after > 0 {
		time.AfterFunc(after, stop)
	}
	pieces := 0
	_, err := p.Stream(ctx, "r", night, narrator.Call{}, func(string) error {
		if pieces++; pieces == 3 && after == 0 {
			stop()
		}
		return nil
	})
	if !errors.Is(err, errSkipped) || narrator.Why(err) != narrator.WhyAbandoned {
		t.Fatalf("got %v after %d pieces, want %v: an ended call must never look like a whole answer", err, pieces, errSkipped)
	}
	return time.Since(at)
}

// A bubble fails if a goroutine is left, and its clock shows every wait.
func TestCancel_InABubble(t *testing.T) {
	for name, s := range map[string]narratortest.Script{
		"while words come":    {Delay: 10 * time.Millisecond},
		"before a word":       {Mode: narratortest.Hang},
		"in silence":          {Mode: narratortest.HangAfter, After: 2},
		"while another races": {First: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				synctest.Test(t, func(t *testing.T) {
					models := []*narrator.Model{named(t, "openai+http://one?model=a", s, narrator.Options{FirstWord: time.Hour})}
					after := time.Duration(0)
					if s.Delay == 0 {
						after = time.Second
					}
					if s.First > 0 {
						models = append(models, named(t, "openai+http://two?model=b", s, narrator.Options{FirstWord: time.Hour}))
						after = 3 * time.Second
					}
					if took := cancelled(t, narrator.NewPool(models...), after); took != 0 {
						t.Errorf("the call ended %v after its context", took)
					}
				})
			}
		})
	}
}

// Over sockets: the call ends and the server hears of it within 50 ms.
func TestCancel_OverTCP(t *testing.T) {
	const n = 200
	gone := make(chan time.Time, n)
	script := narratortest.Script{Delay: time.Millisecond, Text: strings.Repeat("She waits. ", 5000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		script.ServeHTTP(w, r)
		gone <- time.Now()
	}))
	defer server.Close()
	b, err := narrator.ParseBackend(narratortest.Backend(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	m, err := narrator.NewModel(b, patient, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	p := narrator.NewPool(m)
	before := runtime.NumGoroutine()
	var ended, heard []time.Duration
	for range n {
		took := cancelled(t, p, 0)
		over := time.Now().Add(-took)
		ended, heard = append(ended, took), append(heard, (<-gone).Sub(over))
	}
	for what, times := range map[string][]time.Duration{"the call ended": ended, "the server knew": heard} {
		slices.Sort(times)
		t.Logf("%s after %v (median), %v (99 of 100), %v (worst)", what, times[n/2], times[n*99/100], times[n-1])
		if times[n*99/100] > 50*time.Millisecond {
			t.Errorf("%s after %v, want 50ms", what, times[n*99/100])
		}
	}
	server.CloseClientConnections()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); runtime.Gosched() { // goroutines of sockets need a moment
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	var dump strings.Builder
	pprof.Lookup("goroutine").WriteTo(&dump, 1)
	t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), dump.String())
}

// An error of the caller ends the call too, and is given back as it is.
func TestCancel_ByTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := narrator.NewPool(named(t, "openai+http://one?model=a", narratortest.Script{Delay: time.Millisecond}, narrator.Options{}))
		for range 200 {
			begun := time.Now()
			_, err := p.Stream(t.Context(), "r", night, narrator.Call{}, func(string) error { return errSkipped })
			if !errors.Is(err, errSkipped) || time.Since(begun) != time.Millisecond {
				t.Fatalf("got %v after %v, want %v after the first piece", err, time.Since(begun), errSkipped)
			}
		}
	})
}
