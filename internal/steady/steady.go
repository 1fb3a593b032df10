// Package steady tells time by a clock that no one sets: it starts with the machine, goes on while the machine or the
// process is suspended, and never steps. Leases, gaps and ages of caches are kept by it; the wall clock is for dates.
package steady

import (
	"time"

	"golang.org/x/sys/unix"
)

// Clock tells moments of one steady line. Only their differences mean something: a moment of one machine, or of one
// start of it, says nothing on another.
type Clock func() time.Time

// Now reads CLOCK_BOOTTIME (clock_gettime(2)), which, unlike the monotonic clock behind time.Now, counts the time a
// machine was suspended: a lease must not outlive a laptop's sleep or a frozen virtual machine. Where the kernel has no
// such clock (before 2.6.39) it is CLOCK_MONOTONIC.
func Now() time.Time {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // it cannot fail on Linux
	}
	return time.Unix(ts.Unix())
}
