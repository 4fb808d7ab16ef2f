package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/narratortest"
)

// The doctor says of every kind of model server what an operator must do, and never the key.
func TestDoctor_Backends(t *testing.T) {
	type script = narratortest.Script
	for name, test := range map[string]struct {
		script script
		more   string   // of the backend's setting
		ok     []string // what is said to be well
		warn   []string // and what is not
	}{
		"well": {script{Context: 32768, Slots: 4, Delay: 2 * time.Millisecond}, "", []string{"lists the model", "32768 tokens (said by the server)", "4 calls", "JSON schema", "first word after",
			"tokens per second", "cancelled call ends"}, nil},
		"set by hand":          {script{}, "&ctx=9000&slots=3", []string{"9000 tokens (set by ctx=)", "3 calls"}, nil},
		"nobody says how long": {script{}, "", nil, []string{"4096 tokens (assumed", "set ctx="}},
		"no schemas":           {script{Schema: narratortest.Refused}, "", nil, []string{"cannot be held to a JSON schema"}},
		"another model":        {script{Models: []string{"a", "b"}}, "", nil, []string{`does not list the model "test-model"; it has a, b`}},
		"dead":                 {script{Mode: narratortest.Dead}, "", nil, []string{"see that the server runs"}},
		"loading":              {script{Mode: narratortest.Status503}, "", nil, []string{"wait until the server has loaded its model"}},
		"crashes":              {script{Mode: narratortest.Status500}, "", nil, []string{"look into the server's own log"}},
		"short context":        {script{Mode: narratortest.Overflow}, "", nil, []string{"longer context"}},
		"wrong key":            {script{Key: "another"}, "", nil, []string{"put the right key into"}},
		"a web page":           {script{Mode: narratortest.Page}, "", nil, []string{"a web page instead of an answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setting := narratortest.Backend(narratortest.New(t, test.script)) + test.more
			out, err := try(t, "doctor", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--llm", setting)
			if err != nil {
				t.Errorf("a backend that is ill must not keep a node from serving: %v", err)
			}
			for kind, words := range map[string][]string{"ok ": test.ok, "warn ": test.warn} {
				for _, word := range words {
					if !lineHas(out, kind, word) {
						t.Errorf("no line %q says %q:\n%s", kind, word, out)
					}
				}
			}
			if len(test.warn) == 0 && strings.Contains(out, "warn ") && name == "well" {
				t.Errorf("a well backend is warned of:\n%s", out)
			}
		})
	}
}

// lineHas says whether a line of that kind has these words.
func lineHas(out, kind, words string) bool {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, kind) && strings.Contains(line, words) {
			return true
		}
	}
	return false
}

// The doctor has the guard judge, and says of one that is no guard what it does instead.
func TestDoctor_Guard(t *testing.T) {
	judge := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		said := "Safety: Safe\nCategories: None"
		if bytes.Contains(body, []byte("bomb")) {
			said = "Safety: Unsafe\nCategories: Violent"
		}
		narratortest.Script{Text: said}.ServeHTTP(w, r)
	})
	for name, test := range map[string]struct {
		guard    http.Handler
		ok, warn string
	}{
		"well":            {judge, "a harmful sentence is blocked", ""},
		"lets all pass":   {narratortest.Script{Text: "safe"}, "a harmless sentence passes", "it lets instructions for a bomb pass"},
		"blocks all":      {narratortest.Script{Text: "unsafe\nS1"}, "a harmful sentence is blocked", "it blocks a harmless sentence"},
		"tells a story":   {narratortest.Script{}, "", "it gives no verdict"},
		"is out of order": {narratortest.Handler(narratortest.Status500), "", "look into the server's own log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.guard)
			t.Cleanup(server.Close)
			out, err := try(t, "doctor", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--llm", "off", "--guard", narratortest.Backend(server.URL+"/v1"))
			if err != nil {
				t.Errorf("a guard that is ill must not keep a node from serving: %v", err)
			}
			if test.ok != "" && !lineHas(out, "ok ", test.ok) || test.warn != "" && !lineHas(out, "warn ", test.warn) {
				t.Errorf("want %q and the warning %q:\n%s", test.ok, test.warn, out)
			}
		})
	}
}

// The lists that come with the gate can be read, and the doctor reads those that an operator adds.
func TestExport_Words(t *testing.T) {
	words, err := try(t, "export", "--words")
	if err != nil || !strings.Contains(words, "profanity:") {
		t.Fatalf("%v: %.200s", err, words)
	}
	file := filepath.Join(t.TempDir(), "words")
	for text, want := range map[string]string{
		"house:\nglass tram\n":         fmt.Sprintf("%d terms", gate.BuiltIn().Len()+1),
		"\n" + strings.Repeat("a", 65): "line 2",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := try(t, "doctor", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--llm", "off", "--gate-words", file)
		if kind := map[bool]string{true: "ok ", false: "FAIL "}[err == nil]; !lineHas(out, kind, want) {
			t.Errorf("no line %q says %q: %v\n%s", kind, want, err, out)
		}
	}
}
