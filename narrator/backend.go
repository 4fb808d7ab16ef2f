package narrator

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrBackend is wrapped by every error of ParseBackend.
var ErrBackend = errors.New("bad model backend")

// KeyVariable is the environment variable that holds the key of backends without a key_file.
const KeyVariable = "KINO_LLM_KEY"

const (
	maxModelName = 200     // characters
	maxKey       = 4096    // bytes
	maxSlots     = 4096    // calls at once
	minContext   = 512     // tokens
	maxContext   = 1 << 22 // tokens
)

// Backend is where a language model answers.
type Backend struct {
	Kind    string // "openai" or "ollama"
	Base    string // URL of its OpenAI-compatible API, without a slash at the end
	Model   string // a LoRA adapter is a model by its own name
	Slots   int    // calls that it serves at once, 1–4096; 0 = not said
	Context int    // tokens that a prompt and its answer may have together, 512–4,194,304; 0 = not said

	key *string // a pointer, so that no printed struct shows it; nil = none
}

// ParseBackend reads a backend as an operator writes it:
//
//	openai+http://host:8000/v1?model=NAME    any OpenAI-compatible server; no path means /v1
//	ollama+http://host:11434?model=NAME      Ollama
//
// with http or https. &slots=8 says how many calls the server takes at once, &ctx=8192 how many tokens a prompt and its answer may have
// together; both are found out where the server tells them. The key, where one is needed, comes from the file that &key_file=PATH names, else from KINO_LLM_KEY; it is never
// part of the setting, since settings are seen in process lists and logs. Errors wrap ErrBackend and repeat nothing that could be a key.
func ParseBackend(s string) (Backend, error) {
	b, err := parseBackend(strings.TrimSpace(s))
	if err != nil {
		return Backend{}, fmt.Errorf("%w: %w", ErrBackend, err)
	}
	return b, nil
}

func parseBackend(s string) (Backend, error) {
	u, err := url.Parse(s)
	if err != nil { // its text would repeat the setting
		return Backend{}, errors.New("it cannot be read as a URL; write for example openai+http://127.0.0.1:8000/v1?model=NAME")
	}
	kind, scheme, _ := strings.Cut(u.Scheme, "+")
	switch {
	case kind != "openai" && kind != "ollama" || scheme != "http" && scheme != "https":
		return Backend{}, errors.New("it must begin with openai+http://, openai+https://, ollama+http:// or ollama+https://")
	case u.User != nil:
		return Backend{}, fmt.Errorf("a name or password in the address is not supported; use key_file or %s", KeyVariable)
	case u.Hostname() == "":
		return Backend{}, errors.New("it names no host")
	case u.Fragment != "":
		return Backend{}, errors.New("it has a part after #, which has no meaning here")
	}
	query, err := parseQuery(u.RawQuery)
	if err != nil {
		return Backend{}, err
	}
	b := newBackend(kind, &url.URL{Scheme: scheme, Host: u.Host, Path: u.Path}, query.Get("model"))
	return b, b.configure(query)
}

// parseQuery reads what stands after the ?.
func parseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errors.New("the part after ? cannot be read; write model=NAME, and %20 for a space")
	}
	for name, values := range query {
		switch {
		case !slices.Contains([]string{"model", "key_file", "slots", "ctx"}, name):
			return nil, fmt.Errorf("of what stands after ?, only model, slots, ctx and key_file are known; a key belongs into a key_file or %s", KeyVariable)
		case len(values) > 1:
			return nil, fmt.Errorf("%s is given more than once", name)
		}
	}
	switch model := query.Get("model"); {
	case model == "":
		return nil, errors.New("it names no model; add ?model=NAME")
	case utf8.RuneCountInString(model) > maxModelName:
		return nil, fmt.Errorf("the model's name has more than %d characters", maxModelName)
	}
	return query, nil
}

// configure takes the key, the slots and the context length over.
func (b *Backend) configure(query url.Values) (err error) {
	key := strings.TrimSpace(os.Getenv(KeyVariable))
	if query.Has("key_file") {
		if key, err = readKey(query.Get("key_file")); err != nil {
			return err
		}
	}
	if !isKey(key) {
		return fmt.Errorf("the key has spaces, line breaks or characters that cannot be sent, or is longer than %d bytes", maxKey)
	}
	if key != "" {
		b.key = &key
	}
	if b.Slots, err = number(query, "slots", 1, maxSlots); err != nil {
		return err
	}
	b.Context, err = number(query, "ctx", minContext, maxContext)
	return err
}

// number reads a whole number; 0 where there is none.
func number(query url.Values, name string, least, most int) (int, error) {
	if !query.Has(name) {
		return 0, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s is no whole number from %d to %d", name, least, most)
	}
	return n, nil
}

func newBackend(kind string, at *url.URL, model string) Backend {
	base := strings.TrimRight(at.String(), "/")
	if strings.Trim(at.Path, "/") == "" || kind == "ollama" && !strings.HasSuffix(base, "/v1") {
		base += "/v1"
	}
	return Backend{Kind: kind, Base: base, Model: model}
}

func readKey(path string) (string, error) {
	content, err := os.ReadFile(path)
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return "", fmt.Errorf("read key_file: %w", pathErr.Err) // without the path: somebody may have put the key itself there
	} else if err != nil {
		return "", errors.New("read key_file: it cannot be read")
	}
	key := strings.TrimSpace(string(content))
	if key == "" {
		return "", errors.New("the key_file is empty")
	}
	return key, nil
}

// isKey says whether a key can travel in a header. None can.
func isKey(key string) bool {
	return len(key) <= maxKey && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// String is the backend as ParseBackend reads it, without its limits and never with its key. It names the backend in logs and metrics.
func (b Backend) String() string {
	return b.Kind + "+" + b.Base + "?model=" + url.QueryEscape(b.Model)
}

// root is the URL of the server itself, where what is no part of the OpenAI-compatible API lives.
func (b Backend) root() string { return strings.TrimSuffix(b.Base, "/v1") }

// native says whether the model is asked over Ollama's own API: its OpenAI-compatible one takes no context length and cuts prompts silently.
func (b Backend) native() bool { return b.Kind == "ollama" }

// token is the key as langchaingo wants it, which refuses an empty one.
func (b Backend) token() string {
	if b.key == nil {
		return "none"
	}
	return *b.key
}

// redact takes the key out of a text that the backend sent.
func (b Backend) redact(text string) string {
	if b.key == nil {
		return text
	}
	return strings.ReplaceAll(text, *b.key, "(key)")
}
