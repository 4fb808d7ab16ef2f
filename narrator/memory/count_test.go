package memory

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// The estimates are held against what real tokenizers made of these texts.
func TestEstimate(t *testing.T) {
	file, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []struct {
		Name, Text string
		Tokens     map[string]int
	}
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	small := map[string]bool{"cl100k": true, "Mistral 7B": true} // vocabularies that spell much of Chinese in bytes
	for _, text := range texts {
		cautious, modern, most, mostModern := Cautious.Count(text.Text), Modern.Count(text.Text), 0, 0
		for vocabulary, n := range text.Tokens {
			most = max(most, n)
			if !small[vocabulary] {
				mostModern = max(mostModern, n)
			}
		}
		t.Logf("%-12s cautious %3d, real at most %3d; modern %3d, real at most %3d", text.Name, cautious, most, modern, mostModern)
		if cautious < most || modern < mostModern {
			t.Errorf("%s: too low", text.Name)
		}
		if cautious > 2*most {
			t.Errorf("%s: more than twice too high", text.Name)
		}
	}
}

// Texts together never count for more than by themselves.
func TestEstimate_together(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	letters := []rune("abc  \n.灯塔，“é😀7")
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		text := []rune(b.String())
		cut := r.IntN(len(text) + 1)
		if whole, parts := Cautious.Count(string(text)), Cautious.Count(string(text[:cut]))+Cautious.Count(string(text[cut:])); whole > parts {
			t.Fatalf("%q has %d, in two parts at %d it has %d", string(text), whole, cut, parts)
		}
	}
}
