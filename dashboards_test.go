package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every metric that the dashboard and the alarms ask for is one that a node has.
func TestDashboards_Metrics(t *testing.T) {
	source, err := os.ReadFile("server/metrics.go")
	if err != nil {
		t.Fatal(err)
	}
	metric := regexp.MustCompile(`kino_[a-z_]+`)
	for _, file := range []string{"deploy/grafana/kinoautomat.json", "deploy/alarms.yml", "docs/operating.md", "docs/hosting.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := metric.FindAllString(string(text), -1)
		if len(names) == 0 {
			t.Errorf("%s: no metrics", file)
		}
		for _, name := range names {
			if !strings.Contains(string(source), `"`+strings.TrimSuffix(name, "_bucket")+`"`) {
				t.Errorf("%s: no node has %s", file, name)
			}
		}
	}
}

// The dashboard is one that Grafana can read, with a data source that is provisioned, and panels that do not lie on each other.
func TestDashboards_Grafana(t *testing.T) {
	var board struct {
		UID    string
		Panels []struct {
			ID         int
			Title      string
			DataSource struct{ UID string }
			GridPos    struct{ X, Y, W, H int }
			Targets    []struct{ Expr string }
		}
	}
	text, err := os.ReadFile("deploy/grafana/kinoautomat.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	var source struct{ Datasources []struct{ UID string } }
	if text, err = os.ReadFile("deploy/grafana/datasource.yml"); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &source); err != nil || len(source.Datasources) != 1 {
		t.Fatal(err, source)
	}
	taken := map[[2]int]string{}
	for _, p := range board.Panels {
		if p.Title == "" || len(p.Targets) == 0 || p.DataSource.UID != source.Datasources[0].UID || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d: %+v", p.ID, p)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%q lies on %q", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// Every alarm says what is wrong and what to do.
func TestDashboards_Alarms(t *testing.T) {
	var alarms struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For string
				Annotations      struct{ Summary, Action string }
			}
		}
	}
	text, err := os.ReadFile("deploy/alarms.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &alarms); err != nil || len(alarms.Groups) != 1 {
		t.Fatal(err)
	}
	operating, err := os.ReadFile("docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range alarms.Groups[0].Rules {
		if r.Alert == "" || r.Expr == "" || r.For == "" || r.Annotations.Summary == "" || r.Annotations.Action == "" {
			t.Errorf("%+v", r)
		}
		if !strings.Contains(string(operating), "`"+r.Alert+"`") {
			t.Errorf("docs/operating.md does not tell of the alarm %s", r.Alert)
		}
	}
}
