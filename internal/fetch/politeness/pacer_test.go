package politeness_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/fetch/politeness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pass lets time pass, in a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }

var (
	one = netip.MustParseAddr("192.0.2.1")
	two = netip.MustParseAddr("192.0.2.2")
)

func newPacer(t *testing.T, c politeness.Config) *politeness.Pacer {
	t.Helper()
	if c.Clock == nil {
		c.Clock = time.Now // the bubble's
	}
	p, err := politeness.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if f, ok := c.Leases.(*fleet); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hearing = append(f.hearing, p)
	}
	return p
}

// logbook records requests and checks, for each key, that they keep apart.
type logbook struct {
	mu   sync.Mutex
	last map[string]time.Time
	busy map[string]int
	n    int
}

func newLogbook() *logbook { return &logbook{last: map[string]time.Time{}, busy: map[string]int{}} }

// request takes a slot, holds it for a while and reports every overlap and every gap that is too short.
func (l *logbook) request(t *testing.T, p *politeness.Pacer, host string, addr netip.Addr, hold, gap time.Duration) {
	t.Helper()
	s, err := p.Acquire(t.Context(), host, addr)
	if err != nil {
		t.Errorf("%s at %s: %v", host, addr, err)
		return
	}
	keys := []string{host, addr.String()}
	l.mu.Lock()
	l.n++
	for _, k := range keys {
		if l.busy[k]++; l.busy[k] > 1 {
			t.Errorf("%d requests at a time for %s", l.busy[k], k)
		}
		if had := time.Since(l.last[k]); had < gap {
			t.Errorf("a gap of %v for %s", had, k)
		}
	}
	l.mu.Unlock()
	if !s.Valid() {
		t.Errorf("%s: a fresh slot is not valid", host)
	}
	pass(hold)
	l.mu.Lock()
	for _, k := range keys {
		l.busy[k]--
		l.last[k] = time.Now()
	}
	l.mu.Unlock()
	s.Release()
	s.Release()
}

func TestHostsAndAddressesAreAskedOneAtATimeWithGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		l, start := newLogbook(), time.Now()
		var wg sync.WaitGroup
		for i := range 60 {
			host := fmt.Sprintf("h%d.example", i%6)
			addr := []netip.Addr{one, two}[i%2]
			wg.Go(func() { l.request(t, p, host, addr, 200*time.Millisecond, time.Second) })
		}
		wg.Wait()
		// Thirty requests an address: 30 × 0.2 s and 29 gaps. Politeness must not become idleness.
		if took, want := time.Since(start), 35*time.Second; took != want || l.n != 60 {
			t.Fatalf("%d requests took %v, want %v", l.n, took, want)
		}
	})
}

func TestOneSlowHostHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		slow, err := p.Acquire(t.Context(), "slow.example", one)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			s, err := p.Acquire(t.Context(), "slow.example", two)
			if err != nil {
				t.Error(err)
				return
			}
			s.Release()
		})
		synctest.Wait()
		s, err := p.Acquire(t.Context(), "quick.example", two)
		if err != nil {
			t.Fatal(err)
		}
		s.Release()
		slow.Release()
		wg.Wait()
	})
}

func TestCrawlDelayIsKeptWhereItIsLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		l := newLogbook()
		p.SetCrawlDelay("A.example", 10*time.Second)
		p.SetCrawlDelay("b.example", time.Millisecond)
		start := time.Now()
		for range 3 {
			l.request(t, p, "a.example", one, 0, 10*time.Second)
		}
		for range 3 {
			l.request(t, p, "b.example", two, 0, time.Second)
		}
		if took := time.Since(start); took != 22*time.Second {
			t.Fatalf("took %v", took)
		}
		p.SetCrawlDelay("a.example", time.Hour)
		// Counted from the last request on, but a page has its turn within the longest wait.
		start = time.Now()
		l.request(t, p, "a.example", one, 0, 2*time.Minute)
		if took := time.Since(start); took > 2*time.Minute {
			t.Fatalf("waited %v", took)
		}
		var long *politeness.TooLongError
		if _, err := p.Acquire(t.Context(), "a.example", one); !errors.As(err, &long) || long.Wait != time.Hour {
			t.Fatalf("a delay beyond the limit gave %v", err)
		}
	})
}

func TestAThrottledHostIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MaxWait: 90 * time.Second})
		within := func(got, want time.Duration) {
			t.Helper()
			if got < want || got > want+want/10 {
				t.Fatalf("left alone for %v, want %v and a tenth at most", got, want)
			}
		}
		throttled := func(after time.Duration) time.Duration { return p.Throttled(t.Context(), "a.example", after) }
		within(throttled(30*time.Second), 30*time.Second)
		start := time.Now()
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		within(time.Since(start), 30*time.Second)
		s.Release()
		within(throttled(0), 2*time.Minute)
		within(throttled(0), 4*time.Minute)
		var long *politeness.TooLongError
		if _, err := p.Acquire(t.Context(), "a.example", one); !errors.As(err, &long) || long.Wait < 4*time.Minute {
			t.Fatalf("got %v", err)
		}
		other, err := p.Acquire(t.Context(), "b.example", one)
		if err != nil {
			t.Fatalf("its neighbour: %v", err)
		}
		other.Release()
		pass(4*time.Minute + 24*time.Second + 30*time.Minute + time.Second)
		within(throttled(0), time.Minute)
		for range 20 {
			throttled(0)
		}
		within(throttled(0), 24*time.Hour)
		within(throttled(1000*time.Hour), 24*time.Hour)
	})
}

func TestALessonTurnsThoseAwayWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{})
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error)
		go func() { _, err := p.Acquire(t.Context(), "a.example", one); got <- err }()
		synctest.Wait()
		p.Throttled(t.Context(), "a.example", time.Hour)
		s.Release()
		var long *politeness.TooLongError
		if err := <-got; !errors.As(err, &long) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestRangesTakeSeveralRequestsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second, Ranges: []politeness.Range{
			{Prefix: netip.MustParsePrefix("192.0.2.0/31"), Concurrency: 4, Delay: time.Second},
		}})
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				s, err := p.Acquire(t.Context(), fmt.Sprintf("h%d.example", i), one)
				if err != nil {
					t.Error(err)
					return
				}
				pass(time.Second)
				s.Release()
			})
		}
		wg.Wait()
		if took := time.Since(start); took != 5*time.Second {
			t.Fatalf("12 requests, 4 at a time, took %v", took)
		}
	})
}

func TestNeighboursInOneIPv6NetworkShareAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		start := time.Now()
		for i, a := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "::ffff:192.0.2.1", "192.0.2.1"} {
			s, err := p.Acquire(t.Context(), fmt.Sprint(i), netip.MustParseAddr(a))
			if err != nil {
				t.Fatal(err)
			}
			s.Release()
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}

func TestWhoGivesUpLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Millisecond)
			defer cancel()
			wg.Go(func() {
				// Half wait at the host's gate, half at the address's.
				s, err := p.Acquire(ctx, []string{"a.example", "b.example"}[i%2], one)
				if err == nil {
					s.Release()
				} else if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
		}
		pass(time.Second)
		s.Release()
		wg.Wait()
		start := time.Now()
		last, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil || time.Since(start) > time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		last.Release()
		p.Close()
		p.Close()
		if _, err := p.Acquire(t.Context(), "a.example", one); !errors.Is(err, politeness.ErrClosed) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestIdleHostsAreForgottenAndThrottledOnesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: time.Second})
		p.Throttled(t.Context(), "bad.example", 10*time.Hour)
		for i := range 20_000 {
			s, err := p.Acquire(t.Context(), fmt.Sprintf("h%d.example", i), netip.AddrFrom4([4]byte{1, byte(i >> 16), byte(i >> 8), byte(i)}))
			if err != nil {
				t.Fatal(err)
			}
			s.Release()
			pass(10 * time.Millisecond)
		}
		if n := p.Len(); n > 2000 {
			t.Fatalf("%d hosts and addresses are remembered", n)
		}
		var long *politeness.TooLongError
		if _, err := p.Acquire(t.Context(), "bad.example", one); !errors.As(err, &long) {
			t.Fatalf("a throttled host was forgotten: %v", err)
		}
	})
}

func TestAWaitingVisitIsCheap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, politeness.Config{MinDelay: 30 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var wg sync.WaitGroup
		const visits = 10_000
		for i := range visits {
			host, addr := fmt.Sprintf("h%d.example", i), netip.AddrFrom4([4]byte{1, 0, byte(i >> 8), byte(i)})
			wg.Go(func() {
				for {
					s, err := p.Acquire(ctx, host, addr)
					if err != nil {
						return
					}
					s.Release()
				}
			})
		}
		synctest.Wait()
		runtime.GC()
		runtime.ReadMemStats(&after)
		each := int64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse) / visits
		t.Logf("%d bytes for each visit that waits", each)
		if each > 8<<10 {
			t.Errorf("%d bytes for each visit that waits", each)
		}
		cancel()
		wg.Wait()
	})
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]politeness.Config{
		"a negative delay":          {MinDelay: -1},
		"leases without an owner":   {Leases: &fleet{}},
		"leases shorter than needs": {Leases: &fleet{}, Owner: "x", LeaseTTL: 40 * time.Second},
		"a range for nobody":        {Ranges: []politeness.Range{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}},
	} {
		if _, err := politeness.New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
