package recommend

import (
	"maps"
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

// explain finds the largest of the four parts of a score, history, feelings, marks or editors, and what gave the most to it. The floor
// of M is nobody's share: every item has it.
func (c *Catalogue) explain(s scored, t *taste) Reason {
	switch largest := max(s.fit, s.feeling, s.marked, s.editors); {
	case largest <= 0:
		return Reason{kind: becauseListed}
	case s.fit == largest:
		return c.explainFit(s, t)
	case s.feeling == largest:
		return c.explainFeeling(s, t)
	case s.marked == largest:
		return c.explainMarks(s, t)
	case c.items[s.item].Kind == KindStory:
		return Reason{kind: becausePlayable}
	default:
		return Reason{kind: becauseEditors}
	}
}

func (c *Catalogue) explainFit(s scored, t *taste) Reason {
	reason, most := Reason{kind: becauseListed}, 0.0
	for _, source := range t.sources {
		if share := source.vector.dot(c.index.vectors[s.item]); share > most {
			reason, most = source.reason, share
		}
	}
	return reason
}

func (c *Catalogue) explainFeeling(s scored, t *taste) Reason {
	reason, most := Reason{kind: becauseFelt}, 0.0
	for i, felt := range t.feelings {
		if share := felt * c.moods[s.item][i]; share > most {
			reason.feeling, most = i, share
		}
	}
	return reason
}

func (c *Catalogue) explainMarks(s scored, t *taste) Reason {
	reason, most := Reason{kind: becauseFew}, 0.0
	for _, m := range t.marked {
		share := m.weight * saturate(float64(m.likes[s.item]))
		if share <= most {
			continue
		}
		most = share
		switch {
		case m.count < MinMarks:
			reason = Reason{kind: becauseFew}
		case m.item == c.items[s.item]:
			reason = Reason{kind: becauseMarked, item: m.item, count: m.count}
		default:
			reason = Reason{kind: becauseLike, item: m.item, count: m.count}
		}
	}
	return reason
}
