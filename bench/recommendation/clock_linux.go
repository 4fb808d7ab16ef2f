package recommendation

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadClock is the CPU time of this thread.
func threadClock() (now func() time.Duration, cpu bool) {
	return func() time.Duration {
		var t unix.Timespec
		if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
			return 0
		}
		return time.Duration(t.Nano())
	}, true
}
