package fetch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// redirect serves a redirect at a pattern.
func (l *lab) redirect(pattern, to string) {
	l.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
}

func TestRedirectsAreFollowedHopByHop(t *testing.T) {
	l := newLab(t)
	l.redirect("a.example/old", "http://www.a.example/moved?utm_source=x#part")
	l.redirect("www.a.example/moved", "../new")
	l.page("www.a.example/new", "text/html", "new")
	l.redirect("a.example/nowhere", "")
	f := l.fetcher(t, l.config())
	resp := get(t, f, "http://a.example/old")
	if resp.URL != "http://a.example/old" || resp.FinalURL != "http://www.a.example/new" || string(resp.Body) != "new" {
		t.Fatalf("%+v", resp)
	}
	if got, want := l.log(), "a.example/robots.txt a.example/old www.a.example/robots.txt www.a.example/moved www.a.example/new"; got != want {
		t.Fatalf("asked for %s, want %s", got, want)
	}
	if resp := get(t, f, "http://a.example/nowhere"); resp.Status != 302 {
		t.Fatalf("a redirect to nowhere gave %d", resp.Status)
	}
	if n := l.metric(t, "redirects_total", ""); n != 2 {
		t.Errorf("%v redirects counted", n)
	}
}

func TestRedirectsThatLeadNowhereGoodEnd(t *testing.T) {
	l := newLab(t)
	l.redirect("/loop", "/pool")
	l.redirect("/pool", "/loop")
	l.redirect("/self", "/self?sid=2")
	for i := range 10 {
		l.redirect(fmt.Sprintf("/hop%d", i), fmt.Sprintf("/hop%d", i+1))
	}
	l.redirect("/script", "javascript:alert(1)")
	l.redirect("/file", "file:///etc/passwd")
	l.redirect("/broken", "http://[::1/")
	l.redirect("/away", "http://other.test/")
	l.redirect("/social", "https://www.facebook.com/a")
	l.redirect("/port", "http://a.example:22/")
	l.redirect("/{$}", "http://other.example/")
	l.page("other.example/{$}", "text/html", "we moved")
	f := l.fetcher(t, l.config())
	for path, want := range map[string]pages.FetchReason{
		"/loop": pages.ReasonRedirects, "/self": pages.ReasonRedirects, "/hop0": pages.ReasonRedirects, "/script": pages.ReasonRedirects,
		"/file": pages.ReasonRedirects, "/broken": pages.ReasonRedirects, "/away": pages.ReasonOffsite, "/social": pages.ReasonOffsite, "/port": pages.ReasonGuard,
	} {
		deny(t, f, "http://a.example"+path, want)
	}
	if e := deny(t, f, "http://a.example/away", pages.ReasonOffsite); e.URL != "http://other.test/" {
		t.Errorf("the site that was led to is told as %s", e.URL)
	}
	l.log()
	deny(t, f, "http://a.example/hop3", pages.ReasonRedirects)
	if got := len(strings.Fields(l.log())); got != 6 {
		t.Errorf("%d requests for five redirects", got)
	}
	if resp := get(t, f, "http://a.example/hop5"); resp.Status != 404 {
		t.Errorf("five redirects gave %d", resp.Status)
	}
	if resp := get(t, f, "http://a.example/"); string(resp.Body) != "we moved" {
		t.Errorf("a front page that moved gave %q", resp.Body)
	}
}

func TestRobotsRuleEveryHop(t *testing.T) {
	l := newLab(t)
	l.page("a.example/robots.txt", "text/plain", "User-agent: telltalebot\nDisallow: /private\nCrawl-delay: 0\nSitemap: /map.xml\n")
	l.page("b.a.example/robots.txt", "text/plain", "User-agent: *\nDisallow: /\nAllow: /open\n")
	l.redirect("a.example/door", "/private/room")
	l.redirect("a.example/other", "http://b.a.example/closed")
	l.redirect("a.example/fine", "http://b.a.example/open")
	l.page("b.a.example/open", "text/html", "open")
	f := l.fetcher(t, l.config())
	deny(t, f, "http://a.example/private/room", pages.ReasonRobots)
	deny(t, f, "http://a.example/door", pages.ReasonRobots)
	deny(t, f, "http://a.example/other", pages.ReasonRobots)
	get(t, f, "http://a.example/fine")
	for _, asked := range strings.Fields(l.log()) {
		if strings.Contains(asked, "private") || strings.Contains(asked, "closed") {
			t.Errorf("asked for %s", asked)
		}
	}
	if n := l.metric(t, "robots_denied_total", ""); n != 3 {
		t.Errorf("%v denials counted", n)
	}
	site, err := f.Site(t.Context(), "http://a.example/x")
	if err != nil || len(site.Sitemaps) != 1 || site.Sitemaps[0] != "/map.xml" {
		t.Errorf("%+v, %v", site, err)
	}
}

func TestRobotsThatCannotBeReadDenyAll(t *testing.T) {
	l := newLab(t)
	status := func(host string, code int) {
		l.mux.HandleFunc(host+"/robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		l.page(host+"/{$}", "text/html", "home")
	}
	status("gone.example", 410)
	status("secret.example", 403)
	status("ill.example", 500)
	status("down.example", 503)
	status("busy.example", 429)
	for i := range 7 {
		l.redirect(fmt.Sprintf("far.example/r%d", i), fmt.Sprintf("/r%d", i+1))
	}
	l.redirect("far.example/robots.txt", "/r0")
	l.page("far.example/{$}", "text/html", "home")
	l.redirect("near.example/robots.txt", "http://other.example/r.txt")
	l.page("other.example/r.txt", "text/plain", "User-agent: *\nDisallow: /x\n")
	l.page("near.example/{$}", "text/html", "home")
	l.page("huge.example/robots.txt", "text/plain", strings.Repeat("# filler\n", 600_000)+"User-agent: *\nDisallow: /\n")
	l.page("huge.example/{$}", "text/html", "home")
	f := l.fetcher(t, l.config())
	for _, host := range []string{"gone", "secret", "far", "near", "huge"} {
		get(t, f, "http://"+host+".example/")
	}
	deny(t, f, "http://near.example/x", pages.ReasonRobots)
	deny(t, f, "http://ill.example/", pages.ReasonRobotsError)
	if e := deny(t, f, "http://down.example/", pages.ReasonRobotsError); e.RetryAfter < time.Minute {
		t.Errorf("down: left alone for %v", e.RetryAfter)
	}
	deny(t, f, "http://busy.example/", pages.ReasonRobotsError)
	if n := l.metric(t, "robots_fetches_total", "5xx"); n != 2 {
		t.Errorf("%v unreachable robots.txt counted", n)
	}
}

func TestManyWhoAskShareOneRobotsFetch(t *testing.T) {
	l := newLab(t)
	l.page("a.example/robots.txt", "text/plain", "User-agent: *\nDisallow: /x\n")
	f := l.fetcher(t, l.config())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { deny(t, f, "http://a.example/x", pages.ReasonRobots) })
	}
	wg.Wait()
	if got := l.log(); got != "a.example/robots.txt" {
		t.Fatalf("asked for %s", got)
	}
}

func TestACrawlDelayIsKept(t *testing.T) {
	l := newLab(t)
	l.page("a.example/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: 7200\n")
	c := l.config()
	c.Politeness.MaxWait = 50 * time.Millisecond
	f := l.fetcher(t, c)
	get(t, f, "http://a.example/")
	// Two hours is beyond what is waited out in place: the host is visited more rarely, not faster.
	if e := deny(t, f, "http://a.example/2", pages.ReasonCrawlDelay); e.RetryAfter < 119*time.Minute {
		t.Fatalf("left alone for %v", e.RetryAfter)
	}
	l.clock.add(2 * time.Hour)
	get(t, f, "http://a.example/2")
	if site, err := f.Site(t.Context(), "http://a.example/"); err != nil || site.CrawlDelay != 2*time.Hour {
		t.Fatalf("%+v, %v", site, err)
	}
}

func TestTheGuardStandsBehindEveryHop(t *testing.T) {
	l := newLab(t)
	inner := l.listen(t, fmt.Sprintf("127.9.9.9:%d", l.port))
	serveHTTP(t, l, inner)
	l.name("inner.example", "127.9.9.9")
	l.name("mapped.example", "::ffff:127.9.9.9")
	l.name("both.example", "127.9.9.9", "127.0.0.1")
	l.redirect("a.example/{$}", "http://inner.example/secret")
	l.redirect("b.example/{$}", "http://127.9.9.9/secret")
	l.redirect("c.example/{$}", "http://0x7f.9.9.9/secret")
	l.redirect("robots.example/robots.txt", "http://inner.example/robots.txt")
	l.page("both.example/{$}", "text/html", "public")
	c := l.config()
	c.AllowPrivate, c.AllowNetworks = false, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/24")}
	f := l.fetcher(t, c)
	for _, host := range []string{"inner", "mapped", "a", "b", "c", "robots"} {
		deny(t, f, "http://"+host+".example/", pages.ReasonGuard)
	}
	get(t, f, "http://both.example/")
	for _, asked := range strings.Fields(l.log()) {
		if strings.Contains(asked, "secret") || strings.HasPrefix(asked, "inner") {
			t.Errorf("asked for %s", asked)
		}
	}
	deny(t, l.fetcher(t, fetch.Config{Contact: "me", HTTPPort: l.port}), "http://a.example/", pages.ReasonGuard)
	deny(t, f, "http://a.example:25/", pages.ReasonGuard)
}

func TestANameThatChangesItsAddressDoesNotPassTheGuard(t *testing.T) {
	l := newLab(t)
	inner := l.listen(t, fmt.Sprintf("127.9.9.9:%d", l.port))
	serveHTTP(t, l, inner)
	l.name("rebind.example", "127.0.0.1")
	l.mux.HandleFunc("rebind.example/", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	c := l.config()
	c.AllowPrivate, c.AllowNetworks = false, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	f := l.fetcher(t, c)
	get(t, f, "http://rebind.example/")
	before := l.connections()
	l.name("rebind.example", "127.9.9.9")
	l.clock.add(time.Minute)
	deny(t, f, "http://rebind.example/", pages.ReasonGuard)
	if l.connections() != before {
		t.Fatal("the inner address was connected to")
	}
}

func TestAHostsNextAddressIsTriedWhereOneIsDead(t *testing.T) {
	l := newLab(t)
	l.name("half.example", "127.0.0.77", "127.0.0.1")
	l.name("dead.example", "127.0.0.77")
	l.page("half.example/{$}", "text/html", "alive")
	f := l.fetcher(t, l.config())
	get(t, f, "http://half.example/")
	deny(t, f, "http://dead.example/", pages.ReasonConnect)
	if n := l.metric(t, "requests_total", string(pages.ReasonConnect)); n != 2 {
		t.Errorf("%v failed connections counted", n)
	}
}

func TestAClosedFetcherSendsNothing(t *testing.T) {
	l := newLab(t)
	f := l.fetcher(t, l.config())
	f.Close()
	deny(t, f, "http://a.example/", pages.ReasonCancelled)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Probe(ctx, "a.example"); err == nil {
		t.Error("a probe outlived its context")
	}
	if got := l.log(); got != "" {
		t.Fatalf("asked for %s", got)
	}
}

func TestOpsKeepTheFetcherOffADomainOnEveryHop(t *testing.T) {
	l := newLab(t)
	l.page("a.example/robots.txt", "text/plain", "")
	l.page("c.example/page", "text/plain", "")
	l.redirect("a.example/away", "http://b.example/page")
	l.redirect("c.example/robots.txt", "http://b.example/robots.txt")
	c := l.config()
	c.Site = func(_, target string) error {
		if urls.Host(target) == "b.example" {
			return fmt.Errorf("%w: by ops: a complaint", fetch.ErrBlocked)
		}
		return nil
	}
	f := l.fetcher(t, c)
	deny(t, f, "http://b.example/page", pages.ReasonBlocked)
	deny(t, f, "http://a.example/away", pages.ReasonBlocked)
	deny(t, f, "http://c.example/page", pages.ReasonRobotsError)
	if got := l.log(); strings.Contains(got, "b.example") {
		t.Fatalf("asked for %s", got)
	}
}
