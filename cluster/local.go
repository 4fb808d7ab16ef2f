package cluster

import (
	"context"
	"sync"
)

// localBus is a Bus inside one process. Publish calls the subscribers itself: nothing is queued and nothing is lost.
type localBus struct {
	mu     sync.RWMutex
	topics map[string]map[*subscriber]struct{} // guarded by mu
}

type subscriber struct{ receive func([]byte) }

func newLocalBus() *localBus {
	return &localBus{topics: map[string]map[*subscriber]struct{}{}}
}

func (b *localBus) Publish(ctx context.Context, topic string, payload []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.tell([]Publication{{topic, payload}})
	return nil
}

// tell hands payloads to the subscribers of their topics.
func (b *localBus) tell(publications []Publication) {
	for _, p := range publications {
		for _, s := range b.subscribers(p.Topic) {
			s.receive(p.Payload)
		}
	}
}

func (b *localBus) subscribers(topic string) []*subscriber {
	b.mu.RLock()
	defer b.mu.RUnlock()
	to := make([]*subscriber, 0, len(b.topics[topic]))
	for s := range b.topics[topic] {
		to = append(to, s)
	}
	return to
}

func (b *localBus) Subscribe(_ context.Context, topic string, receive func([]byte)) (func(), error) {
	s := &subscriber{receive}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.topics[topic] == nil {
		b.topics[topic] = map[*subscriber]struct{}{}
	}
	b.topics[topic][s] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.topics[topic], s)
		if len(b.topics[topic]) == 0 {
			delete(b.topics, topic)
		}
	}, nil
}
