package narrator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// embedder asks a server over TCP until the test ends.
func embedder(t *testing.T, kind string, h http.Handler) *narrator.Embedder {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	b, err := narrator.ParseBackend(kind + "+" + server.URL + "?model=" + narratortest.ModelName)
	if err != nil {
		t.Fatal(err)
	}
	return narrator.NewEmbedder(b, zap.NewNop())
}

func TestEmbedder_Vectors(t *testing.T) {
	for _, kind := range []string{"openai", "ollama"} {
		e := embedder(t, kind, narratortest.Vectors{Words: []string{"sea", "cake"}})
		got, err := e.Vectors(t.Context(), []string{"sea", "cake and cake", "sea cake"})
		if diff := cmp.Diff([][]float32{{1, 0}, {0, 2}, {1, 1}}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", kind, err, diff)
		}
	}
}

// One text that is too long for the model does not keep the others from having theirs, and has that of its end.
func TestEmbedder_LongTexts(t *testing.T) {
	calls := new(atomic.Int64)
	e := embedder(t, "openai", narratortest.Vectors{Words: []string{"sea", "cake"}, Longest: 400, Calls: calls})
	long := "sea " + strings.Repeat("and so on ", 100) + "cake"
	got, err := e.Vectors(t.Context(), []string{"sea", long, strings.Repeat(long, 9)})
	if diff := cmp.Diff([][]float32{{1, 0}, {0, 1}, nil}, got); diff != "" || err != nil || calls.Load() != 1+1+3+4 {
		t.Errorf("%v after %d calls\n%s", err, calls.Load(), diff)
	}
	if got, err := e.Vectors(t.Context(), []string{strings.Repeat(long, 9)}); err == nil {
		t.Errorf("of what is too long alone: %v", got)
	}
}

func TestEmbedder_Fails(t *testing.T) {
	t.Setenv(narrator.KeyVariable, "wrong-key-of-ours")
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) })
	}
	for name, test := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"no such call":   {narratortest.Script{}, "status 404"},
		"wrong key":      {narratortest.Vectors{Key: "right"}, "put the right key into"},
		"a web page":     {says("<html>"), "no vectors in the answer"},
		"nothing":        {says(`{"data":[]}`), "no vectors in the answer"},
		"too few":        {says(`{"data":[{"index":0,"embedding":[]}]}`), "or an empty one"},
		"no connections": {narratortest.Script{Mode: narratortest.Dead}, "see that the server runs"},
	} {
		t.Run(name, func(t *testing.T) {
			e := embedder(t, "openai", test.handler)
			got, err := e.Vectors(t.Context(), []string{"sea"})
			if err == nil || !strings.Contains(narrator.Advice(err), test.want) || strings.Contains(err.Error(), "wrong-key") {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedder(t, "openai", narratortest.Vectors{}).Vectors(ctx, []string{"sea"}); err != context.Canceled {
		t.Errorf("who does not want it any more gets %v", err)
	}
}

func TestEmbedder_Examine(t *testing.T) {
	for _, test := range []struct {
		words []string
		warns bool
	}{
		{[]string{"", "cake"}, false}, // every text has the empty word
		{[]string{"A", "ship", "船"}, true},
	} {
		found := embedder(t, "openai", narratortest.Vectors{Words: test.words}).Examine(t.Context())
		want := fmt.Sprintf("vectors of %d numbers", len(test.words))
		if !found[0].Good || !strings.Contains(found[0].Text, want) || (len(found) > 1) != test.warns {
			t.Errorf("%q: %+v", test.words, found)
		}
	}
}
