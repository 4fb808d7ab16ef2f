package server

import (
	"context"
	"encoding/json"
	"sync"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// broadcast is what a room's owner tells the nodes with viewers. Without emissions it is a pulse: the owner lives, and this is how far it has
// come.
type broadcast struct {
	Epoch     uint64     `json:"epoch"`          // of the owner; what an older one says is not heard
	No        uint64     `json:"no"`             // counts the owner's broadcasts; a pulse has the number of the last one
	N         uint64     `json:"n"`              // place in the journal up to which everything was told before
	Seq       uint64     `json:"seq,omitempty"`  // the last numbered event told before
	Free      bool       `json:"free,omitempty"` // the owner has let go
	Ask       string     `json:"ask,omitempty"`  // the node that is to say again who is connected to it
	Emissions []emission `json:"emissions,omitempty"`
}

// emission is one event for viewers.
type emission struct {
	Pos   uint64          `json:"pos"`
	N     uint64          `json:"n,omitempty"`
	Seq   uint64          `json:"seq,omitempty"`
	Type  string          `json:"type"`
	To    string          `json:"to,omitempty"`
	Frame json.RawMessage `json:"frame"`
}

// voice numbers what an owner says during one term. The room's goroutine speaks; pulses may be sent beside it.
type voice struct {
	bus   cluster.Bus
	log   *zap.Logger
	topic string
	epoch uint64

	mu  sync.Mutex
	no  uint64 // guarded by mu
	n   uint64 // guarded by mu
	seq uint64 // guarded by mu
}

// place is where the voice stands: every broadcast up to no is on the bus.
func (v *voice) place() broadcast {
	v.mu.Lock()
	defer v.mu.Unlock()
	return broadcast{Epoch: v.epoch, No: v.no, N: v.n, Seq: v.seq}
}

// publication is the next broadcast; kept or said must follow when it is out.
func (v *voice) publication(out []room.Emission) cluster.Publication {
	next := v.place()
	next.No++
	next.Emissions = make([]emission, 0, len(out))
	for _, e := range out {
		frame, err := e.Frame()
		if err != nil {
			v.log.Error("event not encoded", zap.Error(err))
			continue
		}
		next.Emissions = append(next.Emissions, emission{Pos: e.Pos, N: e.N, Seq: e.Seq, Type: e.Type, To: e.To, Frame: frame})
	}
	return v.encode(next)
}

func (v *voice) encode(b broadcast) cluster.Publication {
	payload, err := json.Marshal(b)
	if err != nil { // frames are valid JSON, and the rest are numbers
		v.log.Error("events not encoded", zap.Error(err))
		payload = []byte("{}")
	}
	return cluster.Publication{Topic: v.topic, Payload: payload}
}

// kept moves on behind events that are in the journal, and behind their broadcast if they had one.
func (v *voice) kept(events []room.Event, told bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if told {
		v.no++
	}
	for _, e := range events {
		v.n, v.seq = max(v.n, e.N), max(v.seq, e.Seq)
	}
}

// say tells what passes. Should the bus refuse it, its number is used up all the same: nodes notice and repair themselves.
func (v *voice) say(ctx context.Context, out []room.Emission) {
	v.publish(ctx, v.publication(out))
	v.kept(nil, true)
}

// pulse says that the owner lives; free that it has let go.
func (v *voice) pulse(ctx context.Context, free bool) {
	b := v.place()
	b.Free = free
	v.publish(ctx, v.encode(b))
}

// ask is a pulse that wants to know from a node who is connected to it.
func (v *voice) ask(ctx context.Context, node string) {
	b := v.place()
	b.Ask = node
	v.publish(ctx, v.encode(b))
}

func (v *voice) publish(ctx context.Context, p cluster.Publication) {
	if err := v.bus.Publish(ctx, p.Topic, p.Payload); err != nil {
		v.log.Debug("events not sent", zap.Error(err))
	}
}
