package memory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clash is how a sentence contradicts a fact.
type Clash string

const (
	DeadActs  Clash = "dead acts"  // a person who is dead acts or speaks
	ItemUsed  Clash = "item used"  // an item is in use that is lost, destroyed, or was given away by whoever uses it
	TwoPlaces Clash = "two places" // a person is in another place than the ledger or an earlier sentence says, and did not go there
	WrongTime Clash = "wrong time" // it is another time of day
)

// Conflict is one contradiction.
type Conflict struct {
	Clash    Clash
	Fact     Fact
	Sentence string // the first that contradicts the fact
}

// Check finds sentences of a text that contradict facts that hold now, at most one for each fact and clash. It reads English and
// Chinese, by the tag of the language; texts in others have no conflicts.
//
// It knows sentence patterns, not meaning. What is said in quotes, remembered, dreamt, wished, supposed, denied, or written in a letter
// contradicts nothing; what was found, mended, given back or walked to within the text is so from then on. It holds who is dead, what
// is lost, destroyed or given away, who is where, and the time of day. It is made to be silent rather than wrong; check_test.go measures
// how often it is either, and what calls it should treat a conflict as a reason to ask again, not as a proof.
func (l Ledger) Check(text, language string) []Conflict {
	w := newWorld(l)
	if len(w.kinds) == 0 && w.hour.ID == "" {
		return nil
	}
	tag, _, _ := strings.Cut(strings.ToLower(language), "-")
	var read func(w *world, s sentence)
	switch tag {
	case "zh":
		read = readChinese
	case "en", "":
		read = readEnglish
	default:
		return nil
	}
	text = clip(text, MaxCheckRunes)
	past := tag != "zh" && toldInPast(w, text)
	for paragraph := range strings.Lines(text) {
		frame := false
		for _, original := range sentences(paragraph) {
			s := newSentence(w, original)
			s.past, s.frame = past, frame
			read(w, s)
			frame = s.keepsFrame(tag == "zh")
		}
	}
	return w.found
}

// world is what holds at one point of a text that is checked.
type world struct {
	kinds   map[string]Kind    // of all names that facts or the cast know, by their one name
	names   []name             // the longest first
	dead    map[string]Fact    // by person
	gone    map[string]Fact    // Lost and Destroyed, by item
	given   map[[2]string]Fact // by person and item
	at      map[string]whereabouts
	within  map[string]string
	hour    Fact // of Time
	found   []Conflict
	flagged map[string]bool
}

type whereabouts struct {
	place string
	fact  Fact
}

// name is one of the names of somebody or something.
type name struct {
	text   string // in lower case
	one    string
	proper bool // written with a capital
}

func newWorld(l Ledger) *world {
	w := &world{
		kinds: map[string]Kind{}, dead: map[string]Fact{}, gone: map[string]Fact{}, given: map[[2]string]Fact{},
		at: map[string]whereabouts{}, within: map[string]string{}, flagged: map[string]bool{},
	}
	maps.Copy(w.kinds, l.names.kinds)
	know := func(one string, kind Kind) {
		if _, known := w.kinds[one]; !known && one != "" {
			w.kinds[one] = kind
		}
	}
	proper := map[string]bool{}
	for _, k := range l.facts {
		proper[k.subject] = proper[k.subject] || capital(k.Subject)
		if k.ended >= 0 {
			if k.typed == At {
				know(k.object, Place) // where people were is a place
			}
			continue
		}
		item := k.item(&l.names)
		switch k.typed {
		case Dead:
			w.dead[k.subject] = k.Fact
			know(k.subject, Person)
		case Lost, Destroyed:
			w.gone[item] = k.Fact
			know(item, Item)
		case Gave:
			w.given[[2]string{k.subject, item}] = k.Fact
			know(item, Item)
			know(k.subject, Person)
		case Holds:
			know(item, Item)
			know(k.subject, Person)
		case At:
			w.at[k.subject] = whereabouts{k.object, k.Fact}
			know(k.subject, Person)
			know(k.object, Place)
		case Within:
			w.within[k.subject] = k.object
			know(k.subject, Place)
			know(k.object, Place)
		case Time:
			w.hour = k.Fact
		}
	}
	for one := range w.kinds {
		for _, text := range l.names.called(one) {
			w.names = append(w.names, name{text, one, l.names.proper[text] || proper[text]})
		}
	}
	slices.SortFunc(w.names, func(a, b name) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), cmp.Compare(a.text, b.text))
	})
	return w
}

func capital(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(text))
	return unicode.IsUpper(r)
}

func (w *world) report(clash Clash, fact Fact, s sentence) {
	key := string(clash) + "\x00" + fact.ID + "\x00" + fact.Subject + "\x00" + fact.Object
	if !w.flagged[key] {
		w.flagged[key] = true
		w.found = append(w.found, Conflict{clash, fact, s.original})
	}
}

// use reports an item in the hands of a person ("" = nobody known).
func (w *world) use(item, by string, s sentence) {
	if fact, gone := w.gone[item]; gone {
		w.report(ItemUsed, fact, s)
	} else if fact, gave := w.given[[2]string{by, item}]; gave {
		w.report(ItemUsed, fact, s)
	}
}

// regained makes an item usable: found or given back, or mended.
func (w *world) regained(item string, mended bool) {
	if fact, gone := w.gone[item]; gone && (Typed(fact.Predicate) == Destroyed) == mended {
		delete(w.gone, item)
	}
	for key := range w.given {
		if key[1] == item && !mended {
			delete(w.given, key)
		}
	}
}

// stands reports a person in a place where the person is not, and believes it from then on.
func (w *world) stands(person, place string, s sentence) {
	is, known := w.at[person]
	if known && !w.together(is.place, place) {
		w.report(TwoPlaces, is.fact, s)
	}
	w.at[person] = whereabouts{place, cmp.Or(is.fact, Fact{Subject: person, Predicate: At, Object: place, Source: "text"})}
}

// together says whether one place is the other or a part of it.
func (w *world) together(a, b string) bool {
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		at := pair[0]
		for range 8 { // parts of parts
			if at == pair[1] {
				return true
			}
			at = w.within[at]
		}
	}
	return false
}

// moved forgets where people are: those named, or everybody.
func (w *world) moved(people ...string) {
	if len(people) == 0 {
		clear(w.at)
	}
	for _, person := range people {
		delete(w.at, person)
	}
}

// sentence is one sentence of a text that is checked.
type sentence struct {
	original string
	text     string // without what is said
	words    string // the same with names blotted out, for a name may be a word ("Will", "Rose")
	mentions []mention
	past     bool // the text is told in the past tense
	frame    bool // in a dream or a memory that an earlier sentence began
	unreal   bool // nothing in it is told as happening now
}

// mention is where a name stands in the text of a sentence.
type mention struct {
	one        string
	kind       Kind
	start, end int
}

func newSentence(w *world, original string) sentence {
	s := sentence{original: original, text: unspoken(straight(original))}
	lower := strings.ToLower(s.text)
	if len(lower) != len(s.text) {
		lower = s.text
	}
	for i := 0; i < len(lower); {
		if m, ok := w.mention(s.text, lower, i); ok {
			s.mentions = append(s.mentions, m)
			i = m.end
			continue
		}
		_, size := utf8.DecodeRuneInString(lower[i:])
		i += size
	}
	s.words = s.text
	for _, m := range s.mentions {
		s.words = s.words[:m.start] + strings.Repeat("X", m.end-m.start) + s.words[m.end:]
	}
	return s
}

func (w *world) mention(text, lower string, i int) (mention, bool) {
	for _, n := range w.names {
		if !strings.HasPrefix(lower[i:], n.text) || n.proper && !capital(text[i:]) {
			continue
		}
		end := i + len(n.text)
		first, _ := utf8.DecodeRuneInString(n.text)
		before, _ := utf8.DecodeLastRuneInString(lower[:i])
		if spaced(first) && (i > 0 && spaced(before) || spacedFirst(lower[end:])) {
			continue
		}
		return mention{n.one, w.kinds[n.one], i, end}, true
	}
	return mention{}, false
}

var notOnce = strings.NewReplacer("At once", "Quickly", "at once", "quickly", "nce more", "nce-more", "nce again", "nce-again")

// straight makes apostrophes and full-width letters the usual ones, and tells "once more" from "once".
func straight(text string) string {
	return notOnce.Replace(strings.Map(func(r rune) rune {
		switch {
		case r == '’':
			return '\''
		case r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ' || r >= '０' && r <= '９':
			return r - 0xFEE0
		}
		return r
	}, text))
}

// keepsFrame says whether the next sentence is in a dream or a memory.
func (s sentence) keepsFrame(chinese bool) bool {
	opens, closes := dreamEnglish, wakeEnglish
	if chinese {
		opens, closes = dreamChinese, wakeChinese
	}
	if closes.MatchString(s.text) {
		return false
	}
	return s.frame || opens.MatchString(s.text)
}
