package steady_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"telltale/internal/steady"
)

func TestTheClockGoesForwardBesideTheMonotonicOne(t *testing.T) {
	start, began := steady.Now(), time.Now()
	last := start
	for time.Since(began) < 20*time.Millisecond {
		now := steady.Now()
		if now.Before(last) {
			t.Fatalf("%v after %v", now, last)
		}
		last = now
	}
	if took := last.Sub(start); took < 19*time.Millisecond || took > time.Since(began)+time.Millisecond {
		t.Fatalf("%v passed where %v did", took, time.Since(began))
	}
}

// A step of the wall clock changes what time.Now shows; what this clock shows is the kernel's time since boot.
func TestTheClockIsTheTimeSinceTheMachineStarted(t *testing.T) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		t.Fatal(err)
	}
	up := time.Duration(info.Uptime) * time.Second
	if off := (steady.Now().Sub(time.Unix(0, 0)) - up).Abs(); off > 2*time.Second {
		t.Fatalf("off the kernel's uptime by %v", off)
	}
}
