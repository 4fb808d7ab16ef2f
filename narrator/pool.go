package narrator

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// ErrNoModel is the error of a pool that has no model to ask.
var ErrNoModel = errors.New("no model to ask")

const (
	askPatience = 10 * time.Second       // until the first word of an answer that nobody waits for in front of a screen
	askTries    = 3                      // of Ask
	askPause    = 150 * time.Millisecond // before the second; it doubles, and up to as much again is added by chance
	askMaxPause = 5 * time.Second        // however long the backend wants to be left alone
)

// Pool is the models that a node can ask. It pins each room to one of the models that are replicas of one another, so that a prompt's beginning
// stays in that server's cache; it asks the next one where one is late or fails; and it leaves alone what is ill. It is safe for concurrent use.
type Pool struct{ models []*Model }

// NewPool returns a pool that asks the models in this order. Models of the same name are replicas, wherever they stand. None is fine.
func NewPool(models ...*Model) *Pool { return &Pool{models: models} }

// line is the order in which the models are asked for a room: by the name that comes first, among replicas by a hash that gives every room an order
// of its own and moves no other room when a replica comes or goes. Models that are known to be ill come last; but for those, all nodes agree.
func (p *Pool) line(room string) *line {
	type place struct {
		model *Model
		ill   bool
		group int
		score uint64
	}
	var places []place
	groups := map[string]int{}
	for _, m := range p.models {
		if _, known := groups[m.backend.Model]; !known {
			groups[m.backend.Model] = len(groups)
		}
		sum := sha256.Sum256([]byte(m.backend.String() + "\x00" + room))
		places = append(places, place{m, m.ill(), groups[m.backend.Model], binary.BigEndian.Uint64(sum[:])})
	}
	slices.SortStableFunc(places, func(a, b place) int {
		switch {
		case a.ill != b.ill:
			return map[bool]int{true: 1, false: -1}[a.ill]
		case a.group != b.group:
			return cmp.Compare(a.group, b.group)
		}
		return cmp.Compare(b.score, a.score)
	})
	l := &line{}
	for _, at := range places {
		l.waiting = append(l.waiting, at.model)
	}
	return l
}

// Stream asks a model for the room and hands each piece of its answer to onToken, from the goroutine of the caller. Models that fail before their
// first word are passed over. An error of onToken ends the call within 50 ms and is returned, and so is the end of ctx, as its cause. Where a
// model breaks off later, the answer holds what came, and Why tells what the error means. Errors of a call that no backend could answer wrap ErrCall.
func (p *Pool) Stream(ctx context.Context, room string, turns []Turn, call Call, onToken func(piece string) error) (Answer, error) {
	if err := call.check(turns); err != nil {
		return Answer{}, err
	}
	return race(ctx, p.line(room), question{room: room, turns: turns, call: call, hear: onToken, end: func(string) error { return nil }})
}

// Ask asks a model for the room and returns its whole answer. What failed for a moment only is tried again, up to three times in all, as long as
// ctx lasts. An answer whose Finish is "length" is cut, so its JSON is not whole. Errors are those of Stream.
func (p *Pool) Ask(ctx context.Context, room string, turns []Turn, call Call) (Answer, error) {
	call.FirstWord = cmp.Or(call.FirstWord, askPatience)
	pause := askPause
	for try := 1; ; try++ {
		answer, err := p.Stream(ctx, room, turns, call, func(string) error { return nil })
		status, reported := errors.AsType[*StatusError](err)
		again := errors.Is(err, errUnreachable) || errors.Is(err, errCut) || reported && status.Retryable()
		if !again || try == askTries || ctx.Err() != nil {
			return answer, err
		}
		wait := pause + rand.N(pause)
		if reported {
			wait = min(max(wait, status.RetryAfter), askMaxPause)
		}
		select {
		case <-ctx.Done():
			return Answer{}, context.Cause(ctx)
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// maxSpareWord is the first-word time, at the 95th percentile, above which a model has nothing to spare.
const maxSpareWord = 1500 * time.Millisecond

// Spare says whether the model that a room is pinned to could take a call that may turn out to be in vain, without making others wait.
func (p *Pool) Spare(room string) bool {
	l := p.line(room)
	return len(l.waiting) > 0 && l.waiting[0].spare() && l.waiting[0].firstWord() <= maxSpareWord
}

// Context is how many tokens a prompt and its answer may have together so that every model of the pool takes them; 0 without models. It changes
// only when a server says something new about itself.
func (p *Pool) Context() int { return (&line{waiting: p.models}).window() }

// Models are the pool's, in the order of NewPool.
func (p *Pool) Models() []*Model { return slices.Clone(p.models) }
