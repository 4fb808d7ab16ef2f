package recommend

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// fallback is the language of everybody whose own we do not speak.
const fallback = "en"

// Languages are those that reasons speak, as BCP 47 tags in alphabetical order.
func Languages() []string { return slices.Sorted(maps.Keys(spoken)) }

// Reason is why an item was picked: the largest part of its score. It never names a person.
type Reason struct {
	kind    kind
	quote   string // the story's words: a choice, a scene's title, a story's title
	item    *Item  // that was marked
	feeling int    // place in Feelings
	count   int    // viewers who marked item; at least MinMarks
}

type kind int

const (
	becauseListed   kind = iota // nothing speaks for it
	becauseChosen               // the room voted for something like it
	becauseTurned               // the story went there without the room's vote
	becauseScene                // like a scene that no vote led to
	becauseStory                // like the running story
	becauseFelt                 // gives what the room felt
	becauseMarked               // several viewers marked it
	becauseLike                 // several viewers marked something like it
	becauseFew                  // like something that too few marked to speak of
	becauseEditors              // the editors' stars
	becausePlayable             // a story of this node
	becausePopular              // liked by many, wherever the counts come from
	becauseTurn                 // the favourite of one who is here, whose turn it is
	becauseTry                  // there to learn from
	kinds
)

// MinMarks is how many viewers must have marked an item before a reason speaks of it: one person's taste is not told to the others.
const MinMarks = 2

// maxQuoteRunes is how much of a choice or a title a reason quotes.
const maxQuoteRunes = 60

// sentences are one language's reasons. Blanks: {quote}, {title}, {count}, {feeling}.
type sentences struct {
	reasons  map[kind]string
	feelings [len(Feelings)]string
}

var spoken = map[string]sentences{
	"en": {
		reasons: map[kind]string{
			becauseListed:   "From the catalogue",
			becauseChosen:   "Because the room chose “{quote}”",
			becauseTurned:   "Because the story went to “{quote}”",
			becauseScene:    "Because of the scene “{quote}”",
			becauseStory:    "Because you are watching “{quote}”",
			becauseFelt:     "Because the room felt {feeling}",
			becauseMarked:   "Because {count} of you marked it",
			becauseLike:     "Because {count} of you marked “{title}”",
			becauseFew:      "Because of what was marked here",
			becauseEditors:  "Editors’ choice",
			becausePlayable: "Because you can play it here",
			becausePopular:  "Because many people like it",
			becauseTurn:     "Because everybody gets a turn",
			becauseTry:      "Something different, to see if you like it",
		},
		feelings: [...]string{"joy", "love", "wonder", "sorrow", "fear", "anger"},
	},
	"zh-Hans": {
		reasons: map[kind]string{
			becauseListed:   "选自片库",
			becauseChosen:   "因为大家选了“{quote}”",
			becauseTurned:   "因为故事走向了“{quote}”",
			becauseScene:    "因为“{quote}”这一幕",
			becauseStory:    "因为你们在看《{quote}》",
			becauseFelt:     "因为大家感到了{feeling}",
			becauseMarked:   "因为你们中有{count}人标记了它",
			becauseLike:     "因为你们中有{count}人标记了《{title}》",
			becauseFew:      "因为这里的标记",
			becauseEditors:  "编辑推荐",
			becausePlayable: "因为在这里就能玩",
			becausePopular:  "因为很多人喜欢",
			becauseTurn:     "因为每个人都会轮到",
			becauseTry:      "换个口味，看看你们喜不喜欢",
		},
		feelings: [...]string{"喜悦", "爱意", "惊奇", "悲伤", "恐惧", "愤怒"},
	},
}

// In says the reason in one of [Languages]; any other gets English. Words of the story stay as the story has them.
func (r Reason) In(language string) string {
	lang, ok := spoken[language]
	if !ok {
		language, lang = fallback, spoken[fallback]
	}
	title := ""
	if r.item != nil {
		title = r.item.In(language).Title
	}
	return strings.NewReplacer(
		"{quote}", cut(r.quote, maxQuoteRunes), "{title}", cut(title, maxQuoteRunes), "{count}", strconv.Itoa(r.count),
		"{feeling}", lang.feelings[r.feeling],
	).Replace(lang.reasons[r.kind])
}

// Share is a part of an item's score and where it comes from.
type Share struct {
	Reason Reason
	Value  float64
	family family
}

// family groups what is told apart when the largest part of a score is looked for.
type family int

const (
	ofHistory family = iota
	ofFeeling
	ofMarks
	ofPopularity
	ofEditors
	families
)

// explain finds the largest of the five parts of a score, history, feelings, what was marked, popularity or editors, and what gave the most
// to it.
func (c *Catalogue) explain(s scored, shares []Share) Reason {
	switch {
	case s.turn:
		return Reason{kind: becauseTurn}
	case s.chance < 1:
		return Reason{kind: becauseTry}
	}
	var sums [families]float64
	for _, share := range shares {
		sums[share.family] += share.Value
	}
	largest := ofHistory
	for f := range families {
		if sums[f] > sums[largest] {
			largest = f
		}
	}
	if sums[largest] > 0 {
		for _, share := range shares {
			if share.family == largest {
				return share.Reason
			}
		}
	}
	return Reason{kind: becauseListed}
}

// shares are the parts of an item's score, largest first. What every item has is left out: the floor of M, what the mean item has of the
// room's score, and how popular the items are, on average, that might be listed. But for that they add up to the score.
func (c *Catalogue) shares(s scored, t *taste) []Share {
	var all []Share
	add := func(f family, value float64, r Reason) {
		if value != 0 {
			all = append(all, Share{r, value, f})
		}
	}
	c.shareFit(s, t, add)
	c.shareFeeling(s, t, add)
	c.shareMarks(s, t, add)
	esteemed := Reason{kind: becauseEditors}
	if c.items[s.item].Kind == KindStory {
		esteemed = Reason{kind: becausePlayable}
	}
	add(ofEditors, s.editors, esteemed)
	slices.SortStableFunc(all, func(a, b Share) int { return cmp.Compare(b.Value, a.Value) })
	return all
}

// shareFit divides the fit among the parts of the history, by what each has of the cosine.
func (c *Catalogue) shareFit(s scored, t *taste, add func(family, float64, Reason)) {
	total := 0.0
	dots := make([]float64, len(t.sources))
	for i, source := range t.sources {
		dots[i] = source.vector.dot(c.index.vectors[s.item])
		if c.meanings != nil {
			words := c.items[s.item].In(fallback)
			if near := cosine(source.meaning, c.meanings.Vector(words.Title+". "+words.Sentence)); near > 0 {
				dots[i] += source.weight * near
			}
		}
		total += dots[i]
	}
	if total <= 0 {
		return
	}
	for i, source := range t.sources {
		add(ofHistory, s.fit*dots[i]/total, source.reason)
	}
}

// shareFeeling divides what feelings gave among those that gave rather than took.
func (c *Catalogue) shareFeeling(s scored, t *taste, add func(family, float64, Reason)) {
	total := 0.0
	var parts profile
	for i, felt := range t.feelings {
		parts[i] = max(0, felt*c.moods[s.item][i]*math.Copysign(1, s.feeling))
		total += parts[i]
	}
	for i, part := range parts {
		if total > 0 {
			add(ofFeeling, s.feeling*part/total, Reason{kind: becauseFelt, feeling: i})
		}
	}
}

// liked is something that was liked or marked here.
type liked struct {
	id    string
	place int32 // in the catalogue; -1: it isn't there
	count int   // who liked it
}

// askWhy makes ready what shares need: what was liked, in the order of ids, and what the pool has in common.
func (c *Catalogue) askWhy(pool []scored, t *taste) {
	for _, id := range slices.Sorted(maps.Keys(t.counts)) {
		l := liked{id, -1, t.counts[id]}
		if place, listed := c.place[id]; listed {
			l.place = place
		}
		t.liked = append(t.liked, l)
	}
	if t.group == nil {
		return
	}
	for _, s := range pool {
		t.common += c.popular(s.item, t) / float64(len(pool))
	}
}

// popular is what an item's score owes to its popularity.
func (c *Catalogue) popular(item int32, t *taste) float64 {
	return t.crowd * c.model.popular(t.voices, c.modelled[item])
}

// owes is what an item's score owes to each thing that was liked, and to its being more popular than what else might be listed.
func (c *Catalogue) owes(s scored, t *taste) (shares []float64, popularity float64) {
	shares = make([]float64, len(t.liked))
	for _, m := range t.marked {
		if i := slices.IndexFunc(t.liked, func(l liked) bool { return l.place == m.place }); i >= 0 {
			shares[i] += c.like(m, s.item, t)
		}
	}
	if t.group == nil {
		return shares, 0
	}
	c.crowdOwes(c.modelled[s.item], t, shares)
	return shares, c.popular(s.item, t) - t.common
}

// shareMarks names what several people marked, and only that.
func (c *Catalogue) shareMarks(s scored, t *taste, add func(family, float64, Reason)) {
	shares, popularity := c.owes(s, t)
	few := 0.0
	for i, l := range t.liked {
		switch {
		case l.count < MinMarks || l.place < 0:
			few += shares[i]
		case l.place == s.item:
			add(ofMarks, shares[i], Reason{kind: becauseMarked, item: c.items[l.place], count: l.count})
		default:
			add(ofMarks, shares[i], Reason{kind: becauseLike, item: c.items[l.place], count: l.count})
		}
	}
	add(ofMarks, few, Reason{kind: becauseFew})
	add(ofPopularity, popularity, Reason{kind: becausePopular})
}

// crowdOwes adds what the model made of each thing that was liked.
func (c *Catalogue) crowdOwes(at int32, t *taste, shares []float64) {
	crowd := make([]float64, len(shares))
	c.model.because(t.voices, at, t.liked, crowd)
	for i, share := range crowd {
		shares[i] += t.crowd * share
	}
}
