package recommend

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"kinoautomat/story"
)

// largest is a catalogue of MaxItems films whose descriptions are shuffled from the shipped ones.
func largest(b *testing.B) *Catalogue {
	b.Helper()
	c, random := catalogue(b), rand.New(rand.NewPCG(1, 2))
	any := func() *Item { return c.items[random.IntN(len(c.items))] }
	items := make([]*Item, MaxItems)
	for i := range items {
		a, words := *any(), maps.Clone(any().Words)
		for language, w := range words {
			w.Sentence += " " + any().Words[language].Sentence
			words[language] = w
		}
		a.ID, a.Genres, a.Themes, a.Words = fmt.Sprint("film-", i), any().Genres, slices.Concat(a.Themes, any().Themes), words
		a.Director = fmt.Sprint("Director ", random.IntN(MaxItems/3))
		items[i] = &a
	}
	return (&Catalogue{index: newIndex(c.lexicon), lexicon: c.lexicon}).with(items)
}

// busy is a long show in a room that reacts and marks as much as is looked at.
func busy(b *testing.B, c *Catalogue) Query {
	b.Helper()
	library, _ := story.Open(os.DirFS("../stories"))
	q := Query{Liked: map[string]int{}, Feelings: map[string]float64{"fear": 0.4, "joy": 0.3, "wonder": 0.3}, Mood: "uneasy"}
	var prose []string
	for _, editions := range library.Editions() {
		q.Story = editions[0]
		for _, p := range editions[0].Passages {
			prose = append(prose, p.Text)
		}
	}
	text := strings.Join(prose, "\n")
	for i := range 100 {
		from := i * 1500 % (len(text) - 3000)
		q.Path = append(q.Path, chosen(fmt.Sprint("Scene ", i), text[from:from+3000], "Follow the captain into the dark"))
	}
	for i := range 2 * markedMax {
		q.Liked[c.items[i].ID] = i + 1
	}
	return q
}

func BenchmarkRank(b *testing.B) {
	for name, make := range map[string]func(*testing.B) *Catalogue{"items=10000": largest, "shipped": func(b *testing.B) *Catalogue { return catalogue(b) }} {
		c := make(b)
		q := busy(b, c)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Rank(q, listed)
			}
		})
		b.Run(name+"/start", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Rank(Query{Story: q.Story}, listed)
			}
		})
	}
}

func BenchmarkShipped(b *testing.B) {
	for b.Loop() {
		catalogue(b)
	}
}

func BenchmarkWith(b *testing.B) {
	c := largest(b)
	library, _ := story.Open(os.DirFS("../stories"))
	for b.Loop() {
		c.With(library.Editions())
	}
}
