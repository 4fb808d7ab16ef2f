package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/cluster"
)

// reach is a node's way to what nodes share. It can be cut, as by a pulled cable, and it counts the journals that are read.
type reach struct {
	shared *cluster.Memory
	cut    atomic.Bool
	deaf   atomic.Bool // only what the bus brings is lost
	dull   atomic.Bool // only what rooms learn is
	reads  atomic.Int64
}

var errCut = errors.New("no route to host")

func (r *reach) Publish(ctx context.Context, topic string, payload []byte) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Publish(ctx, topic, payload)
}

func (r *reach) Subscribe(ctx context.Context, topic string, receive func([]byte)) (func(), error) {
	return r.shared.Subscribe(ctx, topic, func(payload []byte) {
		if !r.cut.Load() && !r.deaf.Load() {
			receive(payload)
		}
	})
}

func (r *reach) Create(ctx context.Context, roomID string, first ...cluster.Entry) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Create(ctx, roomID, first...)
}

func (r *reach) Acquire(ctx context.Context, roomID, node string) (cluster.Lease, cluster.Record, error) {
	if r.cut.Load() {
		return cluster.Lease{}, cluster.Record{}, errCut
	}
	return r.shared.Acquire(ctx, roomID, node)
}

func (r *reach) Append(ctx context.Context, lease cluster.Lease, entries []cluster.Entry, tell ...cluster.Publication) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Append(ctx, lease, entries, tell...)
}

func (r *reach) Checkpoint(ctx context.Context, lease cluster.Lease, n uint64, state []byte) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Checkpoint(ctx, lease, n, state)
}

func (r *reach) Release(ctx context.Context, lease cluster.Lease) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Release(ctx, lease)
}

func (r *reach) Read(ctx context.Context, roomID string, after uint64) iter.Seq2[cluster.Entry, error] {
	r.reads.Add(1)
	if r.cut.Load() {
		return func(yield func(cluster.Entry, error) bool) { yield(cluster.Entry{}, errCut) }
	}
	return r.shared.Read(ctx, roomID, after)
}

func (r *reach) List(ctx context.Context, since time.Time) ([]string, error) {
	if r.cut.Load() {
		return nil, errCut
	}
	return r.shared.List(ctx, since)
}

func (r *reach) Delete(ctx context.Context, roomID string) error {
	if r.cut.Load() {
		return errCut
	}
	return r.shared.Delete(ctx, roomID)
}

func (r *reach) Probe(context.Context) error {
	if r.cut.Load() {
		return errCut
	}
	return nil
}

func (r *reach) Prune(ctx context.Context, before time.Time) (int, error) {
	if r.cut.Load() {
		return 0, errCut
	}
	return r.shared.Prune(ctx, before)
}

func (r *reach) Sum(ctx context.Context, name string) ([]byte, error) {
	if r.cut.Load() {
		return nil, errCut
	}
	return r.shared.Sum(ctx, name)
}

func (r *reach) Add(ctx context.Context, name string, add func([]byte) ([]byte, error)) error {
	if r.cut.Load() || r.dull.Load() {
		return errCut
	}
	return r.shared.Add(ctx, name, add)
}

// many is several nodes that share a bus and journals, in virtual time.
type many struct {
	nodes []*node
	reach []*reach
}

func onMany(t *testing.T, count int, run func(t *testing.T, m *many), change ...func(*Config)) {
	synctest.Test(t, func(t *testing.T) {
		shared, m := cluster.NewMemory(), &many{}
		for i := range count {
			r := &reach{shared: shared}
			n := startNode(t, shared, func(c *Config) {
				c.Bus, c.Rooms, c.Sums, c.Others = r, r, r, true
				for _, do := range change {
					do(c)
				}
			})
			if i > 0 {
				n.keys = m.nodes[0].keys
			}
			m.nodes, m.reach = append(m.nodes, n), append(m.reach, r)
			defer n.stop()
			defer r.cut.Store(false)
		}
		synctest.Wait() // a node that starts looks for rooms that nobody has
		run(t, m)
	})
}

// kill is kill -9 as the others see it: nothing comes from the node any more, and nothing reaches it.
func (m *many) kill(i int) { m.reach[i].cut.Store(true) }

func (m *many) owners(roomID string) (owners []int) {
	for i, n := range m.nodes {
		for _, sum := range n.owner.summaries() {
			if sum.ID == roomID {
				owners = append(owners, i)
			}
		}
	}
	return owners
}

// counted is what a counter of the node's metrics says.
func (n *node) counted(counter string) (value float64) {
	n.t.Helper()
	_, text := n.call("GET", "/metrics", "", nil)
	for line := range strings.Lines(string(text)) {
		if number, found := strings.CutPrefix(line, counter+" "); found {
			if _, err := fmt.Sscan(number, &value); err != nil {
				n.t.Error(err)
			}
		}
	}
	return value
}

// within fails the test when something takes longer than it may.
func within(t *testing.T, most time.Duration, what string, do func()) {
	t.Helper()
	begun := time.Now()
	do()
	if took := time.Since(begun); took > most {
		t.Errorf("%s took %s, more than %s", what, took, most)
	}
}
