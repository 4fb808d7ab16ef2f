package narration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"kinoautomat/bench/narration"
	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
)

// goodPlan is a plan that the schema allows.
var goodPlan = func() string {
	p := plan.Plan{Summary: "The lamp goes out.", FactsAdd: []plan.Fact{{Subject: "the lamp", Predicate: "is", Object: "out"}}, FactsEnd: []string{},
		Threads: []plan.ThreadChange{{ID: "who-reads", Status: plan.Open}}, Mood: plan.Mood{Tension: 0.7}}
	for i, label := range []string{"Open the door", "Climb down", "Light the lamp"} {
		p.Candidates = append(p.Candidates, plan.Candidate{ID: string(rune('a' + i)), Label: label, Hook: label + " and see.", Kind: plan.Action, Risk: i, Prob: 0.3, Why: "It is near.",
			Uses: []string{}})
	}
	text, err := json.Marshal(struct {
		V int `json:"v"`
		plan.Plan
	}{plan.Version, p})
	if err != nil {
		panic(err)
	}
	return string(text)
}()

// examine runs the checks on a script that plans when it is asked for a plan and, if it knows Chinese, tells in Chinese when it is asked in Chinese.
func examine(t *testing.T, script narratortest.Script, chinese bool) (*narration.BackendReport, string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s := script
		if bytes.Contains(body, []byte("candidates")) {
			s.JSON = goodPlan
		}
		if chinese && bytes.ContainsRune(body, '灯') {
			s.Text = narratortest.TextZh
		}
		s.ServeHTTP(w, r)
	}))
	defer server.Close()
	backend, err := narrator.ParseBackend(narratortest.Backend(server.URL + "/v1"))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	r, err := narration.Checkup{Backends: []narrator.Backend{backend}, Streams: 4}.Run(t.Context(), &log)
	if err != nil && !errors.Is(err, narration.ErrIll) {
		t.Fatal(err)
	}
	return r.Backends[0], log.String(), err
}

func found(t *testing.T, r *narration.BackendReport, check string) narration.Found {
	t.Helper()
	i := slices.IndexFunc(r.Found, func(f narration.Found) bool { return f.Check == check })
	if i < 0 {
		t.Fatalf("no check %s in %+v", check, r.Found)
	}
	return r.Found[i]
}

func TestCheckup_GoodBackend(t *testing.T) {
	r, log, err := examine(t, narratortest.Script{First: 20 * time.Millisecond, Delay: 2 * time.Millisecond, Context: 8192}, true)
	if err != nil {
		t.Errorf("%v in:\n%s", err, log)
	}
	for _, check := range []string{"reachable", "streaming", "schema", "cancel", "en", "zh-Hans", "load", "prefix"} {
		f := found(t, r, check)
		if f.State != narration.OK || !strings.Contains(log, f.Text) {
			t.Errorf("%+v", f)
		}
	}
	if r.FirstWord < 20 || r.Rate < 50 || r.Cancel > 1000 || r.Load == nil || r.Load.FirstWord.Count != 4 || r.Load.Failed != 0 || r.Prefix == nil || r.Prefix.Cold < 20 || r.Prefix.Cached == 0 {
		t.Errorf("figures %+v, load %+v, prefix %+v", r, r.Load, r.Prefix)
	}
}

func TestCheckup_IllBackends(t *testing.T) {
	for name, c := range map[string]struct {
		script narratortest.Script
		check  string
		state  narration.State
		says   string
		ill    bool
	}{
		"crashes":         {narratortest.Script{Mode: narratortest.Status500}, "reachable", narration.Fail, "log", true},
		"wants a key":     {narratortest.Script{Key: "sesame"}, "reachable", narration.Fail, "key_file", true},
		"holds back":      {narratortest.Script{Mode: narratortest.Whole}, "streaming", narration.Warn, "proxy", true}, // nor does it speak Chinese
		"without schemas": {narratortest.Script{Delay: time.Millisecond, Schema: narratortest.Refused}, "schema", narration.Fail, "plan", true},
		"no Chinese":      {narratortest.Script{Delay: time.Millisecond}, "zh-Hans", narration.Fail, "knows the language", true},
	} {
		t.Run(name, func(t *testing.T) {
			r, log, err := examine(t, c.script, false)
			if f := found(t, r, c.check); f.State != c.state || !strings.Contains(f.Text, c.says) || (err != nil) != c.ill {
				t.Errorf("%v, want %s %s with %q, in:\n%s", err, c.check, c.state, c.says, log)
			}
		})
	}
}
