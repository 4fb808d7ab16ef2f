package recommend

import (
	"hash/maphash"
	"sync"

	"kinoautomat/story"
)

// maxRemembered is how many texts' vectors a catalogue remembers at most twice over: those of the newest scenes of as many rooms as a node
// has. They take about 1 KB each.
const maxRemembered = 8192

// memo remembers the vectors of texts that were read, for a room reads its last scenes again with every new one. What was not asked for
// while maxRemembered others were is forgotten. It is safe for concurrent use; vectors in it must not be changed.
type memo struct {
	seed  maphash.Seed
	mu    sync.Mutex
	young map[any]vector // by *story.Story, or by the hash of a text
	old   map[any]vector
}

func newMemo() *memo { return &memo{seed: maphash.MakeSeed(), young: map[any]vector{}} }

// text is what make makes of two texts.
func (m *memo) text(first, second string, make func() vector) vector {
	var h maphash.Hash
	h.SetSeed(m.seed)
	h.WriteString(first)
	h.WriteByte(0)
	h.WriteString(second)
	return m.get(h.Sum64(), make)
}

// story is what make makes of a story.
func (m *memo) story(s *story.Story, make func() vector) vector { return m.get(s, make) }

func (m *memo) get(key any, fill func() vector) vector {
	m.mu.Lock()
	v, known := m.young[key]
	if !known {
		v, known = m.old[key]
	}
	m.mu.Unlock()
	if !known {
		v = fill()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.young[key] = v; len(m.young) >= maxRemembered {
		m.old, m.young = m.young, map[any]vector{}
	}
	return v
}
