package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// shard is one server of Redis: all that this node writes to it goes through one queue, in order, and all that it hears from it comes over one
// connection.
type shard struct {
	of     *Redis
	client *redis.Client
	ctx    context.Context
	stop   context.CancelFunc

	writes chan redisWrite
	bytes  atomic.Int64 // of publications that wait in writes
	down   bool         // publications are lost, and that was said; owned by the writer

	pulse      string                 // the channel on which this node hears itself; guarded by of.mu
	topics     map[string]*redisTopic // by channel; guarded by of.mu
	line       *redis.PubSub          // nil while there is none; guarded by of.mu
	fault      error                  // why the last line ended; guarded by of.mu
	unanswered map[string]int         // subscriptions that were asked for on line and not confirmed; guarded by of.mu
}

// redisWrite is a command that waits for its turn. done is nil for a publication: nobody waits for it.
type redisWrite struct {
	command *redis.Cmd
	bytes   int
	since   time.Time // when it was queued
	done    chan<- error
}

const (
	redisQueued      = 4096            // writes that may wait
	redisQueuedBytes = 32 << 20        // bytes of publications that may wait
	redisGroup       = 256             // writes that are sent together at most
	redisGroupBytes  = 1 << 20         // and about how many bytes
	redisStale       = 2 * time.Second // publications that waited for so long are dropped, so that they do not keep appends waiting
)

var (
	errBusFull = errors.New("the bus is full: Redis takes less than is published")
	errStale   = errors.New("waited too long")
)

// shardOf is the server that has a channel or key.
func (r *Redis) shardOf(ctx context.Context, key string) (*shard, error) {
	client := r.alone
	if r.cluster != nil {
		var err error
		if client, err = r.cluster.MasterForKey(ctx, key); err != nil {
			return nil, fmt.Errorf("find the server of a slot: %w", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.shards[client]; s != nil {
		return s, nil
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	s := &shard{of: r, client: client, pulse: r.pulseBeside(key), writes: make(chan redisWrite, redisQueued), topics: map[string]*redisTopic{}}
	s.ctx, s.stop = context.WithCancel(r.ctx)
	r.shards[client] = s
	r.wait.Go(s.write)
	r.wait.Go(s.listen)
	return s, nil
}

// pulseBeside names a channel that is on the same server as another one, or a key.
func (r *Redis) pulseBeside(key string) string {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			key = tag
		}
	}
	return r.key("{" + key + "}/pulse/" + uuid.NewString())
}

// post queues a command whose reply nobody waits for. It never waits itself.
func (s *shard) post(command *redis.Cmd, bytes int) error {
	if s.bytes.Load() > redisQueuedBytes {
		return errBusFull
	}
	select {
	case s.writes <- redisWrite{command: command, bytes: bytes, since: time.Now()}:
		s.bytes.Add(int64(bytes))
		return nil
	default:
		return errBusFull
	}
}

// do queues a command and waits for its reply.
func (s *shard) do(ctx context.Context, command *redis.Cmd) error {
	done := make(chan error, 1)
	select {
	case s.writes <- redisWrite{command: command, since: time.Now(), done: done}:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // it may still be done
		return ctx.Err()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// write sends what is queued, all that waits together in one go: one round trip, and one flush of Redis to its disk, serve many rooms. Now and
// then it sends a pulse; see hear.
func (s *shard) write() {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			s.of.mu.Lock()
			pulse := s.pulse
			s.of.mu.Unlock()
			s.send([]redisWrite{{command: redis.NewCmd(s.ctx, s.of.verb("publish"), pulse, "."), since: time.Now()}})
		case w := <-s.writes:
			s.send(s.gather(w))
		}
	}
}

func (s *shard) gather(first redisWrite) []redisWrite {
	group, bytes := []redisWrite{first}, first.bytes
	for len(group) < redisGroup && bytes < redisGroupBytes {
		select {
		case w := <-s.writes:
			group, bytes = append(group, w), bytes+w.bytes
		default:
			return group
		}
	}
	return group
}

func (s *shard) send(group []redisWrite) {
	ctx, cancel := context.WithTimeout(s.ctx, redisAnswerTime)
	defer cancel()
	pipe := s.client.Pipeline()
	for _, w := range group {
		if w.done == nil && time.Since(w.since) > redisStale {
			w.command.SetErr(errStale)
			continue
		}
		_ = pipe.Process(ctx, w.command) // only queues
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	var lost error
	answers := false
	for _, w := range group {
		err := w.command.Err()
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		answers = answers || err == nil
		if w.done != nil {
			w.done <- err
			continue
		}
		s.bytes.Add(-int64(w.bytes))
		if err != nil {
			lost = err
		}
	}
	switch {
	case lost != nil && s.ctx.Err() == nil:
		if !s.down {
			s.of.log.Warn("publications are being lost", zap.String("server", s.client.Options().Addr), zap.Error(lost))
		}
		s.down = true
		s.of.relearn()
	case answers:
		s.down = false
	}
}
