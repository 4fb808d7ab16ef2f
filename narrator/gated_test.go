package narrator_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/story"
)

// personal is a sentence that no story may tell: it holds an address somebody could be reached at.
const personal = " Write to mara.lindqvist@lampisland.org tonight."

func gated(t *testing.T, script narratortest.Script) *narrator.Ladder {
	t.Helper()
	return narrator.NewLadder(zap.NewNop(), model(t, script, narrator.Options{}))
}

// What does not pass the gate is never written; the model may try once more, and then the author's words stand in.
func TestLadder_Gate(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		telling    story.Telling
	}{
		"the first sentence": {
			strings.TrimSpace(personal) + " Then wait.", reserve, story.Telling{Source: story.SourceReserve, Why: narrator.WhyBlocked},
		},
		"a later one": {
			first + personal + " Then wait.", first + " " + first, story.Telling{Source: story.SourceModel, Why: narrator.WhyBlocked}, // it begins anew with the same
		},
		"none": {narratortest.Text, narratortest.Text, story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				n := gated(t, narratortest.Script{Text: c.text, Seen: func(body []byte) { asked = append(asked, string(body)) }})
				got := tell(t, n, cue())
				if strings.Contains(got.Text, "lindqvist") {
					t.Errorf("told %q", got.Text)
				}
				if got.Text != c.want || got.Telling.Source != c.telling.Source || got.Telling.Why != c.telling.Why {
					t.Errorf("told %q, %+v; want %q, %+v", got.Text, got.Telling, c.want, c.telling)
				}
				if blocked := c.telling.Why == narrator.WhyBlocked; blocked != (len(asked) == 2) || blocked && !strings.Contains(asked[1], "was stopped") {
					t.Errorf("the model was asked %d times", len(asked))
				}
			})
		})
	}
}

// The rewrite goes on after what viewers have read.
func TestLadder_Rewrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		dial := narratortest.DialHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := first + personal
			if r.Method == http.MethodPost {
				if calls++; calls > 1 {
					text = "Below, the boat turns. She waits."
				}
			}
			narratortest.Script{Text: text}.ServeHTTP(w, r)
		}))
		got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{}, narrator.Options{Dial: dial})), cue())
		if want := first + " Below, the boat turns. She waits."; got.Text != want || got.Telling.Why != narrator.WhyModelAnswered {
			t.Errorf("told %q, %+v; want %q", got.Text, got.Telling, want)
		}
	})
}

// The author's words pass the same lists: of reserve passages only those that do are told, and a scene is never without words.
func TestLadder_GateOnEveryRung(t *testing.T) {
	c := cue()
	c.Reserve = []string{"Nobody." + personal, reserve}
	c.Authored = "It is quiet." + personal
	if got := tell(t, gated(t, narratortest.Script{Mode: narratortest.Dead}), c); got.Text != reserve {
		t.Errorf("told %q", got.Text)
	}
	c.Reserve = c.Reserve[:1]
	if got := tell(t, gated(t, narratortest.Script{Mode: narratortest.Dead}), c); got.Text != "The story goes on." {
		t.Errorf("told %q", got.Text)
	}
	c.Language = "zh-Hans"
	if got := tell(t, gated(t, narratortest.Script{Mode: narratortest.Dead}), c); got.Text != "故事继续。" {
		t.Errorf("told %q", got.Text)
	}
}

// slowGuard needs its time for each verdict.
type slowGuard time.Duration

func (g slowGuard) Judge(ctx context.Context, _ string) (gate.Judgement, error) {
	select {
	case <-time.After(time.Duration(g)):
		return gate.Judgement{Safe: true}, nil
	case <-ctx.Done():
		return gate.Judgement{}, ctx.Err()
	}
}

// A guard that hangs blocks what it was to judge, and the show goes on without it within 4 s.
func TestLadder_GuardFailsClosed(t *testing.T) {
	for wait, source := range map[time.Duration]story.Source{100 * time.Millisecond: story.SourceModel, time.Hour: story.SourceReserve} {
		synctest.Test(t, func(t *testing.T) {
			n := gated(t, narratortest.Script{First: 1800 * time.Millisecond}) // late, and then it is judged
			n.SetGate(gate.BuiltIn(), gate.Options{Guard: slowGuard(wait)})
			begun, onScreen := time.Now(), time.Duration(0)
			telling, err := n.Tell(t.Context(), cue(), func(string) error {
				if onScreen == 0 {
					onScreen = time.Since(begun)
				}
				return nil
			})
			if err != nil || telling.Source != source || onScreen > 4*time.Second {
				t.Errorf("a guard that needs %v: told %+v, first words after %v: %v", wait, telling, onScreen, err)
			}
		})
	}
}

func TestGuard_Verdicts(t *testing.T) {
	for answer, want := range map[string]gate.Judgement{
		"safe":                                   {Safe: true},
		"Safety: Safe\nCategories: None":         {Safe: true},
		"unsafe\nS1":                             {Category: "s1"},
		"Safety: Unsafe\nCategories: Violent":    {Category: "violent"},
		"Safety: Controversial\nCategories: PII": {Category: "pii"},
	} {
		pool := narrator.NewPool(model(t, narratortest.Script{Text: answer}, narrator.Options{}))
		got, err := narrator.NewGuard(pool).Judge(t.Context(), "A lamp goes out.")
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", answer, got, err, want)
		}
	}
	pool := narrator.NewPool(model(t, narratortest.Script{Text: "It is safe to say that this is fine."}, narrator.Options{}))
	if got, err := narrator.NewGuard(pool).Judge(t.Context(), "A lamp goes out."); err == nil || got.Safe {
		t.Errorf("prose was taken for a verdict: %+v", got)
	}
}
