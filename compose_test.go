//go:build unix

package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kinoautomat/cluster/redistest"
	"kinoautomat/narrator"
)

// composed is what we say in docker-compose.yml.
type composed struct {
	Services map[string]composedService
	Volumes  map[string]any
}

type composedService struct {
	Image, Build   string
	Profiles       []string
	DependsOn      map[string]struct{ Condition string } `yaml:"depends_on"`
	Command        []string
	Environment    map[string]string
	Ports, Volumes []string
	ExtraHosts     []string `yaml:"extra_hosts"`
	IPC, Restart   string
	StopGrace      string `yaml:"stop_grace_period"`
	HealthCheck    struct {
		Test              []string
		Interval, Timeout string
		Retries           int
		StartPeriod       string `yaml:"start_period"`
	}
	Deploy struct {
		Resources struct {
			Reservations struct {
				Devices []struct {
					Driver       string
					Count        int
					Capabilities []string
				}
			}
		}
	}
}

// readCompose refuses keys that it does not know: a misspelt one would be left out in silence.
func readCompose(t *testing.T) (composed, string) {
	t.Helper()
	text, err := os.ReadFile("docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var c composed
	reader := yaml.NewDecoder(strings.NewReader(string(text)))
	reader.KnownFields(true)
	if err := reader.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c, string(text)
}

var variable = regexp.MustCompile(`\$\{(\w+):-([^}]*)\}`)

func TestCompose_Services(t *testing.T) {
	c, _ := readCompose(t)
	if got := slices.Sorted(maps.Keys(c.Services)); !slices.Equal(got, []string{"grafana", "node", "node2", "ollama", "prometheus", "proxy", "redis", "vllm"}) {
		t.Fatalf("services: %v", got)
	}
	node := c.Services["node"]
	if len(node.Profiles) > 0 || node.Build != "." || len(node.Ports) > 0 || node.DependsOn["redis"].Condition != "service_healthy" {
		t.Errorf("the node: %+v", node)
	}
	if !reflect.DeepEqual(node, c.Services["node2"]) {
		t.Errorf("the second node is another one: %+v", c.Services["node2"])
	}
	if redis := c.Services["redis"]; len(redis.Ports) > 0 || !slices.Equal(redis.Volumes, []string{"rooms:/data"}) || len(redis.HealthCheck.Test) == 0 {
		t.Errorf("redis: %+v; it asks for no password, so nobody outside may reach it", redis)
	}
	if proxy := c.Services["proxy"]; !slices.Equal(proxy.Ports, []string{"8080:8080"}) || len(proxy.HealthCheck.Test) == 0 {
		t.Errorf("proxy: %+v", proxy)
	}
	for _, name := range []string{"prometheus", "grafana"} {
		s := c.Services[name]
		if !slices.Equal(s.Profiles, []string{"dashboards"}) || len(s.Ports) != 1 || !strings.HasPrefix(s.Ports[0], "127.0.0.1:") {
			t.Errorf("%s: ports %v in the profiles %v; it is for this machine only", name, s.Ports, s.Profiles)
		}
	}
	for name, want := range map[string]struct{ image, port, volume string }{
		"vllm":   {"vllm/vllm-openai", "8000", "weights:/root/.cache/huggingface"},
		"ollama": {"ollama/ollama", "11434", "ollama:/root/.ollama"},
	} {
		s := c.Services[name]
		if !slices.Equal(s.Profiles, []string{name}) || s.Image != want.image {
			t.Errorf("%s: image %q in the profiles %v", name, s.Image, s.Profiles)
		}
		if !slices.Equal(s.Ports, []string{"127.0.0.1:" + want.port + ":" + want.port}) {
			t.Errorf("%s: ports %v; a server that asks for no key is for this machine only", name, s.Ports)
		}
		if !slices.Equal(s.Volumes, []string{want.volume}) {
			t.Errorf("%s: volumes %v", name, s.Volumes)
		}
		devices := s.Deploy.Resources.Reservations.Devices
		if len(devices) != 1 || devices[0].Driver != "nvidia" || devices[0].Count != 1 || !slices.Equal(devices[0].Capabilities, []string{"gpu"}) {
			t.Errorf("%s: reserves %+v", name, devices)
		}
		if h := s.HealthCheck; len(h.Test) < 2 || h.Test[0] != "CMD" || h.Retries == 0 || h.StartPeriod == "" {
			t.Errorf("%s: health check %+v", name, h)
		}
	}
	vllm := c.Services["vllm"].Command
	if len(vllm) == 0 || vllm[0] != "${KINO_MODEL:-Qwen/Qwen3-8B-AWQ}" {
		t.Errorf("vllm: the first argument is not the model: %v", vllm)
	}
	for _, flag := range []string{"--enable-prefix-caching", "--served-model-name=narrator"} {
		if !slices.Contains(vllm, flag) {
			t.Errorf("vllm: no %s in %v", flag, vllm)
		}
	}
}

func TestCompose_Volumes(t *testing.T) {
	c, _ := readCompose(t)
	used := map[string]any{}
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(volume, "./") {
				if _, err := os.Stat(volume); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if _, there := c.Volumes[volume]; !there {
				t.Errorf("%s: there is no volume %q", name, volume)
			}
			used[volume] = nil
		}
	}
	if !reflect.DeepEqual(used, c.Volumes) {
		t.Errorf("volumes %v are declared, %v are used", c.Volumes, used)
	}
}

// Serve refuses to start on a variable that begins with KINO_ and is no setting. KINO_MODEL is for compose alone and must not reach it.
func TestCompose_Settings(t *testing.T) {
	c, text := readCompose(t)
	var help strings.Builder
	if _, err := readServeSettings([]string{"--help"}, &help); err == nil {
		t.Fatal("--help is no help")
	}
	known := func(name string) bool {
		return strings.Contains(help.String(), "["+name+"]") || name == narrator.KeyVariable
	}
	for name := range c.Services["node"].Environment {
		if !known(name) {
			t.Errorf("the node is given %s, which is no setting of serve", name)
		}
	}
	for _, v := range variable.FindAllStringSubmatch(text, -1) {
		if name := v[1]; strings.HasPrefix(name, "KINO_") && name != "KINO_MODEL" && !known(name) {
			t.Errorf("%s is no setting of serve", name)
		}
	}
	for name, s := range c.Services {
		if _, given := s.Environment["KINO_MODEL"]; given {
			t.Errorf("%s is given KINO_MODEL", name)
		}
	}
}

// Without any variable set the node starts as it always did: empty values are no wrong ones, and an empty KINO_LLM is auto.
func TestCompose_Defaults(t *testing.T) {
	c, _ := readCompose(t)
	node := c.Services["node"]
	for name, value := range node.Environment {
		t.Setenv(name, variable.ReplaceAllString(value, "$2"))
	}
	s, err := readServeSettings(node.Command[1:], io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.llm) != 0 || s.guard != "" || s.publicURL != "" || s.redis != "redis://redis:6379" || len(s.proxies) != 3 {
		t.Errorf("got llm %q, guard %q, public URL %q, Redis %q, proxies %v", s.llm, s.guard, s.publicURL, s.redis, s.proxies)
	}
	given, err := findBackends(t.Context(), s.llm)
	if err != nil {
		t.Fatal(err)
	}
	auto, err := findBackends(t.Context(), list{"auto"})
	if err != nil || fmt.Sprint(given) != fmt.Sprint(auto) {
		t.Errorf("an empty KINO_LLM finds %v, auto finds %v (%v)", given, auto, err)
	}
}

// The Redis of the compose file keeps what it is told, by the doctor's own judgement.
func TestCompose_Redis(t *testing.T) {
	c, _ := readCompose(t)
	command := c.Services["redis"].Command
	if len(command) == 0 || command[0] != "redis-server" {
		t.Fatalf("redis runs %q", command)
	}
	var options []string
	for _, option := range command[1:] {
		options = append(options, variable.ReplaceAllString(option, "$2"))
	}
	out, err := try(t, "doctor", "--redis", redistest.Start(t, options...).URL(), "--addr", "127.0.0.1:0", "--llm", "off")
	if err != nil || strings.Contains(out, "warn             ") || !strings.Contains(out, "appendfsync is everysec") {
		t.Errorf("%v\n%s", err, out)
	}
}
