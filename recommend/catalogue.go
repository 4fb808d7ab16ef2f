package recommend

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"

	"kinoautomat/story"
)

//go:embed catalogue.json
var shipped []byte

// Kinds of items.
const (
	KindFilm  = "film"
	KindStory = "story" // can be played on this node
)

// What stands in a catalogue where nobody knows better.
const (
	Unknown        = "unknown" // director, rights
	UnknownCountry = "ZZ"      // ISO 3166-1 leaves it to its users
)

// Feelings are the six that rooms share and items have.
var Feelings = [...]string{"joy", "love", "wonder", "sorrow", "fear", "anger"}

// Item is a film of a catalogue, or a story of the node.
type Item struct {
	ID       string             `json:"id"` // stable, [a-z0-9-]; of a story "story:" and its id
	Kind     string             `json:"-"`
	Original string             `json:"original,omitempty"` // title in the film's own language, where that is not one of Words
	Year     int                `json:"year"`               // of the first showing, 1870–2100
	Country  string             `json:"country"`            // ISO 3166-1 alpha-2, of its time: SU is the Soviet Union
	Director string             `json:"director"`           // several are parted by ", "
	Minutes  int                `json:"minutes,omitempty"`  // 0 = not known
	Genres   []string           `json:"genres"`             // of Genres
	Themes   []string           `json:"themes,omitempty"`   // in English; those of Themes also match their related words
	Mood     map[string]float64 `json:"mood,omitempty"`     // how strongly it gives each of Feelings, 0–1; absent: as its genres do
	Rights   string             `json:"rights"`             // e.g. "public domain", "CC BY 3.0"
	Editors  int                `json:"editors,omitempty"`  // stars, 0–3
	URL      string             `json:"url,omitempty"`      // where to watch or read about it
	Words    map[string]Words   `json:"words"`              // by language (BCP 47); a film has at least "en"
}

// Words are what people read of an item in one language.
type Words struct {
	Title    string `json:"title"`
	Sentence string `json:"sentence"`
}

// In is the item's words in a language: those, else the English ones, else the first in alphabetical order.
func (i *Item) In(language string) Words {
	for _, l := range []string{language, fallback} {
		if w, ok := i.Words[l]; ok {
			return w
		}
	}
	var first string
	for l := range i.Words {
		if first == "" || l < first {
			first = l
		}
	}
	return i.Words[first]
}

// Catalogue is a list of items made ready for ranking. It is immutable and safe for concurrent use.
type Catalogue struct {
	items     []*Item
	place     map[string]int32 // by id
	directors [][]string
	moods     []profile // less the average of the films
	felt      []bool    // whether the mood is the item's own: F is 1 where it is only that of its genres
	average   profile
	esteem    []float32 // by item, what it has from its editors
	model     *Model    // nil: nobody's likes are known
	modelled  []int32   // by item, its place in the model; -1 where it has none
	cold      []int32   // items of which the model knows nothing but how popular they are, or not even that
	memo      *memo
	published *Counts
	meanings  Meanings
	index     *index
	lexicon   *lexicon
}

// Shipped is the catalogue that the program carries.
func Shipped() (*Catalogue, error) { return Load(bytes.NewReader(shipped)) }

// Load reads a catalogue; docs/catalogue.md describes the format. What is wrong with an entry is an [*EntryError].
func Load(r io.Reader) (*Catalogue, error) {
	lex, err := theLexicon()
	if err != nil {
		return nil, err
	}
	items, published, err := read(r, lex)
	if err != nil {
		return nil, err
	}
	c := emptyCatalogue(lex).with(items)
	c.published = published
	return c, nil
}

// New is a catalogue of films, which are taken as they are: [Item.Check] says what Load would refuse. The error is that of the lexicon, if
// the program was built with a broken one. The films must not be changed afterwards.
func New(films []*Item) (*Catalogue, error) {
	lex, err := theLexicon()
	if err != nil {
		return nil, err
	}
	return emptyCatalogue(lex).with(films), nil
}

func emptyCatalogue(lex *lexicon) *Catalogue { return &Catalogue{index: newIndex(lex), lexicon: lex} }

// Published are the counts of ratings that came with the catalogue, for [Training]; nil where none did. They must not be changed.
func (c *Catalogue) Published() *Counts { return c.published }

// WithPublished is the catalogue with other published counts.
func (c *Catalogue) WithPublished(counts *Counts) *Catalogue {
	with := *c
	with.published = counts
	return &with
}

// Write writes the catalogue as [Load] reads it: its films, one a line, and the published counts.
func (c *Catalogue) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString(`{"items": [`)
	first := true
	for _, item := range c.items {
		if item.Kind != KindFilm {
			continue
		}
		line, err := json.Marshal(item)
		if err != nil {
			return err
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		out.WriteByte('\n')
		out.Write(line)
	}
	out.WriteString("\n]")
	if c.published != nil {
		out.WriteString(",\n\"counts\": \"" + base64.StdEncoding.EncodeToString(c.published.Encode()) + `"`)
	}
	out.WriteString("}\n")
	return out.Flush()
}

// With is the catalogue with the stories of a node. Each is one item, whatever its editions.
func (c *Catalogue) With(shelf [][]*story.Story) *Catalogue {
	var items []*Item
	for _, editions := range shelf {
		if len(editions) > 0 {
			items = append(items, c.lexicon.storyItem(editions))
		}
	}
	return c.with(items)
}

// Items are the items in the order of the catalogue. They must not be changed.
func (c *Catalogue) Items() []*Item { return slices.Clone(c.items) }

// with adds items to a copy; an id that is there already is skipped.
func (c *Catalogue) with(items []*Item) *Catalogue {
	more := &Catalogue{
		items: slices.Clone(c.items), place: make(map[string]int32, len(c.items)+len(items)), directors: slices.Clone(c.directors),
		moods: slices.Clone(c.moods), felt: slices.Clone(c.felt), esteem: slices.Clone(c.esteem), average: c.average, lexicon: c.lexicon, memo: newMemo(), published: c.published, meanings: c.meanings,
	}
	for i, item := range more.items {
		more.place[item.ID] = int32(i)
	}
	for _, item := range items {
		if _, known := more.place[item.ID]; !known {
			more.place[item.ID] = int32(len(more.items))
			more.items = append(more.items, item)
		}
	}
	fresh := more.items[len(c.items):]
	more.index = c.index.with(fresh)
	profiles := make([]profile, len(fresh))
	for i, item := range fresh {
		profiles[i] = c.lexicon.profile(item)
		more.directors = append(more.directors, directorsOf(item))
	}
	if len(c.items) == 0 {
		more.average = mean(profiles)
	}
	for _, p := range profiles {
		more.moods = append(more.moods, p.less(more.average))
	}
	for _, item := range fresh {
		more.felt, more.esteem = append(more.felt, len(item.Mood) > 0), append(more.esteem, esteemOf(item))
	}
	more.listenTo(c.model)
	return more
}

// WithModel is the catalogue ranked by what a model has learned, too; nil takes it away again. Both may be used at the same time.
func (c *Catalogue) WithModel(m *Model) *Catalogue {
	heard := *c
	heard.listenTo(m)
	return &heard
}

func (c *Catalogue) listenTo(m *Model) {
	if c.model, c.modelled, c.cold = m, nil, nil; m == nil {
		return
	}
	c.modelled = make([]int32, len(c.items))
	for i, item := range c.items {
		c.modelled[i] = -1
		if at, ok := m.place[item.ID]; ok {
			c.modelled[i] = at
		}
		if !c.known(int32(i)) {
			c.cold = append(c.cold, int32(i))
		}
	}
}

// known says whether the model knows what liking an item says of others.
func (c *Catalogue) known(item int32) bool { return c.model != nil && c.model.knows(c.modelled[item]) }

// Model is what the catalogue is ranked by; nil where nothing was learned.
func (c *Catalogue) Model() *Model { return c.model }
