package politeness_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telltale/internal/fetch/politeness"
)

// refused has a pacer's host answer 429 without a Retry-After and returns the wait it earned.
func refused(t *testing.T, p *politeness.Pacer, host string) time.Duration {
	t.Helper()
	s, err := p.Acquire(t.Context(), host, one)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	return p.Throttled(t.Context(), host, 0)
}

func TestTheFleetDoublesABackoffTogetherAndForgivesItTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		var waits []time.Duration
		// Each refusal meets another process: the one before has gone, by kill -9 or in order.
		for i := range 4 {
			p, err := politeness.New(withClock(fleetConfig(f, string(rune('a'+i)))))
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, refused(t, p, "a.example"))
			if i%2 == 0 {
				p.Close()
			} else {
				t.Cleanup(p.Close)
			}
			pass(waits[i] + 2*time.Minute) // its leases have run out
		}
		for i, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute} {
			if waits[i] < want || waits[i] > want*11/10 {
				t.Errorf("refusal %d earned %v, want %v and a tenth at most", i+1, waits[i], want)
			}
		}
		pass(30 * time.Minute)
		if w := refused(t, newPacer(t, fleetConfig(f, "z")), "a.example"); w > 66*time.Second {
			t.Errorf("after thirty quiet minutes a refusal earned %v", w)
		}
	})
}

// withClock gives a pacer that is made by hand the bubble's clock.
func withClock(c politeness.Config) politeness.Config {
	c.Clock = time.Now
	return c
}

func TestALessonThatTheFleetCannotHearIsRepeatedUntilItDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		p := newPacer(t, fleetConfig(f, "a"))
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		f.set(errors.New("no broker"))
		p.Throttled(t.Context(), "a.example", 2*time.Hour)
		s.Release()
		pass(30 * time.Second)
		f.set(nil)
		pass(2 * time.Second)
		// It dies without a word: whoever comes next knows all the same.
		var long *politeness.TooLongError
		heir := newPacer(t, fleetConfig(f, "b"))
		if _, err := heir.Acquire(t.Context(), "a.example", two); !errors.As(err, &long) || long.Wait < 119*time.Minute {
			t.Fatalf("got %v", err)
		}
	})
}

func (f *fleet) set(broken error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

func TestAHostThatManyWantServesThemInTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, l := newFleet(), newLogbook()
		ctx, stop := context.WithCancel(t.Context())
		greedy := newPacer(t, fleetConfig(f, "greedy"))
		var busy sync.WaitGroup
		for range 3 { // it never runs out of work on the address
			busy.Go(func() {
				for ctx.Err() == nil {
					l.request(t, greedy, "shared.example", one, time.Second, 2*time.Second)
				}
			})
		}
		pass(time.Minute)
		modest, start := newPacer(t, fleetConfig(f, "modest")), time.Now()
		l.request(t, modest, "shared.example", one, time.Second, 2*time.Second)
		// Host and address are a turn each, and a turn ends where the lease would have to be renewed.
		if waited := time.Since(start); waited > 4*time.Minute {
			t.Errorf("waited %v for a turn", waited)
		}
		stop()
		busy.Wait()
	})
}

func TestALeaseThatLiesIdleIsGivenBackAtOnceToWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, l := newFleet(), newLogbook()
		c := fleetConfig(f, "a")
		c.LeaseIdle = time.Minute
		a := newPacer(t, c)
		for i := range 5 {
			l.request(t, a, fmt.Sprintf("a%d.example", i), one, time.Second, 2*time.Second)
			c.Owner = "b"
			start := time.Now()
			b := newPacer(t, c)
			l.request(t, b, fmt.Sprintf("b%d.example", i), one, time.Second, 2*time.Second)
			// The gap of two seconds, one more look at the lease, and the request itself.
			if took := time.Since(start); took > 4500*time.Millisecond {
				t.Errorf("the address changed hands in %v", took)
			}
			b.Close()
		}
	})
}

func TestAGapThatRobotsTxtAsksForCountsFromItsOwnRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ delay, want time.Duration }{{10 * time.Second, 10 * time.Second}, {time.Hour, 30 * time.Second}} {
			p := newPacer(t, politeness.Config{MinDelay: time.Second, MaxWait: 30 * time.Second})
			for range 2 { // when it is learnt, and when it was known
				s, err := p.Acquire(t.Context(), "a.example", one)
				if err != nil {
					t.Fatal(err)
				}
				s.ReleaseRobots()
				p.SetCrawlDelay("a.example", c.delay)
				end := time.Now()
				if s, err = p.Acquire(t.Context(), "a.example", one); err != nil {
					t.Fatal(err)
				}
				if gap := time.Since(end); gap != c.want {
					t.Errorf("crawl-delay %v: the first page came %v after robots.txt, want %v", c.delay, gap, c.want)
				}
				s.Release()
				var long *politeness.TooLongError
				if s, err = p.Acquire(t.Context(), "a.example", one); c.delay > 30*time.Second && !errors.As(err, &long) {
					t.Errorf("crawl-delay %v: the second page: %v", c.delay, err)
				}
				if err == nil {
					s.Release()
				}
				pass(2 * time.Hour)
			}
		}
	})
}
