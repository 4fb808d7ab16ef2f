package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/recommend"
	"kinoautomat/room"
)

const (
	trainEvery  = 5 * time.Minute  // between two models; with a large catalogue each takes a core for some seconds
	lessonsWait = 256              // lessons that may wait to be kept; what comes beyond it is not learned
	keepAgain   = 10 * time.Second // after storage has not taken a lesson
	keepAtLast  = time.Second      // for what waits when the node ends
)

// sumOfLessons is the name of what rooms have learned among what nodes share.
const sumOfLessons = "learned"

// learning keeps what rooms learn, together with the other nodes, and makes a model of that and of published ratings. It is the work of one
// goroutine, of which nobody waits for anything; lists are ranked by the last model meanwhile, and without one until the first is there.
type learning struct {
	sums      cluster.Sums      // nil: only published ratings are learned
	published *recommend.Counts // nil: there are none
	use       func(*recommend.Model)
	log       *zap.Logger
	lessons   chan room.Lesson

	// Owned by run.
	unkept []room.Lesson
	last   [sha256.Size]byte // of what the model was made of
}

// learn is how the node learns: nothing where there is no sidebar.
func (s *Server) learn() *learning {
	l := &learning{use: s.model.Store, log: s.log.Named("learning"), lessons: make(chan room.Lesson, lessonsWait)}
	if s.config.Catalogue != nil {
		l.sums, l.published = s.config.Sums, s.config.Catalogue.Published()
	}
	return l
}

// hear takes a lesson. It never blocks.
func (l *learning) hear(lesson room.Lesson) {
	if l.sums == nil || time.Since(lesson.EndedAt) > relearnWithin {
		return
	}
	select {
	case l.lessons <- lesson:
	default:
		l.log.Warn("a show's lesson is lost: too many wait to be kept", zap.String("show", lesson.Show))
	}
}

// run learns until ctx is done, and then keeps what waits.
func (l *learning) run(ctx context.Context) {
	l.train(ctx)
	tick := time.NewTicker(trainEvery)
	defer tick.Stop()
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepAtLast)
			defer cancel()
			l.keep(ending)
			return
		case <-tick.C:
			l.train(ctx)
		case <-again:
			again = l.keep(ctx)
		case lesson := <-l.lessons:
			l.unkept = append(l.unkept, lesson)
			again = l.keep(ctx)
		}
	}
}

// keep adds all that waits to what is kept. It returns when to try again, nil if that is not needed.
func (l *learning) keep(ctx context.Context) (again <-chan time.Time) {
	for len(l.lessons) > 0 {
		l.unkept = append(l.unkept, <-l.lessons)
	}
	if len(l.unkept) == 0 {
		return nil
	}
	err := l.sums.Add(ctx, sumOfLessons, func(sum []byte) ([]byte, error) {
		all, err := decodeLearned(sum)
		if err != nil {
			return nil, err
		}
		for _, lesson := range l.unkept {
			all.learn(lesson)
		}
		return all.encode(), nil
	})
	switch {
	case err == nil:
		l.log.Debug("lessons kept", zap.Int("shows", len(l.unkept)))
	case errors.Is(err, errLearned), errors.Is(err, cluster.ErrTooLong):
		l.log.Error("what shows teach cannot be added to what is kept; see docs/operating.md for how to begin anew", zap.Error(err))
	default:
		l.log.Warn("what shows teach is not kept yet", zap.Int("shows", len(l.unkept)), zap.Error(err))
		l.unkept = l.unkept[max(0, len(l.unkept)-lessonsWait):]
		return time.After(keepAgain)
	}
	l.unkept = nil
	return nil
}

// train makes a model of all that is known, if that is more than the last one was made of, and puts it to use.
func (l *learning) train(ctx context.Context) {
	var sum []byte
	if l.sums != nil {
		var err error
		if sum, err = l.sums.Sum(ctx, sumOfLessons); err != nil {
			l.log.Warn("what shows taught cannot be read now", zap.Error(err))
			if l.last != ([sha256.Size]byte{}) {
				return // the model that is in use knows more than one without it would
			}
		}
	}
	of := sha256.Sum256(sum)
	if of == l.last {
		return
	}
	l.last = of
	all, err := decodeLearned(sum)
	if err != nil {
		l.log.Error("what shows taught cannot be read; lists are ranked without it", zap.Error(err))
		all = &learned{}
	}
	began := time.Now()
	model := recommend.Training{Published: l.published, Live: &all.counts}.Model()
	if l.use(model); model != nil {
		l.log.Info("the sidebar has learned what people like", zap.Int("people", model.People()), zap.Int("our_own", all.counts.People()), zap.Duration("took", time.Since(began)))
	}
}
