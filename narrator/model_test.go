package narrator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/story"
)

// overTCP is a model at a base URL.
func overTCP(t *testing.T, base string, opts narrator.Options, log *zap.Logger) *narrator.Model {
	t.Helper()
	b, err := narrator.ParseBackend(narratortest.Backend(base))
	if err != nil {
		t.Fatal(err)
	}
	m, err := narrator.NewModel(b, opts, log)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestModel_EveryModeOverTCP(t *testing.T) {
	for _, mode := range narratortest.Modes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			var opts narrator.Options
			if mode == narratortest.Hang || mode == narratortest.HangAfter {
				opts = narrator.Options{FirstWord: 200 * time.Millisecond, Idle: 100 * time.Millisecond}
			}
			base := narratortest.New(t, narratortest.Script{Mode: mode, After: 9})
			got := tell(t, narrator.NewLadder(zap.NewNop(), overTCP(t, base, opts, zap.NewNop())), cue())
			want := reserve
			switch mode {
			case narratortest.OK, narratortest.LongLine, narratortest.Think, narratortest.Reason, narratortest.ReasonToo, narratortest.Mixed,
				narratortest.Whole, narratortest.Stale:
				want = narratortest.Text
			}
			if got.Text != want {
				t.Errorf("told %q (%v), want %q", got.Text, got.Telling, want)
			}
		})
	}
}

func TestModel_Request(t *testing.T) {
	var body struct {
		Model       string
		Stream      bool
		Temperature float64
		MaxTokens   int `json:"max_tokens"`
		Messages    []struct{ Role, Content string }
	}
	var authorization string
	script := narratortest.Script{Seen: func(b []byte) {
		if err := json.Unmarshal(b, &body); err != nil {
			t.Error(err)
		}
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
		script.ServeHTTP(w, r)
	}))
	defer server.Close()
	t.Setenv(narrator.KeyVariable, "sk-very-secret")
	m := overTCP(t, server.URL, narrator.Options{}, zap.NewNop())
	if got := tell(t, m, cue()); got.Text != narratortest.Text {
		t.Fatalf("told %q", got.Text)
	}
	if body.Model != narratortest.ModelName || !body.Stream || body.Temperature != 0.8 || body.MaxTokens != 900 {
		t.Errorf("asked for %+v; want a stream of at most 900 tokens at 0.8", body)
	}
	if len(body.Messages) != 2 || body.Messages[0].Role != "system" || body.Messages[1].Role != "user" ||
		!strings.Contains(body.Messages[1].Content, cue().Direction) {
		t.Errorf("messages: %+v; want a contract and the direction", body.Messages)
	}
	if authorization != "Bearer sk-very-secret" {
		t.Errorf("Authorization: %q, want the key", authorization)
	}
}

func TestModel_KeyIsNeverLogged(t *testing.T) {
	const secret = "sk-very-secret"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		w.Write([]byte(`{"error":{"message":"Incorrect API key provided: ` + secret + `"}}`))
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := narrator.ParseBackend(narratortest.Backend(server.URL) + "&key_file=" + path)
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.DebugLevel)
	m, err := narrator.NewModel(b, narrator.Options{}, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	if got := tell(t, narrator.NewLadder(zap.New(core), m), cue()); got.Telling.Why != narrator.WhyModelError {
		t.Errorf("told %v, want %s", got.Telling, narrator.WhyModelError)
	}
	var said strings.Builder
	for _, entry := range logs.All() {
		said.WriteString(fmt.Sprintln(entry.Message, entry.ContextMap()))
	}
	if !strings.Contains(said.String(), "status 401, Incorrect API key provided") || strings.Contains(said.String(), secret) {
		t.Errorf("logged %q; want the server's words without the key", said.String())
	}
}

func TestModel_Outcomes(t *testing.T) {
	type outcome struct {
		Outcome         string
		Took, FirstWord time.Duration
	}
	for _, test := range []struct {
		script narratortest.Script
		want   outcome
	}{
		{narratortest.Script{Text: "It rains and rains and rains. You wait.", Delay: 50 * time.Millisecond},
			outcome{narrator.WhyModelAnswered, 500 * time.Millisecond, 50 * time.Millisecond}},
		{narratortest.Script{Mode: narratortest.Hang}, outcome{narrator.WhyModelTimeout, 2500 * time.Millisecond, 0}},
		{narratortest.Script{Mode: narratortest.Cut, After: 4}, outcome{narrator.WhyModelCut, 0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got []outcome
			m := model(t, test.script, narrator.Options{OnOutcome: func(o narrator.Outcome) {
				if want := "openai+http://model.example/v1?model=test-model"; o.Backend != want {
					t.Errorf("backend %q, want %q", o.Backend, want)
				}
				got = append(got, outcome{o.Why, o.Took, o.FirstWord})
			}})
			m.Tell(t.Context(), cue(), func(string) error { return nil })
			if diff := cmp.Diff([]outcome{test.want}, got); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestModel_OwnLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			script narratortest.Script
			opts   narrator.Options
			want   time.Duration
		}{
			{narratortest.Script{Mode: narratortest.Hang}, narrator.Options{FirstWord: 400 * time.Millisecond}, 400 * time.Millisecond},
			{narratortest.Script{Mode: narratortest.HangAfter}, narrator.Options{Idle: 100 * time.Millisecond}, 100 * time.Millisecond},
			{narratortest.Script{Delay: 90 * time.Millisecond}, narrator.Options{Whole: 2 * time.Second}, 2 * time.Second},
		} {
			begun := time.Now()
			_, err := model(t, test.script, test.opts).Tell(t.Context(), cue(), func(string) error { return nil })
			if took := time.Since(begun); err == nil || took != test.want {
				t.Errorf("%+v: ended after %v with %v, want an error after %v", test.script, took, err, test.want)
			}
		}
	})
}

func TestModel_ManyAtOnce(t *testing.T) {
	l := narrator.NewLadder(zap.NewNop(), overTCP(t, narratortest.New(t, narratortest.Script{}), narrator.Options{}, zap.NewNop()))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got := tell(t, l, cue()); got.Text != narratortest.Text {
				t.Errorf("told %q, want the model's text", got.Text)
			}
		})
	}
	wg.Wait()
}

// A model that tells the scene to its end must not be blamed for a room that closes with the last sentence.
func TestModel_LastWriteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errClosed := errors.New("room closed")
		text := ""
		_, err := model(t, narratortest.Script{}, narrator.Options{}).Tell(t.Context(), cue(), func(piece string) error {
			if text += piece; text == narratortest.Text {
				return errClosed
			}
			return nil
		})
		if !errors.Is(err, errClosed) {
			t.Errorf("got %v, want %v", err, errClosed)
		}
	})
}

var _ = []narrator.Narrator{narrator.Authored{}, (*narrator.Model)(nil), (*narrator.Ladder)(nil)}

// The cause of the context's end is the caller's to know.
func TestModel_CauseIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errSkipped := errors.New("the host skipped the scene")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errSkipped) })
		m := model(t, narratortest.Script{Mode: narratortest.Hang}, narrator.Options{})
		telling, err := m.Tell(ctx, cue(), func(string) error { return nil })
		if !errors.Is(err, errSkipped) || !cmp.Equal(telling, story.Telling{}) {
			t.Errorf("got %v, %v; want %v", telling, err, errSkipped)
		}
	})
}
