package narrator

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// line is the models that can still be asked, in the order in which they are.
type line struct{ waiting []*Model }

// window is how many tokens a prompt and its answer may have together, whichever of the models answers; 0 without models.
func (l *line) window() int {
	least := 0
	for _, m := range l.waiting {
		if tokens, _ := m.Context(); least == 0 || tokens < least {
			least = tokens
		}
	}
	return least
}

// runners is how many models race at most: a second one doubles the cost of a call, a third would hardly be faster.
const runners = 2

// race asks the first model of the line, and also the next one as soon as the first has failed or is later with its first word than it usually
// is. Whoever speaks first tells; the other is cancelled and goes back to the end of the line. race returns when all calls are over. Models
// that failed have left the line; the error is that of the last one, ErrNoModel if none could be asked.
func race(ctx context.Context, l *line, q question) (Answer, error) {
	r := &contest{ctx: ctx, line: l, question: q, err: ErrNoModel, hedge: time.NewTimer(0)}
	r.hedge.Stop()
	defer r.settle()
	r.start(0)
	for r.lanes != [runners]*attempt{} {
		select {
		case piece, ok := <-r.lanes[0].heard():
			if ok {
				return r.listen(0, piece)
			}
			r.failed(0)
		case piece, ok := <-r.lanes[1].heard():
			if ok {
				return r.listen(1, piece)
			}
			r.failed(1)
		case <-r.hedge.C:
			if len(l.waiting) > 0 && l.waiting[0].spare() { // whoever is late because all are busy is not helped by more calls
				r.start(slices.Index(r.lanes[:], nil))
			}
		}
	}
	return Answer{}, r.err
}

// contest is a race under way.
type contest struct {
	ctx      context.Context
	line     *line
	question question

	lanes  [runners]*attempt
	hedge  *time.Timer
	outrun []*attempt
	calls  sync.WaitGroup
	err    error // of the last attempt that failed
}

// start asks the next model of the line, if there is one and time for it.
func (r *contest) start(lane int) {
	if len(r.line.waiting) == 0 || lane < 0 || r.ctx.Err() != nil || !r.question.until.IsZero() && time.Now().After(r.question.until) {
		return
	}
	m := r.line.waiting[0]
	r.line.waiting = r.line.waiting[1:]
	r.lanes[lane] = m.attempt(r.ctx, r.question, &r.calls)
	r.hedge.Reset(m.hedgeAfter())
}

// failed takes note of an attempt that is over without a word, and lets the next model take its lane.
func (r *contest) failed(lane int) {
	a := r.lanes[lane]
	r.lanes[lane], r.err = nil, a.err
	if r.ctx.Err() != nil {
		r.err = context.Cause(r.ctx)
	}
	a.report(r.question.room, r.err)
	r.start(lane)
}

// listen hands on what the attempt says, from its first piece to its end.
func (r *contest) listen(lane int, piece string) (Answer, error) {
	a := r.lanes[lane]
	if other := r.lanes[1-lane]; other != nil {
		other.cancel(errOutrun)
		r.outrun = append(r.outrun, other)
		r.line.waiting = append(r.line.waiting, other.model)
	}
	r.lanes = [runners]*attempt{}
	var err error
	for ok := true; ok; piece, ok = <-a.pieces {
		if err != nil {
			continue // until the attempt has noticed
		}
		if err = r.question.hear(piece); err != nil {
			a.cancel(err)
		}
	}
	switch {
	case errors.Is(err, errFull):
		err = r.question.end("")
	case err != nil:
	case a.err == nil:
		err = r.question.end(a.answer.Finish)
	case r.ctx.Err() != nil:
		err = context.Cause(r.ctx)
	default:
		err = a.err
	}
	a.report(r.question.room, err)
	return a.answer, err
}

// settle ends what still runs and waits for it.
func (r *contest) settle() {
	r.hedge.Stop()
	for _, a := range r.lanes {
		if a != nil {
			a.cancel(context.Canceled)
		}
	}
	r.calls.Wait()
	for _, a := range r.outrun {
		a.report(r.question.room, errOutrun)
	}
}
