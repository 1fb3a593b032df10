package fetch_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
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
func (g *generous) NextAllowed(context.Context, string) (time.Time, error) {
	return time.Time{}, nil
}
func (g *generous) SetNextAllowed(context.Context, string, time.Time, time.Duration) error {
	return nil
}

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
	freeze.Store(false)
	get(t, f, "https://b.example/")
}
