package room

import (
	"slices"
	"sync"
)

// inbox is what waits for a room, in the order in which it came: requests, and connections that are gone. They share a queue because a departure
// that overtook its own connection's join would leave somebody in the room for ever.
type inbox struct {
	wake chan struct{} // capacity 1: something waits

	mu       sync.Mutex
	waiting  []entry // guarded by mu
	requests int     // among waiting; guarded by mu
	closed   bool    // guarded by mu
}

// entry is a request, or the departure of its Viewer's connection Conn; without a Viewer, of all connections whose names begin so.
type entry struct {
	Request
	gone bool
}

const (
	inboxSize = 1024 // requests that may wait; more are refused as unavailable
	batchSize = 512  // requests and departures that one append serves at most
	busyRetry = 250  // milliseconds after which a room that could not take a request has done all that waited
)

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// put takes a request in, or says why not. It never blocks.
func (b *inbox) put(req Request) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return moving
	case b.requests == inboxSize:
		busy := Refuse(CodeUnavailable, "the room is busy; try again")
		busy.Retry = busyRetry
		return busy
	}
	b.requests++
	b.add(entry{Request: req})
	return nil
}

// moving answers what a room that stops did not come to.
var moving = Refuse(CodeUnavailable, "the room is moving; try again")

// Moving says that nothing was done, because the room stops: its next owner can do it.
func (r Reply) Moving() bool { return r.Error == moving }

// leave takes a departure in, however much waits.
func (b *inbox) leave(viewer, conn string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.add(entry{Request: Request{Command: Command{Viewer: viewer, Conn: conn}}, gone: true})
	}
}

// add needs mu.
func (b *inbox) add(e entry) {
	b.waiting = append(b.waiting, e)
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take hands out what waits, the oldest first and at most batchSize; wake tells of what is left.
func (b *inbox) take() []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), batchSize)
	batch := slices.Clone(b.waiting[:n])
	b.waiting = slices.Delete(b.waiting, 0, n)
	for _, e := range batch {
		if !e.gone {
			b.requests--
		}
	}
	if len(b.waiting) > 0 {
		b.signal()
	}
	return batch
}

// close lets nothing more in, and hands out what still waits.
func (b *inbox) close() []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.waiting
	b.waiting, b.requests, b.closed = nil, 0, true
	return left
}
