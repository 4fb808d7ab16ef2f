package main

import (
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator/narratortest"
	"kinoautomat/recommend"
	"kinoautomat/story"
)

// The sidebar of a node with an embedding model finds films by what a scene means, and never waits for it.
func TestMeanings(t *testing.T) {
	server := httptest.NewServer(narratortest.Vectors{Words: []string{"omotive", ""}})
	t.Cleanup(server.Close)
	setting := narratortest.Backend(server.URL)
	s := &serveSettings{embeddings: list{setting}}
	m, err := s.meanings(t.Context(), zap.NewNop())
	if err != nil || m == nil {
		t.Fatal(err)
	}
	plain, err := recommend.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	catalogue := plain.WithMeanings(m)
	q := recommend.Query{Path: []story.Step{{Title: "Fahrt", Text: "Eine Lokomotive."}}}
	if slices.ContainsFunc(plain.Rank(q, 6), about("the-general-1926")) {
		t.Fatal("words alone find the film")
	}
	for deadline := time.Now().Add(20 * time.Second); !slices.ContainsFunc(catalogue.Rank(q, 6), about("the-general-1926")); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the film was never found by what the scene means")
		}
	}
	m.close()
}

func about(id string) func(recommend.Pick) bool {
	return func(p recommend.Pick) bool { return p.ID == id }
}

func TestDoctor_Embeddings(t *testing.T) {
	server := httptest.NewServer(narratortest.Vectors{Words: []string{"", "cake"}})
	t.Cleanup(server.Close)
	for setting, want := range map[string]string{
		"off":                               "none: the sidebar compares words",
		narratortest.Backend(server.URL):    "vectors of 2 numbers",
		"openai+http://127.0.0.1:1?model=m": "see that the server runs",
	} {
		out, err := try(t, "doctor", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--llm", "off", "--embeddings", setting)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v\n%s", setting, err, out)
		}
	}
}
