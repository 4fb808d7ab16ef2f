package narration_test

import (
	"io"
	"testing"
	"time"

	"kinoautomat/bench/narration"
)

// A short run: winners that were written ahead are heard at once, those that were not after the backend's own delay, and what is given up ends.
func TestBench(t *testing.T) {
	b := narration.Bench{Polls: 20, Voting: time.Second, Rooms: 10}.Quick()
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	r, err := b.Run(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	d := r.DeadAir
	if d.Ahead.Count != 20 || d.Not.Count != 20 || d.Not.P50 < r.Timing.First || d.Ahead.P50 >= d.Not.P50 || d.RatioP50 <= 1 {
		t.Errorf("silence %+v", d)
	}
	if d.Drafted <= 0 || d.Drafted > 1 || d.ExtraBeats < 0 || d.ExtraBeats > 2 {
		t.Errorf("drafts %+v", d)
	}
	if r.Early.FirstWord.Count != 5 || r.Cancel.Over.Count < 1 || r.Cancel.Closed.Count < 1 || r.Cancel.Over.P50 > 1000 {
		t.Errorf("closed early %+v, given up %+v", r.Early, r.Cancel)
	}
	if r.Rooms.Chunks.Count != r.Rooms.Raw.Count || r.Rooms.Chunks.Count == 0 {
		t.Errorf("rooms %+v", r.Rooms)
	}
}

func TestBench_Limits(t *testing.T) {
	good := narration.Bench{Polls: 200, Voting: 20 * time.Second, Rooms: 200}
	for _, c := range []struct {
		change func(*narration.Bench)
		ok     bool
	}{
		{func(b *narration.Bench) { b.Polls = 0 }, false},
		{func(b *narration.Bench) { b.Polls = 1 }, true},
		{func(b *narration.Bench) { b.Polls = 2000 }, true},
		{func(b *narration.Bench) { b.Polls = 2001 }, false},
		{func(b *narration.Bench) { b.Voting = time.Second - 1 }, false},
		{func(b *narration.Bench) { b.Voting = 5 * time.Minute }, true},
		{func(b *narration.Bench) { b.Voting = 5*time.Minute + 1 }, false},
		{func(b *narration.Bench) { b.Rooms = 0 }, false},
		{func(b *narration.Bench) { b.Rooms = 1000 }, true},
		{func(b *narration.Bench) { b.Rooms = 1001 }, false},
	} {
		b := good
		c.change(&b)
		if err := b.Check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", b, err)
		}
	}
}
