package server

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// thread is how far this node has heard a room. It does not let an owner be heard that has been replaced, and it notices what the bus has
// lost: that is then read from the journal, once for all viewers of the node, before anything newer is passed on.
type thread struct {
	mu      sync.Mutex
	epoch   uint64    // of the owner; 0 = the room was not heard yet; guarded by mu, as all here
	no      uint64    // of the owner's latest broadcast
	n       uint64    // place in the journal up to which everything was passed on
	seq     uint64    // the last numbered event passed on
	pos     uint64    // of the latest emission
	heardAt time.Time // when the owner was last heard
	torn    bool      // words may be missing: none are passed on until they come from their beginning

	reading bool        // the journal is being read, or has to be
	failed  bool        // the last try to read it failed
	held    []broadcast // heard meanwhile
	behind  []behind    // those who wait until a numbered event is passed on
	recall  *recall     // reading what was before the thread began; nil = not done
	opening bool        // this node tries to open the room
	told    uint64      // the epoch of the owner who knows this node's viewers
	telling bool        // it is being told them
	aliveAt time.Time   // when the owner was last told that this node is there
	stalled time.Time   // when the viewers were last told that the room stands still; zero = it does not
}

type behind struct {
	seq uint64
	do  func()
}

const (
	watchEvery   = 250 * time.Millisecond
	silentAfter  = 2*cluster.LeaseTTL/4 + watchEvery // two pulses are missing: whoever has viewers tries to become the owner
	openJitter   = 100 * time.Millisecond            // at most, so that not all nodes ask at once
	freeJitter   = 20 * time.Millisecond             // the same where the room is known to be free
	stalledAfter = 3 * time.Second                   // without an owner, until viewers are told
	leaveAfter   = 45 * time.Second                  // without an owner, on a node that is cut off: then viewers are sent to other nodes
	stalledEvery = 5 * time.Second                   // then again, as a room's own beat
	heldMost     = 1024                              // broadcasts; beyond it they are dropped, and found missing later
)

// hear takes what a room's owner tells. It is called by the bus and never blocks.
func (h *hub) hear(a *audience, payload []byte) {
	if payload == nil {
		return // the bus was away: the next pulse shows what it lost
	}
	var b broadcast
	if err := json.Unmarshal(payload, &b); err != nil {
		h.metrics.drops.WithLabelValues("bad_payload").Inc()
		h.log.Error("events not understood", zap.String("room", a.room), zap.Error(err))
		return
	}
	t := &a.thread
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case b.Epoch < t.epoch:
		h.metrics.drops.WithLabelValues("stale_owner").Inc()
		return
	case b.Free:
		t.heardAt = time.Now().Add(-silentAfter)
		h.reopen(a, forHandover, freeJitter)
	case b.Ask == h.edge.node:
		t.told = 0
		fallthrough
	default:
		t.heardAt = time.Now()
		h.unstall(a)
	}
	if t.reading {
		if len(t.held) < heldMost {
			t.held = append(t.held, b)
		}
		return
	}
	h.pass(a, b, false)
}

// pass puts a broadcast into the ring, unless something before it is missing; thread.mu is held. mended: the journal was read after it came, so
// it may be older than what was passed on.
func (h *hub) pass(a *audience, b broadcast, mended bool) {
	t := &a.thread
	again, ends := b.Epoch > t.epoch, b.No
	if len(b.Emissions) > 0 {
		ends--
	}
	switch {
	case t.epoch == 0:
		t.epoch, t.no, t.n, t.seq, again = b.Epoch, ends, b.N, b.Seq, false
	case !again && ends < t.no && len(b.Emissions) > 0:
		return // had it
	case again:
		t.torn = true // the new owner tells the words that are out from their beginning
		if b.N < t.n && !mended {
			// Storage has lost what it said it had kept. Whoever has seen it starts from a snapshot.
			h.log.Error("the journal is shorter than it was", zap.String("room", a.room), zap.Uint64("was", t.n), zap.Uint64("is", b.N))
			t.n, t.seq = b.N, b.Seq
			h.aside(func(context.Context) { h.dismiss(a.room, closeDraining, "the room has lost its latest events") })
		}
	}
	if again && b.N > t.n || !again && ends > t.no && b.N > t.n {
		h.read(a, b)
		return
	}
	if ends > t.no && !again || again && ends > 0 {
		t.torn = true
		h.say(a.room, "again", nil) // what passed, and nobody keeps
	}
	if again {
		h.aside(func(context.Context) { h.edge.resend(a.room) })
	}
	if again || b.No > t.no { // a pulse may have been overtaken
		t.no = b.No
	}
	t.epoch, t.n, t.seq = b.Epoch, max(t.n, b.N), max(t.seq, b.Seq)
	h.put(a, b.Emissions)
	if t.told != t.epoch {
		h.tellPeople(a)
	}
}

// put puts emissions into the ring and wakes who waits for them; thread.mu is held.
func (h *hub) put(a *audience, emissions []emission) {
	t := &a.thread
	told := false
	for _, e := range emissions {
		if e.N > 0 {
			if e.N <= t.n {
				continue // it was read from the journal
			}
			t.n = e.N
		}
		t.seq, t.pos = max(t.seq, e.Seq), max(t.pos, e.Pos)
		frame := textFrame(e.Frame)
		switch {
		case e.To != "":
			a.tellOne(e.To, frame, e)
		case t.torn && room.IsHole(e.Type, e.Frame):
		default:
			t.torn = t.torn && !room.BeginsWords(e.Type)
			a.ring.put(slot{pos: e.Pos, seq: e.Seq, kind: e.Type, only: room.Conflated(e.Type), frame: frame})
			told = true
		}
	}
	if told {
		for _, w := range h.workers {
			w.markDirty(a)
		}
	}
	t.behind = slices.DeleteFunc(t.behind, func(b behind) bool {
		if b.seq <= t.seq {
			h.aside(func(context.Context) { b.do() })
		}
		return b.seq <= t.seq
	})
}

// read begins to read from the journal what is missing before b; thread.mu is held.
func (h *hub) read(a *audience, b broadcast) {
	t := &a.thread
	t.reading, t.failed = true, false
	t.held = append([]broadcast{b}, t.held...)
	if b.Epoch == t.epoch { // else an owner died, and the bus has lost nothing
		h.metrics.repairs.Inc()
	}
	after := t.n
	h.aside(func(ctx context.Context) { h.mend(ctx, a, after) })
}

// mend reads the journal and passes on what it has, then what was held.
func (h *hub) mend(ctx context.Context, a *audience, after uint64) {
	missing, n, err := h.readTold(ctx, a.room, after)
	t := &a.thread
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed = true // the watch tries again
		h.log.Warn("lost events not read", zap.String("room", a.room), zap.Error(err))
		return
	}
	h.put(a, missing)
	t.n, t.reading = max(t.n, n), false
	held := t.held
	t.held = nil
	for i, b := range held {
		if t.reading { // once more
			t.held = append(t.held, held[i:]...)
			return
		}
		if b.Epoch >= t.epoch {
			h.pass(a, b, true)
		}
	}
}

// readTold reads from a journal what viewers were told after entry n, the latest ringSize of it, and how far the journal goes.
func (h *hub) readTold(ctx context.Context, roomID string, after uint64) (told []emission, n uint64, err error) {
	n = after
	for entry, err := range h.rooms.Read(ctx, roomID, after) {
		if err != nil {
			h.outage.note(err)
			return nil, 0, err
		}
		n = entry.N
		e, was, err := room.ReadTold(entry.Body)
		if err != nil {
			return nil, 0, err
		}
		if !was {
			continue
		}
		frame, err := e.Frame()
		if err != nil {
			return nil, 0, err
		}
		if len(told) >= 2*ringSize {
			told = append(told[:0], told[ringSize:]...)
		}
		told = append(told, emission{N: e.N, Seq: e.Seq, Type: e.Type, To: e.To, Frame: frame})
	}
	return told, n, nil
}

// watch looks after the rooms whose owner is not heard, until ctx is done.
func (h *hub) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			stalled := 0
			for _, a := range h.all() {
				if h.look(a, now) {
					stalled++
				}
			}
			h.metrics.stalled.Set(float64(stalled))
		}
	}
}

func (h *hub) all() []*audience {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*audience, 0, len(h.audiences))
	for _, a := range h.audiences {
		all = append(all, a)
	}
	return all
}

// look does for one room what is due, and says whether the room stands still.
func (h *hub) look(a *audience, now time.Time) (stalled bool) {
	t := &a.thread
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading && t.failed {
		t.failed = false
		after := t.n
		h.aside(func(ctx context.Context) { h.mend(ctx, a, after) })
	}
	if t.epoch > 0 && t.told != t.epoch {
		h.tellPeople(a)
	}
	if now.Sub(t.aliveAt) >= aliveEvery {
		t.aliveAt = now
		h.aside(func(ctx context.Context) { h.edge.alive(ctx, a.room) })
	}
	silent := now.Sub(t.heardAt)
	if silent < silentAfter {
		return false
	}
	h.reopen(a, forSilence, openJitter)
	if silent < stalledAfter {
		return false
	}
	if silent >= leaveAfter && h.others && h.outage.isOn() {
		t.heardAt = now.Add(-stalledAfter) // whoever comes meanwhile gets as long
		h.aside(func(context.Context) { h.dismiss(a.room, closeDraining, "this node is cut off") })
		return true
	}
	if now.Sub(t.stalled) >= stalledEvery {
		t.stalled = now
		h.beat(a, true)
	}
	return true
}

// beat tells this node's viewers, in the room's stead, whether it stands still; thread.mu is held.
func (h *hub) beat(a *audience, stalled bool) {
	frame, err := room.BeatFrame(a.thread.seq, stalled)
	if err != nil {
		h.log.Error("beat not encoded", zap.Error(err))
		return
	}
	h.put(a, []emission{{Pos: a.thread.pos, Type: room.BeatType, Frame: frame}})
}

// unstall ends what stalled began; thread.mu is held.
func (h *hub) unstall(a *audience) {
	if !a.thread.stalled.IsZero() {
		a.thread.stalled = time.Time{}
		h.beat(a, false)
	}
}

// reopen tries to make this node the room's owner, within a jitter; thread.mu is held.
func (h *hub) reopen(a *audience, why string, jitter time.Duration) {
	t := &a.thread
	if t.opening || h.outage.troubled(time.Now()) {
		return
	}
	t.opening = true
	h.aside(func(ctx context.Context) {
		defer func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.opening = false
		}()
		select {
		case <-time.After(rand.N(jitter)):
		case <-ctx.Done():
			return
		}
		if h.outage.isOn() { // only find out whether it is over
			_, err := h.rooms.List(ctx, time.Now().Add(time.Hour))
			h.outage.note(err)
			return
		}
		ctx, cancel := context.WithTimeout(ctx, joinWithin)
		defer cancel()
		if err := h.open(ctx, a.room, why); room.AsError(err).Code == room.CodeNoSuchRoom {
			h.dismiss(a.room, closeNoRoom, "the room was deleted")
		}
	})
}

// aside does something that may take its time.
func (h *hub) aside(do func(ctx context.Context)) {
	if h.alive.Err() == nil {
		h.wait.Go(func() { do(h.alive) })
	}
}
