package narrator

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"kinoautomat/story"
)

// leastChance is the time within which a model may still bring a first sentence; with less left of FirstOnScreen none is asked.
const leastChance = 300 * time.Millisecond

// Ladder is the Narrator for shows: one model after another, then the author's reserve passages, then the scene's own text. A telling
// always ends well, unless write fails or ctx is over.
//
// A model that fails before its first sentence is as if it had never been asked: the next one tells the scene, as long as FirstOnScreen
// leaves it a chance, else the author's words do. Where a model breaks off later, what it told stands if it is enough for a scene; else
// the author's words follow as a new paragraph, and the telling says why.
type Ladder struct {
	models []*Model
	log    *zap.Logger
}

// NewLadder returns a ladder that asks the models in this order. None is fine.
func NewLadder(log *zap.Logger, models ...*Model) *Ladder {
	return &Ladder{models: models, log: log.Named("narrator")}
}

// Tell implements Narrator.
func (l *Ladder) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	if standsIn(cue) || enough(cue.Told) && utf8.RuneCountInString(cue.Told) > maxChars(cue)-leastRest {
		return Authored{}.Tell(ctx, cue, write) // whoever told it before was done or had given up on the models
	}
	var (
		begun = time.Now()
		why   = WhyNoModel
		told  strings.Builder // before, and by the models
	)
	told.WriteString(cue.Told)
	for _, model := range l.models {
		left := FirstOnScreen - time.Since(begun)
		if left < leastChance {
			break
		}
		err := model.tell(ctx, cue, left, func(text string) error {
			told.WriteString(text)
			return write(text)
		})
		why = outcome(err)
		switch why {
		case WhyModelAnswered:
			return story.Telling{Source: story.SourceModel, Why: why}, nil
		case WhyAbandoned:
			return story.Telling{}, err
		}
		started := told.Len() > len(cue.Told)
		l.log.Warn("model failed", zap.Stringer("backend", model.backend), zap.String("room", cue.Room), zap.String("scene", cue.Scene),
			zap.String("why", why), zap.Bool("begun", started), zap.Duration("took", time.Since(begun)), zap.Error(err))
		if started {
			break
		}
	}
	cue.Told = told.String()
	telling, err := Authored{}.Tell(ctx, cue, write)
	if err != nil {
		return story.Telling{}, err
	}
	if telling.Source != story.SourceModel {
		telling.Why = why
	}
	return telling, nil
}
