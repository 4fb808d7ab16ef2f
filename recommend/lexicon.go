package recommend

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"kinoautomat/story"
)

//go:embed lexicon.json
var lexiconFile []byte

// lexicon is what the package knows of words: which of them, in English or Chinese, speak of a genre, a theme or a feeling. It lets
// "Jump aboard" find a film about ships, and 上船 the same one.
type lexicon struct {
	genres map[string]profile  // how a genre feels
	themes map[string]bool     //
	cues   map[string][]string // what a token speaks of: names of terms such as "theme:sea"
}

// theLexicon is read once; it fails only if the program was built with a broken one.
var theLexicon = sync.OnceValues(readLexicon)

func readLexicon() (*lexicon, error) {
	var file struct {
		Genres map[string]struct {
			Words    string             `json:"words"`
			Feelings map[string]float64 `json:"feelings"`
		} `json:"genres"`
		Themes   map[string]string `json:"themes"`
		Feelings map[string]string `json:"feelings"`
	}
	if err := json.Unmarshal(lexiconFile, &file); err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	lex := &lexicon{genres: map[string]profile{}, themes: map[string]bool{}, cues: map[string][]string{}}
	for name, g := range file.Genres {
		lex.genres[name] = newProfile(g.Feelings)
		lex.learn("genre:"+name, name+" "+g.Words)
	}
	for name, cues := range file.Themes {
		lex.themes[name] = true
		lex.learn("theme:"+name, cues)
	}
	for _, name := range Feelings {
		lex.learn("feeling:"+name, file.Feelings[name])
	}
	for _, names := range lex.cues {
		slices.Sort(names) // maps have no order, but sums of floats need one
	}
	return lex, nil
}

func (l *lexicon) learn(term, text string) {
	for token := range tokens(text) {
		if names := l.cues[string(token)]; !slices.Contains(names, term) {
			l.cues[string(token)] = append(names, term)
		}
	}
}

// Genres are the genres that a catalogue may use, in alphabetical order. The error is that of [Load].
func Genres() ([]string, error) {
	lex, err := theLexicon()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(lex.genres)), nil
}

// Themes are those that match related words, in alphabetical order. The error is that of [Load].
func Themes() ([]string, error) {
	lex, err := theLexicon()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(lex.themes)), nil
}

// profile is how strongly something gives each of Feelings. Its sum is 1, or 0 where nothing is known.
type profile [len(Feelings)]float64

func newProfile(strengths map[string]float64) profile {
	var p profile
	for i, name := range Feelings {
		if v := strengths[name]; v > 0 && !math.IsInf(v, 0) {
			p[i] = v
		}
	}
	return p.whole()
}

// whole scales p to the sum 1.
func (p profile) whole() profile {
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	if sum == 0 {
		return p
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func (p profile) less(q profile) profile {
	for i := range p {
		p[i] -= q[i]
	}
	return p
}

func mean(all []profile) profile {
	var sum profile
	for _, p := range all {
		for i := range sum {
			sum[i] += p[i] / float64(len(all))
		}
	}
	return sum
}

// profile is an item's own mood, else that of its genres, else an even one.
func (l *lexicon) profile(item *Item) profile {
	if p := newProfile(item.Mood); p != (profile{}) {
		return p
	}
	var p profile
	for _, genre := range item.Genres {
		for i, v := range l.genres[genre] {
			p[i] += v
		}
	}
	if p == (profile{}) {
		for i := range p {
			p[i] = 1
		}
	}
	return p.whole()
}

// mood is what a text says of feelings in so many words: 1 for each that it speaks of.
func (l *lexicon) mood(text string) map[string]float64 {
	mood := map[string]float64{}
	for token := range tokens(text) {
		for _, term := range l.cues[string(token)] {
			if name, ok := strings.CutPrefix(term, "feeling:"); ok {
				mood[name] = 1
			}
		}
	}
	return mood
}

// storyItem is a story as an item: all its editions together.
func (l *lexicon) storyItem(editions []*story.Story) *Item {
	first := editions[0]
	item := &Item{
		ID: storyID(first.ID), Kind: KindStory, Genres: first.Genres, Themes: first.Themes, Mood: l.mood(first.Mood), Words: map[string]Words{},
	}
	for _, e := range editions {
		item.Words[e.Language] = Words{Title: e.Title, Sentence: cut(e.Summary, MaxSentenceRunes)}
	}
	return item
}

func storyID(id string) string { return "story:" + id }

// cut shortens a text to so many code points, the ellipsis included.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimRight(string(runes[:most-1]), " ,;:，；：、") + "…"
	}
	return text
}

func directorsOf(item *Item) []string {
	if item.Director == "" || item.Director == Unknown {
		return nil
	}
	return strings.Split(item.Director, ", ")
}

// MoodOf is how strongly something of these genres gives each of [Feelings], with the sum 1; empty where nothing is known of them.
func MoodOf(genres []string) map[string]float64 {
	lex, err := theLexicon()
	if err != nil {
		return nil
	}
	var p profile
	for _, genre := range genres {
		for i, v := range lex.genres[genre] {
			p[i] += v
		}
	}
	mood := map[string]float64{}
	for i, v := range p.whole() {
		if v > 0 {
			mood[Feelings[i]] = v
		}
	}
	return mood
}
