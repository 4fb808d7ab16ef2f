package narrator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	probeTimeout = 300 * time.Millisecond
	maxProbe     = 1 << 20 // bytes of an answer
)

// probe is where a model server on this machine usually listens.
type probe struct{ kind, address string }

// localProbes are the usual ones, the preferred first. Port 8080 is left out: it is this server's own.
var localProbes = []probe{
	{"ollama", "127.0.0.1:11434"},
	{"openai", "127.0.0.1:8000"}, // vLLM
	{"openai", "127.0.0.1:1234"}, // LM Studio
	{"openai", "127.0.0.1:8081"}, // llama.cpp beside another server
}

// Detect looks for a model server on this machine: Ollama, then vLLM, LM Studio and llama.cpp on their usual ports. It returns the
// first model of the first server that has one, and false when none answers within 300 ms. No key is sent: whoever listens there
// was not chosen by the operator.
func Detect(ctx context.Context) (Backend, bool) {
	return detect(ctx, localProbes, probeTimeout, func(name string) bool { return !embeds(name) })
}

// DetectEmbeddings is Detect for a model that has "embed" in its name, as those that make vectors of texts mostly do: servers do not say what
// their models are for.
func DetectEmbeddings(ctx context.Context) (Backend, bool) {
	return detect(ctx, localProbes, probeTimeout, embeds)
}

func embeds(name string) bool { return strings.Contains(strings.ToLower(name), "embed") }

func detect(ctx context.Context, probes []probe, timeout time.Duration, wanted func(name string) bool) (Backend, bool) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	models := make([]string, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() { models[i] = firstModel(ctx, p, wanted) })
	}
	wg.Wait()
	for i, p := range probes {
		if models[i] != "" {
			return newBackend(p.kind, &url.URL{Scheme: "http", Host: p.address}, models[i]), true
		}
	}
	return Backend{}, false
}

// firstModel is the first model of a server that is wanted, "" where there is none.
func firstModel(ctx context.Context, p probe, wanted func(name string) bool) string {
	path := "/v1/models"
	if p.kind == "ollama" {
		path = "/api/tags"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+path, nil)
	if err != nil {
		return ""
	}
	req.Close = true
	res, err := newHTTP(nil, probeTimeout).Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	var listed struct {
		Data   []struct{ ID string }   // OpenAI's form
		Models []struct{ Name string } // Ollama's
	}
	if res.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(res.Body, maxProbe)).Decode(&listed) != nil {
		return ""
	}
	var names []string
	for _, m := range listed.Data {
		names = append(names, m.ID)
	}
	for _, m := range listed.Models {
		names = append(names, m.Name)
	}
	for _, name := range names {
		if name != "" && len([]rune(name)) <= maxModelName && wanted(name) {
			return name
		}
	}
	return ""
}
