package metering

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock is the processor time of this thread: what else the machine does does
// not count.
func clock() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(t.Nano())
}
