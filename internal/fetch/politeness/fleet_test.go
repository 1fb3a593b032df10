package politeness_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"net/netip"

	"telltale/internal/fetch/politeness"
)

// fleet keeps leases in memory under the same terms as the queue's key-value buckets.
type fleet struct {
	mu     sync.Mutex
	leases map[string]lease
	next   map[string]note
	// hearing are the pacers that are told what is wanted.
	hearing []*politeness.Pacer
	serial  uint64
	calls   map[string]int
	broken  error
}

type lease struct {
	owner string
	token uint64
	until time.Time
}

type note struct {
	at, until time.Time
	strikes   int
}

func newFleet() *fleet {
	return &fleet{leases: map[string]lease{}, next: map[string]note{}, calls: map[string]int{}}
}

func (f *fleet) enter(call string) error {
	f.mu.Lock()
	f.calls[call]++
	return f.broken
}

func (f *fleet) Acquire(_ context.Context, key, owner string, ttl time.Duration) (uint64, bool, error) {
	defer f.mu.Unlock()
	if err := f.enter("acquire"); err != nil {
		return 0, false, err
	}
	if l, ok := f.leases[key]; ok && time.Now().Before(l.until) && l.owner != owner {
		return 0, false, nil
	}
	f.serial++
	f.leases[key] = lease{owner, f.serial, time.Now().Add(ttl)}
	return f.serial, true, nil
}

func (f *fleet) Renew(_ context.Context, key, owner string, token uint64, ttl time.Duration) (uint64, error) {
	defer f.mu.Unlock()
	if err := f.enter("renew"); err != nil {
		return 0, err
	}
	if l, ok := f.leases[key]; !ok || l.token != token || !time.Now().Before(l.until) {
		return 0, errors.New("lost")
	}
	f.serial++
	f.leases[key] = lease{owner, f.serial, time.Now().Add(ttl)}
	return f.serial, nil
}

func (f *fleet) Release(_ context.Context, key string, token uint64) error {
	defer f.mu.Unlock()
	if err := f.enter("release"); err != nil {
		return err
	}
	if f.leases[key].token == token {
		delete(f.leases, key)
	}
	return nil
}

func (f *fleet) NextAllowed(_ context.Context, key string) (time.Time, int, error) {
	defer f.mu.Unlock()
	if err := f.enter("next"); err != nil {
		return time.Time{}, 0, err
	}
	if n := f.next[key]; time.Now().Before(n.until) {
		return n.at, n.strikes, nil
	}
	return time.Time{}, 0, nil
}

// Want tells every pacer, as the broker does.
func (f *fleet) Want(key string) error {
	f.mu.Lock()
	hearing := slices.Clone(f.hearing)
	f.mu.Unlock()
	for _, p := range hearing {
		p.Wanted(key)
	}
	return f.broken
}

func (f *fleet) SetNextAllowed(_ context.Context, key string, at time.Time, strikes int, ttl time.Duration) error {
	defer f.mu.Unlock()
	if err := f.enter("set"); err != nil {
		return err
	}
	f.next[key] = note{at, time.Now().Add(max(ttl, time.Until(at), time.Second)), strikes}
	return nil
}

func (f *fleet) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

func fleetConfig(f *fleet, owner string) politeness.Config {
	return politeness.Config{MinDelay: 2 * time.Second, Leases: f, Owner: owner, LeaseTTL: 60 * time.Second, RequestTimeout: 20 * time.Second, MaxWait: 10 * time.Minute}
}

func TestTenProcessesBehaveAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, l := newFleet(), newLogbook()
		var wg sync.WaitGroup
		for i := range 10 {
			p := newPacer(t, fleetConfig(f, fmt.Sprint("crawler", i)))
			for j := range 4 {
				wg.Go(func() {
					for range 3 {
						l.request(t, p, "shared.example", one, 100*time.Millisecond, 2*time.Second)
						l.request(t, p, fmt.Sprintf("own%d-%d.example", i, j), two, 100*time.Millisecond, 2*time.Second)
					}
				})
			}
		}
		wg.Wait()
		if l.n != 240 {
			t.Fatalf("%d requests", l.n)
		}
	})
}

func TestALeaseIsTakenPerStayAndNotPerRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, l := newFleet(), newLogbook()
		p := newPacer(t, fleetConfig(f, "a"))
		for range 60 {
			l.request(t, p, "a.example", one, time.Second, 2*time.Second)
		}
		if a, r := f.count("acquire"), f.count("renew"); a != 2 || r < 6 || r > 14 {
			t.Fatalf("60 requests in 3 minutes: %d leases taken, %d renewed", a, r)
		}
		pass(6 * time.Second)
		synctest.Wait()
		if r := f.count("release"); r != 2 {
			t.Fatalf("%d leases given back when idle", r)
		}
		l.request(t, p, "a.example", one, 0, 2*time.Second)
		p.Close()
		if r, s := f.count("release"), f.count("set"); r != 4 || s != 2 {
			t.Fatalf("closing gave %d leases back and noted %d gaps", r-2, s)
		}
	})
}

func TestWhoTakesOverFromADeadHolderKeepsTheGap(t *testing.T) {
	for _, delay := range []time.Duration{2 * time.Second, 50 * time.Second, 5 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			f, l := newFleet(), newLogbook()
			dead := newPacer(t, fleetConfig(f, "dead"))
			dead.SetCrawlDelay("a.example", delay)
			l.request(t, dead, "a.example", one, 0, 0)
			// It dies while a request of 19 s is under way; its leases stay.
			pass(delay)
			if _, err := dead.Acquire(t.Context(), "a.example", one); err != nil {
				t.Fatal(err)
			}
			pass(19 * time.Second)
			end := time.Now()
			heir := newPacer(t, fleetConfig(f, "heir"))
			heir.SetCrawlDelay("a.example", delay)
			s, err := heir.Acquire(t.Context(), "a.example", one)
			if err != nil {
				t.Fatal(err)
			}
			if gap := time.Since(end); gap < delay {
				t.Errorf("the heir came after %v, not %v", gap, delay)
			}
			s.Release()
		})
	}
}

func TestAFrozenHolderFindsItsSlotInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		p := newPacer(t, fleetConfig(f, "a"))
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil || !s.Valid() {
			t.Fatalf("%v, valid %v", err, s.Valid())
		}
		pass(39 * time.Second)
		if s.Valid() {
			t.Fatal("a slot is valid although its request would outlast the lease")
		}
		s.Release()
	})
}

func TestALessonIsSharedAndOutlivesAProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		p := newPacer(t, fleetConfig(f, "a"))
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		p.Throttled(t.Context(), "a.example", 2*time.Hour)
		s.Release()
		p.Close()
		var long *politeness.TooLongError
		if _, err := newPacer(t, fleetConfig(f, "b")).Acquire(t.Context(), "a.example", two); !errors.As(err, &long) || long.Wait < time.Hour {
			t.Fatalf("got %v", err)
		}
	})
}

func TestRangesLeaseAPlaceEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		var mu sync.Mutex
		busy, most := 0, 0
		var wg sync.WaitGroup
		for i := range 3 {
			c := fleetConfig(f, fmt.Sprint("crawler", i))
			c.Ranges = []politeness.Range{{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Concurrency: 4}}
			p := newPacer(t, c)
			for j := range 6 {
				wg.Go(func() {
					s, err := p.Acquire(t.Context(), fmt.Sprintf("h%d-%d.example", i, j), one)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					busy++
					most = max(most, busy)
					mu.Unlock()
					pass(3 * time.Second)
					mu.Lock()
					busy--
					mu.Unlock()
					s.Release()
				})
			}
		}
		wg.Wait()
		if most != 4 {
			t.Fatalf("%d requests at a time over the fleet, want 4", most)
		}
	})
}

func TestWithoutTheFleetNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		f.broken = errors.New("no broker")
		p := newPacer(t, fleetConfig(f, "a"))
		for range 3 {
			if _, err := p.Acquire(t.Context(), "a.example", one); !errors.Is(err, f.broken) {
				t.Fatalf("got %v", err)
			}
		}
		f.mu.Lock()
		f.broken = nil
		f.mu.Unlock()
		s, err := p.Acquire(t.Context(), "a.example", one)
		if err != nil {
			t.Fatal(err)
		}
		s.Release()
	})
}
