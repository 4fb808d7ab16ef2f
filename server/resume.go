package server

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"go.uber.org/zap"

	"kinoautomat/room"
)

// welcome is room.Welcome with its snapshot still encoded.
type welcome struct {
	Viewer   json.RawMessage `json:"viewer"`
	Token    string          `json:"token"`
	Snapshot json.RawMessage `json:"snapshot,omitempty"`
	Own      json.RawMessage `json:"own"`
	Seq      uint64          `json:"seq"`
}

// welcomed passes the room's answer to a join on: with a snapshot, or with the events since the last one seen, where they are still to be had.
func (v *viewer) welcomed(frameID string, since *uint64, id identity, r room.Reply, from broadcast) {
	var w welcome
	if r.Error == nil {
		if err := json.Unmarshal(r.Data, &w); err != nil {
			r.Error = room.AsError(err)
		}
	}
	if r.Error != nil {
		v.refuse(frameID, r.Error)
		if r.Error.Code == room.CodeBanned {
			v.cut(closeBanned, "banned")
		}
		return
	}
	w.Token = id.token
	from.N, from.Seq = r.N, w.Seq
	hub, settle := v.node.hub, func(missing []byte) { v.settle(frameID, r.Pos, from.Epoch, w, missing) }
	hub.whenHeard(v.audience, from, func() {
		staff := id.role == room.RoleHost || id.role == room.RoleModerator // what only they are told has no seq: it is in the snapshot
		if since == nil || *since == 0 || *since > w.Seq || staff {
			settle(nil)
			return
		}
		resume := func() bool {
			missing, held := v.audience.ring.numbered(*since, w.Seq)
			if held {
				missing = append(missing, v.passing(w.Snapshot)...)
				w.Snapshot = nil
				settle(missing)
			}
			return held
		}
		if resume() {
			return
		}
		hub.whenRecalled(v.audience, r.N, func() {
			if !resume() {
				settle(nil)
			}
		})
	})
}

// settle welcomes, with a snapshot or with what is missing, and has the seat follow the room from there on.
func (v *viewer) settle(frameID string, pos, epoch uint64, w welcome, missing []byte) {
	var who room.Person
	if err := json.Unmarshal(w.Viewer, &who); err != nil {
		v.refuse(frameID, room.AsError(err))
		return
	}
	cursor := v.audience.ring.after(pos, w.Seq)
	if old := v.audience.enlist(&v.seat, who); old != nil {
		old.cut(closeReplaced, "replaced by a newer connection")
	}
	v.audience.thread.enlisted(epoch)
	v.tell(append(v.frame("welcome", frameID, w), missing...))
	v.follow(cursor)
}

// passing frames what passes of a snapshot.
func (v *viewer) passing(snapshot []byte) (frames []byte) {
	events, err := room.PassingOf(snapshot)
	if err != nil {
		v.node.log.Error("snapshot not understood", zap.Error(err))
	}
	for _, e := range events {
		frame, err := e.Frame()
		if err != nil {
			v.node.log.Error("event not encoded", zap.Error(err))
			continue
		}
		frames = append(frames, textFrame(frame)...)
	}
	return frames
}

// enlisted: somebody has a seat whose join an owner of this epoch has answered. An owner that came after it does not know the connection.
func (t *thread) enlisted(epoch uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if epoch < t.epoch {
		t.told = 0
	}
}

// whenHeard calls do, which must not block, as soon as this node has passed on what an answer knows of: at once, but for an answer that has
// overtaken events on the bus. The answer also tells where the room's thread begins, where nothing was heard of it yet.
func (h *hub) whenHeard(a *audience, from broadcast, do func()) {
	t := &a.thread
	t.mu.Lock()
	if t.epoch == 0 {
		t.epoch, t.no, t.n, t.seq, t.heardAt = from.Epoch, from.No, from.N, from.Seq, time.Now()
		t.told = t.epoch // its viewers have joined there themselves
	}
	heard := t.seq >= from.Seq
	if !heard {
		t.behind = append(t.behind, behind{from.Seq, do})
	}
	t.mu.Unlock()
	if heard {
		do()
	}
}

// recall is the reading of what a room told before this node had viewers in it.
type recall struct{ done chan struct{} }

// recallEntries is how many entries of the journal are read at most for those who come back to a node that does not know the room.
const recallEntries = 4096

// whenRecalled calls do, which must not block, when the ring reaches as far back as it can: the journal before it is read once.
func (h *hub) whenRecalled(a *audience, n uint64, do func()) {
	t := &a.thread
	t.mu.Lock()
	defer t.mu.Unlock()
	begun := t.recall
	if begun == nil {
		begun = &recall{make(chan struct{})}
		t.recall = begun
		h.aside(func(ctx context.Context) {
			defer close(begun.done)
			told, _, err := h.readTold(ctx, a.room, max(n, recallEntries)-recallEntries)
			t.mu.Lock()
			defer t.mu.Unlock()
			if err != nil {
				t.recall = nil // whoever comes next may try again
				return
			}
			told = slices.DeleteFunc(told, func(e emission) bool { return e.Seq == 0 })
			slots := make([]slot, len(told))
			for i, e := range told {
				slots[i] = slot{seq: e.Seq, kind: e.Type, frame: textFrame(e.Frame)}
			}
			a.ring.before(slots, t.seq)
		})
	}
	h.aside(func(ctx context.Context) {
		select {
		case <-begun.done:
			do()
		case <-ctx.Done():
		}
	})
}

// peopleAtOnce is how many connections a node names in one command.
const peopleAtOnce = 256

// tellPeople tells a room's new owner who is connected here, until it has heard; thread.mu is held.
func (h *hub) tellPeople(a *audience) {
	t := &a.thread
	if t.telling {
		return
	}
	t.telling = true
	epoch := t.epoch
	h.aside(func(ctx context.Context) {
		heard := true
		for list := range slices.Chunk(a.present(), peopleAtOnce) {
			heard = heard && h.sayAll(ctx, a, list)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.telling = false
		if heard {
			t.told = epoch
		}
	})
}

// sayAll names connections to the owner and says whether it has heard. Should one of them have gone meanwhile, it hears that too, once more.
func (h *hub) sayAll(ctx context.Context, a *audience, list []present) bool {
	people := make([]room.Presence, len(list))
	for i, p := range list {
		people[i] = p.Presence
	}
	data, err := json.Marshal(people)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, commandRetry) // then with a fresh list
	defer cancel()
	_, err = h.edge.ask(ctx, a.room, room.Command{Type: "here", Data: data})
	for _, p := range list {
		p.seat.mu.Lock()
		gone := p.seat.gone
		p.seat.mu.Unlock()
		if gone {
			h.edge.gone(context.WithoutCancel(ctx), a.room, p.Viewer.ID, p.Conn)
		}
	}
	return err == nil
}

// say gives a room a command of the node's own; its answer says nothing.
func (h *hub) say(roomID, kind string, data json.RawMessage) {
	h.aside(func(ctx context.Context) {
		h.edge.do(ctx, roomID, room.Command{Type: kind, Data: data}, func(room.Reply, broadcast) {})
	})
}

// present is somebody who has joined on this node.
type present struct {
	room.Presence
	seat *seat
}

func (a *audience) present() []present {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []present
	for _, seats := range a.people {
		for _, s := range seats {
			all = append(all, present{room.Presence{Viewer: s.person, Conn: s.conn}, s})
		}
	}
	return all
}

// epochOf is the epoch of the owner that this node hears of a room; 0 where it has no viewers there.
func (h *hub) epochOf(roomID string) uint64 {
	a := h.audience(roomID)
	if a == nil {
		return 0
	}
	a.thread.mu.Lock()
	defer a.thread.mu.Unlock()
	return a.thread.epoch
}
