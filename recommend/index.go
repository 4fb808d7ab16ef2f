package recommend

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
)

// entry is the weight of a term in a text, or of an item's in a term's list.
type entry struct {
	at     int32 // the term, or the item
	weight float32
}

// vector is a text as its terms' weights, in the order of the terms.
type vector []entry

// index holds every item as a vector of length 1, and for each term the items that have it.
type index struct {
	terms    map[string]int32 // words, pairs of characters, and "genre:…", "theme:…", "feeling:…", "country:…", "decade:…"
	cues     [][]int32        // by term: the terms it speaks of
	rarity   []float64        // by term: ln(1 + N/n) of N items of which n have it, the inverse document frequency
	vectors  []vector         // by item
	postings [][]entry        // by term
}

// Weights of what an item is described by, against a genre or a theme.
const (
	weightTag     = 1.0
	weightFeeling = 0.75  // times its strength, 0–1
	weightOrigin  = 0.5   // its country, and its decade
	weightWord    = 0.25  // a word of its sentence
	weightTitle   = 0.125 // a word of its title: titles are wilful
	weightCue     = 1.0   // what a word speaks of, against the word
)

func newIndex(lex *lexicon) *index {
	x := &index{terms: map[string]int32{}}
	for _, name := range slices.Sorted(maps.Keys(lex.cues)) {
		var speaksOf []int32
		for _, term := range lex.cues[name] {
			speaksOf = append(speaksOf, x.term(term))
		}
		x.cues[x.term(name)] = speaksOf
	}
	return x
}

// term is the number of a term; it gets one if it has none.
func (x *index) term(name string) int32 {
	t, ok := x.terms[name]
	if !ok {
		t = int32(len(x.cues))
		x.terms[name] = t
		x.cues = append(x.cues, nil)
	}
	return t
}

// with is a copy with more items. Terms that had a rarity keep it.
func (x *index) with(items []*Item) *index {
	y := &index{
		terms: maps.Clone(x.terms), cues: slices.Clone(x.cues), rarity: slices.Clone(x.rarity), vectors: slices.Clone(x.vectors),
		postings: slices.Clone(x.postings),
	}
	bags := make([]bag, len(items))
	for i, item := range items {
		bags[i] = y.describe(item)
	}
	having := make([]int, len(y.cues))
	for _, b := range bags {
		for t := range b {
			having[t]++
		}
	}
	all := float64(len(x.vectors) + len(items))
	for t := len(y.rarity); t < len(y.cues); t++ {
		y.rarity = append(y.rarity, math.Log(1+all/float64(max(1, having[t]))))
		y.postings = append(y.postings, nil)
	}
	for t := range y.postings {
		y.postings[t] = slices.Clip(y.postings[t]) // so that adding to it leaves x alone
	}
	for _, b := range bags {
		v := y.vector(b)
		for _, e := range v {
			y.postings[e.at] = append(y.postings[e.at], entry{int32(len(y.vectors)), e.weight})
		}
		y.vectors = append(y.vectors, v)
	}
	return y
}

// bag counts terms.
type bag map[int32]float64

// describe counts what an item is about, its words in all languages.
func (x *index) describe(item *Item) bag {
	b := bag{}
	for _, genre := range item.Genres {
		b[x.term("genre:"+genre)] += weightTag
	}
	for _, theme := range item.Themes {
		b[x.term("theme:"+theme)] += weightTag
		x.learn(b, theme, weightTitle)
	}
	for name, strength := range item.Mood {
		b[x.term("feeling:"+name)] += weightFeeling * strength
	}
	if item.Kind == KindFilm {
		if item.Country != UnknownCountry {
			b[x.term("country:"+item.Country)] += weightOrigin
		}
		b[x.term("decade:"+strconv.Itoa(item.Year/10))] += weightOrigin
	}
	for _, language := range slices.Sorted(maps.Keys(item.Words)) {
		words := item.Words[language]
		x.learn(b, words.Title, weightTitle)
		x.learn(b, words.Sentence, weightWord)
	}
	return b
}

// learn counts the tokens of a text and gives a number to new ones that say something by themselves.
func (x *index) learn(b bag, text string, weight float64) {
	for token := range tokens(text) {
		t, ok := x.terms[string(token)]
		if !ok && filler(token) {
			continue
		}
		if !ok {
			t = x.term(string(token))
		}
		x.count(b, t, weight)
	}
}

// recognise counts the tokens of a text that some item or the lexicon has.
func (x *index) recognise(b bag, text string, weight float64) {
	for token := range tokens(text) {
		if t, ok := x.terms[string(token)]; ok {
			x.count(b, t, weight)
		}
	}
}

func (x *index) count(b bag, t int32, weight float64) {
	b[t] += weight
	for _, cue := range x.cues[t] {
		b[cue] += weight * weightCue
	}
}

// vector weighs the terms of a bag: 1 + ln of a count above 1, times the term's rarity, scaled to length 1.
// G. Salton, C. Buckley: "Term-weighting approaches in automatic text retrieval" (1988).
func (x *index) vector(b bag) vector {
	v := make(vector, 0, len(b))
	square := 0.0
	for _, t := range slices.Sorted(maps.Keys(b)) {
		w := b[t]
		if w > 1 {
			w = 1 + math.Log(w)
		}
		w *= x.rarity[t]
		square += w * w
		v = append(v, entry{t, float32(w)})
	}
	if square > 0 {
		v.scale(1 / math.Sqrt(square))
	}
	return v
}

func (v vector) scale(by float64) {
	for i := range v {
		v[i].weight *= float32(by)
	}
}

// times is a copy, scaled.
func (v vector) times(by float64) vector {
	w := slices.Clone(v)
	w.scale(by)
	return w
}

// dot is the product of two vectors: their cosine, if both have length 1.
func (v vector) dot(w vector) float64 {
	sum, j := 0.0, 0
	for _, e := range v {
		for j < len(w) && w[j].at < e.at {
			j++
		}
		if j < len(w) && w[j].at == e.at {
			sum += float64(e.weight) * float64(w[j].weight)
		}
	}
	return sum
}

// sum adds vectors up and scales the result to length 1; length is what it had before.
func sum(all ...vector) (total vector, length float64) {
	var entries vector
	for _, v := range all {
		entries = append(entries, v...)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	for _, e := range entries {
		if n := len(total); n > 0 && total[n-1].at == e.at {
			total[n-1].weight += e.weight
		} else {
			total = append(total, e)
		}
	}
	for _, e := range total {
		length += float64(e.weight) * float64(e.weight)
	}
	length = math.Sqrt(length)
	if length > 0 {
		total.scale(1 / length)
	}
	return total, length
}

// likeness adds by · v·item to the score of every item, and looks only at those that have a term of v.
func (x *index) likeness(v vector, into []float32) {
	for _, e := range v {
		for _, p := range x.postings[e.at] {
			into[p.at] += e.weight * p.weight
		}
	}
}
