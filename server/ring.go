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
	first  uint64            // number of the oldest frame ever held; guarded by mu
	head   uint64            // number of the next frame; guarded by mu
	latest map[string]uint64 // number of the latest frame of each kind of which only that matters; guarded by mu
}

// ringStart is the number of the first frame that is put: there are numbers below it for frames that are put before it.
const ringStart = 2 * ringSize

func newRing() *ring { return &ring{first: ringStart, head: ringStart, latest: map[string]uint64{}} }

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
func (r *ring) tail() uint64 { return max(r.first, r.head-ringSize) }

// before puts frames, the oldest first, in front of all others, as many of them as there is room for. Those that the ring holds already are
// left out, and those with a seq above most.
func (r *ring) before(slots []slot, most uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := r.tail(); n < r.head; n++ {
		if s := &r.slots[n%ringSize]; s.seq > 0 {
			most = s.seq - 1
			break
		}
	}
	for i := len(slots) - 1; i >= 0 && r.first > ringStart-ringSize && r.head-r.first < ringSize; i-- {
		if slots[i].seq <= most {
			r.first--
			r.slots[r.first%ringSize] = slots[i]
		}
	}
}

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

// after finds the cursor behind everything that a snapshot at pos and seq holds.
func (r *ring) after(pos, seq uint64) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := r.head
	for n > r.tail() {
		s := &r.slots[(n-1)%ringSize]
		if s.seq > 0 && s.seq <= seq || s.seq == 0 && s.pos <= pos {
			break
		}
		n--
	}
	return n
}

// numbered are the frames with a seq above since, up to one; false when not all of them are held.
func (r *ring) numbered(since, to uint64) (frames []byte, held bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found := since
	for n := r.tail(); n < r.head && found < to; n++ {
		if s := &r.slots[n%ringSize]; s.seq == found+1 {
			frames = append(frames, s.frame...)
			found++
		}
	}
	return frames, found == to
}
