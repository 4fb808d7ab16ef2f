package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// redisTopic is what this node hears of a channel. All fields are guarded by Redis.mu.
type redisTopic struct {
	receivers []*redisReceiver // never changed in place
	confirmed chan struct{}    // closed while Redis sends what is published
}

type redisReceiver struct {
	receive func([]byte)
	missed  bool // the line was lost since it was confirmed; guarded by Redis.mu
}

const (
	pulseEvery  = 250 * time.Millisecond // between two of a node's publications to itself
	pulseAtMost = 1500 * time.Millisecond
	lineAgain   = 100 * time.Millisecond // between two tries to connect, about
)

// verb is a command of pub/sub, in the form that fits the server: on a cluster everything is sharded, since what is published there without
// goes to every server.
func (r *Redis) verb(command string) string {
	if r.cluster != nil {
		return "s" + command
	}
	return command
}

// Publish implements Bus. It queues the payload and returns; an error says that the queue is full.
func (r *Redis) Publish(ctx context.Context, topic string, payload []byte) error {
	s, err := r.shardOf(ctx, r.key(topic))
	if err != nil {
		return err
	}
	return s.post(redis.NewCmd(r.ctx, r.verb("publish"), r.key(topic), payload), len(payload))
}

// Subscribe implements Bus. It waits for Redis for up to twice redisAnswerTime.
func (r *Redis) Subscribe(ctx context.Context, topic string, receive func([]byte)) (func(), error) {
	channel := r.key(topic)
	s, err := r.shardOf(ctx, channel)
	if err != nil {
		return nil, err
	}
	receiver := &redisReceiver{receive: receive}
	confirmed := s.add(channel, receiver)
	late := time.NewTimer(2 * redisAnswerTime)
	defer late.Stop()
	select {
	case <-confirmed:
		return func() { r.cancel(channel, receiver) }, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-r.ctx.Done():
		err = r.ctx.Err()
	case <-late.C:
		r.mu.Lock()
		err = fmt.Errorf("Redis does not answer; the last fault: %v", s.fault)
		r.mu.Unlock()
	}
	r.cancel(channel, receiver)
	return nil, fmt.Errorf("subscribe: %w", err)
}

func (s *shard) add(channel string, receiver *redisReceiver) (confirmed <-chan struct{}) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	t := s.topics[channel]
	if t == nil {
		t = &redisTopic{confirmed: make(chan struct{})}
		s.topics[channel] = t
		s.ask(channel)
	}
	t.receivers = append(slices.Clip(t.receivers), receiver)
	return t.confirmed
}

// cancel ends a subscription, on whatever server its topic is by now.
func (r *Redis) cancel(channel string, receiver *redisReceiver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.shards {
		t := s.topics[channel]
		if t == nil || !slices.Contains(t.receivers, receiver) {
			continue
		}
		t.receivers = slices.DeleteFunc(slices.Clone(t.receivers), func(other *redisReceiver) bool { return other == receiver })
		if len(t.receivers) > 0 {
			return
		}
		delete(s.topics, channel)
		if s.line != nil {
			if r.cluster != nil {
				_ = s.line.SUnsubscribe(r.ctx, channel)
			} else {
				_ = s.line.Unsubscribe(r.ctx, channel)
			}
		}
	}
}

// ask subscribes on the line, if there is one. Call it with mu held.
func (s *shard) ask(channels ...string) {
	if s.line == nil || len(channels) == 0 {
		return
	}
	for _, channel := range channels {
		s.unanswered[channel]++
	}
	_ = s.subscribe(s.line, channels...) // a line that fails is noticed by who listens to it
}

// listen keeps a line to the server as long as the bus is open. A server of a cluster that has none of our topics any more is left alone
// when its line ends; it may be gone.
func (s *shard) listen() {
	server := zap.String("server", s.client.Options().Addr)
	for lostAt := (time.Time{}); s.ctx.Err() == nil; {
		err := s.hear(func() {
			if !lostAt.IsZero() {
				s.of.log.Info("subscriptions are back", server, zap.Duration("after", time.Since(lostAt)))
				lostAt = time.Time{}
			}
		})
		s.hangUp(err)
		if s.ctx.Err() != nil {
			return
		}
		if lostAt.IsZero() {
			lostAt = time.Now()
			s.of.log.Warn("subscriptions lost", server, zap.Error(err))
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(lineAgain/2 + rand.N(lineAgain)):
		}
		if s.of.cluster != nil {
			s.of.relearn()
			s.of.rehome(s)
		}
	}
}

var (
	errNoPulse = errors.New("nothing is heard any more")
	errAgain   = errors.New("the connection was another one for a while")
	errMoved   = errors.New("a slot has moved to another server")
)

// hear opens a line and listens to it until it is good no more: at the first error, and when the pulses that this node publishes do not come
// back. A connection can be open and dead, and one to a former primary can be alive and silent. A line is never mended, since nobody could
// say what it has missed; the next one tells every receiver that something may be missing.
func (s *shard) hear(open func()) error {
	line := s.client.Subscribe(s.ctx)
	defer line.Close()
	defer context.AfterFunc(s.ctx, func() { line.Close() })()
	s.of.mu.Lock()
	for channel := range s.topics {
		s.pulse = s.of.pulseBeside(channel) // the slot of the last one may be elsewhere by now
		break
	}
	pulse := s.pulse
	s.of.mu.Unlock()
	if err := s.subscribe(line, pulse); err != nil { // connects, so not under mu
		return err
	}
	s.of.mu.Lock()
	s.line, s.unanswered = line, map[string]int{pulse: 1}
	s.of.mu.Unlock()
	for heard := time.Now(); time.Since(heard) < pulseAtMost; {
		reply, err := line.ReceiveTimeout(s.ctx, pulseAtMost)
		if err != nil {
			return err // also when it is late: half of a reply may have been read
		}
		switch reply := reply.(type) {
		case *redis.Message:
			if reply.Channel == pulse {
				heard = time.Now()
				continue
			}
			s.dispatch(reply)
		case *redis.Subscription:
			if err := s.answered(reply); err != nil {
				return err
			}
			if reply.Channel == pulse {
				s.subscribeAll()
				open()
			}
		}
	}
	return errNoPulse
}

// subscribe asks for channels on a line; those of one sharded command must be of one slot.
func (s *shard) subscribe(line *redis.PubSub, channels ...string) error {
	if s.of.cluster == nil {
		return line.Subscribe(s.ctx, channels...)
	}
	for _, channel := range channels {
		if err := line.SSubscribe(s.ctx, channel); err != nil {
			return err
		}
	}
	return nil
}

// subscribeAll asks for everything anew.
func (s *shard) subscribeAll() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	var channels []string
	for channel := range s.topics {
		if s.unanswered[channel] == 0 { // not asked for on this line
			channels = append(channels, channel)
		}
	}
	s.ask(channels...)
}

// answered takes Redis's word that a subscription has begun or ended.
func (s *shard) answered(a *redis.Subscription) error {
	s.of.mu.Lock()
	t := s.topics[a.Channel]
	var late []*redisReceiver
	switch {
	case a.Kind != s.of.verb("subscribe"):
		defer s.of.mu.Unlock()
		if t != nil && s.unanswered[a.Channel] == 0 { // not at our request
			return errMoved
		}
		return nil
	case s.unanswered[a.Channel] == 0: // go-redis has connected again by itself
		defer s.of.mu.Unlock()
		return errAgain
	}
	if s.unanswered[a.Channel]--; s.unanswered[a.Channel] == 0 {
		delete(s.unanswered, a.Channel)
		if t != nil {
			close(t.confirmed)
			for _, receiver := range t.receivers {
				if receiver.missed {
					receiver.missed = false
					late = append(late, receiver)
				}
			}
		}
	}
	s.of.mu.Unlock()
	for _, receiver := range late {
		receiver.receive(nil)
	}
	return nil
}

func (s *shard) dispatch(m *redis.Message) {
	s.of.mu.Lock()
	var receivers []*redisReceiver
	if t := s.topics[m.Channel]; t != nil {
		receivers = t.receivers
	}
	s.of.mu.Unlock()
	payload := []byte(m.Payload)
	for _, receiver := range receivers {
		receiver.receive(payload)
	}
}

// hangUp gives the line up: from here on all may be missing something.
func (s *shard) hangUp(fault error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.line, s.unanswered, s.fault = nil, nil, fault
	for _, t := range s.topics {
		t.lose()
	}
}

// works says that Redis has confirmed the topic on the line as it is.
func (t *redisTopic) works() bool {
	select {
	case <-t.confirmed:
		return true
	default:
		return false
	}
}

// lose makes a topic wait for its next confirmation. Who has not been told yet that it works has missed nothing.
func (t *redisTopic) lose() {
	if t.works() {
		t.confirmed = make(chan struct{})
		for _, receiver := range t.receivers {
			receiver.missed = true
		}
	}
}

// rehome moves the topics of a shard that another server of the cluster has now. A shard that is left without any ends.
func (r *Redis) rehome(from *shard) {
	r.mu.Lock()
	channels := slices.Collect(maps.Keys(from.topics))
	r.mu.Unlock()
	for _, channel := range channels {
		if to, err := r.shardOf(r.ctx, channel); err == nil && to != from {
			r.move(channel, from, to)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(from.topics) == 0 {
		delete(r.shards, from.client)
		from.stop()
	}
}

func (r *Redis) move(channel string, from, to *shard) {
	r.mu.Lock()
	t, there := from.topics[channel], to.topics[channel]
	delete(from.topics, channel)
	var late []*redisReceiver
	switch {
	case t == nil:
	case there == nil:
		to.topics[channel] = t
		to.ask(channel)
	default:
		there.receivers = slices.Concat(there.receivers, t.receivers)
		if there.works() {
			late = t.receivers
		}
	}
	r.mu.Unlock()
	for _, receiver := range late {
		receiver.receive(nil)
	}
}
