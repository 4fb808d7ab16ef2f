package story

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Awkward pieces that names, tags and texts are put together from.
var pieces = []string{
	"[", "]", "{", "}", `\`, "::", " ", "a", "Hall", "大厅", "->", "|", "<-", "$x", "<<if", ">>", "''", "\u00a0", "\u2028", "ÿ", `"`, "&amp;", "<b>", ".",
}

func phrase(r *rand.Rand, extra ...string) string {
	all := append(pieces[:len(pieces):len(pieces)], extra...)
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(all[r.IntN(len(all))])
	}
	return b.String()
}

// name is a phrase as Parse leaves a name: without blank space around it, and not empty.
func name(r *rand.Rand) string {
	return strings.TrimSpace(phrase(r) + string(rune('a'+r.IntN(26))))
}

func randomPassage(r *rand.Rand, title string) Passage {
	p := Passage{Name: title, Text: joinBody(strings.Split(phrase(r, "\n", "\n::", "\n\\::", "\n  "), "\n"))}
	for range r.IntN(3) {
		p.Tags = append(p.Tags, name(r))
	}
	if r.IntN(2) == 0 {
		p.Meta = map[string]json.RawMessage{phrase(r): encode(phrase(r)), "position": encode("1,2"), "n": json.RawMessage("1.50")}
	}
	return p
}

func randomStory(r *rand.Rand) *Story {
	s := &Story{
		ID: "random", Title: strings.Join(strings.Fields(name(r)), " "), Language: "zh-Hans", Summary: phrase(r), Mood: phrase(r),
		IFID: "ABCDEFGH", Format: phrase(r), FormatVersion: phrase(r),
		Rules: Rules{VoteSeconds: new(float64(r.IntN(100)) / 7), Tie: new("host"), ChangeVotes: new(false), Quorum: new(r.Float64())},
		Data:  map[string]json.RawMessage{"zoom": json.RawMessage("0.25"), "kino": encode(map[string]string{"x" + phrase(r): phrase(r)})},
	}
	for range r.IntN(3) {
		s.Genres, s.Themes = append(s.Genres, phrase(r)), append(s.Themes, phrase(r))
	}
	seen := map[string]bool{"StoryTitle": true, "StoryData": true}
	for range 1 + r.IntN(5) {
		if n := name(r); !seen[n] {
			seen[n] = true
			s.Passages = append(s.Passages, randomPassage(r, n))
		}
	}
	s.Passages[0].Tags = nil
	s.Start = s.Passages[0].Name
	return s
}

func TestWrite_RoundTrip(t *testing.T) {
	for seed := range uint64(3000) {
		want := randomStory(rand.New(rand.NewPCG(seed, 0)))
		written := want.Write()
		got, report := Parse("random.twee", written)
		if got == nil {
			t.Fatalf("seed %d: %v\n%s", seed, report.Err(), written)
		}
		diff(t, "story", got, want, sameStory)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, written)
		}
	}
}

func TestWrite_Examples(t *testing.T) {
	err := filepath.WalkDir("testdata", func(path string, e fs.DirEntry, err error) error {
		if _, ok := isSource(path); err != nil || !ok {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, report := Parse(path, raw)
		if want == nil {
			t.Fatal(report.Err())
		}
		got, report := Parse(path, want.Write())
		if report.Err() != nil {
			t.Fatal(report.Err())
		}
		diff(t, path, got, want, sameStory)
		diff(t, path+": graph", got.Graph(), want.Graph())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The caller of Write may have built the story by hand.
func TestWrite_NotJSON(t *testing.T) {
	s := &Story{Title: "T", Start: "Start", Data: map[string]json.RawMessage{"zoom": json.RawMessage("{")}, Passages: []Passage{{Name: "Start"}}}
	if got, report := Parse("t.twee", s.Write()); got == nil {
		t.Error(report.Err())
	}
}
