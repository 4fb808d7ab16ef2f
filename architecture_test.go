package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports is the house: which of our packages each package may import. Imports point down only.
var imports = map[string][]string{
	"kinoautomat":                       {"bench", "bench/narration", "bench/recommendation", "cluster", "faults", "narrator", "narrator/gate", "narrator/plan", "recommend", "recommend/ratings", "room", "server", "stories", "story"},
	"kinoautomat/bench":                 {"room"},
	"kinoautomat/faults":                {"bench"},
	"kinoautomat/bench/narration":       {"bench", "narrator", "narrator/plan", "story", "vote"},
	"kinoautomat/bench/recommendation":  {"bench", "recommend", "recommend/ratings", "story"},
	"kinoautomat/server":                {"cluster", "recommend", "room", "story", "web"},
	"kinoautomat/room":                  {"story", "vote"},
	"kinoautomat/narrator":              {"narrator/gate", "narrator/memory", "narrator/plan", "story"},
	"kinoautomat/narrator/gate":         {},
	"kinoautomat/narrator/memory":       {},
	"kinoautomat/narrator/narratortest": {},
	"kinoautomat/narrator/plan":         {},
	"kinoautomat/recommend":             {"story"},
	"kinoautomat/recommend/ratings":     {"recommend"},
	"kinoautomat/cluster":               {},
	"kinoautomat/cluster/clustertest":   {"cluster"},
	"kinoautomat/cluster/redistest":     {},
	"kinoautomat/story":                 {},
	"kinoautomat/vote":                  {},
	"kinoautomat/stories":               {},
	"kinoautomat/web":                   {},
}

// homes are the libraries that live in one package each, so that changing one is a change of one package.
var homes = map[string]string{
	"github.com/coder/websocket":          "kinoautomat/server",
	"github.com/prometheus/client_golang": "kinoautomat/server",
	"github.com/redis/go-redis/v9":        "kinoautomat/cluster",
	"modernc.org/sqlite":                  "kinoautomat/cluster",
	"github.com/tmc/langchaingo":          "kinoautomat/narrator",
	"github.com/sony/gobreaker/v2":        "kinoautomat/narrator",
	"gonum.org/v1/gonum":                  "kinoautomat/recommend",
	"github.com/mdp/qrterminal/v3":        "kinoautomat",
}

func TestArchitecture(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := words[0]
		allowed, known := imports[from]
		if !known {
			t.Errorf("package %s has no place in the house; give it one here and in ARCHITECTURE.md", from)
		}
		for _, to := range words[1:] {
			if ours, ok := strings.CutPrefix(to, "kinoautomat/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which is not below it", from, to)
			}
			for library, home := range homes {
				if strings.HasPrefix(to+"/", library+"/") && from != home {
					t.Errorf("%s imports %s, which lives in %s", from, to, home)
				}
			}
		}
	}
}
