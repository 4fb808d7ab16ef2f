package server

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// An operator sees which backend is left alone, how busy each is, how fast models write, and what the gate did.
func TestMetrics_Narrator(t *testing.T) {
	m := NewMetrics()
	var ill atomic.Bool
	m.Watch(func() []Backend {
		return []Backend{{Name: "a", Up: !ill.Load(), Busy: 2, Slots: 4}, {Name: "b", Up: true, Slots: 1}}
	})
	m.Judged("passed")
	m.Judged("guard")
	m.Narrated("a", "model_answered", 120*time.Millisecond, 40)
	m.Narrated("b", "model_unreachable", 0, 0)
	inBubble(t, func(c *Config) { c.Metrics = m }, func(t *testing.T, n *node) {
		shows := func(lines ...string) {
			t.Helper()
			_, text := n.call("GET", "/metrics", "", nil)
			for _, line := range lines {
				if !strings.Contains(string(text), "\n"+line+"\n") {
					t.Errorf("/metrics has no line %q", line)
				}
			}
		}
		shows(`kino_backend_up{backend="a"} 1`, `kino_backend_up{backend="b"} 1`, `kino_backend_busy{backend="a"} 2`, `kino_backend_slots{backend="a"} 4`,
			`kino_gate_verdicts_total{verdict="guard"} 1`, `kino_narrations_total{backend="b",outcome="model_unreachable"} 1`,
			`kino_narration_tokens_per_second_sum 40`, `kino_narration_tokens_per_second_count 1`, `kino_narration_first_word_seconds_count 1`)
		ill.Store(true)
		shows(`kino_backend_up{backend="a"} 0`, `kino_backend_up{backend="b"} 1`)
	})
}
