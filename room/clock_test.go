package room

import (
	"testing"
	"time"
)

// A system clock that was put back by an hour, as by a first synchronisation, once stopped every show for that hour.
func TestClock_StepsBackwardsAreNotFollowed(t *testing.T) {
	wall, passed := time.UnixMilli(1_795_489_282_000), time.Duration(0)
	c := &Clock{wall: func() time.Time { return wall }, passed: func() time.Duration { return passed }}
	begun := c.Now()
	pass := func(d, step time.Duration) {
		wall, passed = wall.Add(d+step), passed+d
	}
	for _, s := range []struct{ passes, step, wants time.Duration }{
		{time.Second, 0, time.Second},
		{time.Second, -time.Hour, 2 * time.Second},
		{time.Minute, 0, 62 * time.Second},
		{time.Second, time.Hour, 63 * time.Second},
		{time.Second, time.Minute, 64*time.Second + time.Minute}, // steps forwards are
	} {
		pass(s.passes, s.step)
		if got := c.Now().Sub(begun); got != s.wants {
			t.Errorf("after a step of %s: %s have passed, want %s", s.step, got, s.wants)
		}
	}
	c.NotBefore(c.Now().Add(time.Hour))
	c.NotBefore(begun)
	pass(time.Second, 0)
	if got := c.Now().Sub(begun); got != 65*time.Second+time.Minute+time.Hour {
		t.Errorf("put forward by an hour: %s have passed", got)
	}
}
