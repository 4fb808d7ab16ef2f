package gate

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var veilText = flag.String("veil", "", "a text that TestVeil prints veiled, or unveiled")

// The veil must come off again, or the lists mean nothing.
func TestVeil(t *testing.T) {
	if *veilText != "" {
		t.Log(veil(*veilText))
	}
	for _, text := range []string{"abcxyz, ABC 123", "一个字，龥鿿", "ё ñ 🎬"} {
		if got := veil(veil(text)); got != text {
			t.Errorf("veiled twice %q is %q", text, got)
		}
	}
	if got := veil("nZ 一鿿 9é"); got != "aM \u7700\u76ff 9é" {
		t.Errorf("veiled is %+q", got)
	}
}

// fixture is the lines of a file of testdata without remarks.
func fixture(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// blocked is a sentence that must not pass.
type blocked struct {
	category Category
	text     string
}

func blockedFixture(t testing.TB) (sentences []blocked) {
	t.Helper()
	for _, line := range fixture(t, "blocked.txt") {
		category, text, _ := strings.Cut(line, "\t")
		sentences = append(sentences, blocked{Category(category), veil(text)})
	}
	return sentences
}

func TestGate_PassesOrdinaryFiction(t *testing.T) {
	g := New(BuiltIn(), Options{})
	sentences := fixture(t, "ordinary.txt")
	alarms := 0
	for i, sentence := range sentences {
		previous := ""
		if i > 0 {
			previous = sentences[i-1]
		}
		for _, before := range []string{"", previous + " "} {
			if v := g.Check(t.Context(), before, sentence); !v.Pass {
				alarms++
				t.Errorf("%q after %q: %s %s", sentence, before, v, found(g, before+sentence))
			}
		}
	}
	t.Logf("%d false alarms in %d ordinary sentences", alarms, len(sentences))
}

func TestGate_BlocksWhatItShould(t *testing.T) {
	g := New(BuiltIn(), Options{})
	sentences := blockedFixture(t)
	missed := 0
	for i, s := range sentences {
		// In the middle of a story as well as alone, and in the sentence as well as begun in the one before.
		before := "He came back. 他回来了。"
		for _, text := range []string{s.text, "“" + s.text + "” Nobody spoke. 没有人说话。"} {
			v := g.Check(t.Context(), before, text)
			if v.Pass || v.Category != s.category {
				missed++
				t.Errorf("sentence %d, %q: %s, not %s", i+1, text, v, s.category)
			}
		}
	}
	t.Logf("%d of %d sentences missed", missed, 2*len(sentences))
}

// found names the terms in a text, for the failures of tests only.
func found(g *Gate, text string) (terms []string) {
	p := new(pad)
	p.add(text, 0)
	g.words.search(p, false)
	g.words.search(p, true)
	for _, h := range p.hits {
		term := g.words.terms[h.term]
		terms = append(terms, string(term.category)+":"+term.key())
	}
	return terms
}
