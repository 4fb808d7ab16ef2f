package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"kinoautomat/cluster"
)

// outage is what a node knows of storage being away. It is safe for concurrent use.
type outage struct {
	mu     sync.Mutex
	cutOff bool      // storage does not answer, or refused a write and has taken none since the node last asked; guarded by mu
	on     bool      // the last call failed; guarded by mu
	began  time.Time // of the last outage; guarded by mu
	ended  time.Time // guarded by mu
}

// refusal says that storage answered, and what it said is about a room: that is no outage.
func refusal(err error) bool {
	for _, known := range []error{cluster.ErrExists, cluster.ErrNoRoom, cluster.ErrHeld, cluster.ErrLost} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// note remembers how a call of storage ended.
func (o *outage) note(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch failed := err != nil && !refusal(err); {
	case failed && !o.on:
		o.on, o.began = true, time.Now()
	case !failed && o.on:
		o.on, o.ended = false, time.Now()
	}
	o.cutOff = o.cutOff || o.on
}

func (o *outage) isCutOff() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cutOff
}

// isOn says whether the last call failed.
func (o *outage) isOn() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.on
}

// probed takes the result of a probe; changed is whether it was the other way before.
func (o *outage) probed(err error) (changed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	changed = o.cutOff != (err != nil)
	o.cutOff = err != nil
	return changed
}

// over is how long the outage was that has just ended, and when it began; false where there was none. A room that is acquired now was frozen
// by it, since all nodes have the same storage.
func (o *outage) over(now time.Time) (began time.Time, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.began, !o.on && !o.ended.IsZero() && now.Sub(o.ended) < outageRecent && o.ended.Sub(o.began) >= breakAfter
}

// troubled says whether storage failed just now: then a room's owner, which tries more often, gets the first turn when it is back.
func (o *outage) troubled(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.on && !o.ended.IsZero() && now.Sub(o.ended) < ownerFirst
}

const (
	outageRecent = 5 * time.Second        // for so long after an outage a room that is taken over counts as frozen by it
	ownerFirst   = 500 * time.Millisecond // twice what an owner waits between two tries
)
