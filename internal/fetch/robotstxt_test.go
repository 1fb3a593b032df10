package fetch_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/fetch/robots"
	"telltale/internal/pages"
)

// A file that breaks off may lack the very line that forbids: it is unreachable, not short (RFC 9309 §2.3.1.4).
func TestARobotsFileThatBreaksOffDeniesAll(t *testing.T) {
	l := newLab(t)
	for host, serve := range map[string]func(w http.ResponseWriter){
		"short.example": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "500") },
		"chunk.example": func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"large.example": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(2*robots.MaxBytes))
			_, _ = io.WriteString(w, "User-agent: *\nDisallow: /x\n#"+strings.Repeat("x", robots.MaxBytes))
		},
	} {
		l.mux.HandleFunc(host+"/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
			serve(w)
			_, _ = io.WriteString(w, "User-agent: *\nDisallow: /x\n")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		l.page(host+"/", "text/html", "page")
	}
	f := l.fetcher(t, l.config())
	deny(t, f, "http://short.example/", pages.ReasonRobotsError)
	deny(t, f, "http://chunk.example/", pages.ReasonRobotsError)
	get(t, f, "http://large.example/") // what lies beyond the limit would not have been read
	deny(t, f, "http://large.example/x", pages.ReasonRobots)
	if n := l.metric(t, "robots_fetches_total", "robots_unreachable"); n != 2 {
		t.Errorf("%v broken files counted", n)
	}
}

func TestAThousandVisitsReadAHostsRobotsOnce(t *testing.T) {
	l, ca := newLab(t), newAuthority(t)
	var asked atomic.Int32
	rules := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			asked.Add(1)
		}
		_, _ = io.WriteString(w, "User-agent: *\nDisallow: /x\n")
	}
	l.mux.HandleFunc("/", rules)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(rules))
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, time.Now().Add(time.Hour), "a.example")}}
	secure.StartTLS()
	defer secure.Close()
	roots, err := fetch.LoadRoots(ca.file(t))
	if err != nil {
		t.Fatal(err)
	}
	c := l.config()
	c.Roots, c.HTTPSPort = roots, port(t, secure.Listener.Addr())
	f := l.fetcher(t, c)
	var visits sync.WaitGroup
	for i := range 1000 {
		// Each origin has rules of its own (RFC 9309 §2.3): one file for http, one for https.
		visits.Go(func() { deny(t, f, []string{"http", "https"}[i%2]+"://a.example/x", pages.ReasonRobots) })
	}
	visits.Wait()
	l.clock.add(23 * time.Hour)
	deny(t, f, "http://a.example/x", pages.ReasonRobots)
	if n := asked.Load(); n != 2 {
		t.Fatalf("%d fetches of robots.txt for two origins", n)
	}
	l.clock.add(2 * time.Hour)
	deny(t, f, "http://a.example/x", pages.ReasonRobots)
	if n := asked.Load(); n != 3 {
		t.Fatalf("%d fetches after a day", n)
	}
}

func TestAnOldCopyServesAWhileThenEverythingIsDenied(t *testing.T) {
	l := newLab(t)
	var broken atomic.Bool
	l.mux.HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "User-agent: *\nDisallow: /x\n")
	})
	l.page("/", "text/html", "page")
	f := l.fetcher(t, l.config())
	get(t, f, "http://a.example/")
	broken.Store(true)
	l.clock.add(25 * time.Hour)
	get(t, f, "http://a.example/")
	deny(t, f, "http://a.example/x", pages.ReasonRobots)
	l.clock.add(24 * time.Hour)
	deny(t, f, "http://a.example/", pages.ReasonRobotsError)
	l.clock.add(60 * 24 * time.Hour)
	deny(t, f, "http://a.example/", pages.ReasonRobotsError)
	broken.Store(false)
	l.clock.add(11 * time.Minute)
	get(t, f, "http://a.example/")
}

func TestRobotsThatNeverComeGiveTheHostsOwnReason(t *testing.T) {
	l := newLab(t)
	over := make(chan struct{})
	l.mux.HandleFunc("mute.example/", func(http.ResponseWriter, *http.Request) { <-over })
	l.mux.HandleFunc("astray.example/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "ftp://a.example/robots.txt")
		w.WriteHeader(http.StatusFound)
	})
	l.mux.HandleFunc("absent.example/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "not here")
	})
	l.redirect("hops.example/robots.txt", "http://one.example/robots.txt")
	l.redirect("one.example/robots.txt", "http://two.example/robots.txt")
	l.redirect("two.example/robots.txt", "http://three.example/robots.txt")
	l.redirect("three.example/robots.txt", "http://four.example/robots.txt")
	l.redirect("four.example/robots.txt", "http://five.example/rules")
	l.page("five.example/rules", "text/plain", "User-agent: *\nDisallow: /x\n")
	c := l.config()
	c.FirstByteTimeout = 200 * time.Millisecond
	f := l.fetcher(t, c)
	deny(t, f, "http://mute.example/", pages.ReasonTimeout)
	close(over)
	deny(t, f, "http://astray.example/", pages.ReasonRobotsError)
	get(t, f, "http://absent.example/")                     // an absence may break off
	deny(t, f, "http://hops.example/x", pages.ReasonRobots) // the fifth redirect is still followed, across hosts
}
