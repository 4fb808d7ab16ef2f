package narrator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

const invented = `{"v":1,"summary":"They hear a bell.","facts_add":[{"s":"Ida","p":"has","o":"the oars"}],"facts_end":[],"threads":[{"id":"the-second-bell","status":"open"}],` +
	`"mood":{"valence":0,"arousal":0.5,"tension":0.5},"candidates":[` +
	`{"id":"a","label":"Follow the bell","hook":"It leads them onto a sandbank.","kind":"action","risk":1,"prob":0.5,"why":"","uses":[],"ends":false},` +
	`{"id":"b","label":"Ask the man his name","hook":"He gives the name of somebody who drowned.","kind":"dialogue","risk":1,"prob":0.3,"why":"","uses":[],"ends":false},` +
	`{"id":"c","label":"Call her a fucking liar","hook":"She takes it badly.","kind":"twist","risk":2,"prob":0.1,"why":"","uses":[],"ends":false},` +
	`{"id":"d","label":"Drop the anchor and wait","hook":"Nothing moves but the fog.","kind":"calm","risk":0,"prob":0.1,"why":"","uses":[],"ends":false}],` +
	`"end":{"is_end":false,"kind":""}}`

// crossing is the first of three beats.
func crossing() story.Cue {
	c := cue()
	c.Seed, c.Path, c.Hook = 7, []story.Step{{Title: "The quay", Text: "The boat is meant for two.", Label: "Cast off"}}, "The rope runs out."
	c.Offered = []string{"Cast off", "Stay"}
	c.Bridge = &story.Bridge{To: "The harbour", Toward: "Lamps, in a row.", Beat: 1, Beats: 3, Tension: new(0.6)}
	return c
}

func labels(p story.Plan) (all []string) {
	for _, c := range p.Choices {
		all = append(all, c.Label)
	}
	return all
}

func whyOf(t *testing.T, p story.Plan) (w plan.Why) {
	t.Helper()
	if err := json.Unmarshal(p.Record, &w); err != nil {
		t.Fatalf("record %q: %v", p.Record, err)
	}
	return w
}

// What a model thinks of is offered where it is fit to be, with what it has in mind; viewers are told where it came from in both languages.
func TestLadder_Invents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked string
		n := narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{JSON: invented, Seen: func(body []byte) { asked = string(body) }}, narrator.Options{}))
		p := n.Plan(t.Context(), crossing(), "In the fog, a bell.")
		got := labels(p)
		slices.Sort(got)
		if diff := cmp.Diff([]string{"Ask the man his name", "Drop the anchor and wait", "Follow the bell"}, got); diff != "" {
			t.Error(diff)
		}
		sum := 0.0
		for _, c := range p.Choices {
			if sum += c.P; c.Hook == "" || c.P <= 0 {
				t.Errorf("choice %+v", c)
			}
		}
		if sum < 0.999 || sum > 1.001 {
			t.Errorf("chances add up to %v", sum)
		}
		w := whyOf(t, p)
		if w.From != plan.FromModel || w.Offered != 4 || len(w.Refused) != 1 || w.Refused[0].Reason != plan.Blocked || strings.Contains(string(p.Record), "liar") {
			t.Errorf("record %s", p.Record)
		}
		if len(p.Words["en"]) != 3 || len(p.Words["zh-Hans"]) != 3 || !strings.Contains(p.Words["en"][0], "4 ways on") {
			t.Errorf("words %q", p.Words)
		}
		if !strings.Contains(string(p.Notes), "They hear a bell.") || strings.Contains(string(p.Notes), "sandbank") {
			t.Errorf("notes %s", p.Notes)
		}
		for _, want := range []string{"6 different things", "“The harbour”", "Lamps, in a row.", "in 2 scenes", "“Cast off”; “Stay”", `"candidates"`} {
			if !strings.Contains(strings.ReplaceAll(asked, `\"`, `"`), want) {
				t.Errorf("the prompt lacks %q", want)
			}
		}
	})
}

// scripts answers requests for a completion one after the other, the last one for good.
func scripts(all ...narratortest.Script) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := 0
		if r.Method == http.MethodPost {
			i = int(n.Add(1)) - 1
		}
		all[min(i, len(all)-1)].ServeHTTP(w, r)
	})
}

// A model whose answer cannot be used is told what is wrong, once.
func TestLadder_InventsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		first string
		says  string
	}{
		"prose":     {"I would rather not say.", "not the JSON object"},
		"one":       {`{"v":1,"summary":"x","candidates":[{"id":"a","label":"Wait"}],"end":{"is_end":false}}`, "fewer than two"},
		"two alike": {`{"v":1,"summary":"x","candidates":[{"id":"a","label":"Wait here"},{"id":"b","label":"Wait here!"}],"end":{"is_end":false}}`, "nearly the same"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var second string
			dial := narratortest.DialHandler(t, scripts(narratortest.Script{JSON: c.first}, narratortest.Script{JSON: invented, Seen: func(body []byte) { second = string(body) }}))
			n := narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{}, narrator.Options{Dial: dial}))
			p := n.Plan(t.Context(), crossing(), "In the fog, a bell.")
			if whyOf(t, p).From != plan.FromModel || len(p.Choices) != 3 || p.Notes == nil {
				t.Errorf("%s: %q, %s", name, labels(p), p.Record)
			}
			if !strings.Contains(second, c.says) || !strings.Contains(second, `"assistant"`) {
				t.Errorf("%s: asked again with %s", name, second)
			}
		})
	}
}

// Where models have nothing, the author's choices stand in, or such as follow from the story; never none.
func TestLadder_InventsWithoutModels(t *testing.T) {
	without := func(t *testing.T, name string, n *narrator.Ladder) {
		c := crossing()
		p := n.Plan(t.Context(), c, "In the fog, a bell.")
		if w := whyOf(t, p); len(p.Choices) < 2 || w.From != plan.FromStory || p.Notes != nil {
			t.Errorf("%s: %q, %s", name, labels(p), p.Record)
		}
		again := n.Plan(t.Context(), c, "In the fog, a bell.")
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("%s: the same seed, other choices: %s", name, diff)
		}
		c.Offered = labels(p)
		for _, label := range labels(n.Plan(t.Context(), c, "In the fog, a bell.")) {
			if slices.Contains(c.Offered, label) {
				t.Errorf("%s: %q is offered twice running", name, label)
			}
		}
		c.Language = "zh-Hans"
		if p = n.Plan(t.Context(), c, "雾里有钟声。"); len(p.Choices) < 2 || strings.ContainsAny(strings.Join(labels(p), ""), "abcdefghijklmnopqrstuvwxyz") {
			t.Errorf("%s: in Chinese %q", name, labels(p))
		}
		c.Bridge.Links = 2
		if p = n.Plan(t.Context(), c, "In the fog, a bell."); len(p.Choices) != 0 || whyOf(t, p).From != plan.FromAuthor {
			t.Errorf("%s: beside the author's links %q, %s", name, labels(p), p.Record)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		without(t, "no model", narrator.NewLadder(zap.NewNop()))
		without(t, "dead", narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{Mode: narratortest.Dead}, narrator.Options{})))
	})
}

// Choices are made of the threads and the people that were noted.
func TestLadder_InventsFromTheStory(t *testing.T) {
	c := crossing()
	c.Notes = map[int]json.RawMessage{1: json.RawMessage(`{"summary":"x","facts_add":[{"s":"Ida","p":"has","o":"the oars"},{"s":"The boat","p":"is at","o":"sea"}],"threads":[{"id":"the-second-bell","status":"open"}]}`)}
	p := narrator.NewLadder(zap.NewNop()).Plan(t.Context(), c, "In the fog, a bell.")
	all := strings.Join(labels(p), "; ")
	if !strings.Contains(all, "the second bell") || !strings.Contains(all, "Ida") || strings.Contains(all, "boat") {
		t.Errorf("made up: %s", all)
	}
}

// A narrator that is hurried says at once what it has: what the model has said so far, or choices of its own.
func TestLadder_InventsInAHurry(t *testing.T) {
	for name, c := range map[string]struct {
		script narratortest.Script
		from   plan.From
	}{
		"nothing yet": {narratortest.Script{Mode: narratortest.Hang}, plan.FromStory},
		"two so far":  {narratortest.Script{JSON: invented, Delay: 14 * time.Millisecond}, plan.FromModel},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := narrator.NewLadder(zap.NewNop(), model(t, c.script, narrator.Options{}))
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
			defer stop()
			begun := time.Now()
			p := n.Plan(ctx, crossing(), "In the fog, a bell.")
			if took := time.Since(begun); took > 3*time.Second+50*time.Millisecond {
				t.Errorf("%s: it took %v", name, took)
			}
			if w := whyOf(t, p); len(p.Choices) < 2 || w.From != c.from {
				t.Errorf("%s: %q, %s", name, labels(p), p.Record)
			}
		})
	}
}
