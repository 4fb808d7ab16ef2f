package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
	"kinoautomat/story"
)

// owner runs the rooms that this node owns: it takes their leases, rebuilds them from their journals, joins them to the bus, and
// gives them up again.
type owner struct {
	node      string
	bus       cluster.Bus
	rooms     cluster.Rooms
	stories   room.Stories
	narrator  room.Narrator
	plan      room.Planner
	expect    func(story.Outlook)
	passes    func(string) bool
	recommend func(room.Interest) room.Sidebar
	learn     func(room.Lesson)
	clock     *room.Clock
	outage    *outage
	watched   func(roomID string) bool // somebody is connected to the room on this node
	log       *zap.Logger
	metrics   *Metrics

	ctx  context.Context // of all rooms; done when the node drains
	stop context.CancelFunc
	wait sync.WaitGroup

	mu      sync.Mutex
	running map[string]*tenancy // guarded by mu
}

// tenancy is one term of this node as a room's owner.
type tenancy struct {
	lease cluster.Lease
	room  *room.Room
	ready chan struct{} // closed when room or err is set
	err   error
	quit  context.CancelCauseFunc // with ErrLost, or nil where nobody needs the room
	once  once
	voice *voice
	keeps *journal
	nodes nodes
}

// Reasons to open a room, as they are counted.
const (
	forViewer   = "viewer"      // somebody asked for it
	forSilence  = "silent"      // its owner was not heard any more
	forHandover = "handed_over" // its owner let it go
)

// idleAfter is how long a room without connections and without a running show stays loaded.
const idleAfter = 5 * time.Minute

// ensure makes this node the owner of a room if nobody is, and returns when the room takes commands; no_such_room or unavailable. ErrHeld is
// not an error here: the commands then go to the other node.
func (o *owner) ensure(ctx context.Context, roomID, why string) error {
	o.mu.Lock()
	if o.ctx.Err() != nil {
		o.mu.Unlock()
		return room.Refuse(room.CodeUnavailable, "this node is draining")
	}
	t := o.running[roomID]
	if t == nil {
		t = &tenancy{ready: make(chan struct{})}
		o.running[roomID] = t
		o.wait.Go(func() { o.serve(roomID, why, t) })
	}
	o.mu.Unlock()
	select {
	case <-t.ready:
	case <-ctx.Done():
		return room.Refuse(room.CodeUnavailable, "the room does not open; try again")
	}
	switch {
	case errors.Is(t.err, cluster.ErrNoRoom):
		return room.Refuse(room.CodeNoSuchRoom, "there is no room %.20q", roomID)
	case t.err == nil, errors.Is(t.err, cluster.ErrHeld):
		return nil
	}
	return room.Refuse(room.CodeUnavailable, "the room cannot be opened now; try again") // why is in the log
}

// serve is a room's term on this node, from lease to release.
func (o *owner) serve(roomID, why string, t *tenancy) {
	log := o.log.With(zap.String("room", roomID))
	ctx, quit := context.WithCancelCause(o.ctx)
	defer quit(nil)
	t.quit = quit
	state, err := o.take(ctx, roomID, t)
	if err == nil {
		if why != forViewer {
			o.metrics.takeovers.WithLabelValues(why).Inc()
		}
		t.voice = &voice{bus: o.bus, log: log, topic: eventsTopic(roomID), epoch: t.lease.Epoch, n: state.N, seq: state.Seq}
		t.keeps = &journal{
			rooms: o.rooms, lease: t.lease, metrics: o.metrics, outage: o.outage, log: log, voice: t.voice, life: ctx, used: time.Now(), kept: time.Now(), frozen: o.frozenBefore(state),
		}
		t.room = room.NewRoom(state, room.Config{
			Journal: t.keeps, Narrator: o.narrator, Plan: o.plan, Expect: o.expect, Passes: o.passes, Recommend: o.recommend, Learn: o.learn,
			Emit: func(out []room.Emission) { t.voice.say(context.WithoutCancel(ctx), out) }, Clock: o.clock, FirstPos: t.lease.Epoch << 20, Log: log,
		})
		err = o.join(ctx, log, roomID, t)
	}
	o.mu.Lock()
	delete(o.running, roomID)
	o.mu.Unlock()
	switch {
	case errors.Is(err, cluster.ErrLost), errors.Is(context.Cause(ctx), cluster.ErrLost):
		log.Info("another node owns the room", zap.Uint64("epoch", t.lease.Epoch))
	case err == nil && t.room != nil:
		t.voice.pulse(context.WithoutCancel(ctx), true)
	case err != nil && t.room != nil:
		log.Error("room stopped", zap.Error(err))
	case err != nil && !errors.Is(err, cluster.ErrNoRoom) && !errors.Is(err, cluster.ErrHeld):
		log.Warn("room not opened", zap.Error(err))
	}
}

// frozenBefore is for how long an outage that has just ended kept anybody from writing to a room that is taken over.
func (o *owner) frozenBefore(state *room.State) time.Duration {
	began, ended := o.outage.over(time.Now())
	if !ended {
		return 0
	}
	frozen := time.Since(began)
	if alive := o.clock.Now().Sub(state.LastEvent()); alive < frozen { // cut off were we, not the room
		return 0
	}
	return frozen
}

// take acquires the lease and rebuilds the room.
func (o *owner) take(ctx context.Context, roomID string, t *tenancy) (state *room.State, err error) {
	defer func() {
		if p := recover(); p != nil { // one room's broken journal must not keep the node from starting
			err = errors.Join(fmt.Errorf("panic while rebuilding room: %v\n%s", p, debug.Stack()), o.rooms.Release(ctx, t.lease))
		}
		if err != nil {
			t.err = err
			close(t.ready)
		}
	}()
	lease, record, err := o.rooms.Acquire(ctx, roomID, o.node)
	o.outage.note(err)
	if err != nil {
		return nil, err
	}
	t.lease = lease
	if state, err = o.rebuild(ctx, roomID, record); err != nil {
		return nil, errors.Join(err, o.rooms.Release(ctx, lease))
	}
	return state, nil
}

// rebuild makes a room of what is kept of it. The checkpoint is a short cut: one that cannot be read, as another version may have written it, is
// done without.
func (o *owner) rebuild(ctx context.Context, roomID string, record cluster.Record) (*room.State, error) {
	state := room.New(o.stories)
	if record.Checkpoint != nil {
		if err := json.Unmarshal(record.Checkpoint, state); err != nil {
			o.log.Warn("checkpoint not understood; reading the whole journal", zap.String("room", roomID), zap.Error(err))
			return o.replay(ctx, roomID)
		}
		state.Restore(o.stories)
	}
	for _, entry := range record.Tail {
		if err := fold(state, entry); err != nil {
			return nil, err
		}
	}
	return state, nil
}

func (o *owner) replay(ctx context.Context, roomID string) (*room.State, error) {
	state := room.New(o.stories)
	for entry, err := range o.rooms.Read(ctx, roomID, 0) {
		if err == nil {
			err = fold(state, entry)
		}
		if err != nil {
			return nil, err
		}
	}
	return state, nil
}

func fold(state *room.State, entry cluster.Entry) error {
	var e room.Event
	if err := json.Unmarshal(entry.Body, &e); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	state.Fold(e)
	return nil
}

// join connects the room to the bus and runs it.
func (o *owner) join(ctx context.Context, log *zap.Logger, roomID string, t *tenancy) (err error) {
	o.metrics.rooms.Inc()
	defer o.metrics.rooms.Dec()
	defer func() {
		if p := recover(); p != nil { // a fault in one room stops that room only; its journal is whole
			err = fmt.Errorf("panic in room: %v\n%s", p, debug.Stack())
		}
		err = errors.Join(err, o.rooms.Release(context.WithoutCancel(ctx), t.lease))
	}()
	cancel, err := o.bus.Subscribe(ctx, commandsTopic(roomID), func(payload []byte) { o.hear(log, t, payload) })
	if err != nil {
		t.err = err
		close(t.ready)
		return err
	}
	defer cancel()
	log.Info("room opened", zap.Uint64("epoch", t.lease.Epoch))
	t.voice.pulse(ctx, false)
	close(t.ready)
	var keeping sync.WaitGroup
	defer keeping.Wait()
	defer t.quit(nil)
	keeping.Go(func() { o.keep(ctx, log, t) })
	return t.room.Run(ctx)
}

// keep renews the lease, tells the nodes with viewers that the owner lives, and closes a room that nobody needs.
func (o *owner) keep(ctx context.Context, log *zap.Logger, t *tenancy) {
	tick := time.NewTicker(cluster.LeaseTTL / 4)
	defer tick.Stop()
	idleSince := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch err := t.keeps.renew(ctx); {
		case ctx.Err() != nil:
			return
		case err == nil && !t.keeps.isStuck():
			t.voice.pulse(ctx, false)
		case refusal(err):
			log.Info("the lease is lost", zap.Error(err))
			t.quit(cluster.ErrLost)
			return
		}
		for _, gone := range t.nodes.silent(time.Now()) {
			log.Info("a node with viewers is gone", zap.String("node", gone))
			t.room.LeaveAll(connPrefix(gone))
		}
		if sum := t.room.Summary(); sum.Viewers > 0 || sum.Running || o.watched(sum.ID) {
			idleSince = time.Now()
		}
		if time.Since(idleSince) >= idleAfter {
			t.quit(nil)
			return
		}
	}
}

// hear takes a command off the bus. It never blocks.
func (o *owner) hear(log *zap.Logger, t *tenancy, payload []byte) {
	if payload == nil {
		return // the bus was away: what it lost is repeated
	}
	var req request
	if err := json.Unmarshal(payload, &req); err != nil {
		o.metrics.drops.WithLabelValues("bad_payload").Inc()
		return
	}
	if t.nodes.heard(req.Node, time.Now()) {
		t.voice.ask(context.WithoutCancel(o.ctx), req.Node)
	}
	if req.Alive {
		return
	}
	if req.Gone {
		t.room.Leave(req.Command.Viewer, req.Command.Conn)
		return
	}
	command := ref{req.Node, req.Ref}
	send := func(answer []byte) {
		if err := o.bus.Publish(context.WithoutCancel(o.ctx), repliesTopic(req.Node), answer); err != nil {
			log.Warn("answer not sent", zap.Error(err))
		}
	}
	if answer, fresh := t.once.begin(command, time.Now()); !fresh {
		if answer != nil {
			send(answer)
		}
		return
	}
	req.Command.Ref = command.name(req.Command.Type)
	t.room.Do(room.Request{Command: req.Command, Answer: func(a room.Reply) {
		if a.Moving() {
			t.once.forget(command)
			return // the edge repeats it, to whoever owns the room then
		}
		place := t.voice.place()
		answer, err := json.Marshal(reply{Ref: req.Ref, Epoch: place.Epoch, No: place.No, N: a.N, Pos: a.Pos, Data: a.Data, Error: a.Error})
		if err != nil {
			log.Error("answer not encoded", zap.Error(err))
			return
		}
		if a.Data != nil || a.Error != nil { // nothing was done, or only looked up
			t.once.forget(command)
		} else {
			t.once.answered(command, answer)
		}
		send(answer)
	}})
}

// summaries are of the rooms that run here.
func (o *owner) summaries() []room.Summary {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []room.Summary
	for _, t := range o.running {
		select {
		case <-t.ready:
			if t.room != nil {
				all = append(all, t.room.Summary())
			}
		default:
		}
	}
	return all
}

// resume opens the rooms that were alive when the node last stopped, so that a running show goes on without waiting for a viewer.
func (o *owner) resume(ctx context.Context) {
	rooms, err := o.rooms.List(ctx, time.Now().Add(-resumeWithin))
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		o.log.Error("rooms not listed", zap.Error(err))
		return
	}
	for _, roomID := range rooms {
		if err := o.ensure(ctx, roomID, forViewer); err != nil {
			o.log.Warn("room not resumed", zap.String("room", roomID), zap.Error(err))
		}
	}
}

// resumeWithin: rooms that were quiet for longer wait for their first viewer.
const resumeWithin = 24 * time.Hour

// drain stops all rooms, each with a checkpoint, and waits for them.
func (o *owner) drain() {
	o.mu.Lock()
	o.stop()
	o.mu.Unlock()
	o.wait.Wait()
}
