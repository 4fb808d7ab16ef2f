package narrator_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"

	"go.uber.org/zap"
)

const notes = `{"v":1,"summary":"The lamp went out.","facts_add":[{"s":"the lamp","p":"is","o":"broken"},{"s":"Mara","p":"has mail","o":"mara.lindqvist@lampisland.org"}],` +
	`"facts_end":[],"threads":[{"id":"the-missing-key","status":"open"}],"mood":{"valence":-0.5,"arousal":0.6,"tension":0.8},` +
	`"candidates":[{"id":"a","label":"Run","hook":"","kind":"action","risk":1,"prob":0.5,"why":"","uses":[],"ends":false}]}`

// Of a model's notes only what there is to remember is kept, and nothing that viewers could not be shown.
func TestLadder_Notes(t *testing.T) {
	for name, script := range map[string]narratortest.Script{
		"as asked":       {JSON: notes},
		"in a fence":     {JSON: "```json\n" + notes + "\n```"},
		"not to its end": {JSON: notes[:strings.Index(notes, `,"mood"`)]},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := narrator.NewLadder(zap.NewNop(), model(t, script, narrator.Options{}))
			var got plan.Plan
			raw := n.Plan(t.Context(), cue(), narratortest.Text).Notes
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatalf("%s: %q: %v", name, raw, err)
			}
			if got.Summary != "The lamp went out." || len(got.FactsAdd) != 1 || got.FactsAdd[0].Object != "broken" || len(got.Threads) != 1 || got.Candidates != nil {
				t.Errorf("%s: noted %s", name, raw)
			}
		})
	}
}

// Where no model takes notes, there are none, and nobody is kept.
func TestLadder_NoNotes(t *testing.T) {
	for _, script := range []narratortest.Script{{Mode: narratortest.Dead}, {Mode: narratortest.Hang}, {JSON: "I would rather not."}} {
		synctest.Test(t, func(t *testing.T) {
			n := narrator.NewLadder(zap.NewNop(), model(t, script, narrator.Options{}))
			if raw := n.Plan(t.Context(), cue(), narratortest.Text).Notes; raw != nil {
				t.Errorf("noted %s", raw)
			}
		})
	}
	if raw := narrator.NewLadder(zap.NewNop()).Plan(t.Context(), cue(), narratortest.Text).Notes; raw != nil {
		t.Errorf("noted %s without a model", raw)
	}
}

// What was noted long ago is what is left of a scene whose words have no room any more.
func TestPrompt_Remembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked string
		n := narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{Context: 4096, Seen: func(body []byte) { asked = string(body) }}, narrator.Options{}))
		c := cue()
		for range 40 {
			c.Path = append(c.Path, story.Step{Title: "A scene", Text: strings.Repeat("Rain on the roof. ", 50), Label: "Go on"})
		}
		c.Notes = map[int]json.RawMessage{1: json.RawMessage(notes), 2: json.RawMessage(`"not a plan"`)}
		c.Direction = "The lamp is lit again, and Mara looks for the key."
		tell(t, n, c)
		if !strings.Contains(asked, "the lamp is broken") || !strings.Contains(asked, "the missing key") {
			t.Errorf("the prompt has forgotten what was noted:\n%s", asked)
		}
	})
}
