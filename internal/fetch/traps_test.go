package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
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

// bare is colly as it comes, on the lab's web.
func (l *lab) bare(t *testing.T, options ...colly.CollectorOption) *colly.Collector {
	t.Helper()
	c := colly.NewCollector(options...)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", l.port))
	}}
	c.WithTransport(transport)
	t.Cleanup(transport.CloseIdleConnections)
	return c
}

// Each trap of colly's that is known: that it is there, and that we do not step into it.
func TestCollysTrapsAreNotOurs(t *testing.T) {
	for _, trap := range []struct {
		name string
		test func(t *testing.T, l *lab)
	}{
		{"robots.txt is not asked by default", robotsOffByDefault},
		{"robots.txt is read with errors", robotsReadWithErrors},
		{"robots.txt is not asked about redirects", robotsUncheckedOnRedirects},
		{"one limit for all hosts sleeps while it holds its slot", oneGateForAll},
		{"the body's cap holds before gunzip", capBeforeGunzip},
		{"a body that was cut is a success", truncationUnmarked},
		{"304, 429 and other statuses are errors without a type", untypedStatuses},
		{"async mode starts a goroutine for every address", unboundedGoroutines},
		{"a cancelled context waits for its turn", cancelWhileWaiting},
		{"a cancelled context waits for the body", cancelWhileReading},
		{"one collector has one context", contextOfTheCollector},
		{"COLLY_ variables override options", environment},
		{"the cookie jar grows and is sent back", cookieJar},
		{"the charset of a meta element is not seen", metaCharset},
		{"a proxy ends keep-alive", keepAlive},
		{"an address is visited once", revisits},
		{"redirects are followed out of sight", redirectsReturned},
	} {
		t.Run(trap.name, func(t *testing.T) { trap.test(t, newLab(t)) })
	}
}

func robotsOffByDefault(t *testing.T, l *lab) {
	l.page("/robots.txt", "text/plain", "User-agent: *\nDisallow: /\n")
	l.page("/private", "text/html", "private")
	if err := l.bare(t).Visit("http://a.example/private"); err != nil || l.log() != "a.example/private" {
		t.Errorf("colly asks robots.txt now: %v", err)
	}
	deny(t, l.fetcher(t, l.config()), "http://a.example/private", pages.ReasonRobots)
	if got := l.log(); got != "a.example/robots.txt" {
		t.Errorf("asked for %s", got)
	}
}

func robotsReadWithErrors(t *testing.T, l *lab) {
	l.page("a.example/robots.txt", "text/plain", "User-agent: *\nDisallow: /x/page.html\nAllow: /x/page.html\nDisallow: /y\nAllow: /*y.html\nDisallow: /z$\n")
	l.mux.HandleFunc("busy.example/robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	l.page("/", "text/html", "page")
	bare := l.bare(t)
	bare.IgnoreRobotsTxt = false
	if err := bare.Visit("http://busy.example/"); err != nil {
		t.Errorf("colly takes 429 for a refusal now: %v", err)
	}
	f := l.fetcher(t, l.config())
	get(t, f, "http://a.example/x/page.html")
	get(t, f, "http://a.example/y.html")
	get(t, f, "http://a.example/zz")
	deny(t, f, "http://a.example/z", pages.ReasonRobots)
	deny(t, f, "http://busy.example/", pages.ReasonRobotsError)
}

func robotsUncheckedOnRedirects(t *testing.T, l *lab) {
	l.page("/robots.txt", "text/plain", "User-agent: *\nDisallow: /private\n")
	l.redirect("/door", "/private")
	l.page("/private", "text/html", "private")
	bare := l.bare(t)
	bare.IgnoreRobotsTxt = false
	if err := bare.Visit("http://a.example/door"); err != nil || !strings.Contains(l.log(), "/private") {
		t.Errorf("colly asks on redirects now: %v", err)
	}
	deny(t, l.fetcher(t, l.config()), "http://a.example/door", pages.ReasonRobots)
	if got := l.log(); strings.Contains(got, "/private") {
		t.Errorf("asked for %s", got)
	}
}

func oneGateForAll(t *testing.T, l *lab) {
	release, arrived := make(chan struct{}), make(chan struct{})
	var once sync.Once
	l.mux.HandleFunc("slow.example/{$}", func(http.ResponseWriter, *http.Request) { once.Do(func() { close(arrived) }); <-release })
	l.page("fast.example/", "text/html", "fast")
	l.name("slow.example", "127.0.0.2")
	l.everywhere(t, 2)
	c := l.config()
	c.FirstByteTimeout, c.TotalTimeout = time.Minute, time.Minute
	c.Politeness = politeness.Config{MinDelay: time.Millisecond}
	f := l.fetcher(t, c)
	done := make(chan error)
	go func() {
		_, err := f.Fetch(t.Context(), pages.Request{URL: "http://slow.example/"})
		done <- err
	}()
	<-arrived
	for i := range 50 { // all the while the slow host holds its own slot, and only that
		get(t, f, fmt.Sprintf("http://fast.example/%d", i))
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	l.page("/", "text/html", "page")
	bare := l.bare(t, colly.Async())
	if err := bare.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: 1, Delay: 100 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for i := range 4 {
		if err := bare.Visit(fmt.Sprintf("http://h%d.example/", i)); err != nil {
			t.Fatal(err)
		}
	}
	bare.Wait()
	if took := time.Since(start); took < 400*time.Millisecond {
		t.Errorf("colly's hosts do not wait for one another now: %v", took)
	}
}

func capBeforeGunzip(t *testing.T, l *lab) {
	serve := func(path string, body []byte) {
		l.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(body)
		})
	}
	// A file may have several members: 300 of 1 MiB are a bomb of 300 MiB.
	small, bomb := compress(t, "gzip", 32<<20), bytes.Repeat(compress(t, "gzip", 1<<20), 300)
	if len(bomb) > 400<<10 {
		t.Fatalf("a bomb of %d bytes", len(bomb))
	}
	serve("/small", small)
	serve("/bomb", bomb)
	bare := l.bare(t, colly.MaxBodySize(1<<20))
	bare.OnRequest(func(r *colly.Request) { r.Headers.Set("Accept-Encoding", "gzip") })
	size := 0
	bare.OnResponse(func(r *colly.Response) { size = len(r.Body) })
	if err := bare.Visit("http://a.example/small"); err != nil || size != 32<<20 {
		t.Errorf("colly's cap holds after gunzip now: %d bytes, %v", size, err)
	}
	f := l.fetcher(t, l.config())
	get(t, f, "http://a.example/robots.txt")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/bomb", MaxBody: 1 << 20})
	runtime.ReadMemStats(&after)
	if err != nil || len(resp.Body) != 1<<20 || !resp.Truncated {
		t.Fatalf("%+v, %v", resp, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d bytes were allocated for a body of 1 MiB", used)
	}
}

func truncationUnmarked(t *testing.T, l *lab) {
	l.page("/long", "text/html", strings.Repeat("x", 5000))
	bare := l.bare(t, colly.MaxBodySize(1000))
	size := 0
	bare.OnResponse(func(r *colly.Response) { size = len(r.Body) })
	if err := bare.Visit("http://a.example/long"); err != nil || size != 1000 {
		t.Errorf("colly tells of a cut now: %d bytes, %v", size, err)
	}
	resp, err := l.fetcher(t, l.config()).Fetch(t.Context(), pages.Request{URL: "http://a.example/long", MaxBody: 1000})
	if err != nil || len(resp.Body) != 1000 || !resp.Truncated {
		t.Errorf("%+v, %v", resp, err)
	}
}

func untypedStatuses(t *testing.T, l *lab) {
	for _, status := range []int{203, 206, 304, 404, 429, 503} {
		l.mux.HandleFunc(fmt.Sprintf("/%d", status), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		err := l.bare(t).Visit(fmt.Sprintf("http://a.example/%d", status))
		if err == nil || err.Error() != http.StatusText(status) {
			t.Errorf("colly answers %d with %v now", status, err)
		}
	}
	f := l.fetcher(t, l.config())
	for _, status := range []int{203, 206, 304, 404} {
		if resp := get(t, f, fmt.Sprintf("http://a.example/%d", status)); resp.Status != status || resp.NotModified != (status == 304) {
			t.Errorf("%d gave %+v", status, resp)
		}
	}
	for _, status := range []int{429, 503} {
		host := fmt.Sprintf("http://h%d.example/%d", status, status)
		if e := deny(t, f, host, pages.ReasonThrottled); e.RetryAfter < time.Minute {
			t.Errorf("%d leaves the host alone for %v", status, e.RetryAfter)
		}
	}
}

func metaCharset(t *testing.T, l *lab) {
	const page = `<!doctype html><meta charset="windows-1251"><title>` + "\xcd\xee\xe2\xee\xf1\xf2\xe8" + `</title>`
	l.page("/a", "text/html", page)
	bare := l.bare(t)
	var got []byte
	bare.OnResponse(func(r *colly.Response) { got = r.Body })
	if err := bare.Visit("http://a.example/a"); err != nil || !bytes.Equal(got, []byte(page)) {
		t.Errorf("colly sees the meta element now: %q, %v", got, err)
	}
	if resp := get(t, l.fetcher(t, l.config()), "http://a.example/a"); !strings.Contains(string(resp.Body), "<title>Новости</title>") {
		t.Errorf("got %q", resp.Body)
	}
}

func keepAlive(t *testing.T, l *lab) {
	l.page("/", "text/html", "page")
	bare := l.bare(t, colly.AllowURLRevisit())
	if err := bare.SetProxy(fmt.Sprintf("http://127.0.0.1:%d", l.port)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := bare.Visit("http://a.example/a"); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.connections(); n != 5 {
		t.Errorf("colly keeps connections to a proxy now: %d for 5 requests", n)
	}
	f := l.fetcher(t, l.config())
	for i := range 100 {
		get(t, f, fmt.Sprintf("http://a.example/%d", i))
	}
	if n := l.connections() - 5; n != 1 {
		t.Errorf("%d connections for 100 fetches", n)
	}
}

func revisits(t *testing.T, l *lab) {
	l.page("/a", "text/html", "page")
	bare := l.bare(t)
	var visited *colly.AlreadyVisitedError
	if first, second := bare.Visit("http://a.example/a"), bare.Visit("http://a.example/a"); first != nil || !errors.As(second, &visited) {
		t.Errorf("colly visits twice now: %v, %v", first, second)
	}
	f := l.fetcher(t, l.config())
	for range 3 {
		get(t, f, "http://a.example/a")
	}
}

func redirectsReturned(t *testing.T, l *lab) {
	l.redirect("/1", "http://b.example/2")
	l.redirect("/2", "http://127.9.9.9/3")
	bare := l.bare(t)
	if err := bare.Visit("http://a.example/1"); err == nil || !strings.Contains(l.log(), "127.9.9.9/3") {
		t.Errorf("colly returns redirects now: %v", err)
	}
	c := l.config()
	c.Site = func(string, string) error { return nil }
	f := l.fetcher(t, c)
	l.redirect("/4", "http://b.example:2222/5")
	deny(t, f, "http://a.example/4", pages.ReasonGuard)
	if got := l.log(); strings.Contains(got, "/5") {
		t.Errorf("asked for %s", got)
	}
}
