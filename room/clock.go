package room

import (
	"sync"
	"time"
)

// Clock is a node's: the system's, without its steps backwards. A room that took part in such a step would stand still for as long as it was
// wide, beats included. After one the clock goes on at the pace of real time, ahead of the system's, until the process ends. It is safe for
// concurrent use.
type Clock struct {
	wall   func() time.Time     // what the system says
	passed func() time.Duration // real time, whatever the system says

	mu   sync.Mutex
	last time.Time     // guarded by mu
	at   time.Duration // passed when last was told; guarded by mu
}

// NewClock makes the clock of a process.
func NewClock() *Clock {
	begun := time.Now()
	return &Clock{wall: time.Now, passed: func() time.Duration { return time.Since(begun) }}
}

// Now is never before what it or NotBefore was before.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, passed := c.wall().Round(0), c.passed()
	if steady := c.last.Add(passed - c.at); now.Before(steady) {
		now = steady
	}
	c.last, c.at = now, passed
	return now
}

// NotBefore puts the clock forward to a time at which something is known to have happened.
func (c *Clock) NotBefore(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if passed := c.passed(); t.After(c.last.Add(passed - c.at)) {
		c.last, c.at = t, passed
	}
}

// millis is Now in Unix milliseconds.
func (c *Clock) millis() int64 { return c.Now().UnixMilli() }
