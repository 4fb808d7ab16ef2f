package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// grams are a text's character 3-grams with their weights, sorted by gram, scaled to length 1: so a dot product is the cosine, and adding
// up always in the same order, it is the same number everywhere. Works for Chinese as for English, without words or a model.
type grams []gram

type gram struct {
	runes  uint64 // three characters of 21 bits each
	weight float64
}

// count counts the 3-grams of a text in lower case, each run of anything but letters and digits being one space, as are both ends.
func count(text string) grams {
	var runes []rune
	for _, r := range " " + strings.ToLower(text) + " " {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			runes = append(runes, r)
		case len(runes) == 0 || runes[len(runes)-1] != ' ':
			runes = append(runes, ' ')
		}
	}
	var list grams
	for i := range max(0, len(runes)-2) {
		list = append(list, gram{uint64(runes[i])<<42 | uint64(runes[i+1])<<21 | uint64(runes[i+2]), 1})
	}
	slices.SortFunc(list, byRunes)
	n := 0
	for i, g := range list {
		if i > 0 && g.runes == list[n-1].runes {
			list[n-1].weight++
		} else {
			list[n] = g
			n++
		}
	}
	return list[:n]
}

func byRunes(a, b gram) int { return cmp.Compare(a.runes, b.runes) }

// scale makes the length 1.
func (g grams) scale() grams {
	sum := 0.0
	for _, x := range g {
		sum += x.weight * x.weight
	}
	if sum > 0 {
		for i := range g {
			g[i].weight /= math.Sqrt(sum)
		}
	}
	return g
}

// cosine of two scaled texts, 0–1.
func cosine(a, b grams) float64 {
	sum := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := byRunes(a[i], b[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			sum += a[i].weight * b[j].weight
			i++
			j++
		}
	}
	return min(sum, 1)
}

// Distance is how different two texts are, 0 (the same letters) to 1 (nothing in common): 1 − the cosine of their character 3-grams.
func Distance(a, b string) float64 { return 1 - cosine(count(a).scale(), count(b).scale()) }

// weigh are the 3-grams of several texts weighted by TF-IDF: a gram counts the less the more of the texts have it. The smoothed form
// ln((1+n)/(1+df))+1 keeps what all of them have above 0.
func weigh(texts []string) []grams {
	all := make([]grams, len(texts))
	frequency := make(map[uint64]int)
	for i, text := range texts {
		all[i] = count(text)
		for _, g := range all[i] {
			frequency[g.runes]++
		}
	}
	for _, g := range all {
		for i := range g {
			g[i].weight *= math.Log(float64(1+len(texts))/float64(1+frequency[g[i].runes])) + 1
		}
		g.scale()
	}
	return all
}

// standardised are the values less their mean, in standard deviations; all 0 where they hardly differ.
func standardised(values []float64) []float64 {
	out := make([]float64, len(values))
	mean, square := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		square += (v - mean) * (v - mean) / float64(len(values))
	}
	deviation := math.Sqrt(square)
	if !(deviation > 1e-9) {
		return out
	}
	for i, v := range values {
		out[i] = (v - mean) / deviation
	}
	return out
}

// argmax is the place of the highest value, the first of equals.
func argmax(values []float64) int {
	best := 0
	for i, v := range values {
		if cmp.Compare(v, values[best]) > 0 {
			best = i
		}
	}
	return best
}
