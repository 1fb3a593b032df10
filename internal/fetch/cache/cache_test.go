package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/fetch/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pass lets time pass, in a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }

func TestOneLoadServesAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int](1<<20, nil, time.Now)
		loads := 0
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, err := c.Get(t.Context(), "k", func(ctx context.Context, _ int, _ bool) (int, time.Time, error) {
					loads++
					pass(time.Second)
					return 7, time.Now().Add(time.Hour), nil
				})
				if v != 7 || err != nil {
					t.Errorf("%d, %v", v, err)
				}
			})
		}
		wg.Wait()
		if loads != 1 {
			t.Fatalf("%d loads", loads)
		}
	})
}

func TestAnExpiredValueIsHandedToItsSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int](1<<20, nil, time.Now)
		next := func(_ context.Context, old int, had bool) (int, time.Time, error) {
			if had != (old > 0) {
				t.Errorf("old %d, had %v", old, had)
			}
			return old + 1, time.Now().Add(time.Minute), nil
		}
		for _, want := range []int{1, 1, 2, 2, 3} {
			got, err := c.Get(t.Context(), "k", next)
			if got != want || err != nil {
				t.Fatalf("%d, %v; want %d", got, err, want)
			}
			pass(40 * time.Second)
		}
	})
}

func TestAWaiterTakesOverFromALoaderThatGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int](1<<20, nil, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Get(ctx, "k", func(ctx context.Context, _ int, _ bool) (int, time.Time, error) {
				<-ctx.Done()
				return 0, time.Time{}, ctx.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the loader got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			v, err := c.Get(t.Context(), "k", func(context.Context, int, bool) (int, time.Time, error) {
				return 9, time.Now().Add(time.Hour), nil
			})
			if v != 9 || err != nil {
				t.Errorf("the waiter got %d, %v", v, err)
			}
		})
		wg.Go(func() {
			short, stop := context.WithTimeout(t.Context(), time.Millisecond)
			defer stop()
			if _, err := c.Get(short, "k", nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the impatient one got %v", err)
			}
		})
		pass(time.Second)
		cancel()
		wg.Wait()
	})
}

func TestFailedLoadsLeaveNothingBehind(t *testing.T) {
	c := cache.New[int](1<<20, nil, time.Now)
	for i := range 100 {
		_, err := c.Get(t.Context(), fmt.Sprint(i), func(context.Context, int, bool) (int, time.Time, error) {
			return 0, time.Time{}, errors.New("no")
		})
		if err == nil {
			t.Fatal("no error")
		}
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Get(t.Context(), "p", func(context.Context, int, bool) (int, time.Time, error) { panic("load") })
	}()
	if c.Len() != 0 {
		t.Fatalf("%d entries", c.Len())
	}
}

func TestTheBudgetHolds(t *testing.T) {
	c := cache.New(100<<10, func(s string) int { return len(s) }, time.Now)
	get := func(key string, size int) (loaded bool) {
		_, err := c.Get(t.Context(), key, func(context.Context, string, bool) (string, time.Time, error) {
			loaded = true
			return string(make([]byte, size)), time.Now().Add(time.Hour), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return loaded
	}
	for i := range 50 {
		get(fmt.Sprint(i), 10<<10)
		if i > 0 && get("0", 10<<10) {
			t.Fatalf("the value used most was dropped at %d", i)
		}
	}
	if n := c.Len(); n != 9 {
		t.Fatalf("%d entries of 10 KiB in 100 KiB", n)
	}
	get("huge", 1<<20)
	if n := c.Len(); n != 0 {
		t.Fatalf("%d entries beside one over the budget", n)
	}
}
