package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

func TestAPageIsFetchedPolitelyAndInFull(t *testing.T) {
	l := newLab(t)
	var sent http.Header
	l.mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Clone()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Powered-By", "PHP/8.2")
		w.Header().Set("Set-Cookie", "session=1")
		_, _ = w.Write([]byte("<p>Grüezi</p>"))
	})
	f := l.fetcher(t, l.config())
	resp := get(t, f, "http://a.example/a")
	if resp.Status != 200 || string(resp.Body) != "<p>Grüezi</p>" || resp.Truncated || resp.NotModified || resp.TLS != nil {
		t.Fatalf("%+v", resp)
	}
	if resp.URL != "http://a.example/a" || resp.FinalURL != resp.URL || resp.Latency <= 0 || resp.FetchedAt.IsZero() {
		t.Fatalf("%+v", resp)
	}
	if resp.Header.Get("X-Powered-By") != "PHP/8.2" || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("header %v", resp.Header)
	}
	if ua := sent.Get("User-Agent"); ua != "TelltaleBot/1.2 (+https://telltale.example/bot)" {
		t.Errorf("User-Agent %q", ua)
	}
	if ae := sent.Get("Accept-Encoding"); ae != "gzip, deflate, br, zstd" {
		t.Errorf("Accept-Encoding %q", ae)
	}
	get(t, f, "http://a.example/a")
	if sent.Get("Cookie") != "" {
		t.Error("a cookie was kept")
	}
	if got := l.log(); got != "a.example/robots.txt a.example/a a.example/a" {
		t.Errorf("asked for %s", got)
	}
	if n := l.connections(); n != 1 {
		t.Errorf("%d connections for one host", n)
	}
}

func TestTheAddressGoesOutByteForByte(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	f := l.fetcher(t, l.config())
	const rest = "/a|b[c]/%7Ex%2F?q=%&r={}|^"
	get(t, f, "http://a.example"+rest)
	if got := l.log(); got != "a.example/robots.txt a.example"+rest {
		t.Fatalf("asked for %s", got)
	}
}

func TestAConditionalFetchLearnsThatNothingChanged(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") == "Mon, 02 Jan 2006 15:04:05 GMT" {
			w.WriteHeader(http.StatusNotModified)
		}
	})
	f := l.fetcher(t, l.config())
	resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/a", ETag: `"v1"`, LastModified: "Mon, 02 Jan 2006 15:04:05 GMT"})
	if err != nil || !resp.NotModified || resp.Status != 304 || len(resp.Body) != 0 {
		t.Fatalf("%+v, %v", resp, err)
	}
}

func TestStatusesAreAnswersButRefusalsAreLearnt(t *testing.T) {
	l := newLab(t)
	for pattern, status := range map[string]int{"/204": 204, "/404": 404, "/500": 500, "/403": 403, "/300": 300} {
		l.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	l.mux.HandleFunc("busy.example/seconds", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	l.mux.HandleFunc("down.example/date", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	l.mux.HandleFunc("mute.example/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	f := l.fetcher(t, l.config())
	for _, status := range []string{"204", "404", "500", "403", "300"} {
		if resp := get(t, f, "http://a.example/"+status); http.StatusText(resp.Status) == "" || !strings.HasSuffix(resp.FinalURL, status) {
			t.Errorf("%s gave %d", status, resp.Status)
		}
	}
	for _, c := range []struct {
		url  string
		want time.Duration
	}{{"http://busy.example/seconds", time.Hour}, {"http://down.example/date", 2*time.Hour - 2*time.Second}, {"http://mute.example/", time.Minute}} {
		if e := deny(t, f, c.url, pages.ReasonThrottled); e.RetryAfter < c.want || e.RetryAfter > c.want*11/10+2*time.Second {
			t.Errorf("%s: left alone for %v, want %v", c.url, e.RetryAfter, c.want)
		}
	}
	l.log()
	if e := deny(t, f, "http://busy.example/other", pages.ReasonThrottled); e.RetryAfter < 59*time.Minute {
		t.Errorf("asked again: %v", e.RetryAfter)
	}
	if got := l.log(); got != "" {
		t.Fatalf("a host that asked to be left alone was asked for %s", got)
	}
	l.clock.add(67 * time.Minute)
	get(t, f, "http://busy.example/404")
}

func TestGapsAreKeptBetweenRequests(t *testing.T) {
	l := newLab(t)
	const gap = 60 * time.Millisecond
	var starts, ends []time.Time
	l.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		starts = append(starts, time.Now())
		if r.URL.Path == "/0" {
			w.Header().Set("Location", "http://www.a.example/1")
			w.WriteHeader(http.StatusMovedPermanently)
		}
		ends = append(ends, time.Now())
	})
	c := l.config()
	c.Politeness = politeness.Config{MinDelay: gap}
	f := l.fetcher(t, c)
	get(t, f, "http://a.example/0")
	get(t, f, "http://a.example/2")
	if len(starts) != 5 {
		t.Fatalf("%d requests", len(starts))
	}
	for i := 1; i < len(starts); i++ {
		if d := starts[i].Sub(ends[i-1]); d < gap {
			t.Errorf("a gap of %v before request %d", d, i)
		}
	}
	if n := l.metric(t, "politeness_wait_seconds", ""); n != 5 {
		t.Errorf("%v waits were measured", n)
	}
}

func TestCancellingEndsAFetchAtOnce(t *testing.T) {
	l := newLab(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	l.mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { close(arrived); <-release })
	f := l.fetcher(t, l.config())
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() { _, err := f.Fetch(ctx, pages.Request{URL: "http://a.example/slow"}); got <- err }()
	<-arrived
	cancel()
	var failed *pages.FetchError
	if err := <-got; !errors.As(err, &failed) || failed.Reason != pages.ReasonCancelled || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	close(release)
	if _, err := f.Fetch(ctx, pages.Request{URL: "http://b.example/"}); !errors.As(err, &failed) || failed.Reason != pages.ReasonCancelled {
		t.Fatalf("got %v", err)
	}
}

func TestNamesThatDoNotResolveAreTold(t *testing.T) {
	l := newLab(t)
	l.name("gone.example")
	f := l.fetcher(t, l.config())
	deny(t, f, "http://gone.example/", pages.ReasonNotFound)
	deny(t, f, "http://broken.test/", pages.ReasonDNS)
	deny(t, f, "ftp://a.example/", pages.ReasonProtocol)
	deny(t, f, "http://", pages.ReasonProtocol)
	deny(t, f, "https://www.linkedin.com/company/x", pages.ReasonOffsite)
}

func TestCollyIsNotLedByItsEnvironment(t *testing.T) {
	for key, value := range map[string]string{
		"COLLY_ALLOWED_DOMAINS": "nowhere.example", "COLLY_CACHE_DIR": t.TempDir(), "COLLY_DETECT_CHARSET": "y", "COLLY_USER_AGENT": "evil",
		"COLLY_MAX_BODY_SIZE": "3", "COLLY_IGNORE_ROBOTSTXT": "n", "COLLY_PARSE_HTTP_ERROR_RESPONSE": "n", "COLLY_FOLLOW_REDIRECTS": "n", "COLLY_TRACE_HTTP": "y",
	} {
		t.Setenv(key, value)
	}
	l := newLab(t)
	var agent string
	l.mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		w.Header().Set("Content-Type", "text/plain; charset=windows-1252")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("caf\xe9 au lait"))
	})
	resp := get(t, l.fetcher(t, l.config()), "http://a.example/a")
	if string(resp.Body) != "café au lait" || resp.Status != 404 || !strings.HasPrefix(agent, "TelltaleBot/") {
		t.Fatalf("%q, %d, %q", resp.Body, resp.Status, agent)
	}
}

func TestConfigIsChecked(t *testing.T) {
	r, err := resolver.New(resolver.Config{Server: "127.0.0.1:53"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]fetch.Config{
		"no contact":                  {},
		"a contact that ends a field": {Contact: "me\r\nX-Evil: 1"},
		"a port that is none":         {Contact: "me", HTTPPort: 70_000},
		"a pace that is none":         {Contact: "me", Politeness: politeness.Config{MinDelay: -1}},
	} {
		if _, err := fetch.New(c, fetch.Deps{Resolver: r}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := fetch.New(fetch.Config{Contact: "me"}, fetch.Deps{}); err == nil {
		t.Error("no resolver was accepted")
	}
}

func TestEachFetchHasItsOwnContext(t *testing.T) {
	l := newLab(t)
	release := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Add(20)
	l.mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			waiting.Done()
			<-release
		}
	})
	for i := range 20 {
		l.name(fmt.Sprintf("h%d.example", i), fmt.Sprintf("127.0.0.%d", i+1))
	}
	l.everywhere(t, 20)
	f := l.fetcher(t, l.config())
	ctx, cancel := context.WithCancel(t.Context())
	var done, cancelled sync.WaitGroup
	for i := range 20 {
		mine, group := t.Context(), &done
		if i%2 == 1 {
			mine, group = ctx, &cancelled
		}
		group.Go(func() {
			resp, err := f.Fetch(mine, pages.Request{URL: fmt.Sprintf("http://h%d.example/x", i)})
			if (err != nil) != (i%2 == 1) {
				t.Errorf("fetch %d: %v, %v", i, resp, err)
			}
		})
	}
	waiting.Wait()
	cancel()
	cancelled.Wait()
	close(release)
	done.Wait()
}
