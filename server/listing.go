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

// listing knows the public rooms of all nodes: every node tells the others which it has.
type listing struct {
	node    string
	bus     cluster.Bus
	own     func() []room.Summary // the rooms that run on this node
	log     *zap.Logger
	metrics *Metrics

	mu     sync.Mutex
	others map[string]listed // by node; guarded by mu
}

// listed is what one node tells.
type listed struct {
	Node  string         `json:"node"`
	Rooms []room.Summary `json:"rooms"`
	at    time.Time
}

const (
	listingTopic = "rooms"
	listEvery    = 2 * time.Second
	listLife     = 3 * listEvery // a node that was not heard of for so long has no rooms
)

// run tells and listens until ctx is done.
func (l *listing) run(ctx context.Context) {
	tick := time.NewTicker(listEvery)
	defer tick.Stop()
	var cancel func()
	for {
		if cancel == nil {
			var err error
			if cancel, err = l.bus.Subscribe(ctx, listingTopic, l.hear); err != nil && ctx.Err() == nil {
				l.log.Warn("rooms of other nodes are not known", zap.Error(err))
			} else if err == nil {
				defer cancel()
			}
		}
		l.tell(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l *listing) tell(ctx context.Context) {
	rooms := l.public()
	if len(rooms) == 0 {
		return
	}
	payload, err := json.Marshal(listed{Node: l.node, Rooms: rooms})
	if err == nil {
		err = l.bus.Publish(ctx, listingTopic, payload)
	}
	if err != nil && ctx.Err() == nil {
		l.log.Warn("rooms not told to other nodes", zap.Error(err))
	}
}

func (l *listing) hear(payload []byte) {
	if payload == nil {
		return // the next one says it all again
	}
	var told listed
	if err := json.Unmarshal(payload, &told); err != nil {
		l.metrics.drops.WithLabelValues("bad_payload").Inc()
		return
	}
	if told.Node == l.node {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	told.at = time.Now()
	l.others[told.Node] = told
	for node, other := range l.others {
		if told.at.Sub(other.at) > listLife {
			delete(l.others, node)
		}
	}
}

// public are the rooms of this node that everybody may know.
func (l *listing) public() []room.Summary {
	rooms := []room.Summary{}
	for _, sum := range l.own() {
		if sum.Public {
			rooms = append(rooms, sum)
		}
	}
	return rooms
}

// all are the public rooms of all nodes; those of the others as they were a moment ago. A room that has just moved is listed once.
func (l *listing) all() []room.Summary {
	rooms := l.public()
	known := map[string]bool{}
	for _, sum := range rooms {
		known[sum.ID] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, other := range l.others {
		for _, sum := range other.Rooms {
			if !known[sum.ID] && time.Since(other.at) <= listLife {
				known[sum.ID] = true
				rooms = append(rooms, sum)
			}
		}
	}
	return rooms
}
