package narrator_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/story"
)

const reserve = "Nobody comes. The night passes, and at dawn the boat is gone."

const (
	first  = "The lamp goes out, and for a moment the whole island holds its breath."
	second = " Below, the boat turns slowly toward the rocks."
)

func cue() story.Cue {
	return story.Cue{Direction: "Somebody comes.", Reserve: []string{reserve}, Authored: "It is quiet.", MaxChars: 900, Room: "r", Scene: "s", Language: "en"}
}

// model is one that the script serves inside the bubble.
func model(t *testing.T, s narratortest.Script, opts narrator.Options) *narrator.Model {
	t.Helper()
	if opts.Dial == nil {
		opts.Dial = narratortest.Dial(t, s)
	}
	b, err := narrator.ParseBackend(narratortest.Backend("http://model.example/v1"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := narrator.NewModel(b, opts, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// told is all that a room gets from a narrator.
type told struct {
	Text    string
	Telling story.Telling
	Took    time.Duration
}

func tell(t *testing.T, n narrator.Narrator, cue story.Cue) told {
	t.Helper()
	begun := time.Now()
	var text strings.Builder
	telling, err := n.Tell(t.Context(), cue, func(piece string) error {
		text.WriteString(piece)
		return nil
	})
	if err != nil {
		t.Errorf("Tell: %v", err)
	}
	return told{text.String(), telling, time.Since(begun)}
}

func TestLadder_EveryFailure(t *testing.T) {
	type script = narratortest.Script
	answered := story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}
	cut := story.Telling{Source: story.SourceModel, Why: narrator.WhyModelCut}
	stoodIn := func(why string) story.Telling { return story.Telling{Source: story.SourceReserve, Why: why} }
	sentences := func(n int) int { // tokens that hold so many sentences, and a bit of the next
		return len(narratortest.Tokens([]string{"", first, first + second}[n])) + 3
	}
	afterFirst := first + "\n\n" + reserve
	for name, test := range map[string]struct {
		scripts []script
		want    told
	}{
		"no model":               {nil, told{reserve, stoodIn(narrator.WhyNoModel), 0}},
		"answers":                {[]script{{}}, told{narratortest.Text, answered, 0}},
		"thinks":                 {[]script{{Mode: narratortest.Think}}, told{narratortest.Text, answered, 0}},
		"one long line":          {[]script{{Mode: narratortest.LongLine}}, told{narratortest.Text, answered, 0}},
		"not a stream":           {[]script{{Mode: narratortest.Whole}}, told{narratortest.Text, answered, 0}},
		"refuses the connection": {[]script{{Mode: narratortest.Dead}}, told{reserve, stoodIn(narrator.WhyModelUnreachable), 0}},
		"never answers":          {[]script{{Mode: narratortest.Hang}}, told{reserve, stoodIn(narrator.WhyModelTimeout), 2500 * time.Millisecond}},
		"status 500":             {[]script{{Mode: narratortest.Status500}}, told{reserve, stoodIn(narrator.WhyModelError), 0}},
		"status 429":             {[]script{{Mode: narratortest.Status429}}, told{reserve, stoodIn(narrator.WhyModelError), 0}},
		"no words":               {[]script{{Mode: narratortest.Empty}}, told{reserve, stoodIn(narrator.WhyModelEmpty), 0}},
		"silent before a word":   {[]script{{Mode: narratortest.HangAfter, After: -1}}, told{reserve, stoodIn(narrator.WhyModelTimeout), 2500 * time.Millisecond}},
		"silent in the first sentence": {[]script{{Mode: narratortest.HangAfter, After: 9}},
			told{reserve, stoodIn(narrator.WhyModelTimeout), 1500 * time.Millisecond}},
		"silent in the second sentence": {[]script{{Mode: narratortest.HangAfter, After: sentences(1)}},
			told{afterFirst, stoodIn(narrator.WhyModelTimeout), 1500 * time.Millisecond}},
		"silent in the third sentence": {[]script{{Mode: narratortest.HangAfter, After: sentences(2)}},
			told{first + second, cut, 1500 * time.Millisecond}},
		"error in the first sentence":  {[]script{{Mode: narratortest.ErrorFrame, After: 9}}, told{reserve, stoodIn(narrator.WhyModelError), 0}},
		"error in the second sentence": {[]script{{Mode: narratortest.ErrorFrame, After: sentences(1)}}, told{afterFirst, stoodIn(narrator.WhyModelError), 0}},
		"cut in the first sentence":    {[]script{{Mode: narratortest.Cut, After: 9}}, told{reserve, stoodIn(narrator.WhyModelCut), 0}},
		"cut in the second sentence":   {[]script{{Mode: narratortest.Cut, After: sentences(1)}}, told{afterFirst, stoodIn(narrator.WhyModelCut), 0}},
		"cut in the third sentence":    {[]script{{Mode: narratortest.Cut, After: sentences(2)}}, told{first + second, cut, 0}},
		"quietly cut":                  {[]script{{Mode: narratortest.CutQuietly, After: sentences(1)}}, told{afterFirst, stoodIn(narrator.WhyModelCut), 0}},
		"words, but no sentence in time": {[]script{{Delay: 400 * time.Millisecond}},
			told{reserve, stoodIn(narrator.WhyModelTimeout), narrator.FirstOnScreen}},
		"the second answers": {[]script{{Mode: narratortest.Dead}, {}}, told{narratortest.Text, answered, 0}},
		"the first hangs, the second answers": {[]script{{Mode: narratortest.Hang}, {}},
			told{narratortest.Text, answered, 2500 * time.Millisecond}},
		"both hang": {[]script{{Mode: narratortest.Hang}, {Mode: narratortest.Hang}},
			told{reserve, stoodIn(narrator.WhyModelTimeout), narrator.FirstOnScreen}},
		"the second is not asked once the first has begun": {[]script{{Mode: narratortest.Cut, After: sentences(1)}, {}},
			told{afterFirst, stoodIn(narrator.WhyModelCut), 0}},
		"the second is not asked without a chance": {[]script{{Delay: 400 * time.Millisecond}, {}},
			told{reserve, stoodIn(narrator.WhyModelTimeout), narrator.FirstOnScreen}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which also fails if a goroutine is left
				var models []*narrator.Model
				for _, s := range test.scripts {
					models = append(models, model(t, s, narrator.Options{}))
				}
				got := tell(t, narrator.NewLadder(zaptest.NewLogger(t), models...), cue())
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestLadder_NoReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cue()
		c.Reserve = []string{" ", ""}
		got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{Mode: narratortest.Dead}, narrator.Options{})), c)
		want := told{"It is quiet.", story.Telling{Source: story.SourceAuthored, Why: narrator.WhyModelUnreachable}, 0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestLadder_NoConnectionInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{}, narrator.Options{Dial: dial})), cue())
		want := told{reserve, story.Telling{Source: story.SourceReserve, Why: narrator.WhyModelUnreachable}, time.Second}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestLadder_WholeCallTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := narratortest.Script{Text: strings.Repeat("She waits. ", 400), Delay: 200 * time.Millisecond}
		c := cue()
		c.MaxChars = 4000
		got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, s, narrator.Options{})), c)
		if want := (story.Telling{Source: story.SourceModel, Why: narrator.WhyModelCut}); !cmp.Equal(got.Telling, want) || got.Took != 25*time.Second {
			t.Errorf("told %v after %v, want %v after 25s", got.Telling, got.Took, want)
		}
		if !strings.HasSuffix(got.Text, "She waits.") {
			t.Errorf("text ends %q, want a whole sentence", got.Text[len(got.Text)-20:])
		}
	})
}

func TestLadder_SlowRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The limits are the model's: a room that takes 2 s for each sentence is none of its faults.
		m := model(t, narratortest.Script{Delay: time.Millisecond}, narrator.Options{})
		var text strings.Builder
		telling, err := narrator.NewLadder(zap.NewNop(), m).Tell(t.Context(), cue(), func(piece string) error {
			time.Sleep(2 * time.Second)
			text.WriteString(piece)
			return nil
		})
		if err != nil || telling.Why != narrator.WhyModelAnswered || text.String() != narratortest.Text {
			t.Errorf("told %q, %v, %v; want the whole text from the model", text.String(), telling, err)
		}
	})
}

func TestLadder_WriteFails(t *testing.T) {
	errClosed := errors.New("room closed")
	for _, mode := range []narratortest.Mode{narratortest.OK, narratortest.Dead} {
		synctest.Test(t, func(t *testing.T) {
			var outcomes []string
			m := model(t, narratortest.Script{Mode: mode, Delay: 10 * time.Millisecond}, narrator.Options{
				OnOutcome: func(o narrator.Outcome) { outcomes = append(outcomes, o.Why) }})
			calls := 0
			_, err := narrator.NewLadder(zap.NewNop(), m).Tell(t.Context(), cue(), func(string) error {
				calls++
				return errClosed
			})
			if !errors.Is(err, errClosed) || calls != 1 {
				t.Errorf("%s: got %v after %d pieces, want %v after 1", mode, err, calls, errClosed)
			}
			want := map[narratortest.Mode]string{narratortest.OK: narrator.WhyAbandoned, narratortest.Dead: narrator.WhyModelUnreachable}[mode]
			if diff := cmp.Diff([]string{want}, outcomes); diff != "" {
				t.Errorf("%s: outcomes (-want +got):\n%s", mode, diff)
			}
		})
	}
}

func TestLadder_SceneOver(t *testing.T) {
	for _, s := range []narratortest.Script{{Mode: narratortest.Hang}, {Mode: narratortest.HangAfter}, {Delay: 50 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			defer cancel()
			begun := time.Now()
			var text strings.Builder
			_, err := narrator.NewLadder(zap.NewNop(), model(t, s, narrator.Options{})).Tell(ctx, cue(), func(piece string) error {
				text.WriteString(piece)
				return nil
			})
			if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took != 700*time.Millisecond {
				t.Errorf("%s: got %v after %v, want the end of the context after 700ms", s.Mode, err, took)
			}
			if strings.Contains(text.String(), reserve) {
				t.Errorf("%s: the reserve was told to a scene that is over", s.Mode)
			}
		})
	}
}

func TestLadder_MaxChars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cue()
		c.MaxChars = 200
		s := narratortest.Script{Text: strings.Repeat("She waits here. ", 100)} // 15 characters, then 16 each: 12 fit in 200
		got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, s, narrator.Options{})), c)
		want := strings.TrimSpace(strings.Repeat("She waits here. ", 12))
		if diff := cmp.Diff(told{want, story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}, 0}, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		s.Text = strings.Repeat("and ", 1000) + "so on."
		if got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, s, narrator.Options{})), c); got.Text != reserve || got.Telling.Why != narrator.WhyModelEmpty {
			t.Errorf("an endless sentence: told %q, %v; want the reserve", got.Text, got.Telling)
		}
	})
}

func TestLadder_Takeover(t *testing.T) {
	joined := func(parts ...string) string { return strings.Join(parts, "") }
	for name, test := range map[string]struct {
		mode     narratortest.Mode
		told     string
		language string
		want     string
		telling  story.Telling
	}{
		"the model goes on": {narratortest.OK, "It knocks.", "en", joined(" ", narratortest.Text),
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}},
		"the model goes on in Chinese": {narratortest.OK, "有人敲门。", "zh-Hans", narratortest.TextZh,
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered}},
		"no model, little told": {narratortest.Dead, "It knocks.", "en", joined("\n\n", reserve),
			story.Telling{Source: story.SourceReserve, Why: narrator.WhyModelUnreachable}},
		"no model, enough told": {narratortest.Dead, first + second, "en", "",
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelCut}},
		"the reserve was begun": {narratortest.OK, reserve[:13], "en", reserve[13:],
			story.Telling{Source: story.SourceReserve, Why: narrator.WhyReserveChosen}},
		"the reserve was told": {narratortest.OK, first + "\n\n" + reserve, "en", "",
			story.Telling{Source: story.SourceReserve, Why: narrator.WhyReserveChosen}},
		"as long as it may get": {narratortest.OK, strings.Repeat("She waits. ", 78), "en", "",
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelCut}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := cue()
				c.Told, c.Language = test.told, test.language
				script := narratortest.Script{Mode: test.mode}
				if test.language == "zh-Hans" {
					script.Text = narratortest.TextZh
				}
				got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, script, narrator.Options{})), c)
				if diff := cmp.Diff(told{test.want, test.telling, 0}, got); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestLadder_WholeSentencesOnly(t *testing.T) {
	for _, text := range []string{narratortest.Text, narratortest.TextZh} {
		synctest.Test(t, func(t *testing.T) {
			c := cue()
			c.Reserve, c.Authored = nil, ""
			for after := range narratortest.Tokens(text) {
				s := narratortest.Script{Mode: narratortest.Cut, Text: text, After: after + 1}
				got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, s, narrator.Options{})), c)
				if !strings.HasPrefix(text, got.Text) || got.Text != "" && !strings.HasSuffix(strings.TrimRight(got.Text, "”"), ".") &&
					!strings.HasSuffix(strings.TrimRight(got.Text, "”"), "。") {
					t.Errorf("cut after %d tokens: told %q, want whole sentences", after+1, got.Text)
				}
			}
		})
	}
}
