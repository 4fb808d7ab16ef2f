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
// whom an answer is for. A room does a repeated command once.
type edge struct {
	node    string
	bus     cluster.Bus
	log     *zap.Logger
	metrics *Metrics

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
	topic   string
	payload []byte
	kind    string
	sentAt  time.Time
	bornAt  time.Time
	answer  func(room.Reply)
}

// request is a command on the bus, reply what comes back.
type (
	request struct {
		Node    string       `json:"node"`
		Ref     uint64       `json:"ref"`
		Command room.Command `json:"command"`
		Gone    bool         `json:"gone,omitempty"` // not a command: the connection is gone
	}
	reply struct {
		Ref   uint64          `json:"ref"`
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
func (e *edge) run(ctx context.Context) error {
	cancel, err := e.bus.Subscribe(ctx, repliesTopic(e.node), e.hear)
	if err != nil {
		return err
	}
	defer cancel()
	tick := time.NewTicker(commandRetry / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			e.repeat(now)
		}
	}
}

// do sends a command until it is answered, or ctx is done. answer is called once, on some goroutine, and must not block; it may not be called
// when ctx is done. A join has the context of its connection: repeated after its connection's departure, it would put somebody into the room
// who is nowhere.
func (e *edge) do(ctx context.Context, roomID string, c room.Command, answer func(room.Reply)) {
	e.mu.Lock()
	e.next++
	ref := e.next
	payload, err := json.Marshal(request{Node: e.node, Ref: ref, Command: c})
	if err != nil {
		e.mu.Unlock()
		answer(room.Reply{Error: room.AsError(err)})
		return
	}
	now := time.Now()
	p := &pendingAnswer{ctx: ctx, topic: commandsTopic(roomID), payload: payload, kind: c.Type, sentAt: now, bornAt: now, answer: answer}
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
	e.do(ctx, roomID, c, func(r room.Reply) { answered <- r })
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

func (e *edge) hear(payload []byte) {
	var r reply
	if err := json.Unmarshal(payload, &r); err != nil {
		e.metrics.drops.WithLabelValues("bad_payload").Inc()
		return
	}
	e.finish(r.Ref, room.Reply{Pos: r.Pos, Data: r.Data, Error: r.Error})
}

func (e *edge) finish(ref uint64, r room.Reply) {
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
	p.answer(r)
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
		e.finish(ref, room.Reply{Error: room.Refuse(room.CodeUnavailable, "the room does not answer; try again")})
	}
}
