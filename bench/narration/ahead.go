package narration

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"kinoautomat/bench"
	"kinoautomat/narrator"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
	"kinoautomat/vote"
)

// stage is what tells in a Bench: a ladder on the fake backend, as a node has it, with writing ahead on top.
type stage struct {
	fake   *fake
	ladder *narrator.Ladder
	ahead  *narrator.Ahead
	begun  atomic.Int64 // tellings, drafts included

	turned sync.Map // room → time.Time of what was last asked of it, from which cancels are counted
	over   bench.Histogram
	closed bench.Histogram
}

func openStage(t timing) (*stage, error) {
	s := &stage{}
	var err error
	s.fake, err = startFake(t, func(mark string, at time.Time) {
		var number int
		if _, err := fmt.Sscanf(mark, "telling-%d-", &number); err != nil {
			return
		}
		s.sinceTurn(&s.closed, (&poll{number: number}).room(), at)
	})
	if err != nil {
		return nil, err
	}
	model, err := s.model(tellerModel)
	if err != nil {
		s.fake.close()
		return nil, err
	}
	s.ladder = narrator.NewLadder(zap.NewNop(), model)
	s.ahead = narrator.NewAhead(s, plan.DefaultBudget(), s.ladder.Pool().Spare, s.ladder.Warm)
	return s, nil
}

func (s *stage) close() {
	s.ahead.Close()
	s.fake.close()
}

func (s *stage) model(name string) (*narrator.Model, error) {
	backend, err := narrator.ParseBackend("openai+" + s.fake.base + "?slots=1024&ctx=8192&model=" + name)
	if err != nil {
		return nil, err
	}
	return narrator.NewModel(backend, narrator.Options{}, zap.NewNop())
}

// turn notes that a room is about to say what it expects or what is to be told.
func (s *stage) turn(room string) { s.turned.Store(room, time.Now()) }

func (s *stage) sinceTurn(h *bench.Histogram, room string, at time.Time) {
	if turned, ok := s.turned.Load(room); ok {
		h.Record(at.Sub(turned.(time.Time)))
	}
}

// Tell implements narrator.Narrator below the one that writes ahead.
func (s *stage) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	s.begun.Add(1)
	telling, err := s.ladder.Tell(ctx, cue, write)
	if err != nil && ctx.Err() != nil {
		s.sinceTurn(&s.over, cue.Room, time.Now())
	}
	return telling, err
}

// silence is what a batch of polls came to.
type silence struct {
	firstWord bench.Histogram
	drafted   [mostChoices + 1]atomic.Int64 // winners whose draft was taken, by the number of choices
}

// hold lets the polls vote side by side in real time and has each winner told. closes: how long after the opening each poll is closed; voting: how
// long it would have lasted; arm: how long before the opening it is announced.
func (s *stage) hold(ctx context.Context, polls []*poll, arm, voting time.Duration, closes func(*poll) time.Duration) (*silence, error) {
	out := &silence{}
	all := newTogether(ctx)
	for _, p := range polls {
		all.do(func(ctx context.Context) error {
			if err := wait(ctx, p.begins); err != nil {
				return err
			}
			v, err := p.open()
			if err != nil {
				return err
			}
			if err := s.vote(ctx, p, v, arm, voting, closes(p)); err != nil {
				return err
			}
			result, _ := v.Close(p.audience)
			return s.tell(ctx, p, s.ahead, result.Winner, out)
		})
	}
	return out, all.wait()
}

// vote casts the ballots when they are due, and says four times a second what the room expects, as a room does.
func (s *stage) vote(ctx context.Context, p *poll, v *vote.Poll, arm, voting, closes time.Duration) error {
	expect := func(at time.Duration) {
		o := p.outlook(v, at < 0, min(max(at.Seconds()/voting.Seconds(), 0), 1))
		s.turn(p.room())
		s.ahead.Expect(o)
	}
	announced := time.Now()
	cast := time.Duration(0)
	for at := -arm; at < closes; {
		expect(at)
		next := min(at+tick, closes)
		if err := wait(ctx, time.Until(announced.Add(arm+next))); err != nil {
			return err
		}
		if at = next; at > 0 {
			if err := p.cast(v, cast, at); err != nil {
				return err
			}
			cast = at
		}
	}
	return nil
}

// tell has the winner told, and measures from the poll's close to the first words.
func (s *stage) tell(ctx context.Context, p *poll, by narrator.Narrator, winner string, out *silence) error {
	s.turn(p.room())
	begun, heard := time.Now(), false
	telling, err := by.Tell(ctx, p.cue(winner), func(string) error {
		if !heard {
			out.firstWord.Record(time.Since(begun))
			heard = true
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case telling.Source != story.SourceModel:
		return fmt.Errorf("the fake backend was too slow for this machine: %s told a scene because of %s", telling.Source, telling.Why)
	case telling.Ahead:
		out.drafted[len(p.choices)].Add(1)
	}
	return nil
}

// tellOnly has the winners told by the ladder alone: the same as with writing ahead turned off.
func (s *stage) tellOnly(ctx context.Context, polls []*poll, voting, over time.Duration) (*silence, error) {
	out := &silence{}
	all := newTogether(ctx)
	for i, p := range polls {
		winner, err := p.winner(voting)
		if err != nil {
			return nil, err
		}
		all.do(func(ctx context.Context) error {
			if err := wait(ctx, over*time.Duration(i)/time.Duration(len(polls))); err != nil {
				return err
			}
			return s.tell(ctx, p, s.ladder, winner, out)
		})
	}
	return out, all.wait()
}
