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
	// Read within the other clock's two readings, whatever the machine does in between: at least what passed between the inner
	// ones, at most what passed between the outer ones.
	least := time.Since(began)
	took := steady.Now().Sub(start)
	if most := time.Since(began); took < least-time.Millisecond || took > most+time.Second {
		t.Fatalf("%v passed where between %v and %v did", took, least, most)
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
