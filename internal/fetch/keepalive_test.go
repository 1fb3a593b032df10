package fetch_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/pages"
)

func TestConnectionsAreKeptWhateverTheProtocol(t *testing.T) {
	for name, protocols := range map[string][]string{"HTTP/2.0": {"h2", "http/1.1"}, "HTTP/1.1": {"http/1.1"}} {
		t.Run(name, func(t *testing.T) {
			l, ca := newLab(t), newAuthority(t)
			var connections, requests, other atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1); r.Proto != name {
					other.Add(1)
				}
				if r.URL.Path == "/robots.txt" {
					w.WriteHeader(http.StatusNotFound)
				}
			}))
			server.EnableHTTP2 = true
			server.TLS = &tls.Config{NextProtos: protocols, Certificates: []tls.Certificate{ca.issue(t, time.Now().Add(time.Hour), "a.example")}}
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.StartTLS()
			defer server.Close()
			roots, err := fetch.LoadRoots(ca.file(t))
			if err != nil {
				t.Fatal(err)
			}
			c := l.config()
			c.Roots, c.HTTPSPort = roots, port(t, server.Listener.Addr())
			f := l.fetcher(t, c)
			for range 50 {
				get(t, f, "https://a.example/page")
			}
			if connections.Load() != 1 || requests.Load() != 51 || other.Load() != 0 {
				t.Errorf("%d connections for %d requests, %d by another protocol", connections.Load(), requests.Load(), other.Load())
			}
		})
	}
}

func TestPortsAreRefusedUnlessConfigured(t *testing.T) {
	l := newLab(t)
	other := serveHTTP(t, l, l.listen(t, "127.0.0.1:0"))
	l.page("/", "text/html", "page")
	base := "http://a.example:" + strconv.Itoa(other)
	deny(t, l.fetcher(t, l.config()), base+"/", pages.ReasonGuard)
	if got := l.log(); got != "" {
		t.Errorf("asked for %s", got)
	}
	c := l.config()
	c.Ports = []int{other}
	get(t, l.fetcher(t, c), base+"/")
}

func TestAHeaderBeyondItsCapIsAnError(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			for i := range 80 {
				w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("x", 1000))
			}
		}
	})
	f := l.fetcher(t, l.config())
	get(t, f, "http://a.example/small")
	deny(t, f, "http://a.example/large", pages.ReasonProtocol)
}
