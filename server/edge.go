package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// edge is this node's end of the way to the rooms: it numbers commands, sends them over the bus until they are answered, and finds
// whom an answer is for. A room does a repeated command once, also when its owner has changed in between.
type edge struct {
	node    string
	bus     cluster.Bus
	log     *zap.Logger
	metrics *Metrics
	epochOf func(roomID string) uint64 // of the owner that this node hears

	mu      sync.Mutex
	next    uint64                    // guarded by mu
	waiting map[uint64]*pendingAnswer // guarded by mu
}

const (
	commandLife  = 5 * time.Second        // then the answer is unavailable
	commandRetry = 500 * time.Millisecond // between two sendings
)

type pendingAnswer struct {
	ctx     context.Context
	room    string
	topic   string
	payload []byte
	kind    string
	sentAt  time.Time
	bornAt  time.Time
	answer  func(r room.Reply, from broadcast)
}

// request is a command on the bus, reply what comes back.
type (
	request struct {
		Node    string       `json:"node"`
		Ref     uint64       `json:"ref"`
		Command room.Command `json:"command"`
		Gone    bool         `json:"gone,omitempty"`  // not a command: the connection is gone
		Alive   bool         `json:"alive,omitempty"` // not a command: the node is there, and has viewers
	}
	reply struct {
		Ref   uint64          `json:"ref"`
		Epoch uint64          `json:"epoch"` // of the owner that answers
		No    uint64          `json:"no"`    // of its latest broadcast
		N     uint64          `json:"n,omitempty"`
		Pos   uint64          `json:"pos,omitempty"`
		Data  json.RawMessage `json:"data,omitempty"`
		Error *room.Error     `json:"error,omitempty"`
	}
)

func commandsTopic(roomID string) string { return "room/{" + roomID + "}/commands" }
func eventsTopic(roomID string) string   { return "room/{" + roomID + "}/events" }
func repliesTopic(node string) string    { return "node/" + node + "/replies" }

func newEdge(node string, bus cluster.Bus, log *zap.Logger, m *Metrics) *edge {
	return &edge{node: node, bus: bus, log: log.Named("edge"), metrics: m, waiting: map[uint64]*pendingAnswer{}}
}

// run listens for answers and repeats what is not answered, until ctx is done.
func (e *edge) run(ctx context.Context) {
	tick := time.NewTicker(commandRetry / 2)
	defer tick.Stop()
	var cancel func()
	for {
		if cancel == nil {
			var err error
			if cancel, err = e.bus.Subscribe(ctx, repliesTopic(e.node), e.hear); err == nil {
				defer cancel()
			} else if ctx.Err() == nil {
				e.log.Warn("answers are not heard", zap.Error(err))
			}
		}
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			e.repeat(now)
		}
	}
}

// do sends a command until it is answered, or ctx is done. answer is called once, on some goroutine, and must not block; it may not be called
// when ctx is done. It also hears where the answering owner stood; an answer of the edge's own is from nobody. A join has the context of its connection: repeated after its connection's departure, it would put somebody into the room
// who is nowhere.
func (e *edge) do(ctx context.Context, roomID string, c room.Command, answer func(r room.Reply, from broadcast)) {
	e.mu.Lock()
	e.next++
	ref := e.next
	payload, err := json.Marshal(request{Node: e.node, Ref: ref, Command: c})
	if err != nil {
		e.mu.Unlock()
		answer(room.Reply{Error: room.AsError(err)}, broadcast{})
		return
	}
	now := time.Now()
	p := &pendingAnswer{ctx: ctx, room: roomID, topic: commandsTopic(roomID), payload: payload, kind: c.Type, sentAt: now, bornAt: now, answer: answer}
	e.waiting[ref] = p
	e.mu.Unlock()
	e.send(p)
}

func (e *edge) send(p *pendingAnswer) {
	if err := e.bus.Publish(p.ctx, p.topic, p.payload); err != nil && p.ctx.Err() == nil {
		e.log.Warn("command not sent", zap.Error(err))
	}
}

// ask is do that waits.
func (e *edge) ask(ctx context.Context, roomID string, c room.Command) (room.Reply, error) {
	answered := make(chan room.Reply, 1)
	e.do(ctx, roomID, c, func(r room.Reply, _ broadcast) { answered <- r })
	select {
	case r := <-answered:
		if r.Error != nil {
			return r, r.Error
		}
		return r, nil
	case <-ctx.Done():
		return room.Reply{}, room.Refuse(room.CodeUnavailable, "gave up waiting for the room")
	}
}

// gone tells a room that a connection is gone. Should the bus lose it, they count as here until the room's next term.
func (e *edge) gone(ctx context.Context, roomID, viewer, conn string) {
	payload, err := json.Marshal(request{Node: e.node, Gone: true, Command: room.Command{Viewer: viewer, Conn: conn}})
	if err == nil {
		err = e.bus.Publish(ctx, commandsTopic(roomID), payload)
	}
	if err != nil {
		e.log.Warn("leaving not sent", zap.String("room", roomID), zap.Error(err))
	}
}

// alive tells a room that this node is there, and has viewers of it.
func (e *edge) alive(ctx context.Context, roomID string) {
	payload, err := json.Marshal(request{Node: e.node, Alive: true})
	if err == nil {
		err = e.bus.Publish(ctx, commandsTopic(roomID), payload)
	}
	if err != nil {
		e.log.Debug("sign of life not sent", zap.String("room", roomID), zap.Error(err))
	}
}

func (e *edge) hear(payload []byte) {
	if payload == nil {
		return // the bus was away: what is not answered is repeated
	}
	var r reply
	if err := json.Unmarshal(payload, &r); err != nil {
		e.metrics.drops.WithLabelValues("bad_payload").Inc()
		return
	}
	e.mu.Lock()
	p := e.waiting[r.Ref]
	e.mu.Unlock()
	if p != nil && r.Epoch < e.epochOf(p.room) { // an owner that does not know yet that it has been replaced
		e.metrics.drops.WithLabelValues("stale_owner").Inc()
		return
	}
	e.finish(r.Ref, room.Reply{Pos: r.Pos, N: r.N, Data: r.Data, Error: r.Error}, broadcast{Epoch: r.Epoch, No: r.No})
}

func (e *edge) finish(ref uint64, r room.Reply, from broadcast) {
	e.mu.Lock()
	p := e.waiting[ref]
	delete(e.waiting, ref)
	e.mu.Unlock()
	if p == nil {
		return // answered before
	}
	code := "ok"
	if r.Error != nil {
		code = r.Error.Code
	}
	e.metrics.commands.WithLabelValues(p.kind, code).Inc()
	e.metrics.acks.Observe(time.Since(p.bornAt).Seconds())
	p.answer(r, from)
}

// resend sends at once what waits for a room: it has a new owner.
func (e *edge) resend(roomID string) {
	var again []*pendingAnswer
	e.mu.Lock()
	for _, p := range e.waiting {
		if p.room == roomID && p.ctx.Err() == nil {
			p.sentAt = time.Now()
			again = append(again, p)
		}
	}
	e.mu.Unlock()
	for _, p := range again {
		e.send(p)
	}
}

func (e *edge) repeat(now time.Time) {
	var again []*pendingAnswer
	var late []uint64
	e.mu.Lock()
	for ref, p := range e.waiting {
		switch {
		case p.ctx.Err() != nil:
			delete(e.waiting, ref)
		case now.Sub(p.bornAt) >= commandLife:
			late = append(late, ref)
		case now.Sub(p.sentAt) >= commandRetry:
			p.sentAt = now
			again = append(again, p)
		}
	}
	e.mu.Unlock()
	for _, p := range again {
		e.send(p)
	}
	for _, ref := range late {
		e.finish(ref, room.Reply{Error: room.Refuse(room.CodeUnavailable, "the room does not answer; try again")}, broadcast{})
	}
}
