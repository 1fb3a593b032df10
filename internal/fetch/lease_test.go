package fetch_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/pages"
)

// generous gives every lease, at once and to anybody.
type generous struct{ given atomic.Uint64 }

func (g *generous) Acquire(context.Context, string, string, time.Duration) (uint64, bool, error) {
	return g.given.Add(1), true, nil
}

func (g *generous) Renew(context.Context, string, string, uint64, time.Duration) (uint64, error) {
	return g.given.Add(1), nil
}
func (g *generous) Release(context.Context, string, uint64) error { return nil }
func (g *generous) NextAllowed(context.Context, string) (time.Time, int, error) {
	return time.Time{}, 0, nil
}
func (g *generous) SetNextAllowed(context.Context, string, time.Time, int, time.Duration) error {
	return nil
}
func (g *generous) Want(string) error { return nil }

// A crawler that stands still between its decision and its first byte, until its lease has run out, must
// not send: here time passes during the TLS handshake.
func TestAFrozenCrawlerDoesNotSendPastItsLease(t *testing.T) {
	l, ca := newLab(t), newAuthority(t)
	var freeze atomic.Bool
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if freeze.Load() {
			l.clock.add(10 * time.Minute)
		}
		return &tls.Config{Certificates: []tls.Certificate{ca.issue(t, time.Now().Add(time.Hour), hello.ServerName)}, NextProtos: hello.SupportedProtos[:1]}, nil
	}}
	server.StartTLS()
	defer server.Close()
	roots, err := fetch.LoadRoots(ca.file(t))
	if err != nil {
		t.Fatal(err)
	}
	c, leases := l.config(), &generous{}
	c.Roots, c.HTTPSPort = roots, port(t, server.Listener.Addr())
	c.Politeness = politeness.Config{Leases: leases, Owner: "crawler"}
	f := l.fetcher(t, c)
	get(t, f, "https://a.example/")
	if n := requests.Load(); n != 2 || leases.given.Load() == 0 {
		t.Fatalf("%d requests under %d leases", n, leases.given.Load())
	}
	freeze.Store(true)
	deny(t, f, "https://b.example/", pages.ReasonCancelled)
	if n := requests.Load(); n != 2 {
		t.Fatalf("%d requests were sent without a lease", n-2)
	}
	if n := l.metric(t, "stale_slots_total", ""); n != 1 {
		t.Fatalf("%v slots were counted as stale", n)
	}
	freeze.Store(false)
	get(t, f, "https://b.example/")
}

// A crawler that is frozen between asking whether it may send and sending sends the one request it had decided on.
// Nothing can keep it from that; so it is counted.
func TestARequestWrittenAfterAFreezeIsCountedApart(t *testing.T) {
	l := newLab(t)
	var asked atomic.Int32
	inWrite := func() bool {
		frames := make([]uintptr, 16)
		for f, more := runtime.CallersFrames(frames[:runtime.Callers(1, frames)]), true; more; {
			var frame runtime.Frame
			if frame, more = f.Next(); strings.HasSuffix(frame.Function, "(*trackedConn).Write") {
				return true
			}
		}
		return false
	}
	c := l.config()
	c.Politeness = politeness.Config{Leases: &generous{}, Owner: "crawler", Clock: func() time.Time {
		// Each write looks at the clock before and after: robots.txt twice, and the page's second look comes late.
		if inWrite() && asked.Add(1) == 4 {
			l.clock.add(10 * time.Minute)
		}
		return l.clock.now()
	}}
	f := l.fetcher(t, c)
	get(t, f, "http://a.example/")
	if n := l.metric(t, "late_requests_total", ""); n != 1 || asked.Load() != 4 {
		t.Fatalf("%v late requests counted, after %d looks", n, asked.Load())
	}
	get(t, f, "http://a.example/")
	if n := l.metric(t, "late_requests_total", ""); n != 1 {
		t.Fatalf("%v late requests counted", n)
	}
}

// net/http sends a request again by itself where the server closes a kept connection on it. The server has seen the
// first one, so the second must keep its distance like any other.
func TestARequestThatIsSentAgainWaitsForItsTurn(t *testing.T) {
	const gap = 300 * time.Millisecond
	l := newLab(t)
	l.page("/robots.txt", "text/plain", "")
	var mu sync.Mutex
	var last time.Time
	seen := 0
	l.mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen++
		if d := time.Since(last); seen > 1 && d < gap-20*time.Millisecond {
			t.Errorf("request %d came %v after the one before", seen, d)
		}
		defer func() { last = time.Now() }()
		if seen == 1 {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
			return
		}
		_, _ = w.Write([]byte("here"))
	})
	c := l.config()
	c.Politeness.MinDelay = gap
	if resp := get(t, l.fetcher(t, c), "http://a.example/page"); string(resp.Body) != "here" || seen != 2 {
		t.Fatalf("%q after %d requests", resp.Body, seen)
	}
}
