package server

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// hub is the way from the rooms to this node's viewers: what a room tells is framed once and put into the room's ring; a few workers
// walk the seats and write to each what it has not had yet. Nobody waits for anybody: a seat whose socket is full gets a goroutine
// of its own until it has caught up, or is cut.
type hub struct {
	bus     cluster.Bus
	log     *zap.Logger
	metrics *Metrics
	workers []*worker

	mu        sync.Mutex
	audiences map[string]*audience // guarded by mu
	nextSeat  int                  // guarded by mu

	wait sync.WaitGroup // workers and catching-up seats
}

// audience is the viewers of one room on this node.
type audience struct {
	room   string
	ring   *ring
	cancel func() // ends the subscription
	seats  int    // guarded by hub.mu

	mu     sync.Mutex
	people map[string]map[*seat]struct{} // the seats of each viewer; guarded by mu
}

// seat is one connection's place in an audience.
type seat struct {
	wire     *wire
	cut      func(code int, reason string) // ends the connection; must not block
	audience *audience
	worker   *worker
	number   int // the higher, the younger; static after sit
	viewer   string
	staff    bool

	mu     sync.Mutex
	direct [][]byte   // frames for this viewer alone; guarded by mu
	cursor uint64     // guarded by mu
	live   bool       // the ring is followed; guarded by mu
	busy   bool       // somebody is writing to it; guarded by mu
	gone   bool       // guarded by mu
	ending *sync.Cond // waits for busy to end; nil until the goodbye; guarded by mu
	place  int        // in worker.seats; guarded by worker.mu
}

// directQueued is how many frames for one viewer alone may wait.
const directQueued = 512

// worker writes to a share of the seats.
type worker struct {
	hub  *hub
	wake chan struct{} // capacity 1

	mu     sync.Mutex
	rooms  map[*audience][]*seat // guarded by mu
	dirty  map[*audience]struct{}
	nudged []*seat
}

func newHub(bus cluster.Bus, log *zap.Logger, m *Metrics) *hub {
	h := &hub{bus: bus, log: log.Named("hub"), metrics: m, audiences: map[string]*audience{}}
	for range runtime.GOMAXPROCS(0) {
		h.workers = append(h.workers, &worker{hub: h, wake: make(chan struct{}, 1), rooms: map[*audience][]*seat{}, dirty: map[*audience]struct{}{}})
	}
	return h
}

// run works until ctx is done and every seat that is being written to is done too.
func (h *hub) run(ctx context.Context) {
	for _, w := range h.workers {
		h.wait.Go(func() { w.run(ctx) })
	}
	h.wait.Go(func() { h.pingAll(ctx) })
	h.wait.Wait()
}

// pingAll keeps quiet connections open and makes dead ones fail.
func (h *hub) pingAll(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, w := range h.workers {
			w.each(func(s *seat) { s.tell(pingFrame) })
		}
	}
}

// sit gives a connection a seat in a room. It follows the room only after follow.
func (h *hub) sit(ctx context.Context, roomID string, s *seat) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.audiences[roomID]
	if a == nil {
		a = &audience{room: roomID, ring: newRing(), people: map[string]map[*seat]struct{}{}}
		cancel, err := h.bus.Subscribe(ctx, eventsTopic(roomID), func(payload []byte) { h.hear(a, payload) })
		if err != nil {
			return err
		}
		a.cancel = cancel
		h.audiences[roomID] = a
	}
	a.seats++
	s.audience, s.worker, s.number = a, h.workers[h.nextSeat%len(h.workers)], h.nextSeat
	h.nextSeat++
	s.worker.add(s)
	h.metrics.viewers.Inc()
	return nil
}

// stand takes a seat away. Nothing is written to it afterwards.
func (h *hub) stand(s *seat) {
	s.mu.Lock()
	s.gone, s.direct = true, nil
	s.mu.Unlock()
	s.worker.remove(s)
	s.audience.forget(s)
	h.metrics.viewers.Dec()
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.audience.seats--; s.audience.seats == 0 {
		s.audience.cancel()
		delete(h.audiences, s.audience.room)
	}
}

// emission is what a room's owner sends over the bus.
type emission struct {
	Pos   uint64          `json:"pos"`
	Seq   uint64          `json:"seq,omitempty"`
	Type  string          `json:"type"`
	To    string          `json:"to,omitempty"`
	Frame json.RawMessage `json:"frame"`
}

// hear takes what a room tells. It is called by the bus and never blocks.
func (h *hub) hear(a *audience, payload []byte) {
	var emissions []emission
	if err := json.Unmarshal(payload, &emissions); err != nil {
		h.metrics.drops.WithLabelValues("bad_payload").Inc()
		h.log.Error("events not understood", zap.String("room", a.room), zap.Error(err))
		return
	}
	told := false
	for _, e := range emissions {
		frame := textFrame(e.Frame)
		if e.To != "" {
			a.tellOne(e.To, frame, e)
			continue
		}
		a.ring.put(slot{pos: e.Pos, seq: e.Seq, kind: e.Type, only: room.Conflated(e.Type), frame: frame})
		told = true
	}
	if told {
		for _, w := range h.workers {
			w.markDirty(a)
		}
	}
}

// tellOne tells the viewer it is about, and the staff; a ban also ends the viewer's connections.
func (a *audience) tellOne(viewer string, frame []byte, e emission) {
	var to []*seat
	a.mu.Lock()
	for id, seats := range a.people {
		for s := range seats {
			if id == viewer || s.staff {
				to = append(to, s)
			}
		}
	}
	a.mu.Unlock()
	banned := room.IsBan(e.Type, e.Frame)
	for _, s := range to {
		s.tell(frame)
		if banned && s.viewer == viewer {
			s.cut(closeBanned, "removed from this room")
		}
	}
}

// follow lets a seat hear the room: everything behind cursor.
func (s *seat) follow(cursor uint64) {
	s.mu.Lock()
	s.cursor, s.live = cursor, true
	s.mu.Unlock()
	s.worker.nudge(s)
}

// seatsPerViewer is how many connections of one viewer stay open in a room; one more replaces the oldest of them.
const seatsPerViewer = 4

// enlist makes a seat known as a viewer's, and says which older one it replaces.
func (a *audience) enlist(s *seat, viewer string, staff bool) (replaced *seat) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.viewer, s.staff = viewer, staff
	if viewer == "" {
		return nil
	}
	seats := a.people[viewer]
	if seats == nil {
		seats = map[*seat]struct{}{}
		a.people[viewer] = seats
	}
	seats[s] = struct{}{}
	if len(seats) <= seatsPerViewer {
		return nil
	}
	for other := range seats {
		if other != s && (replaced == nil || other.number < replaced.number) {
			replaced = other
		}
	}
	delete(seats, replaced)
	return replaced
}

func (a *audience) forget(s *seat) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.people[s.viewer], s)
	if len(a.people[s.viewer]) == 0 {
		delete(a.people, s.viewer)
	}
}

// lastWords takes the writing to this seat over for good: it waits until nobody else writes, so that nothing comes after a goodbye, and
// returns what was still to be said to this seat alone.
func (s *seat) lastWords() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = sync.NewCond(&s.mu)
	for s.busy {
		s.ending.Wait()
	}
	s.busy = true
	frames := bytes.Join(s.direct, nil)
	s.direct = nil
	return frames
}

// rest ends a turn of writing; mu is held.
func (s *seat) rest() {
	s.busy = false
	if s.ending != nil {
		s.ending.Signal()
	}
}

// tell queues a frame for this seat alone. A viewer who lets too many wait is cut.
func (s *seat) tell(frame []byte) {
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return
	}
	full := len(s.direct) >= directQueued
	if !full {
		s.direct = append(s.direct, frame)
	}
	s.mu.Unlock()
	if full {
		s.worker.hub.metrics.drops.WithLabelValues("too_slow").Inc()
		s.cut(closeTooSlow, "too slow")
		return
	}
	s.worker.nudge(s)
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

// catchUp writes, with a deadline, until the seat is where the ring is.
func (h *hub) catchUp(s *seat, rest []byte) {
	var buf []byte
	for {
		if len(rest) > 0 {
			if _, err := s.wire.Write(rest); err != nil {
				h.metrics.drops.WithLabelValues("too_slow").Inc()
				s.cut(closeTooSlow, "too slow")
				s.rested()
				return
			}
		}
		s.mu.Lock()
		direct, cursor, live := s.direct, s.cursor, s.live
		s.direct = nil
		frames, next, count, ok := []byte(nil), cursor, 0, true
		if live && !s.gone {
			frames, next, count, ok = s.audience.ring.from(cursor, buf)
		}
		s.cursor = next
		done := s.gone || !ok || s.ending != nil || len(direct) == 0 && count == 0
		if done {
			s.direct = direct // for the goodbye, if there is one
			s.rest()
		}
		s.mu.Unlock()
		if !ok {
			h.cutLagging(s)
		}
		if done {
			return
		}
		if count > 1 {
			buf = frames
		}
		rest = rest[:0]
		for _, frame := range direct {
			rest = append(rest, frame...)
		}
		rest = append(rest, frames...)
		h.metrics.deliveries.Add(float64(len(direct) + count))
	}
}

func (h *hub) cutLagging(s *seat) {
	h.metrics.drops.WithLabelValues("lagging").Inc()
	s.cut(closeLagging, "too far behind")
}

// seatCount is how many connections this node has in a room.
func (h *hub) seatCount(roomID string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.audiences[roomID]; a != nil {
		return a.seats
	}
	return 0
}
