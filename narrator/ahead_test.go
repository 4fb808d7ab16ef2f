package narrator_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

// slowNarrator needs a second for each of four sentences, and remembers what became of its tellings.
type slowNarrator struct {
	mu    sync.Mutex
	begun []string         // keys; guarded by mu
	ended map[string]error // guarded by mu
	over  int              // tellings that ended; guarded by mu
	fail  map[string]bool  // keys of tellings that break off after two sentences
}

var errBroken = errors.New("the line is dead")

func (n *slowNarrator) Tell(ctx context.Context, cue story.Cue, write func(string) error) (story.Telling, error) {
	n.mu.Lock()
	n.begun = append(n.begun, cue.Key)
	n.mu.Unlock()
	err := func() error {
		for i, sentence := range []string{"One.", " Two.", " Three.", " Four."} {
			if strings.HasPrefix(cue.Told, "One. Two.") && i < 2 {
				continue
			}
			if n.fail[cue.Key] && i == 2 && cue.Told == "" {
				return errBroken
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := write(sentence); err != nil {
				return err
			}
		}
		return nil
	}()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended == nil {
		n.ended = map[string]error{}
	}
	n.ended[cue.Key] = err
	n.over++
	return story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}, err
}

func ahead(t *testing.T, n *slowNarrator) *narrator.Ahead {
	a := narrator.NewAhead(n, plan.DefaultBudget(), func(string) bool { return true }, nil)
	t.Cleanup(a.Close)
	return a
}

func outlook(elapsed float64, chances map[string]float64) story.Outlook {
	o := story.Outlook{Room: "r", Decision: "show/1/", Elapsed: elapsed}
	for _, key := range []string{"show/2/a", "show/2/b", "show/2/c"} {
		if p := chances[key]; p > 0 {
			o.Prospects = append(o.Prospects, story.Prospect{Cue: story.Cue{Room: "r", Key: key}, P: p})
		}
	}
	return o
}

const keyA, keyB, keyC = "show/2/a", "show/2/b", "show/2/c"

// The winner's draft is read out the moment it is decided, the rest as it comes; the loser's is given up and kept as the road not taken.
func TestAhead_TheWinnerIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &slowNarrator{}
		a := ahead(t, n)
		a.Expect(outlook(0.1, map[string]float64{keyA: 0.5, keyB: 0.3, keyC: 0.2}))
		synctest.Wait()
		if len(n.begun) > 0 {
			t.Fatalf("it writes before the ballots say anything: %v", n.begun)
		}
		a.Expect(outlook(0.4, map[string]float64{keyA: 0.6, keyB: 0.3, keyC: 0.1}))
		a.Expect(outlook(0.4, map[string]float64{keyA: 0.6, keyB: 0.3, keyC: 0.1}))
		time.Sleep(2500 * time.Millisecond)
		a.Expect(outlook(1, map[string]float64{keyA: 1}))
		synctest.Wait()
		if err := n.ended[keyB]; !errors.Is(err, context.Canceled) {
			t.Errorf("the loser's draft ended with %v", err)
		}
		decided := time.Now()
		var first time.Duration = -1
		var text strings.Builder
		telling, err := a.Tell(t.Context(), story.Cue{Room: "r", Key: keyA}, func(piece string) error {
			if first < 0 {
				first = time.Since(decided)
			}
			text.WriteString(piece)
			return nil
		})
		if err != nil || first != 0 || text.String() != "One. Two. Three. Four." || time.Since(decided) != 1500*time.Millisecond {
			t.Errorf("first words after %v, all of %q after %v: %v", first, text.String(), time.Since(decided), err)
		}
		if !telling.Ahead || telling.Untold["b"] != "One. Two." || len(telling.Untold) != 1 {
			t.Errorf("told %+v", telling)
		}
		if len(n.begun) != 2 {
			t.Errorf("tellings begun: %v", n.begun)
		}
	})
}

// What was not expected, or is told on after a takeover, is told as if nobody wrote ahead.
func TestAhead_WithoutADraft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &slowNarrator{}
		a := ahead(t, n)
		a.Expect(outlook(0.5, map[string]float64{keyA: 0.95, keyB: 0.05}))
		telling, err := a.Tell(t.Context(), story.Cue{Room: "r", Key: keyC}, func(string) error { return nil })
		if err != nil || telling.Ahead {
			t.Errorf("told %+v, %v", telling, err)
		}
		telling, err = a.Tell(t.Context(), story.Cue{Room: "r", Key: keyA, Told: "One. Two."}, func(string) error { return nil })
		if err != nil || telling.Ahead {
			t.Errorf("told %+v, %v", telling, err)
		}
	})
}

// A draft that broke off goes on where it stopped, with whatever the narrator has then.
func TestAhead_BrokenDraft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &slowNarrator{fail: map[string]bool{keyA: true}}
		a := ahead(t, n)
		a.Expect(outlook(0.5, map[string]float64{keyA: 0.95, keyB: 0.05}))
		time.Sleep(5 * time.Second)
		var text strings.Builder
		telling, err := a.Tell(t.Context(), story.Cue{Room: "r", Key: keyA}, func(piece string) error { text.WriteString(piece); return nil })
		if err != nil || text.String() != "One. Two. Three. Four." || telling.Ahead {
			t.Errorf("told %q, %+v, %v", text.String(), telling, err)
		}
	})
}

// A room that goes, a decision that is another, and a narrator that ends leave no draft behind; a bubble fails on any.
func TestAhead_LeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &slowNarrator{}
		a := ahead(t, n)
		gone := func() bool { n.mu.Lock(); defer n.mu.Unlock(); return n.over == len(n.begun) }
		a.Expect(outlook(0.5, map[string]float64{keyA: 0.95}))
		time.Sleep(time.Second)
		a.Expect(story.Outlook{Room: "r"})
		synctest.Wait()
		if !gone() {
			t.Error("a draft outlived its room")
		}
		a.Expect(outlook(0.5, map[string]float64{keyA: 0.95}))
		next := outlook(0.5, map[string]float64{keyB: 0.95})
		next.Decision = "show/2/"
		synctest.Wait()
		a.Expect(next)
		synctest.Wait()
		if n.ended[keyA] == nil {
			t.Error("a draft outlived its decision")
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := a.Tell(ctx, story.Cue{Room: "r", Key: keyB}, func(string) error { return nil })
			ended <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the telling ended with %v", err)
		}
		synctest.Wait()
		if !gone() {
			t.Error("a draft outlived its telling")
		}
	})
}

// Before there is anything to write ahead, the model reads what all prospects begin with: once for each decision, and only where it has time.
func TestAhead_Warms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var warmed []string
		spare := false
		a := narrator.NewAhead(&slowNarrator{}, plan.DefaultBudget(), func(string) bool { return spare }, func(_ context.Context, cue story.Cue) {
			warmed = append(warmed, cue.Key)
		})
		t.Cleanup(a.Close)
		expect := func(decision string, chances map[string]float64) {
			o := outlook(0.1, chances)
			o.Decision = decision
			a.Expect(o)
			synctest.Wait()
		}
		expect("busy", map[string]float64{keyA: 0.5, keyB: 0.3, keyC: 0.2})
		spare = true
		expect("open", map[string]float64{keyA: 0.5, keyB: 0.3, keyC: 0.2})
		expect("open", map[string]float64{keyA: 0.4, keyB: 0.4, keyC: 0.2})
		expect("sure", map[string]float64{keyA: 1})
		if len(warmed) != 1 || warmed[0] != keyA {
			t.Errorf("warmed for %v; want once for the open decision", warmed)
		}
	})
}

// What is warmed is what the winner's prompt begins with, whichever choice wins, and costs one token.
func TestLadder_Warm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type request struct {
			Messages []struct{ Role, Content string }
			Max      int `json:"max_tokens"`
		}
		var asked []request
		l := narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{Seen: func(body []byte) {
			var r request
			if err := json.Unmarshal(body, &r); err != nil {
				t.Error(err)
			}
			asked = append(asked, r)
		}}, narrator.Options{}))
		c := cue()
		for i := range 5 {
			c.Path = append(c.Path, story.Step{Title: "A scene", Text: strings.Repeat("Rain on the roof. ", 20+i), Label: "Go on"})
		}
		l.Warm(t.Context(), c)
		c.Path[4].Label = "Turn back"
		tell(t, l, c)
		if len(asked) != 2 || asked[0].Max != 1 || len(asked[0].Messages) != 2 {
			t.Fatalf("the model was asked %+v", asked)
		}
		warm, told := asked[0].Messages, asked[1].Messages
		if warm[0] != told[0] || !strings.HasPrefix(told[1].Content, warm[1].Content) || !strings.HasSuffix(warm[1].Content, "Rain on the roof.") {
			t.Errorf("warmed %q; the prompt is %q", warm[1].Content, told[1].Content)
		}
		if c.Path[4].Label != "Turn back" {
			t.Error("the cue was changed")
		}
		narrator.NewLadder(zap.NewNop()).Warm(t.Context(), c) // without models there is nothing to do
	})
}

// The author's words of a scene that was not reached stay the story's: where they stood in for a model's in a draft, it is no road not taken. A model's
// words have passed the gate, in drafts too.
func TestAhead_UntoldIsAModels(t *testing.T) {
	for name, c := range map[string]struct {
		script narratortest.Script
		want   string
	}{
		"a model's":         {narratortest.Script{}, narratortest.Text},
		"blocked, author's": {narratortest.Script{Text: strings.TrimSpace(personal)}, ""},
		"blocked later":     {narratortest.Script{Text: first + personal}, first},
		"no model":          {narratortest.Script{Mode: narratortest.Dead}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := narrator.NewAhead(gated(t, c.script), plan.DefaultBudget(), func(string) bool { return true }, nil)
				defer a.Close()
				o := outlook(0.4, map[string]float64{keyA: 0.6, keyB: 0.4})
				for i := range o.Prospects {
					o.Prospects[i].Cue.Authored, o.Prospects[i].Cue.Reserve = "The author's own.", []string{reserve}
				}
				a.Expect(o)
				time.Sleep(10 * time.Second)
				telling, err := a.Tell(t.Context(), o.Prospects[0].Cue, func(string) error { return nil })
				if got := telling.Untold["b"]; err != nil || !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") ||
					strings.Contains(got, "lindqvist") || strings.Contains(got, reserve) {
					t.Errorf("untold %q, %v; want %q", got, err, c.want)
				}
			})
		})
	}
}
