//go:build !linux

package recommendation

import "time"

// threadClock is the time that passes, since the thread's own isn't known.
func threadClock() (now func() time.Duration, cpu bool) {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }, false
}
