package server

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"slices"
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
	var own, staff []*seat
	a.mu.Lock()
	for id, seats := range a.people {
		for s := range seats {
			switch {
			case id == viewer:
				own = append(own, s)
			case s.staff:
				staff = append(staff, s)
			}
		}
	}
	a.mu.Unlock()
	for _, s := range slices.Concat(own, staff) {
		s.tell(frame)
	}
	if room.IsBan(e.Type, e.Frame) {
		for _, s := range own {
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

// dismiss ends all connections that this node has in a room.
func (h *hub) dismiss(roomID string, code int, reason string) {
	h.mu.Lock()
	a := h.audiences[roomID]
	h.mu.Unlock()
	for _, w := range h.workers {
		for _, s := range w.of(a) {
			s.cut(code, reason)
		}
	}
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
