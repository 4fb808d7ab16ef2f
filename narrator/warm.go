package narrator

import (
	"context"
	"slices"
	"time"

	"kinoautomat/story"
)

// warmTime is how long warming may take: a long prompt on a slow machine, and no more than a short vote.
const warmTime = 10 * time.Second

// Warm has the model that a room is pinned to read, while people vote, what the prompts of all prospects begin with, so that it finds that in its
// cache when the winner is known. It asks for one token and drops it. cue is that of any prospect. It fits NewAhead.
func (l *Ladder) Warm(ctx context.Context, cue story.Cue) {
	window := l.pool.Context()
	if window == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, warmTime)
	defer cancel()
	cue.Path = slices.Clone(cue.Path)
	if n := len(cue.Path); n > 0 {
		cue.Path[n-1].Label = "" // nothing has won yet
	}
	var turns []Turn
	for _, m := range prompt(cue, window-min(maxChars(cue), window/2)).Warm() {
		turns = append(turns, Turn{Role(m.Role), m.Text})
	}
	// Whether it worked shows in the next call's time; a failure is counted like any other.
	_, _ = l.pool.Stream(ctx, cue.Room, turns, Call{MaxTokens: 1, FirstWord: warmTime}, func(string) error { return nil })
}
