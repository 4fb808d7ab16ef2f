package narrator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zaptest"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

var night = []narrator.Turn{{Role: narrator.RoleContract, Text: "Tell."}, {Role: narrator.RoleAsked, Text: "The night begins."}}

// named is a model of that name which the script serves inside the bubble; setting may hold more of the backend's URL.
func named(t *testing.T, setting string, s narratortest.Script, opts narrator.Options) *narrator.Model {
	t.Helper()
	b, err := narrator.ParseBackend(setting)
	if err != nil {
		t.Fatal(err)
	}
	opts.Dial = narratortest.Dial(t, s)
	m, err := narrator.NewModel(b, opts, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// counted is a script that counts the calls that reach it.
func counted(s narratortest.Script) (narratortest.Script, *atomic.Int64) {
	n := new(atomic.Int64)
	s.Seen = func([]byte) { n.Add(1) }
	return s, n
}

func stream(t *testing.T, p *narrator.Pool, room string) (narrator.Answer, error) {
	t.Helper()
	var text strings.Builder
	answer, err := p.Stream(t.Context(), room, night, narrator.Call{}, func(piece string) error {
		text.WriteString(piece)
		return nil
	})
	if text.String() != answer.Text {
		t.Errorf("pieces are %q, the answer says %q", text.String(), answer.Text)
	}
	return answer, err
}

// warm gives a model enough first words to know how long they take.
func warm(t *testing.T, p *narrator.Pool) {
	t.Helper()
	for range 8 {
		if _, err := stream(t, p, "warm"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPool_Hedge(t *testing.T) {
	for name, test := range map[string]struct {
		usual, now, second time.Duration // until the first word: of the first model as a rule, today, and of the second model
		want               time.Duration
		by                 string
	}{
		"in time":                      {600 * time.Millisecond, 599 * time.Millisecond, 0, 599 * time.Millisecond, "a"},
		"late":                         {600 * time.Millisecond, 2 * time.Second, 100 * time.Millisecond, 700 * time.Millisecond, "b"},
		"late, but first all the same": {600 * time.Millisecond, 700 * time.Millisecond, 200 * time.Millisecond, 700 * time.Millisecond, "a"},
		"fast as a rule":               {10 * time.Millisecond, 2 * time.Second, 0, 400 * time.Millisecond, "b"},
		"slow as a rule":               {2490 * time.Millisecond, 2480 * time.Millisecond, 0, 2480 * time.Millisecond, "a"},
		"silent":                       {600 * time.Millisecond, time.Hour, 0, 600 * time.Millisecond, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var outcomes []string
				count := func(o narrator.Outcome) { outcomes = append(outcomes, o.Backend[len(o.Backend)-1:]+" "+o.Why) }
				b, calls := counted(narratortest.Script{First: test.second})
				usual := named(t, "openai+http://one?model=a", narratortest.Script{First: test.usual}, narrator.Options{})
				now := named(t, "openai+http://one?model=a", narratortest.Script{First: test.now}, narrator.Options{OnOutcome: count})
				warm(t, narrator.NewPool(usual))
				narrator.Trade(now, usual)
				p := narrator.NewPool(now, named(t, "openai+http://two?model=b", b, narrator.Options{OnOutcome: count}))
				answer, err := stream(t, p, "r")
				if err != nil || answer.Text != narratortest.Text || !strings.HasSuffix(answer.Backend, "="+test.by) {
					t.Fatalf("%s told %q, %v; want the whole text by %s", answer.Backend, answer.Text, err, test.by)
				}
				asked := map[bool]time.Duration{true: test.want - test.second}[test.by == "b"]
				if answer.FirstWord != test.want-asked {
					t.Errorf("first word after %v, want %v", answer.FirstWord+asked, test.want)
				}
				want := []string{test.by + " model_answered"}
				if calls.Load() > 0 {
					want = append(want, map[string]string{"a": "b", "b": "a"}[test.by]+" outrun")
				}
				if diff := cmp.Diff(want, outcomes); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A call that waits because its server is busy is not helped by another one at a server that is busy too.
func TestPool_NoHedgeWithoutSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := counted(narratortest.Script{Mode: narratortest.HangAfter, After: 1})
		opts := narrator.Options{Idle: time.Hour, Whole: time.Hour}
		second := named(t, "openai+http://two?model=b&slots=1", b, opts)
		ctx, cancel := context.WithCancel(t.Context())
		var busy sync.WaitGroup
		busy.Go(func() {
			narrator.NewPool(second).Stream(ctx, "r", night, narrator.Call{}, func(string) error { return nil })
		})
		synctest.Wait()
		p := narrator.NewPool(named(t, "openai+http://one?model=a", narratortest.Script{First: 3 * time.Second},
			narrator.Options{FirstWord: 4 * time.Second}), second)
		answer, err := stream(t, p, "r")
		if err != nil || answer.FirstWord != 3*time.Second || calls.Load() != 1 {
			t.Errorf("first word after %v, %v, %d calls of the second; want the first's after 3s and no more calls", answer.FirstWord, err, calls.Load())
		}
		cancel()
		busy.Wait()
	})
}

func TestPool_Failover(t *testing.T) {
	for _, mode := range narratortest.Modes {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := narrator.NewPool(
					named(t, "openai+http://one?model=a", narratortest.Script{Mode: mode, After: -1}, narrator.Options{}),
					named(t, "openai+http://two?model=b", narratortest.Script{}, narrator.Options{}))
				if answer, err := stream(t, p, "r"); err != nil || answer.Text != narratortest.Text {
					t.Errorf("told %q, %v; want the whole text, whatever the first does", answer.Text, err)
				}
			})
		})
	}
}

// What a model said has been heard, so no other model begins again.
func TestPool_BreaksOff(t *testing.T) {
	for mode, why := range map[narratortest.Mode]string{
		narratortest.HangAfter: narrator.WhyModelTimeout, narratortest.ErrorFrame: narrator.WhyModelError, narratortest.Malformed: narrator.WhyModelError,
		narratortest.Cut: narrator.WhyModelCut, narratortest.CutQuietly: narrator.WhyModelCut,
	} {
		synctest.Test(t, func(t *testing.T) {
			b, calls := counted(narratortest.Script{})
			p := narrator.NewPool(
				named(t, "openai+http://one?model=a", narratortest.Script{Mode: mode, After: 5}, narrator.Options{}),
				named(t, "openai+http://two?model=b", b, narrator.Options{}))
			answer, err := stream(t, p, "r")
			if narrator.Why(err) != why || answer.Text != narratortest.Text[:20] || calls.Load() != 0 {
				t.Errorf("%s: told %q, %v, %d calls of the second; want five tokens, %s and none", mode, answer.Text, err, calls.Load(), why)
			}
		})
	}
}

func TestPool_NoModel(t *testing.T) {
	p := narrator.NewPool()
	if _, err := p.Ask(t.Context(), "r", night, narrator.Call{}); !errors.Is(err, narrator.ErrNoModel) || narrator.Why(err) != narrator.WhyNoModel {
		t.Errorf("got %v, want %v", err, narrator.ErrNoModel)
	}
	if p.Context() != 0 || p.Spare("r") {
		t.Error("an empty pool has something to spare")
	}
}

// A room stays with one replica, rooms are spread evenly, and a replica that goes moves only its own rooms.
func TestPool_Pins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var models []*narrator.Model
		for i := range 4 {
			models = append(models, named(t, fmt.Sprintf("openai+http://gpu%d?model=m", i), narratortest.Script{}, narrator.Options{}))
		}
		models = append(models, named(t, "openai+http://small?model=fallback", narratortest.Script{}, narrator.Options{}))
		first := func(p *narrator.Pool, room string) string { return narrator.Line(p, room)[0] }
		all, fewer := narrator.NewPool(models...), narrator.NewPool(append(models[:1:1], models[2:]...)...)
		rooms := map[string]int{}
		const n = 2000
		for i := range n {
			room := fmt.Sprintf("room-%d", i)
			at := first(all, room)
			rooms[at]++
			if got := first(all, room); got != at {
				t.Fatalf("%s moved from %s to %s", room, at, got)
			}
			if got := first(fewer, room); at != models[1].Backend().String() && got != at {
				t.Fatalf("%s moved from %s to %s though its replica is there", room, at, got)
			}
			if line := narrator.Line(all, room); line[4] != models[4].Backend().String() {
				t.Fatalf("%s: another model than the first stands at place %v", room, line)
			}
		}
		for at, here := range rooms {
			if here < n/4*4/5 || here > n/4*6/5 {
				t.Errorf("%d of %d rooms are pinned to %s, want a quarter", here, n, at)
			}
		}
	})
}

func TestPool_Breaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, calls := counted(narratortest.Script{Mode: narratortest.Status500})
		m := named(t, "openai+http://one?model=a", a, narrator.Options{})
		p := narrator.NewPool(m)
		for range 10 {
			if _, err := stream(t, p, "r"); narrator.Why(err) != narrator.WhyModelError {
				t.Fatalf("got %v, want the server's error also while it is left alone", err)
			}
		}
		if calls.Load() != 3 || m.Status().Breaker != "open" {
			t.Errorf("the server got %d calls and its breaker is %s; want 3 and open", calls.Load(), m.Status().Breaker)
		}
		time.Sleep(5*time.Second + time.Millisecond)
		stream(t, p, "r")
		stream(t, p, "r")
		if calls.Load() != 4 {
			t.Errorf("the server got %d calls more after 5 s, want 1", calls.Load()-3)
		}
	})
}

func TestPool_BreakerBlamesTheBackendOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errClosed := errors.New("room closed")
		for name, fail := range map[string]func(p *narrator.Pool){
			"prompt too long": func(p *narrator.Pool) { stream(t, p, "r") },
			"room closed": func(p *narrator.Pool) {
				p.Stream(t.Context(), "r", night, narrator.Call{}, func(string) error { return errClosed })
			},
			"scene over": func(p *narrator.Pool) {
				ctx, cancel := context.WithCancel(t.Context())
				p.Stream(ctx, "r", night, narrator.Call{}, func(string) error { cancel(); return nil })
			},
		} {
			s := narratortest.Script{Delay: time.Millisecond}
			if name == "prompt too long" {
				s.Mode = narratortest.Overflow
			}
			m := named(t, "openai+http://one?model=a", s, narrator.Options{})
			for range 10 {
				fail(narrator.NewPool(m))
			}
			if got := m.Status().Breaker; got != "closed" {
				t.Errorf("%s: the breaker is %s", name, got)
			}
		}
	})
}

func TestPool_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, calls := counted(narratortest.Script{Mode: narratortest.Status429})
		p := narrator.NewPool(named(t, "openai+http://one?model=a", a, narrator.Options{}))
		_, err := stream(t, p, "r")
		status, ok := errors.AsType[*narrator.StatusError](err)
		if !ok || status.Code != 429 || status.RetryAfter != 7*time.Second || !status.Retryable() || status.ContextOverflow() {
			t.Fatalf("got %#v, want 429 and 7 s", err)
		}
		time.Sleep(7*time.Second - time.Millisecond)
		stream(t, p, "r")
		if calls.Load() != 1 {
			t.Error("the server was asked before the time that it named")
		}
		time.Sleep(time.Millisecond)
		stream(t, p, "r")
		if calls.Load() != 2 {
			t.Error("the server was not asked after the time that it named")
		}
	})
}

func TestPool_Slots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := named(t, "openai+http://one?model=a&slots=2", narratortest.Script{First: time.Second}, narrator.Options{})
		p := narrator.NewPool(m)
		var mu sync.Mutex
		var took []time.Duration
		var rooms sync.WaitGroup
		begun := time.Now()
		for i := range 6 {
			rooms.Go(func() {
				answer, err := stream(t, p, fmt.Sprint(i))
				mu.Lock()
				defer mu.Unlock()
				if took = append(took, time.Since(begun)); err != nil && narrator.Why(err) != narrator.WhyModelTimeout {
					t.Errorf("got %q, %v", answer.Text, err)
				}
			})
		}
		synctest.Wait()
		if s := m.Status(); s.Busy != 2 || s.Slots != 2 || p.Spare("r") {
			t.Errorf("status %+v; want both slots taken", s)
		}
		rooms.Wait()
		want := []time.Duration{time.Second, time.Second, 2 * time.Second, 2 * time.Second, 2500 * time.Millisecond, 2500 * time.Millisecond}
		if diff := cmp.Diff(want, took); diff != "" {
			t.Errorf("calls took (-want +got):\n%s", diff)
		}
		if m.Status().Breaker != "closed" || m.Status().Busy != 0 {
			t.Errorf("waiting for a slot counts against the backend: %+v", m.Status())
		}
	})
}

func TestPool_Ask(t *testing.T) {
	type plan struct{ Word string }
	schema := json.RawMessage(`{"type":"object","properties":{"word":{"type":"string","enum":["door"]}},"required":["word"]}`)
	for name, test := range map[string]struct {
		script narratortest.Script
		held   bool
		calls  int64 // for two questions
	}{
		"held to the schema":      {narratortest.Script{}, true, 2},
		"slow":                    {narratortest.Script{First: 8 * time.Second}, true, 2},
		"refuses schemas":         {narratortest.Script{Schema: narratortest.Refused, Text: `{"word":"door"}`}, false, 3},
		"refuses what is special": {narratortest.Script{Strict: true}, true, 4}, // it names one field at a time
		"refuses both":            {narratortest.Script{Strict: true, Schema: narratortest.Refused, Text: `{"word":"door"}`}, false, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, calls := counted(test.script)
				p := narrator.NewPool(named(t, "openai+http://one?model=a", s, narrator.Options{}))
				for range 2 {
					answer, err := p.Ask(t.Context(), "r", night, narrator.Call{Schema: schema, TopK: 40})
					var got plan
					if err != nil || json.Unmarshal([]byte(answer.Text), &got) != nil || got.Word != "door" || answer.Held != test.held || answer.Finish != "stop" {
						t.Fatalf("got %+v, %v; want the word door, held: %v", answer, err, test.held)
					}
				}
				if calls.Load() != test.calls {
					t.Errorf("two questions took %d calls, want %d", calls.Load(), test.calls)
				}
			})
		})
	}
}

func TestPool_AskAgain(t *testing.T) {
	for mode, want := range map[narratortest.Mode]struct {
		calls int64
		least time.Duration
	}{
		narratortest.Status503: {3, 450 * time.Millisecond}, narratortest.Cut: {3, 450 * time.Millisecond}, narratortest.Overflow: {1, 0},
		narratortest.Hang: {1, 10 * time.Second}, narratortest.ErrorFrame: {3, 450 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, calls := counted(narratortest.Script{Mode: mode})
			p := narrator.NewPool(named(t, "openai+http://one?model=a", s, narrator.Options{}))
			begun := time.Now()
			_, err := p.Ask(t.Context(), "r", night, narrator.Call{})
			if took := time.Since(begun); err == nil || calls.Load() != want.calls || took < want.least || took > 2*want.least+time.Second {
				t.Errorf("%s: %v after %v and %d calls; want an error after %d calls and at least %v", mode, err, took, calls.Load(), want.calls, want.least)
			}
		})
	}
}
