package cluster

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"time"
)

// Memory is a Bus, Rooms and Sums that forget everything with the process.
type Memory struct {
	*localBus
	leases *leases

	mu    sync.Mutex
	rooms map[string]*kept     // guarded by mu
	sums  map[string]memorySum // by name; guarded by mu
}

type kept struct {
	entries     []Entry
	checkpoint  []byte
	checkpointN uint64
	epoch       uint64
	writtenAt   time.Time
}

// NewMemory makes an empty Memory.
func NewMemory() *Memory {
	return &Memory{localBus: newLocalBus(), leases: newLeases(), rooms: map[string]*kept{}, sums: map[string]memorySum{}}
}

func (m *Memory) Create(_ context.Context, room string, first ...Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[room] != nil {
		return ErrExists
	}
	m.rooms[room] = &kept{entries: slices.Clone(first), writtenAt: time.Now()}
	return nil
}

func (m *Memory) Acquire(_ context.Context, room, node string) (Lease, Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.rooms[room]
	if k == nil {
		return Lease{}, Record{}, ErrNoRoom
	}
	lease, err := m.leases.acquire(room, node, k.epoch, uint64(len(k.entries)))
	if err != nil {
		return Lease{}, Record{}, err
	}
	k.epoch = lease.Epoch
	return lease, Record{Checkpoint: k.checkpoint, CheckpointN: k.checkpointN, Tail: slices.Clone(k.entries[k.checkpointN:])}, nil
}

func (m *Memory) Append(_ context.Context, lease Lease, entries []Entry, tell ...Publication) error {
	err := m.keep(lease, entries)
	if err == nil {
		m.tell(tell)
	}
	return err
}

func (m *Memory) keep(lease Lease, entries []Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.leases.use(lease, firstN(entries), len(entries)); err != nil {
		return err
	}
	k := m.rooms[lease.Room]
	k.entries = append(k.entries, entries...)
	k.writtenAt = time.Now()
	return nil
}

func firstN(entries []Entry) uint64 {
	if len(entries) == 0 {
		return 0
	}
	return entries[0].N
}

func (m *Memory) Checkpoint(_ context.Context, lease Lease, n uint64, state []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.leases.use(lease, 0, 0); err != nil {
		return err
	}
	k := m.rooms[lease.Room]
	k.checkpoint, k.checkpointN = bytes.Clone(state), n
	return nil
}

func (m *Memory) Release(_ context.Context, lease Lease) error {
	m.leases.release(lease)
	return nil
}

func (m *Memory) Read(_ context.Context, room string, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		m.mu.Lock()
		k := m.rooms[room]
		if k == nil {
			m.mu.Unlock()
			yield(Entry{}, ErrNoRoom)
			return
		}
		entries := slices.Clone(k.entries[min(after, uint64(len(k.entries))):])
		m.mu.Unlock()
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (m *Memory) List(_ context.Context, since time.Time) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rooms []string
	for room, k := range m.rooms {
		if !k.writtenAt.Before(since) {
			rooms = append(rooms, room)
		}
	}
	slices.SortFunc(rooms, func(a, b string) int {
		return cmp.Or(m.rooms[b].writtenAt.Compare(m.rooms[a].writtenAt), cmp.Compare(a, b))
	})
	return rooms, nil
}

// Probe implements Rooms: memory takes everything.
func (m *Memory) Probe(context.Context) error { return nil }

func (m *Memory) Delete(_ context.Context, room string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[room] == nil {
		return ErrNoRoom
	}
	delete(m.rooms, room)
	m.leases.drop(room)
	return nil
}

func (m *Memory) Prune(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	pruned := 0
	for room, k := range m.rooms {
		if k.writtenAt.Before(before) && !m.leases.owned(room) {
			delete(m.rooms, room)
			pruned++
		}
	}
	return pruned, nil
}
