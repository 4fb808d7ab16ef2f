package server

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// journal is a room's way to storage under its lease, and to the bus. While storage is away it tries again until the lease is known to be
// lost, so that an outage freezes rooms and does not end them.
type journal struct {
	rooms   cluster.Rooms
	lease   cluster.Lease
	metrics *Metrics
	outage  *outage
	log     *zap.Logger
	voice   *voice
	life    context.Context // done when the room is to stop: nothing is tried again then

	mu     sync.Mutex
	used   time.Time     // when the lease was last known to be ours; guarded by mu
	kept   time.Time     // when storage last took something; guarded by mu
	frozen time.Duration // breaks of which the room has not heard yet; guarded by mu
	broken time.Time     // until when breaks are counted in; guarded by mu
	stuck  bool          // a write of the room's is being refused; guarded by mu
}

const (
	// breakAfter is how long nothing can be kept before the room counts as frozen. It is less than half of a lease, which is renewed four
	// times in its life, so nobody else can have the room before its owner asks again.
	breakAfter = cluster.LeaseTTL / 2
	retryFirst = 50 * time.Millisecond // between two tries; doubles
	retryMost  = 250 * time.Millisecond
)

// Hold implements room.Journal.
func (j *journal) Hold(ctx context.Context) (frozen time.Duration, err error) {
	j.mu.Lock()
	fresh := time.Since(j.used) < breakAfter
	j.mu.Unlock()
	if !fresh {
		err = j.insist(func() error { return j.renew(ctx) })
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	frozen, j.frozen = j.frozen, 0
	return frozen, err
}

// renew uses the lease, once.
func (j *journal) renew(ctx context.Context) error {
	return j.use(func() error { return j.rooms.Append(ctx, j.lease, nil) })
}

// use notes how a write under the lease went.
func (j *journal) use(write func() error) error {
	begun := time.Now()
	err := write()
	j.outage.note(err)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		return err
	}
	now := time.Now()
	j.broke(j.kept, now)
	j.used, j.kept = begun, now
	return nil
}

// broke counts a time in which nothing was kept, if it was long, and only once; mu is held. Where only appends are slow, renewals fill it.
func (j *journal) broke(from, to time.Time) {
	if to.Sub(from) < breakAfter {
		return
	}
	if from.Before(j.broken) {
		from = j.broken
	}
	j.frozen += to.Sub(from)
	j.broken = to
}

// isStuck says whether the room waits for storage to take something.
func (j *journal) isStuck() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stuck
}

// insist tries a write until storage has taken it or said that it will not.
func (j *journal) insist(write func() error) error {
	begun := time.Now()
	for tries, wait := 1, retryFirst; ; tries, wait = tries+1, min(2*wait, retryMost) {
		err := write()
		j.mu.Lock()
		j.stuck = err != nil
		if err == nil && tries > 1 {
			j.broke(begun, time.Now())
		}
		j.mu.Unlock()
		if err == nil || refusal(err) {
			return err
		}
		if tries == 1 {
			j.log.Warn("storage does not take it; the room stands still", zap.Error(err))
		}
		select {
		case <-j.life.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// Append implements room.Journal.
func (j *journal) Append(ctx context.Context, events []room.Event, out []room.Emission) error {
	entries := make([]cluster.Entry, len(events))
	for i, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode event: %w", err)
		}
		entries[i] = cluster.Entry{N: e.N, Body: body}
	}
	var tell []cluster.Publication
	if len(out) > 0 {
		tell = append(tell, j.voice.publication(out))
	}
	start := time.Now()
	err := j.insist(func() error { return j.use(func() error { return j.rooms.Append(ctx, j.lease, entries, tell...) }) })
	j.metrics.appends.Observe(time.Since(start).Seconds())
	if err == nil {
		j.voice.kept(events, len(out) > 0)
		j.metrics.happened(events)
	}
	return err
}

// Checkpoint implements room.Journal.
func (j *journal) Checkpoint(ctx context.Context, n uint64, state []byte) error {
	return j.use(func() error { return j.rooms.Checkpoint(ctx, j.lease, n, state) })
}
