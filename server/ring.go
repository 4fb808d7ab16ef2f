package server

import "sync"

// ringSize is how many frames a viewer may be behind before being cut: some minutes of a lively room.
const ringSize = 1024

// slot is one frame that a room told everybody.
type slot struct {
	pos   uint64 // of the room's emission
	seq   uint64 // 0 = passing
	kind  string
	only  bool // of its kind only the latest matters
	frame []byte
}

// ring holds the latest frames of one room. Viewers are cursors into it: a cursor is the number of the next frame to send.
type ring struct {
	mu     sync.RWMutex
	slots  [ringSize]slot    // guarded by mu
	head   uint64            // frames ever put; guarded by mu
	latest map[string]uint64 // number of the latest frame of each kind of which only that matters; guarded by mu
}

func newRing() *ring { return &ring{latest: map[string]uint64{}} }

func (r *ring) put(s slot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots[r.head%ringSize] = s
	if s.only {
		r.latest[s.kind] = r.head
	}
	r.head++
}

// tail is the number of the oldest frame held.
func (r *ring) tail() uint64 { return max(r.head, ringSize) - ringSize }

// from copies into buf the frames from cursor on, without those that a later one has replaced; ok is false when the ring has lapped
// the cursor. It also returns the new cursor and how many frames there are.
func (r *ring) from(cursor uint64, buf []byte) (frames []byte, next uint64, count int, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if cursor < r.tail() {
		return nil, cursor, 0, false
	}
	var single []byte
	for n := cursor; n < r.head; n++ {
		s := &r.slots[n%ringSize]
		if s.only && r.latest[s.kind] != n {
			continue
		}
		count++
		if count == 1 {
			single = s.frame // shared, not copied, as long as it is the only one
			continue
		}
		if count == 2 {
			buf = append(buf[:0], single...)
		}
		buf = append(buf, s.frame...)
	}
	if count > 1 {
		single = buf
	}
	return single, r.head, count, true
}

// after finds the cursor behind everything that a snapshot at pos holds.
func (r *ring) after(pos uint64) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := r.head
	for n > r.tail() && r.slots[(n-1)%ringSize].pos > pos {
		n--
	}
	return n
}

// since finds the cursor behind the frame with a seq; false when that frame is no longer held, or never was: passing frames have the seq 0,
// and so says a viewer who has seen nothing.
func (r *ring) since(seq uint64) (uint64, bool) {
	if seq == 0 {
		return 0, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for n := r.head; n > r.tail(); n-- {
		if r.slots[(n-1)%ringSize].seq == seq {
			return n, true
		}
	}
	return 0, false
}
