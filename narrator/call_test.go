package narrator_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// full is a call with every option.
func full() narrator.Call {
	return narrator.Call{
		Temperature: new(0.0), TopP: 0.95, TopK: 40, MinP: 0.05, RepetitionPenalty: 1.1, MaxTokens: 77, Stop: []string{"THE END"}, Seed: 42,
		Schema: json.RawMessage(`{"type":"object","$defs":{"x":{"anyOf":[{"const":1},{"pattern":"^a"}]}}}`), Template: map[string]any{"style": "noir"}, LogProbs: 2,
	}
}

// sent is the body that a backend gets for a call.
func sent(t *testing.T, setting string, turns []narrator.Turn, call narrator.Call) (body map[string]any) {
	t.Helper()
	s := narratortest.Script{Seen: func(b []byte) {
		if err := json.Unmarshal(b, &body); err != nil {
			t.Error(err)
		}
	}}
	answer, err := narrator.NewPool(named(t, setting, s, narrator.Options{})).Ask(t.Context(), "r", turns, call)
	if err != nil || answer.Text == "" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	return body
}

func TestCall_EveryOptionIsSent(t *testing.T) {
	const (
		prompt = `[{"role":"system","content":"Tell.\n\nIn verse."},{"role":"user","content":"Begin."},{"role":"assistant","content":"It rains."},{"role":"user","content":"Go on."}]`
		schema = `{"type":"object","$defs":{"x":{"anyOf":[{"const":1},{"pattern":"^a"}]}}}`
	)
	turns := []narrator.Turn{{Role: narrator.RoleContract, Text: "Tell."}, {Role: narrator.RoleContract, Text: "In verse."},
		{Role: narrator.RoleAsked, Text: "Begin."}, {Role: narrator.RoleTold, Text: "It rains."}, {Role: narrator.RoleAsked, Text: "Go on."}}
	for name, test := range map[string]struct {
		setting string
		call    narrator.Call
		want    string
	}{
		"OpenAI-compatible, nothing set": {"openai+http://one?model=a", narrator.Call{}, `{"model":"a","messages":` + prompt + `,"stream":true,
			"stream_options":{"include_usage":true},"temperature":0.8,"max_tokens":1024,"chat_template_kwargs":{"enable_thinking":false}}`},
		"OpenAI-compatible, everything set": {"openai+http://one?model=adapter-7", full(), `{"model":"adapter-7","messages":` + prompt + `,"stream":true,
			"stream_options":{"include_usage":true},"temperature":0,"max_tokens":77,"chat_template_kwargs":{"enable_thinking":false,"style":"noir"},
			"top_p":0.95,"top_k":40,"min_p":0.05,"repetition_penalty":1.1,"repeat_penalty":1.1,"stop":["THE END"],"seed":42,"logprobs":true,"top_logprobs":2,
			"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":` + schema + `}}}`},
		"Ollama, nothing set": {"ollama+http://one?model=a", narrator.Call{}, `{"model":"a","messages":` + prompt + `,"stream":true,"think":false,
			"options":{"temperature":0.8,"num_predict":1024,"num_ctx":4096}}`},
		"Ollama, everything set": {"ollama+http://one?model=a&ctx=16384", full(), `{"model":"a","messages":` + prompt + `,"stream":true,"think":false,
			"logprobs":true,"top_logprobs":2,"format":` + schema + `,"options":{"temperature":0,"num_predict":77,"num_ctx":16384,
			"top_p":0.95,"top_k":40,"min_p":0.05,"repeat_penalty":1.1,"stop":["THE END"],"seed":42}}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var want map[string]any
				if err := json.Unmarshal([]byte(test.want), &want); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, sent(t, test.setting, turns, test.call)); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestCall_Answer(t *testing.T) {
	for name, setting := range map[string]string{"OpenAI-compatible": "openai+http://one?model=a", "Ollama": "ollama+http://one?model=a"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := narratortest.Script{Text: "It rains and rains.", First: 100 * time.Millisecond, Delay: 10 * time.Millisecond}
				p := narrator.NewPool(named(t, setting, s, narrator.Options{}))
				got, err := p.Ask(t.Context(), "r", night, narrator.Call{LogProbs: 2, MaxTokens: 4})
				if err != nil {
					t.Fatal(err)
				}
				if len(got.LogProbs) != 4 || got.LogProbs[0].Value != -0.5 || len(got.LogProbs[0].Top) != 2 || got.LogProbs[0].Top[1].Value != -1.5 {
					t.Errorf("log probabilities %+v, want two alternatives for each of 4 tokens", got.LogProbs)
				}
				if cached := got.Prompt / 2; name == "OpenAI-compatible" && got.Cached != cached || got.Prompt == 0 {
					t.Errorf("prompt of %d tokens, %d cached; want %d", got.Prompt, got.Cached, cached)
				}
				got.LogProbs, got.Prompt, got.Cached = nil, 0, 0
				want := narrator.Answer{Text: "It rains and rai", Finish: "length", Backend: strings.TrimSuffix(setting, "?model=a") + "/v1?model=a", Tokens: 4,
					Took: 140 * time.Millisecond, FirstWord: 110 * time.Millisecond, Rate: 100}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestCall_EveryModeOfOllama(t *testing.T) {
	want := map[narratortest.Mode]string{
		narratortest.Dead: narrator.WhyModelUnreachable, narratortest.Hang: narrator.WhyModelTimeout, narratortest.HangAfter: narrator.WhyModelTimeout,
		narratortest.Status500: narrator.WhyModelError, narratortest.Status503: narrator.WhyModelError, narratortest.Status429: narrator.WhyModelError,
		narratortest.Overflow: narrator.WhyModelError, narratortest.Page: narrator.WhyModelError, narratortest.ErrorFrame: narrator.WhyModelError,
		narratortest.Malformed: narrator.WhyModelError, narratortest.Cut: narrator.WhyModelCut, narratortest.CutQuietly: narrator.WhyModelCut,
		narratortest.Empty: narrator.WhyModelEmpty,
	}
	for _, mode := range narratortest.Modes {
		if mode == narratortest.LongLine || mode == narratortest.Mixed || mode == narratortest.ReasonToo || mode == narratortest.Whole {
			continue // which are not Ollama's
		}
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer, err := stream(t, narrator.NewPool(named(t, "ollama+http://one?model=a", narratortest.Script{Mode: mode}, narrator.Options{})), "r")
				why := narrator.Why(err)
				if expected, fails := want[mode]; fails && why != expected || !fails && (err != nil || answer.Text != narratortest.Text) {
					t.Errorf("told %q, %v (%s); want %s", answer.Text, err, why, expected)
				}
			})
		})
	}
}

func TestCall_Limits(t *testing.T) {
	asked := func(text string) []narrator.Turn { return []narrator.Turn{{Role: narrator.RoleAsked, Text: text}} }
	schema := func(n int) json.RawMessage { return json.RawMessage(`"` + strings.Repeat("x", n-2) + `"`) }
	stops := func(n, long int) (stops []string) {
		for range n {
			stops = append(stops, strings.Repeat("终", long))
		}
		return stops
	}
	for name, test := range map[string]struct {
		turns []narrator.Turn
		call  narrator.Call
		say   string // "" = fine
	}{
		"zero":                   {night, narrator.Call{}, ""},
		"the most of everything": {night, narrator.Call{Temperature: new(2.0), TopP: 1, MinP: math.Nextafter(1, 0), RepetitionPenalty: 2, MaxTokens: 32768, Stop: stops(4, 100), Schema: schema(64 << 10), LogProbs: 20}, ""},
		"the longest prompt":     {asked(strings.Repeat("x", 2<<20)), narrator.Call{}, ""},
		"no turns":               {nil, narrator.Call{}, "no turns"},
		"too long a prompt":      {asked(strings.Repeat("x", 2<<20+1)), narrator.Call{}, "2097152"},
		"a contract later on":    {append(asked("x"), night...), narrator.Call{}, "role"},
		"an unknown role":        {[]narrator.Turn{{Role: "tool", Text: "x"}}, narrator.Call{}, "role"},
		"too hot":                {night, narrator.Call{Temperature: new(math.Nextafter(2, 3))}, "Temperature"},
		"too cold":               {night, narrator.Call{Temperature: new(-0.1)}, "Temperature"},
		"TopP":                   {night, narrator.Call{TopP: math.Nextafter(1, 2)}, "TopP"},
		"TopK":                   {night, narrator.Call{TopK: -1}, "TopK"},
		"MinP":                   {night, narrator.Call{MinP: 1}, "MinP"},
		"RepetitionPenalty":      {night, narrator.Call{RepetitionPenalty: 0.49}, "RepetitionPenalty"},
		"MaxTokens":              {night, narrator.Call{MaxTokens: 32769}, "MaxTokens"},
		"too many stops":         {night, narrator.Call{Stop: stops(5, 1)}, "stops"},
		"an empty stop":          {night, narrator.Call{Stop: stops(1, 0)}, "stops"},
		"too long a stop":        {night, narrator.Call{Stop: stops(1, 101)}, "stops"},
		"schema, no JSON":        {night, narrator.Call{Schema: json.RawMessage("{")}, "Schema"},
		"too long a schema":      {night, narrator.Call{Schema: schema(64<<10 + 1)}, "Schema"},
		"LogProbs":               {night, narrator.Call{LogProbs: 21}, "LogProbs"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, calls := counted(narratortest.Script{JSON: "1"})
				_, err := narrator.NewPool(named(t, "openai+http://one?model=a", s, narrator.Options{})).Ask(t.Context(), "r", test.turns, test.call)
				if test.say == "" && err != nil || test.say != "" && (!errors.Is(err, narrator.ErrCall) || !strings.Contains(err.Error(), test.say) || calls.Load() > 0) {
					t.Errorf("got %v after %d calls, want an error that says %q and none", err, calls.Load(), test.say)
				}
			})
		})
	}
}

// A server that drops idle connections without a word must not cost a telling.
func TestCall_StaleConnections(t *testing.T) {
	s, calls := counted(narratortest.Script{Mode: narratortest.Stale})
	base := narratortest.New(t, s)
	p := narrator.NewPool(overTCP(t, base, patient, zap.NewNop()))
	for i := range 100 {
		if answer, err := stream(t, p, "r"); err != nil || answer.Text != narratortest.Text {
			t.Fatalf("call %d: told %q, %v", i+1, answer.Text, err)
		}
	}
	if calls.Load() != 100 {
		t.Errorf("%d calls were answered, want 100", calls.Load())
	}
}

func TestCall_ConnectionsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opens := 0
		dial := narratortest.Dial(t, narratortest.Script{})
		m := model(t, narratortest.Script{}, narrator.Options{Dial: narrator.Counted(dial, &opens)})
		p := narrator.NewPool(m)
		for range 20 {
			if _, err := stream(t, p, "r"); err != nil {
				t.Fatal(err)
			}
		}
		if opens != 1 {
			t.Errorf("20 calls opened %d connections, want 1", opens)
		}
	})
}

// Models that think aloud do not win a race with it.
func TestCall_ThoughtsAreNoWords(t *testing.T) {
	for _, mode := range []narratortest.Mode{narratortest.Think, narratortest.Reason, narratortest.ReasonToo} {
		synctest.Test(t, func(t *testing.T) {
			s := narratortest.Script{Mode: mode, Delay: 10 * time.Millisecond}
			answer, err := stream(t, narrator.NewPool(named(t, "openai+http://one?model=a", s, narrator.Options{})), "r")
			if err != nil || answer.Text != narratortest.Text {
				t.Errorf("%s: told %q, %v; want the text without the thought", mode, answer.Text, err)
			}
			if mode == narratortest.Think && answer.FirstWord < 150*time.Millisecond {
				t.Errorf("%s: the first word came after %v, which is that of the thought", mode, answer.FirstWord)
			}
		})
	}
}
