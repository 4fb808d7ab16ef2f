package server

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
	"kinoautomat/room"
	"kinoautomat/story"
)

// Whatever a model server does, a viewer reads the first words of a scene within 4 s, the show goes on, and the event says who wrote.
func TestNode_NarratorNeverHoldsTheShowUp(t *testing.T) {
	const reserve = "The reserve voice says hello."
	slow := 20 * time.Millisecond // between tokens
	for name, c := range map[string]struct {
		script narratortest.Script
		source story.Source
		why    string
		has    string
	}{
		"answers":               {narratortest.Script{Delay: slow}, story.SourceModel, narrator.WhyModelAnswered, narratortest.Text},
		"dead":                  {narratortest.Script{Mode: narratortest.Dead}, story.SourceReserve, narrator.WhyModelUnreachable, reserve},
		"hangs":                 {narratortest.Script{Mode: narratortest.Hang}, story.SourceReserve, narrator.WhyModelTimeout, reserve},
		"errs":                  {narratortest.Script{Mode: narratortest.Status500}, story.SourceReserve, narrator.WhyModelError, reserve},
		"errs in mid-sentence":  {narratortest.Script{Mode: narratortest.ErrorFrame, After: 5, Delay: slow}, story.SourceReserve, narrator.WhyModelError, reserve},
		"cut in mid-sentence":   {narratortest.Script{Mode: narratortest.Cut, After: 5, Delay: slow}, story.SourceReserve, narrator.WhyModelCut, reserve},
		"cut after a sentence":  {narratortest.Script{Mode: narratortest.Cut, After: 22, Delay: slow}, story.SourceReserve, narrator.WhyModelCut, reserve},
		"hangs in mid-sentence": {narratortest.Script{Mode: narratortest.HangAfter, After: 5, Delay: slow}, story.SourceReserve, narrator.WhyModelTimeout, reserve},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := startNode(t, cluster.NewMemory(), func(config *Config) { config.Narrator = ladder(t, c.script) })
				defer n.stop()
				made := n.room(`{"arm_seconds":0,"vote_seconds":1,"tail_seconds":1}`)
				host, ada := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"})
				defer host.leave()
				defer ada.leave()
				host.do("start", nil)
				ada.event("poll.closed", nil)
				begun := ada.event("scene.started", nil).At
				if first := ada.event("narration.delta", nil).At; first-begun > 4000 {
					t.Errorf("the first words came after %d ms", first-begun)
				}
				var told room.SceneTold
				ada.event("scene.told", &told)
				if told.Source != c.source || told.Why != c.why || !strings.Contains(told.Text, c.has) {
					t.Errorf("told %+v, want %s because %s, with %q", told, c.source, c.why, c.has)
				}
				ada.event("poll.opened", nil)
				ada.event("show.ended", nil)
			})
		})
	}
}

// The words of a model are on the screen while it still writes.
func TestNode_ModelIsReadLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t, cluster.NewMemory(), func(c *Config) { c.Narrator = ladder(t, narratortest.Script{Delay: 100 * time.Millisecond}) })
		defer n.stop()
		made := n.room(`{"arm_seconds":0,"vote_seconds":1,"tail_seconds":1,"pace":0}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		host.event("poll.closed", nil)
		begun := host.event("scene.started", nil).At
		var first room.NarrationDelta
		firstAt := host.event("narration.delta", &first).At
		toldAt := host.event("scene.told", nil).At
		tokens := int64(len(narratortest.Tokens(narratortest.Text)))
		if firstAt-begun > 2500 || toldAt-firstAt < 100*(tokens-25) || !strings.HasPrefix(narratortest.Text, first.Text) {
			t.Errorf("first words %q after %d ms, the last %d ms later", first.Text, firstAt-begun, toldAt-firstAt)
		}
	})
}

// A model that needs 800 ms for its first word is on the screen at once, because it wrote while people voted.
func TestNode_WrittenAhead(t *testing.T) {
	slow := narratortest.Script{First: 800 * time.Millisecond, Delay: 9 * time.Millisecond}
	deadAir := func(t *testing.T, writeAhead bool) time.Duration {
		var silence time.Duration
		synctest.Test(t, func(t *testing.T) {
			ahead := narrator.NewAhead(ladder(t, slow), plan.DefaultBudget(), func(string) bool { return true }, nil)
			defer ahead.Close()
			n := startNode(t, cluster.NewMemory(), func(c *Config) {
				if c.Narrator = ahead; writeAhead {
					c.Expect = ahead.Expect
				}
			})
			defer n.stop()
			made := n.room(`{"arm_seconds":0,"vote_seconds":10,"tail_seconds":0,"pace":0}`)
			host, ada := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"})
			defer host.leave()
			defer ada.leave()
			host.do("start", nil)
			var opened room.PollOpened
			ada.event("poll.opened", &opened)
			ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
			closed := ada.event("poll.closed", nil).At
			silence = time.Duration(ada.event("narration.delta", nil).At-closed) * time.Millisecond
			var told room.SceneTold
			if ada.event("scene.told", &told); told.Text != narratortest.Text || told.Source != story.SourceModel {
				t.Errorf("told %+v", told)
			}
		})
		return silence
	}
	on, off := deadAir(t, true), deadAir(t, false)
	if on > 50*time.Millisecond || off < 800*time.Millisecond {
		t.Errorf("from the close to the first word: %v when written ahead, %v when not", on, off)
	}
}

func ladder(t *testing.T, script narratortest.Script) *narrator.Ladder {
	t.Helper()
	backend, err := narrator.ParseBackend(narratortest.Backend("http://model.example/v1"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := narrator.NewModel(backend, narrator.Options{Dial: narratortest.Dial(t, script)}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return narrator.NewLadder(zap.NewNop(), model)
}
