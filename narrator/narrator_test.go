package narrator_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/narrator"
	"kinoautomat/story"
)

func TestAuthored(t *testing.T) {
	authored := story.Telling{Source: story.SourceAuthored, Why: narrator.WhyAuthored}
	fromReserve := story.Telling{Source: story.SourceReserve, Why: narrator.WhyReserveChosen}
	for name, test := range map[string]struct {
		cue  story.Cue
		want told
	}{
		"authored":           {story.Cue{Authored: "\nIt is quiet.\n"}, told{"It is quiet.", authored, 0}},
		"reserve":            {story.Cue{Authored: "It is quiet.", Reserve: []string{"", "It rains."}}, told{"It rains.", fromReserve, 0}},
		"nothing":            {story.Cue{}, told{"", authored, 0}},
		"all of it was told": {story.Cue{Authored: "It is quiet.", Told: "It is quiet."}, told{"", authored, 0}},
		"nothing to add":     {story.Cue{Told: "It knocks."}, told{"", story.Telling{Source: story.SourceModel, Why: narrator.WhyModelCut}, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got := tell(t, narrator.Authored{}, test.cue)
			got.Took = 0
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthored_ReserveIsPinned(t *testing.T) {
	c := story.Cue{Reserve: []string{"One.", "Two.", "Three."}, Scene: "storm"}
	chosen := map[string]int{}
	for i := range 60 {
		c.Room = fmt.Sprint("room", i)
		text := tell(t, narrator.Authored{}, c).Text
		chosen[text]++
		if again := tell(t, narrator.Authored{}, c).Text; again != text {
			t.Errorf("%s: %q, then %q; want the same", c.Room, text, again)
		}
	}
	for _, text := range c.Reserve {
		if chosen[text] == 0 {
			t.Errorf("no room of 60 got %q: %v", text, chosen)
		}
	}
}

func TestAuthored_SceneOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := narrator.Authored{}.Tell(ctx, story.Cue{Authored: "It is quiet."}, func(string) error {
		t.Error("written although the scene is over")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
