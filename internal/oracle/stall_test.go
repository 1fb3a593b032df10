package oracle

import (
	"testing"
	"time"
)

func TestAStallIsRememberedForAWhile(t *testing.T) {
	var now time.Duration
	s := &stalls{now: func() time.Duration { return now }}
	step := func(d time.Duration) { now += d; s.fired() }
	if s.worst() != 0 {
		t.Error("late before it began")
	}
	step(time.Second)
	step(stallEvery)
	if got := s.worst(); got != 0 {
		t.Errorf("on time: %v", got)
	}
	step(stallEvery + 30*time.Millisecond)
	now += stallEvery + 7*time.Millisecond
	if got := s.worst(); got != 30*time.Millisecond {
		t.Errorf("after a stall of 30 ms: %v", got)
	}
	now += 40 * time.Millisecond
	if got := s.worst(); got != 47*time.Millisecond {
		t.Errorf("in a stall that lasts: %v", got)
	}
	s.fired()
	for range 130 {
		step(stallEvery)
	}
	if got := s.worst(); got != 0 {
		t.Errorf("a quarter of a second later: %v", got)
	}
}
