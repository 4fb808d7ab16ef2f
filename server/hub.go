package server

import (
	"bytes"
	"context"
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
	rooms   cluster.Rooms
	log     *zap.Logger
	metrics *Metrics
	outage  *outage
	edge    *edge
	open    func(ctx context.Context, roomID, why string) error // makes this node the room's owner, if nobody is
	alive   context.Context                                     // of what is done aside
	workers []*worker

	seating   sync.Mutex           // seats come and go one at a time: subscribing takes a while
	mu        sync.Mutex           // guards what nobody may wait for
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
	thread thread

	mu     sync.Mutex
	people map[string]map[*seat]struct{} // the seats of each viewer; guarded by mu
}

// seat is one connection's place in an audience.
type seat struct {
	wire     *wire
	cut      func(code int, reason string) // ends the connection; must not block
	audience *audience
	worker   *worker
	number   int         // the higher, the younger; static after sit
	conn     string      // names the connection to the room
	person   room.Person // who has joined; guarded by audience.mu

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

func newHub(alive context.Context, bus cluster.Bus, rooms cluster.Rooms, o *outage, log *zap.Logger, m *Metrics) *hub {
	h := &hub{alive: alive, bus: bus, rooms: rooms, outage: o, log: log.Named("hub"), metrics: m, audiences: map[string]*audience{}}
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
	h.wait.Go(func() { h.watch(ctx) })
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
	h.seating.Lock()
	defer h.seating.Unlock()
	a := h.audience(roomID)
	if a == nil {
		a = &audience{room: roomID, ring: newRing(), people: map[string]map[*seat]struct{}{}, thread: thread{heardAt: time.Now()}}
		cancel, err := h.bus.Subscribe(ctx, eventsTopic(roomID), func(payload []byte) { h.hear(a, payload) })
		if err != nil {
			return err
		}
		a.cancel = cancel
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.audiences[roomID] = a
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
	h.seating.Lock()
	defer h.seating.Unlock()
	h.mu.Lock()
	s.audience.seats--
	empty := s.audience.seats == 0
	if empty {
		delete(h.audiences, s.audience.room)
	}
	h.mu.Unlock()
	if empty {
		s.audience.cancel()
	}
}

// audience is who watches a room on this node; nil when nobody does.
func (h *hub) audience(roomID string) *audience {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.audiences[roomID]
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
			case s.person.Role == room.RoleHost || s.person.Role == room.RoleModerator:
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

// enlist makes a seat known as somebody's, and says which older one it replaces.
func (a *audience) enlist(s *seat, who room.Person) (replaced *seat) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.person = who
	if who.ID == "" {
		return nil
	}
	seats := a.people[who.ID]
	if seats == nil {
		seats = map[*seat]struct{}{}
		a.people[who.ID] = seats
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
	delete(a.people[s.person.ID], s)
	if len(a.people[s.person.ID]) == 0 {
		delete(a.people, s.person.ID)
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
	a := h.audience(roomID)
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
