package gate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The automaton finds exactly what looking for each term at each place finds.
func TestAutomaton_FindsWhatSearchingDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(n int) string {
		signs := []rune("abz29密码é")
		out := make([]rune, n)
		for i := range out {
			out[i] = signs[random.IntN(len(signs))]
		}
		return string(out)
	}
	for range 300 {
		var terms []string
		for range 1 + random.IntN(20) {
			terms = append(terms, word(1+random.IntN(4)))
		}
		signs := make([][]rune, len(terms))
		for i, term := range terms {
			signs[i] = []rune(term)
		}
		a := newAutomaton(signs)
		text, at, so := word(60), int32(0), ""
		for _, sign := range text {
			so += string(sign)
			at = a.step(at, sign)
			var got, want []int
			for e := a.states[at].ends; e != 0; e = a.ends[e].next {
				got = append(got, int(a.ends[e].term))
			}
			for i, term := range terms {
				if strings.HasSuffix(so, term) {
					want = append(want, i)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("terms %q after %q: found %v, want %v", terms, so, got, want)
			}
		}
	}
}
