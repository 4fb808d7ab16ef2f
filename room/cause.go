package room

import (
	"strconv"
	"strings"
)

// maxQuoteLength is how many characters of a choice or a title a cause quotes.
const maxQuoteLength = 60

// causesSpoken are the causes of a new list in every language we speak. Blanks: {quote} and {count}.
var causesSpoken = map[string]struct {
	causes   map[Cause]string
	feelings map[string]string
}{
	"en": {
		causes: map[Cause]string{
			CauseVoted:     "You voted for “{quote}”",
			CauseTurned:    "The story went to “{quote}”",
			CauseFelt:      "The room felt {quote}",
			CauseLiked:     "{count} of you marked “{quote}”",
			CauseDismissed: "{count} of you sent “{quote}” away",
			CauseRated:     "You rated the show",
			CauseScene:     "The scene “{quote}”",
			CauseEnded:     "The show is over",
		},
		feelings: map[string]string{"joy": "joy", "love": "love", "wonder": "wonder", "sorrow": "sorrow", "fear": "fear", "anger": "anger"},
	},
	"zh-Hans": {
		causes: map[Cause]string{
			CauseVoted:     "你们选了“{quote}”",
			CauseTurned:    "故事走向了“{quote}”",
			CauseFelt:      "大家感到了{quote}",
			CauseLiked:     "你们中有{count}人标记了《{quote}》",
			CauseDismissed: "你们中有{count}人不想看《{quote}》",
			CauseRated:     "你们为这场放映打了分",
			CauseScene:     "“{quote}”这一幕",
			CauseEnded:     "放映结束了",
		},
		feelings: map[string]string{"joy": "喜悦", "love": "爱意", "wonder": "惊奇", "sorrow": "悲伤", "fear": "恐惧", "anger": "愤怒"},
	},
}

// words is the cause in every language we speak; nil where there is none to tell.
func (c cause) words() map[string]string {
	if c.kind == "" {
		return nil
	}
	all := map[string]string{}
	for language, lang := range causesSpoken {
		quote, ok := c.quotes[language]
		if !ok {
			quote = c.quotes[""]
		}
		all[language] = strings.NewReplacer("{quote}", clipQuote(quote), "{count}", strconv.Itoa(c.count)).Replace(lang.causes[c.kind])
	}
	return all
}

func clipQuote(quote string) string {
	runes := []rune(quote)
	if len(runes) > maxQuoteLength {
		return string(runes[:maxQuoteLength-1]) + "…"
	}
	return quote
}
