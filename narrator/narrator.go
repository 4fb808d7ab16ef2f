package narrator

import (
	"context"
	"hash/fnv"
	"strings"
	"unicode/utf8"

	"kinoautomat/story"
)

// Narrator tells a cue: it hands pieces of text to write as they come and reports where they came from. All pieces together are the
// text, going on from cue.Told. An error of write ends the telling, and so does the end of ctx; either is returned. Tell calls write
// from its own goroutine only, one piece at a time. Narrators are safe for concurrent use.
type Narrator interface {
	Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error)
}

// Reasons that tellings give (story.Telling.Why) and that Options.OnOutcome counts. They are stable: reports and dashboards know them.
const (
	WhyAuthored         = "authored"          // no model was asked: the scene's own text
	WhyReserveChosen    = "reserve_chosen"    // no model was asked: a reserve passage
	WhyNoModel          = "no_model"          // a ladder without models
	WhyModelAnswered    = "model_answered"    // the model told the scene to its end
	WhyModelUnreachable = "model_unreachable" // nothing answers at the backend's address
	WhyModelTimeout     = "model_timeout"     // too late: no first word, silence between words, or too long in all
	WhyModelError       = "model_error"       // the backend refused, reported an error, or sent nonsense
	WhyModelEmpty       = "model_empty"       // the backend answered without any words
	WhyModelCut         = "model_cut"         // the model's words broke off
	WhyBlocked          = "blocked"           // the gate stopped what the models told, twice; of outcomes: this call
	WhyContradicts      = "contradicts"       // outcomes only: the model went against a fact, so it was asked once more
	WhyLanguage         = "wrong_language"    // the model told in the script of another language than the story's
	WhyAbandoned        = "abandoned"         // outcomes only: the scene was over before the model was done
	WhyOutrun           = "outrun"            // outcomes only: another model was asked too and spoke first
)

// A text of enoughChars characters or enoughSentences sentences can stand as a scene when the rest of it is lost: three fifths of the
// least that makes one, which is 200 characters or two sentences.
const (
	enoughChars     = 120
	enoughSentences = 2
)

// enough says whether a scene may end after this much text.
func enough(text string) bool {
	return utf8.RuneCountInString(text) >= enoughChars || countSentences(text) >= enoughSentences
}

// Authored tells every cue in the author's words: a reserve passage where there is one, else the scene's own text. It answers at once
// and fails only if write does or ctx is over.
type Authored struct{}

// Tell implements Narrator.
func (Authored) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	if err := context.Cause(ctx); err != nil {
		return story.Telling{}, err
	}
	rest, source := standIn(cue)
	if rest != "" {
		if err := write(rest); err != nil {
			return story.Telling{}, err
		}
	}
	why := map[story.Source]string{story.SourceAuthored: WhyAuthored, story.SourceReserve: WhyReserveChosen, story.SourceModel: WhyModelCut}
	return story.Telling{Source: source, Why: why[source]}, nil
}

// standIn is what the author's words still add to cue.Told, and where the scene's words then come from: SourceModel if what a model
// told before is left to stand alone.
func standIn(cue story.Cue) (rest string, source story.Source) {
	text, source := authorsText(cue)
	switch {
	case strings.HasPrefix(text, cue.Told):
		return text[len(cue.Told):], source
	case standsIn(cue):
		return "", source
	case enough(cue.Told) || text == "":
		return "", story.SourceModel
	}
	return "\n\n" + text, source
}

// standsIn says whether the author's words had already taken the model's place when cue.Told was told.
func standsIn(cue story.Cue) bool {
	text, _ := authorsText(cue)
	return cue.Told != "" && text != "" && (strings.HasPrefix(text, cue.Told) || strings.HasSuffix(cue.Told, text))
}

// authorsText is the text that stands in for a model's. The same room meets the same reserve passage in the same scene again, on
// whichever node.
func authorsText(cue story.Cue) (string, story.Source) {
	var reserve []string
	for _, text := range cue.Reserve {
		if text = strings.TrimSpace(text); text != "" {
			reserve = append(reserve, text)
		}
	}
	if len(reserve) == 0 {
		return strings.TrimSpace(cue.Authored), story.SourceAuthored
	}
	h := fnv.New32a()
	h.Write([]byte(cue.Room + "\x00" + cue.Scene))
	return reserve[h.Sum32()%uint32(len(reserve))], story.SourceReserve
}
