package server

import (
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

// rest ends a turn of writing; mu is held.
func (s *seat) rest() {
	s.busy = false
	if s.ending != nil {
		s.ending.Signal()
	}
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
	buf      []byte
	told     int // deliveries of this pass
}

func (p *pass) forget() { p.audience, p.frames = nil, nil }

func (p *pass) from(a *audience, cursor uint64) (ok bool) {
	if p.audience == a && p.cursor == cursor && p.frames != nil {
		return true
	}
	p.frames, p.next, p.count, ok = a.ring.from(cursor, p.buf)
	if p.count > 1 {
		p.buf = p.frames
	}
	p.audience, p.cursor = a, cursor
	return ok
}

// serve writes to a seat what its socket takes at once. What it does not take is left to a goroutine of the seat's own.
func (w *worker) serve(s *seat, p *pass) {
	s.mu.Lock()
	if s.busy || s.gone {
		s.mu.Unlock()
		return
	}
	direct := s.direct
	s.direct = nil
	cursor, live := s.cursor, s.live
	s.busy = true
	s.mu.Unlock()

	rest, deliveries, ok := w.deliver(s, p, direct, cursor, live)
	p.told += deliveries
	switch {
	case !ok:
		w.hub.cutLagging(s)
	case len(rest) > 0:
		w.hub.wait.Go(func() { w.hub.catchUp(s, rest) })
		return
	}
	if s.rested() {
		w.nudge(s)
	}
}

// deliver tries to write; rest is what the socket did not take.
func (w *worker) deliver(s *seat, p *pass, direct [][]byte, cursor uint64, live bool) (rest []byte, count int, ok bool) {
	for i, frame := range direct {
		n, err := s.wire.try(frame)
		if err != nil {
			return nil, i, true // the reader notices and ends the connection
		}
		if n < len(frame) {
			rest = append(rest, frame[n:]...)
			for _, frame := range direct[i+1:] {
				rest = append(rest, frame...)
			}
			return rest, len(direct), true
		}
	}
	if !live {
		return nil, len(direct), true
	}
	if !p.from(s.audience, cursor) {
		return nil, len(direct), false
	}
	s.advance(p.next)
	n, err := s.wire.try(p.frames)
	if err != nil {
		return nil, len(direct), true
	}
	return append(rest, p.frames[n:]...), len(direct) + p.count, true
}

func (s *seat) advance(cursor uint64) {
	s.mu.Lock()
	s.cursor = cursor
	s.mu.Unlock()
}

// rested ends a turn of writing and says whether more has come meanwhile.
func (s *seat) rested() (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest()
	return !s.gone && len(s.direct) > 0
}
