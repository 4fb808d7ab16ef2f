package narrator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

// Role says whose words a turn holds.
type Role string

// The roles. Turns of the same role that follow one another are joined, since many models refuse them.
const (
	RoleContract Role = "system"    // what holds for all that follows; only at the beginning
	RoleAsked    Role = "user"      // what a model is asked
	RoleTold     Role = "assistant" // what a model told
)

// Turn is one part of a prompt. The order of turns is the order in which a model reads them.
type Turn struct {
	Role Role
	Text string
}

// ErrCall is wrapped by every error about a call that no backend could answer.
var ErrCall = errors.New("bad call of a model")

// Limits of a call.
const (
	maxPrompt       = 2 << 20  // bytes of all turns
	maxSchema       = 64 << 10 // bytes
	maxAnswerTokens = 32768
	maxStops        = 4   // what the strictest kind of server takes
	maxStop         = 100 // characters
	maxAlternatives = 20  // per token
	defaultTokens   = 1024
)

// Call says how a model is to answer. The zero Call is fine; backends that do not know an option are asked without it.
type Call struct {
	Temperature       *float64        // of the sampling, 0–2; nil = Options.Temperature
	TopP              float64         // share of the likeliest tokens to choose from, up to 1; 0 = the backend's own
	TopK              int             // number of the likeliest tokens to choose from; 0 = the backend's own
	MinP              float64         // least share of the likeliest token's probability, below 1; 0 = the backend's own
	RepetitionPenalty float64         // above 1 makes repetitions rarer, 0.5–2; 0 = the backend's own
	MaxTokens         int             // of the answer, up to 32,768; 0 = 1,024
	Stop              []string        // up to 4 texts of up to 100 characters that end the answer and are not part of it
	Seed              int             // the same seed makes the same answer likelier; 0 = none
	Schema            json.RawMessage // JSON schema of the answer, up to 64 KiB; where a backend cannot be held to it, it is put into the prompt
	Template          map[string]any  // arguments of the model's chat template, over {"enable_thinking": false}
	LogProbs          int             // likeliest tokens that are reported for each token of the answer, up to 20; 0 = none

	// FirstWord is the time until the first word of one backend's answer; the whole call may take as much longer than Options.Whole.
	// 0 = Options.FirstWord, and for Ask 10 s.
	FirstWord time.Duration
}

// Answer is what a model said.
type Answer struct {
	Text     string // without thoughts, and without space at its beginning
	Finish   string // "stop": the model was done; "length": MaxTokens were reached; others as the backend says them
	Held     bool   // the backend was asked to hold the model to Call.Schema; if not, the schema was part of the prompt
	Backend  string // who answered, without its key
	LogProbs []LogProb

	Took, FirstWord time.Duration // until the end and until the first word, from the moment the backend was asked
	Rate            float64       // tokens per second from the first to the last word; 0 where there are less than 10 ms between them

	// Tokens as the backend counted them; of the prompt's, Cached were known from an earlier call. 0 where it does not say, but Tokens then
	// counts the pieces that came.
	Tokens, Prompt, Cached int
}

// LogProb is how likely a token was, as a natural logarithm.
type LogProb struct {
	Token string    `json:"token"`
	Value float64   `json:"logprob"`
	Top   []LogProb `json:"top_logprobs,omitempty"` // the likeliest tokens in its place
}

// check says what no backend could do. Its errors wrap ErrCall.
func (c Call) check(turns []Turn) error {
	size := 0
	for i, turn := range turns {
		size += len(turn.Text)
		if turn.Role != RoleAsked && turn.Role != RoleTold && (turn.Role != RoleContract || i > 0 && turns[i-1].Role != RoleContract) {
			return fmt.Errorf("%w: turn %d cannot be of the role %q", ErrCall, i+1, turn.Role)
		}
	}
	temperature := 0.0
	if c.Temperature != nil {
		temperature = *c.Temperature
	}
	for _, limit := range []struct {
		what string
		ok   bool
	}{
		{"it has no turns", len(turns) > 0},
		{fmt.Sprintf("the prompt has more than %d bytes", maxPrompt), size <= maxPrompt},
		{"Temperature is not within 0–2", temperature >= 0 && temperature <= 2},
		{"TopP is not within 0–1", c.TopP >= 0 && c.TopP <= 1},
		{"TopK is negative", c.TopK >= 0},
		{"MinP is not from 0 to below 1", c.MinP >= 0 && c.MinP < 1},
		{"RepetitionPenalty is not within 0.5–2", c.RepetitionPenalty == 0 || c.RepetitionPenalty >= 0.5 && c.RepetitionPenalty <= 2},
		{fmt.Sprintf("MaxTokens is not within 0–%d", maxAnswerTokens), c.MaxTokens >= 0 && c.MaxTokens <= maxAnswerTokens},
		{fmt.Sprintf("it has more than %d stops, or one without or with more than %d characters", maxStops, maxStop), len(c.Stop) <= maxStops &&
			!slices.ContainsFunc(c.Stop, func(stop string) bool { return stop == "" || utf8.RuneCountInString(stop) > maxStop })},
		{fmt.Sprintf("Schema is no JSON, or has more than %d bytes", maxSchema), c.Schema == nil || len(c.Schema) <= maxSchema && json.Valid(c.Schema)},
		{fmt.Sprintf("LogProbs is not within 0–%d", maxAlternatives), c.LogProbs >= 0 && c.LogProbs <= maxAlternatives},
	} {
		if !limit.ok {
			return fmt.Errorf("%w: %s", ErrCall, limit.what)
		}
	}
	return nil
}

// schemaFormat holds a model to a JSON schema, by the one form that all kinds of servers know.
type schemaFormat struct {
	Type       string `json:"type"`
	JSONSchema struct {
		Name   string          `json:"name"`
		Strict bool            `json:"strict"`
		Schema json.RawMessage `json:"schema"`
	} `json:"json_schema"`
}

// plainFields are those that every kind of server takes; the others are left out where a backend refuses a call and does not say why.
var plainFields = []string{"temperature", "max_tokens", "max_completion_tokens", "top_p", "stop", "seed", "stream_options", "response_format"}

// fields is the call as the body of a request has it, under the names that most kinds of servers know.
func (c Call) fields(temperature float64) map[string]any {
	if c.Temperature != nil {
		temperature = *c.Temperature
	}
	template := map[string]any{"enable_thinking": false}
	maps.Copy(template, c.Template)
	fields := map[string]any{
		"temperature": temperature, "max_tokens": cmp.Or(c.MaxTokens, defaultTokens), "chat_template_kwargs": template,
		"stream_options": map[string]any{"include_usage": true},
	}
	set := func(name string, value any, given bool) {
		if given {
			fields[name] = value
		}
	}
	set("top_p", c.TopP, c.TopP != 0)
	set("top_k", c.TopK, c.TopK != 0)
	set("min_p", c.MinP, c.MinP != 0)
	set("repetition_penalty", c.RepetitionPenalty, c.RepetitionPenalty != 0) // vLLM, SGLang
	set("repeat_penalty", c.RepetitionPenalty, c.RepetitionPenalty != 0)     // llama.cpp, LM Studio
	set("stop", c.Stop, len(c.Stop) > 0)
	set("seed", c.Seed, c.Seed != 0)
	set("logprobs", true, c.LogProbs != 0)
	set("top_logprobs", c.LogProbs, c.LogProbs != 0)
	if c.Schema != nil {
		format := schemaFormat{Type: "json_schema"}
		format.JSONSchema.Name, format.JSONSchema.Strict, format.JSONSchema.Schema = "answer", true, c.Schema
		fields["response_format"] = format
	}
	return fields
}

// withSchema is the prompt for a model that cannot be held to the schema.
func withSchema(turns []Turn, schema json.RawMessage) []Turn {
	return append(slices.Clone(turns), Turn{RoleAsked, "Answer with one JSON object that this JSON schema allows, and with nothing else:\n" + string(schema)})
}

// joined is the prompt with turns of the same role that follow one another as one.
func joined(turns []Turn) []Turn {
	var joined []Turn
	for _, turn := range turns {
		if n := len(joined); n > 0 && joined[n-1].Role == turn.Role {
			joined[n-1].Text += "\n\n" + turn.Text
		} else {
			joined = append(joined, turn)
		}
	}
	return joined
}
