package narrator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kinoautomat/narrator/narratortest"
)

func TestDetect(t *testing.T) {
	listen := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	says := func(body string) string {
		return listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Error("a key was sent to a server that nobody chose")
			}
			w.Write([]byte(body))
		}))
	}
	t.Setenv(KeyVariable, "sk-very-secret")
	script := listen(narratortest.Handler(narratortest.OK))
	dead := strings.TrimSuffix(strings.TrimPrefix(narratortest.New(t, narratortest.Script{Mode: narratortest.Dead}), "http://"), "/v1")
	hanging := listen(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	both := `{"data":[{"id":"text-Embedding-3"},{"id":"storyteller"}]}`
	for name, test := range map[string]struct {
		probes []probe
		want   string
	}{
		"nobody":          {[]probe{{"ollama", dead}, {"openai", dead}}, ""},
		"Ollama":          {[]probe{{"ollama", script}, {"openai", dead}}, "ollama+http://" + script + "/v1?model=test-model"},
		"OpenAI's form":   {[]probe{{"ollama", dead}, {"openai", script}}, "openai+http://" + script + "/v1?model=test-model"},
		"both":            {[]probe{{"ollama", script}, {"openai", script}}, "ollama+http://" + script + "/v1?model=test-model"},
		"one hangs":       {[]probe{{"ollama", hanging}, {"openai", script}}, "openai+http://" + script + "/v1?model=test-model"},
		"no models":       {[]probe{{"ollama", says(`{"models":[]}`)}}, ""},
		"something else":  {[]probe{{"openai", says("<html>Hello</html>")}}, ""},
		"embeddings only": {[]probe{{"ollama", says(`{"models":[{"name":"nomic-embed-text"}]}`)}}, ""},
		"embeddings too":  {[]probe{{"openai", says(both)}}, "storyteller"},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := 10 * time.Second // generous: the machine may be busy
			if name == "one hangs" {
				timeout = time.Second
			}
			b, ok := detect(t.Context(), test.probes, timeout, func(name string) bool { return !embeds(name) })
			if ok != (test.want != "") || !strings.HasSuffix(b.String(), test.want) {
				t.Errorf("found %s, %v; want %q", b, ok, test.want)
			}
		})
	}
}

func TestDetectEmbeddings(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"models":[{"name":"qwen3:8b"},{"name":"nomic-Embed-text:latest"}]}`))
	}))
	t.Cleanup(server.Close)
	at := strings.TrimPrefix(server.URL, "http://")
	b, ok := detect(t.Context(), []probe{{"ollama", at}}, 10*time.Second, embeds)
	if !ok || b.String() != "ollama+http://"+at+"/v1?model=nomic-Embed-text%3Alatest" {
		t.Errorf("found %s, %v", b, ok)
	}
	script := strings.TrimPrefix(strings.TrimSuffix(narratortest.New(t, narratortest.Script{}), "/v1"), "http://")
	if b, ok := detect(t.Context(), []probe{{"openai", script}}, 10*time.Second, embeds); ok {
		t.Errorf("a server with a story-teller alone was taken: %s", b)
	}
}
