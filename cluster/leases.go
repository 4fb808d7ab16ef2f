package cluster

import (
	"sync"
	"time"
)

// leases says who owns which room, for backends whose nodes share one process.
type leases struct {
	mu   sync.Mutex
	held map[string]hold // guarded by mu
}

type hold struct {
	node    string
	epoch   uint64
	n       uint64 // last entry appended
	expires time.Time
}

func newLeases() *leases { return &leases{held: map[string]hold{}} }

// acquire gives a room to node. last is what the backend has kept: the epoch of the last owner and the last entry.
func (l *leases) acquire(room, node string, lastEpoch, n uint64) (Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.held[room]; ok {
		if h.node != node && time.Now().Before(h.expires) {
			return Lease{}, ErrHeld
		}
		lastEpoch = max(lastEpoch, h.epoch)
	}
	// A clock in the epoch keeps it growing even where what was kept is lost.
	epoch := max(lastEpoch+1, uint64(time.Now().UnixMilli()))
	l.held[room] = hold{node: node, epoch: epoch, n: n, expires: time.Now().Add(LeaseTTL)}
	return Lease{Room: room, Node: node, Epoch: epoch}, nil
}

// use renews a lease for an append of count entries from first on, or says that it is lost. A lease that expired but that nobody else
// took is still good.
func (l *leases) use(lease Lease, first uint64, count int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.held[lease.Room]
	if !ok || h.epoch != lease.Epoch || h.node != lease.Node {
		return ErrLost
	}
	if count > 0 {
		if first != h.n+1 {
			return ErrLost
		}
		h.n += uint64(count)
	}
	h.expires = time.Now().Add(LeaseTTL)
	l.held[lease.Room] = h
	return nil
}

func (l *leases) release(lease Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[lease.Room].epoch == lease.Epoch {
		delete(l.held, lease.Room)
	}
}

func (l *leases) drop(room string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, room)
}

func (l *leases) owned(room string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.held[room]
	return ok && time.Now().Before(h.expires)
}
