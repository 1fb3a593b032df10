package oracle

import (
	"context"
	"sync"
	"time"
)

const (
	// stallEvery is how often the server looks whether it is served by the machine itself.
	stallEvery = 2 * time.Millisecond
	// stallWindow is how far back a stall still explains what was noticed late.
	stallWindow = 250 * time.Millisecond
)

// stalls tells how late a process runs: how long after its time a timer of its own fires. Whatever waits for the network
// in the same process is woken no earlier.
type stalls struct {
	now func() time.Duration

	mu sync.Mutex
	// due is when the timer is to fire next; late are recent firings that were late, at the time they came.
	due  time.Duration
	late []stall
}

type stall struct{ at, by time.Duration }

// run watches until ctx ends.
func (s *stalls) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			s.fired()
			timer.Reset(stallEvery)
		}
	}
}

// fired notes that the timer has come.
func (s *stalls) fired() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if by := now - s.due; s.due > 0 && by > stallEvery {
		s.late = append(s.late, stall{now, by})
	}
	for len(s.late) > 0 && s.late[0].at < now-stallWindow {
		s.late = s.late[1:]
	}
	s.due = now + stallEvery
}

// worst is the longest stall within the window, one that still lasts included.
func (s *stalls) worst() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	worst := time.Duration(0)
	if s.due > 0 {
		worst = max(0, now-s.due)
	}
	for _, x := range s.late {
		if x.at >= now-stallWindow {
			worst = max(worst, x.by)
		}
	}
	return worst
}
