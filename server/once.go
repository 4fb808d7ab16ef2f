package server

import (
	"strconv"
	"sync"
	"time"
)

// once makes a command happen once, however often it comes: the edge repeats what is not answered, and a room that waits for its disk would
// else do a host's "next" twice. It remembers for commandLife at least, since nobody repeats a command for longer.
type once struct {
	mu     sync.Mutex
	recent map[ref][]byte // the answer, nil while the room has none yet; guarded by mu
	older  map[ref][]byte // guarded by mu
	turnAt time.Time      // when recent becomes older; guarded by mu
}

// ref names a command among those of all nodes.
type ref struct {
	node   string
	number uint64
}

// name is the command's ref for a room's memory, which outlives its owner: what may be done twice has none. A ballot is the same ballot
// however often it is cast, and joining twice is joining once.
func (r ref) name(kind string) string {
	switch kind {
	case "vote", "join", "react", "snapshot", "here", "again":
		return ""
	}
	return r.node + "/" + strconv.FormatUint(r.number, 36)
}

// begin says whether a command is new. Of one that has been answered it gives the answer, which may have been lost.
func (o *once) begin(r ref, now time.Time) (answer []byte, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.After(o.turnAt) {
		o.older, o.recent, o.turnAt = o.recent, map[ref][]byte{}, now.Add(commandLife)
	}
	if answer, known := o.recent[r]; known {
		return answer, false
	}
	if answer, known := o.older[r]; known {
		return answer, false
	}
	o.recent[r] = nil
	return nil, true
}

// answered keeps the answer to a command.
func (o *once) answered(r ref, answer []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.older, r)
	o.recent[r] = answer
}

// forget lets a command happen again: a welcome is long and must be fresh, and joining twice is joining once.
func (o *once) forget(r ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.older, r)
	delete(o.recent, r)
}
