package server

import (
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
	others  bool                                                // there are nodes to which viewers can go
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
	people map[string][]*seat // the seats of each viewer, the oldest first; guarded by mu
}

// seat is one connection's place in an audience. What each delivery needs comes first: in a crowd its cost is what is not in the cache.
type seat struct {
	wire
	cursor uint64 // this and all down to gone guarded by wire.mu
	direct []byte // frames for this viewer alone
	queued int    // of those
	live   bool   // the ring is followed
	gone   bool

	audience *audience
	worker   *worker
	cut      func(code int, reason string) // ends the connection; must not block
	conn     string                        // names the connection to the room
	person   room.Person                   // who has joined; guarded by audience.mu
	place    int                           // in worker.rooms; guarded by worker.mu
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
		a = &audience{room: roomID, ring: newRing(), people: map[string][]*seat{}, thread: thread{heardAt: time.Now()}}
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
	s.audience, s.worker = a, h.workers[h.nextSeat%len(h.workers)]
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
		for _, s := range seats {
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
	if slices.Contains(seats, s) { // who joins again
		return nil
	}
	if len(seats) == seatsPerViewer {
		replaced, seats = seats[0], seats[1:]
	}
	a.people[who.ID] = append(slices.Clone(seats), s)
	return replaced
}

func (a *audience) forget(s *seat) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seats := slices.DeleteFunc(a.people[s.person.ID], func(other *seat) bool { return other == s })
	if a.people[s.person.ID] = seats; len(seats) == 0 {
		delete(a.people, s.person.ID)
	}
}

// Write is the library's way to send control frames. After a goodbye there are none.
func (s *seat) Write(p []byte) (int, error) {
	if !s.take() {
		return len(p), nil
	}
	err := s.send(p)
	s.rested()
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// sayLast writes what was still to be said to this seat alone, and a close frame behind everything else.
func (s *seat) sayLast(goodbye []byte) error {
	s.mu.Lock()
	s.ending = true
	s.wait()
	last := append(s.direct, goodbye...)
	s.direct = nil
	s.mu.Unlock()
	return s.send(last)
}

// rested ends a turn and sees to it that the seat gets what came meanwhile.
func (s *seat) rested() {
	s.mu.Lock()
	s.rest()
	again := s.skipped || len(s.direct) > 0
	s.skipped = false
	s.mu.Unlock()
	if again {
		s.nudge()
	}
}

// nudge has a worker look at the seat. Who has none yet is told with their goodbye.
func (s *seat) nudge() {
	if s.worker != nil {
		s.worker.nudge(s)
	}
}

// tell queues a frame for this seat alone. A viewer who lets too many wait is cut.
func (s *seat) tell(frame []byte) {
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return
	}
	full := s.queued >= directQueued
	if !full {
		s.direct = append(s.direct, frame...)
		s.queued++
	}
	s.mu.Unlock()
	if full {
		s.worker.hub.metrics.drops.WithLabelValues("too_slow").Inc()
		s.cut(closeTooSlow, "too slow")
		return
	}
	s.nudge()
}

// catchUp writes what a socket did not take at once, with a deadline, in the turn that the worker took for it.
func (h *hub) catchUp(s *seat, rest []byte) {
	if err := s.send(rest); err != nil {
		h.metrics.drops.WithLabelValues("too_slow").Inc()
		s.cut(closeTooSlow, "too slow")
	}
	s.rested()
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
