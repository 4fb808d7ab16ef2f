package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kinoautomat/narrator"
)

var backendInText = regexp.MustCompile("(?:openai|ollama)\\+https?://[^\\s'\"`,|)]+")

// Whoever copies a backend from our pages has one that is understood.
func TestDocs_Backends(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	write(t, key, "secret\n")
	keyFile := regexp.MustCompile(`key_file=[^&]+`)
	for _, page := range []string{"README.md", "README.zh-Hans.md", "docs/hosting.md", "docs/narrator.md", "docker-compose.yml"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, setting := range backendInText.FindAllString(string(text), -1) {
			if !strings.Contains(setting, "?") || strings.Contains(setting, "PORT") {
				continue // the form alone
			}
			found++
			setting = keyFile.ReplaceAllLiteralString(strings.TrimRight(setting, ".;:"), "key_file="+key)
			if _, err := narrator.ParseBackend(setting); err != nil {
				t.Errorf("%s: %s: %v", page, setting, err)
			}
		}
		if found == 0 {
			t.Errorf("%s names no backend", page)
		}
	}
}

// Commands of docs/narrator.md that start or examine a node have flags that it knows.
func TestDocs_Commands(t *testing.T) {
	text, err := os.ReadFile("docs/narrator.md")
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "key")
	write(t, key, "secret\n")
	commands := 0
	joined := strings.ReplaceAll(strings.ReplaceAll(string(text), "\\\n", " "), "/run/secrets/api", key)
	for line := range strings.Lines(joined) {
		line = strings.NewReplacer("docker compose exec node /kinoautomat", "kinoautomat", "'", "").Replace(line)
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "$" || words[1] != "kinoautomat" || words[2] != "serve" && words[2] != "doctor" {
			continue
		}
		commands++
		if s, err := readServeSettings(words[3:], io.Discard); err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(line), err)
		} else if _, err := findBackends(t.Context(), append(s.llm, "off")); err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(line), err)
		}
	}
	if commands < 8 {
		t.Errorf("the page has only %d commands", commands)
	}
}
