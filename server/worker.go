package server

import (
	"bytes"
	"context"
	"slices"
	"sync"
)

// worker writes to a share of the seats.
type worker struct {
	hub  *hub
	wake chan struct{} // capacity 1

	mu     sync.Mutex
	rooms  map[*audience][]*seat // guarded by mu
	dirty  map[*audience]struct{}
	nudged []*seat
}

func (w *worker) add(s *seat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.place = len(w.rooms[s.audience])
	w.rooms[s.audience] = append(w.rooms[s.audience], s)
}

func (w *worker) remove(s *seat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seats := w.rooms[s.audience]
	last := len(seats) - 1
	seats[s.place] = seats[last]
	seats[s.place].place = s.place
	seats[last] = nil
	if w.rooms[s.audience] = seats[:last]; last == 0 {
		delete(w.rooms, s.audience)
		delete(w.dirty, s.audience)
	}
}

func (w *worker) each(do func(*seat)) {
	w.mu.Lock()
	var all []*seat
	for _, seats := range w.rooms {
		all = append(all, seats...)
	}
	w.mu.Unlock()
	for _, s := range all {
		do(s)
	}
}

// of are the worker's seats in an audience.
func (w *worker) of(a *audience) []*seat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.rooms[a])
}

func (w *worker) markDirty(a *audience) {
	w.mu.Lock()
	_, here := w.rooms[a]
	if here {
		w.dirty[a] = struct{}{}
	}
	w.mu.Unlock()
	if here {
		w.signal()
	}
}

func (w *worker) nudge(s *seat) {
	w.mu.Lock()
	w.nudged = append(w.nudged, s)
	w.mu.Unlock()
	w.signal()
}

func (w *worker) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	var seats []*seat
	pass := pass{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		seats = seats[:0]
		w.mu.Lock()
		for a := range w.dirty {
			seats = append(seats, w.rooms[a]...)
		}
		clear(w.dirty)
		seats = append(seats, w.nudged...)
		clear(w.nudged)
		w.nudged = w.nudged[:0]
		w.mu.Unlock()
		pass.forget()
		for _, s := range seats {
			w.serve(s, &pass)
		}
		w.hub.metrics.deliveries.Add(float64(pass.told))
		pass.told = 0
		clear(seats)
	}
}

// pass remembers what the last seat got: nearly all seats of a room need the same bytes.
type pass struct {
	audience *audience
	cursor   uint64
	next     uint64
	count    int
	frames   []byte
	buf      []byte // of frames, where several were joined
	joint    []byte // of what one seat alone gets, and frames behind it
	told     int    // deliveries of this pass
}

func (p *pass) forget() { p.audience, p.frames = nil, nil }

func (p *pass) from(a *audience, cursor uint64) (ok bool) {
	if p.audience == a && p.cursor == cursor {
		return true
	}
	if p.frames, p.next, p.count, ok = a.ring.from(cursor, p.buf); !ok {
		p.forget()
		return false
	}
	if p.count > 1 {
		p.buf = p.frames
	}
	p.audience, p.cursor = a, cursor
	return true
}

// behind puts the frames of all behind those of one, so that one write serves.
func (p *pass) behind(direct []byte) []byte {
	switch {
	case len(direct) == 0:
		return p.frames
	case len(p.frames) == 0:
		return direct
	}
	p.joint = append(append(p.joint[:0], direct...), p.frames...)
	return p.joint
}

// serve writes to a seat what its socket takes at once. What it does not take is left to a goroutine of the seat's own.
func (w *worker) serve(s *seat, p *pass) {
	s.mu.Lock()
	if s.busy || s.gone || s.ending {
		s.skipped = true
		s.mu.Unlock()
		return
	}
	out, count, held := s.direct, s.queued, true
	if s.live {
		if held = p.from(s.audience, s.cursor); held {
			s.cursor = p.next
			out, count = p.behind(out), count+p.count
		}
	}
	if len(out) == 0 && held {
		s.mu.Unlock()
		return
	}
	n, err := s.try(out)
	behind := err == nil && n < len(out) // an error is noticed by the reader, who ends the connection
	s.direct, s.queued, s.busy = nil, 0, behind
	s.mu.Unlock()
	p.told += count
	if behind {
		rest := bytes.Clone(out[n:])
		w.hub.wait.Go(func() { w.hub.catchUp(s, rest) })
	}
	if !held {
		w.hub.cutLagging(s)
	}
}
