package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocolly/colly/v2"

	"telltale/internal/fetch/politeness"
	"telltale/internal/pages"
)

func unboundedGoroutines(t *testing.T, l *lab) {
	const addresses, workers = 200, 8
	over := make(chan struct{})
	var arrived sync.WaitGroup
	arrived.Add(1)
	var once sync.Once
	l.mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			once.Do(arrived.Done)
			<-over
		}
	})
	base := runtime.NumGoroutine()
	bare := l.bare(t, colly.Async())
	for i := range addresses {
		if err := bare.Visit(fmt.Sprintf("http://a.example/%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	arrived.Wait()
	if n := runtime.NumGoroutine() - base; n < addresses {
		t.Errorf("colly starts %d goroutines for %d addresses now", n, addresses)
	}
	close(over)
	bare.Wait()

	over, once, base = make(chan struct{}), sync.Once{}, runtime.NumGoroutine()
	arrived.Add(1)
	f := l.fetcher(t, l.config())
	queue := make(chan int, addresses)
	for i := range addresses {
		queue <- i
	}
	close(queue)
	var pool sync.WaitGroup
	for range workers {
		pool.Go(func() {
			for i := range queue {
				get(t, f, fmt.Sprintf("http://b.example/%d", i))
			}
		})
	}
	arrived.Wait()
	// A worker is one; a connection is two of the client's and two of the server's.
	if n := runtime.NumGoroutine() - base; n > 5*workers {
		t.Errorf("%d goroutines for %d workers", n, workers)
	}
	close(over)
	pool.Wait()
}

// ends cancels a fetch once it is under way and wants it to end at once.
func ends(t *testing.T, fetch func(ctx context.Context) error, underWay <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- fetch(ctx) }()
	<-underWay
	start := time.Now()
	cancel()
	var failed *pages.FetchError
	if err := <-done; !errors.As(err, &failed) || failed.Reason != pages.ReasonCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("it took %v to end", took)
	}
}

func cancelWhileWaiting(t *testing.T, l *lab) {
	c := l.config()
	c.Politeness = politeness.Config{MinDelay: time.Minute, MaxWait: time.Hour}
	f := l.fetcher(t, c)
	if _, err := f.Site(t.Context(), "http://a.example/"); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{})
	go func() { // the second name is resolved: all that is left is to wait for the turn, a minute from now
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for l.metric(t, "dns_seconds", "") < 2 {
			<-tick.C
		}
		close(waiting)
	}()
	ends(t, func(ctx context.Context) error {
		_, err := f.Fetch(ctx, pages.Request{URL: "http://a.example/"})
		return err
	}, waiting)
	if got := l.log(); got != "a.example/robots.txt" {
		t.Errorf("asked for %s", got)
	}
}

func cancelWhileReading(t *testing.T, l *lab) {
	reading := make(chan struct{})
	var once sync.Once
	base := l.raw(t, func(_ string, w io.Writer) {
		_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>")
		once.Do(func() { close(reading) })
		forever(w, "x", 20*time.Millisecond)
	})
	c := l.config()
	c.TotalTimeout = time.Minute
	f := l.fetcher(t, c)
	ends(t, func(ctx context.Context) error {
		_, err := f.Fetch(ctx, pages.Request{URL: base + "/"})
		return err
	}, reading)
}

func contextOfTheCollector(t *testing.T, l *lab) {
	release := make(chan struct{})
	arrived := make(chan struct{}, 2)
	l.mux.HandleFunc("/wait", func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
	l.name("b.example", "127.0.0.2")
	l.everywhere(t, 2)
	f := l.fetcher(t, l.config())
	ctx, cancel := context.WithCancel(t.Context())
	kept, ended := make(chan error, 1), make(chan error, 1)
	go func() { _, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/wait"}); kept <- err }()
	go func() { _, err := f.Fetch(ctx, pages.Request{URL: "http://b.example/wait"}); ended <- err }()
	<-arrived
	<-arrived
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled one: %v", err)
	}
	close(release)
	if err := <-kept; err != nil {
		t.Errorf("the other one: %v", err)
	}
}

func environment(t *testing.T, l *lab) {
	t.Setenv("COLLY_USER_AGENT", "evil")
	t.Setenv("COLLY_MAX_BODY_SIZE", "3")
	var agent string
	l.mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		_, _ = io.WriteString(w, "a page")
	})
	if err := l.bare(t, colly.UserAgent("mine")).Visit("http://a.example/a"); err != nil || agent != "evil" {
		t.Errorf("colly's options win now: %q, %v", agent, err)
	}
	if resp := get(t, l.fetcher(t, l.config()), "http://a.example/a"); string(resp.Body) != "a page" || !strings.HasPrefix(agent, "TelltaleBot/") {
		t.Errorf("%q for %q", resp.Body, agent)
	}
}

func cookieJar(t *testing.T, l *lab) {
	sent, cookies, answers := 0, 0, 0
	l.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		sent += len(r.Cookies())
		if answers++; strings.HasPrefix(r.URL.Path, "/flood") {
			for range 500 {
				cookies++
				w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s; Path=/", cookies, strings.Repeat("x", 40)))
			}
		}
	})
	bare := l.bare(t)
	for i := range 2 {
		if err := bare.Visit(fmt.Sprintf("http://a.example/flood/%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if sent == 0 {
		t.Error("colly sends no cookies back now")
	}
	sent, cookies = 0, 0
	f := l.fetcher(t, l.config())
	heap := heapInUse()
	for i := range 20 {
		if resp := get(t, f, fmt.Sprintf("http://a.example/flood/%d", i)); len(resp.Header.Values("Set-Cookie")) != 500 {
			t.Fatalf("%d cookies seen", len(resp.Header.Values("Set-Cookie")))
		}
	}
	if cookies != 10_000 || sent != 0 {
		t.Errorf("%d of %d cookies were sent back", sent, cookies)
	}
	if grown := heapInUse() - heap; grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes over %d cookies", grown, cookies)
	}
}

// heapInUse is what lives on the heap after a collection, in bytes.
func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
