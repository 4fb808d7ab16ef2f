package main

import (
	"strings"
	"testing"
	"time"

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
