package server

import (
	"fmt"
	"strings"
	"testing"
)

// numberedSlots are frames that name their seq.
func numberedSlots(from, to uint64) (slots []slot) {
	for seq := from; seq <= to; seq++ {
		slots = append(slots, slot{seq: seq, pos: seq, kind: "chat.said", frame: fmt.Append(nil, seq, " ")})
	}
	return slots
}

// What was told before the ring began is put in front of it, as far back as it has room, and nothing twice.
func TestRing_Before(t *testing.T) {
	r := newRing()
	for _, s := range numberedSlots(2001, 2010) {
		r.put(s)
		r.put(slot{pos: s.pos, kind: "beat", only: true, frame: []byte("beat ")})
	}
	cursor := r.after(2005, 2005)
	r.before(numberedSlots(1, 2007), 2010)
	frames, held := r.numbered(1990, 2003)
	if got := string(frames); !held || got != "1991 1992 1993 1994 1995 1996 1997 1998 1999 2000 2001 2002 2003 " {
		t.Errorf("held %v: %s", held, got)
	}
	if after := r.after(2005, 2005); after != cursor {
		t.Errorf("a snapshot's place moved from %d to %d", cursor, after)
	}
	oldest := uint64(2001 - (ringSize - 20))
	if _, held := r.numbered(oldest-1, 2010); !held {
		t.Error("the ring has room for more than it took")
	}
	if _, held := r.numbered(oldest-2, 2010); held {
		t.Error("the ring holds more than it has room for")
	}
	for _, s := range numberedSlots(2011, 2010+ringSize) {
		r.put(s)
	}
	if _, held := r.numbered(2009, 2012); held {
		t.Error("what was lapped is held")
	}
	if frames, held := r.numbered(2010, 2012); !held || string(frames) != "2011 2012 " {
		t.Errorf("held %v: %s", held, frames)
	}
}

// Whoever has everything misses nothing, also where the ring is empty; whoever is ahead of the room has nothing that could be told.
func TestRing_NothingMissing(t *testing.T) {
	r := newRing()
	if frames, held := r.numbered(7, 7); !held || len(frames) != 0 {
		t.Errorf("held %v: %s", held, frames)
	}
	if _, held := r.numbered(6, 7); held {
		t.Error("an empty ring holds something")
	}
	r.before(numberedSlots(5, 9), 7) // of which 8 and 9 are still on their way
	if frames, held := r.numbered(4, 7); !held || strings.TrimSpace(string(frames)) != "5 6 7" {
		t.Errorf("held %v: %s", held, frames)
	}
	if _, held := r.numbered(4, 8); held {
		t.Error("the ring holds what was not heard yet")
	}
}
