package narrator

// ollamaOptions are the names that Ollama's own API has for what others take beside the messages.
var ollamaOptions = map[string]string{
	"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "min_p": "min_p", "repetition_penalty": "repeat_penalty",
	"seed": "seed", "stop": "stop", "max_tokens": "num_predict", "num_ctx": "num_ctx",
}

// toOllama makes of a request to an OpenAI-compatible server one for POST /api/chat. There, and only there, the context length can be set with
// the call; by default Ollama cuts longer prompts and says nothing.
func toOllama(body map[string]any) map[string]any {
	options := map[string]any{}
	native := map[string]any{"model": body["model"], "messages": body["messages"], "stream": true, "options": options}
	for name, value := range body {
		if option := ollamaOptions[name]; option != "" {
			options[option] = value
		}
	}
	if format, ok := body["response_format"].(schemaFormat); ok {
		native["format"] = format.JSONSchema.Schema
	}
	if template, ok := body["chat_template_kwargs"].(map[string]any); ok {
		if think, set := template["enable_thinking"]; set {
			native["think"] = think
		}
	}
	for _, name := range []string{"logprobs", "top_logprobs"} {
		if value, set := body[name]; set {
			native[name] = value
		}
	}
	return native
}

// ollamaLine is what a line of Ollama's own stream has that an event of the others does not.
type ollamaLine struct {
	Message    words
	Done       bool
	DoneReason string    `json:"done_reason"`
	LogProbs   []LogProb `json:"logprobs"`
	Prompt     int       `json:"prompt_eval_count"`
	Told       int       `json:"eval_count"`
}
