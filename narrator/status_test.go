package narrator

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStatusError(t *testing.T) {
	asIs := func(text string) string { return text }
	for name, test := range map[string]struct {
		code               int
		body               string
		retryable, context bool
	}{
		"rate limit":                   {429, `{"error":{"message":"slow down"}}`, true, false},
		"request timeout":              {408, "", true, false},
		"crash":                        {500, `{"error":"crash"}`, true, false},
		"loading":                      {503, `{"error":{"message":"Loading model","type":"unavailable_error"}}`, true, false},
		"proxy":                        {502, "<html>Bad gateway</html>", true, false},
		"not implemented":              {501, `{"error":{"message":"embeddings off"}}`, false, false},
		"no key":                       {401, `{"error":{"message":"bad key"}}`, false, false},
		"no model":                     {404, `{"detail":"no such model"}`, false, false},
		"bad request":                  {400, `{"error":{"message":"top_k: extra inputs are not permitted"}}`, false, false},
		"in a stream":                  {0, `{"error":{"message":"out of memory"}}`, true, false},
		"in a stream, its own code":    {0, `{"error":{"message":"bad","code":400}}`, false, false},
		"too long, OpenAI":             {400, `{"error":{"message":"x","code":"context_length_exceeded"}}`, false, true},
		"too long, vLLM":               {400, `{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"}`, false, true},
		"too long, llama.cpp":          {400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, false, true},
		"too long, SGLang":             {400, `{"object":"error","message":"The input is longer than the model's context length (4096 tokens)."}`, false, true},
		"too long, in a stream":        {0, `{"error":{"message":"prompt is too long for the context","code":400}}`, false, true},
		"about the context, no excess": {400, `{"error":{"message":"context must be a string"}}`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := readStatus(test.code, nil, []byte(test.body), asIs)
			if e.Retryable() != test.retryable || e.ContextOverflow() != test.context {
				t.Errorf("%v: retryable %v, context overflow %v; want %v, %v", e, e.Retryable(), e.ContextOverflow(), test.retryable, test.context)
			}
			if !errors.Is(e, errRefused) || Why(e) != WhyModelError {
				t.Errorf("its reason is %s", Why(e))
			}
		})
	}
}

func TestStatusError_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for text, want := range map[string]time.Duration{
			"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "0": 0,
			time.Now().Add(time.Minute).UTC().Format(http.TimeFormat):  time.Minute,
			time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat): 0,
		} {
			if got := readStatus(503, http.Header{"Retry-After": {text}}, nil, strings.ToLower).RetryAfter; got != want {
				t.Errorf("%q: %v, want %v", text, got, want)
			}
		}
	})
}

func TestRefuse(t *testing.T) {
	fields := func(names ...string) map[string]any {
		fields := map[string]any{}
		for _, name := range names {
			fields[name] = 1
		}
		return fields
	}
	for name, test := range map[string]struct {
		words string
		sent  map[string]any
		want  map[string]bool // what is left out, and whether it is remembered
	}{
		"named":               {"Unrecognized request argument supplied: top_k", fields("top_k", "min_p", "temperature"), map[string]bool{"top_k": true}},
		"named, in quotes":    {"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", fields("max_tokens"), map[string]bool{"max_tokens": true}},
		"named, two":          {"seed and min_p", fields("seed", "min_p", "stop"), map[string]bool{"seed": true, "min_p": true}},
		"only a part of it":   {"the request was stopped by top_kate", fields("stop", "top_k"), map[string]bool{"top_k": true}},
		"not named":           {"bad request", fields("temperature", "top_k", "min_p", "response_format"), map[string]bool{"top_k": true, "min_p": true}},
		"only the schema":     {"bad grammar", fields("temperature", "response_format"), map[string]bool{"response_format": false}},
		"the schema, named":   {"response_format is not supported", fields("top_k", "response_format"), map[string]bool{"response_format": true}},
		"nothing to leave":    {"bad request", fields("temperature", "max_tokens"), map[string]bool{}},
		"already left out":    {"top_k", map[string]any{"top_k": nil, "temperature": 1}, map[string]bool{}},
		"the name it went by": {"max_completion_tokens is too large", fields("max_completion_tokens", "temperature"), map[string]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			refuses := map[string]bool{}
			if again := refuse(refuses, test.words, test.sent); again != (len(test.want) > 0) || len(refuses) != len(test.want) {
				t.Fatalf("again: %v without %v, want %v", again, refuses, test.want)
			}
			for name, remember := range test.want {
				if got, out := refuses[name]; !out || got != remember {
					t.Errorf("without %v, want %v", refuses, test.want)
				}
			}
		})
	}
}

func TestRecent(t *testing.T) {
	var r recent
	for i := range leastRecent {
		if got := r.percentile95(); got != 0 {
			t.Fatalf("%v after %d times, want none yet", got, i)
		}
		r.add(time.Second)
	}
	if got := r.percentile95(); got != time.Second {
		t.Errorf("got %v, want 1s", got)
	}
	for i := range 100 { // of which the last 64 count: 37–100 ms
		r.add(time.Duration(i+1) * time.Millisecond)
	}
	if got, want := r.percentile95(), 97*time.Millisecond; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
