package server

import (
	"sync"
	"time"
)

// nodes is which nodes with viewers a room's owner hears. A node that dies cannot say that its viewers are gone; without this they would be
// counted as here for as long as the owner lives.
type nodes struct {
	mu      sync.Mutex
	heardAt map[string]time.Time // zero = it was silent for long, and its viewers count as gone; guarded by mu
}

const (
	aliveEvery = 3 * time.Second  // between two signs of life of a node
	nodeSilent = 10 * time.Second // after that a node's viewers count as gone; those who came back elsewhere stay
)

// connPrefix begins the names of a node's connections.
func connPrefix(node string) string { return node + "-" }

// heard notes a sign of life. ask: the node was taken for gone, so it has to say again who is connected to it.
func (n *nodes) heard(node string, now time.Time) (ask bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.heardAt == nil {
		n.heardAt = map[string]time.Time{}
	}
	before, known := n.heardAt[node]
	n.heardAt[node] = now
	return known && before.IsZero()
}

// silent are the nodes that have just been silent for too long.
func (n *nodes) silent(now time.Time) (gone []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for node, at := range n.heardAt {
		switch {
		case at.IsZero():
		case now.Sub(at) >= nodeSilent:
			n.heardAt[node] = time.Time{}
			gone = append(gone, node)
		}
	}
	return gone
}
