package robots_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/fetch/robots"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pass lets time pass, in a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }

func getterOf(a robots.Answer) robots.Getter {
	return func(context.Context, string) robots.Answer { return a }
}

func TestAnswersAreJudgedByTheRFC(t *testing.T) {
	body := []byte("user-agent: TelltaleBot\ndisallow: /x\n")
	for _, c := range []struct {
		name    string
		answer  robots.Answer
		allowed bool
		isError bool
	}{
		{"a file is parsed", robots.Answer{Status: 200, Body: body}, false, false},
		{"an empty file allows", robots.Answer{Status: 204}, true, false},
		{"not found allows", robots.Answer{Status: 404, Body: body}, true, false},
		{"forbidden allows", robots.Answer{Status: 403}, true, false},
		{"gone allows", robots.Answer{Status: 410}, true, false},
		{"too many requests disallows", robots.Answer{Status: 429}, false, true},
		{"a server's error disallows", robots.Answer{Status: 500}, false, true},
		{"unavailable disallows", robots.Answer{Status: 503}, false, true},
		{"a redirect to nowhere disallows", robots.Answer{Status: 302}, false, true},
		{"no answer disallows", robots.Answer{Err: errors.New("connection refused")}, false, true},
		{"too many redirects allow", robots.Answer{Err: fmt.Errorf("get: %w", robots.ErrTooManyRedirects)}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := robots.NewCache(robots.CacheConfig{Agent: "TelltaleBot"}, getterOf(c.answer), time.Now).Get(t.Context(), "https://a.example")
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Test("/x").Allowed; got != c.allowed || errors.Is(e.Err, robots.ErrUnreachable) != c.isError {
				t.Fatalf("allowed %v, err %v", got, e.Err)
			}
			if !e.Test("https://a.example/robots.txt").Allowed {
				t.Fatal("robots.txt itself is denied")
			}
		})
	}
}

func TestAFileIsFetchedOnceAndHeldADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int32
		c := robots.NewCache(robots.CacheConfig{Agent: "x", MaxAge: 90 * 24 * time.Hour}, func(_ context.Context, origin string) robots.Answer {
			if origin != "https://a.example" {
				t.Errorf("asked for %s", origin)
			}
			fetches.Add(1)
			pass(time.Second)
			return robots.Answer{Status: 200}
		}, time.Now)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := c.Get(t.Context(), "https://a.example"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		pass(24*time.Hour - time.Second)
		for range 3 {
			if _, err := c.Get(t.Context(), "https://a.example"); err != nil {
				t.Fatal(err)
			}
			if fetches.Load() == 2 {
				return
			}
			pass(time.Second)
		}
		t.Fatalf("%d fetches in a day and a second", fetches.Load())
	})
}

func TestAnOldCopyServesForADayWhileTheFileIsUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := robots.Answer{Status: 200, Body: []byte("user-agent: *\ndisallow: /x\n")}
		c := robots.NewCache(robots.CacheConfig{}, func(context.Context, string) robots.Answer { return answer }, time.Now)
		get := func() *robots.Entry {
			e, err := c.Get(t.Context(), "https://a.example")
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		read := get().FetchedAt
		answer = robots.Answer{Status: 503}
		pass(25 * time.Hour)
		if e := get(); !e.Stale || e.Test("/x").Allowed || !e.Test("/y").Allowed || !e.FetchedAt.Equal(read) {
			t.Fatalf("the old copy does not serve: %+v", e)
		}
		pass(22*time.Hour + 55*time.Minute)
		if e := get(); !e.Stale {
			t.Fatal("the old copy served for less than a day")
		}
		pass(11 * time.Minute)
		if e := get(); e.Err == nil || e.Test("/y").Allowed {
			t.Fatal("the old copy serves for longer than a day")
		}
		answer = robots.Answer{Status: 404}
		pass(11 * time.Minute)
		if e := get(); e.Err != nil || !e.Test("/x").Allowed {
			t.Fatal("it was not asked for again")
		}
	})
}

// RFC 9309 §2.3.1.4 lets a file that failed for thirty days be taken for absent; we stay with disallow.
func TestMonthsOfFailureStillDisallow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		c := robots.NewCache(robots.CacheConfig{}, func(context.Context, string) robots.Answer {
			fetches++
			return robots.Answer{Status: 500}
		}, time.Now)
		for day := range 90 {
			e, err := c.Get(t.Context(), "https://a.example")
			if err != nil || e.Test("/").Allowed || !errors.Is(e.Err, robots.ErrUnreachable) {
				t.Fatalf("day %d: %+v, %v", day, e, err)
			}
			pass(24 * time.Hour)
		}
		if fetches != 90 {
			t.Errorf("asked %d times in 90 days", fetches)
		}
	})
}

func TestAPleaForLessIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		c := robots.NewCache(robots.CacheConfig{}, func(context.Context, string) robots.Answer {
			fetches++
			return robots.Answer{Status: 429, RetryAfter: 2 * time.Hour}
		}, time.Now)
		for range 4 {
			e, err := c.Get(t.Context(), "https://a.example")
			var status *robots.StatusError
			if err != nil || !errors.As(e.Err, &status) || status.Status != 429 || status.RetryAfter != 2*time.Hour {
				t.Fatalf("%v, %v", e, err)
			}
			pass(59 * time.Minute)
		}
		if fetches != 2 {
			t.Fatalf("asked %d times in three hours", fetches)
		}
	})
}

func TestACancelledFetchIsNotKept(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := robots.NewCache(robots.CacheConfig{}, func(ctx context.Context, _ string) robots.Answer {
		cancel()
		return robots.Answer{Err: context.Canceled}
	}, time.Now)
	if _, err := c.Get(ctx, "https://a.example"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	ctx2, cancel2 := context.WithCancel(t.Context())
	defer cancel2()
	if e, err := c.Get(ctx2, "https://a.example"); err != nil || e.Err == nil {
		t.Fatalf("got %v, %v", e, err)
	}
}
