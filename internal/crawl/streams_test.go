package crawl_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

// socialWeb serves a home page that links to every network, and the networks that publish feeds.
func socialWeb(l *lab) {
	l.html(c, "/{$}", `<h1>Contoso</h1>`+prose+`<footer><a rel="me noopener" href="https://social.example/@contoso">Mastodon</a>
<a href="https://bsky.app/profile/contoso.example">Bluesky</a> <a href="https://www.youtube.com/@contoso">YouTube</a>
<a href="https://medium.com/@contoso">Medium</a> <a href="https://contoso.substack.com/">Substack</a>
<a href="https://www.reddit.com/r/contoso/">Reddit</a> <a href="https://github.com/contoso">GitHub</a> <a href="https://github.com/contoso/erp">ERP</a>
<a href="https://www.linkedin.com/company/contoso">LinkedIn</a> <a href="https://x.com/contoso">X</a> <a href="https://twitter.com/contoso">Twitter</a>
<a href="https://www.facebook.com/contoso">Facebook</a> <a href="https://www.instagram.com/contoso">Instagram</a></footer>`)
	atom := func(host, path, link string) {
		l.zone[host] = []string{"A 127.0.0.1"}
		l.page(host, path, "application/atom+xml", `<feed xmlns="http://www.w3.org/2005/Atom"><title>`+host+path+`</title>
<entry><title>We move to the cloud</title><link href="`+link+`"/><summary>`+prose+`</summary></entry></feed>`)
	}
	atom("social.example", "/@contoso.rss", "https://social.example/@contoso/1")
	atom("bsky.app", "/profile/contoso.example/rss", "https://bsky.app/profile/contoso.example/post/1")
	atom("www.youtube.com", "/feeds/videos.xml", "https://www.youtube.com/watch?v=1")
	atom("medium.com", "/feed/@contoso", "https://medium.com/@contoso/a-post-1")
	atom("contoso.substack.com", "/feed", "https://contoso.substack.com/p/a-post")
	atom("www.reddit.com", "/r/contoso/.rss", "https://www.reddit.com/r/contoso/comments/1/x/")
	atom("github.com", "/contoso.atom", "https://github.com/contoso/erp/pull/1")
	atom("github.com", "/contoso/erp/releases.atom", "https://github.com/contoso/erp/releases/tag/v1")
	l.page("www.youtube.com", "/@contoso", "text/html", `<title>Contoso - YouTube</title><link rel="alternate" type="application/rss+xml" title="RSS"
href="https://www.youtube.com/feeds/videos.xml?channel_id=UC1"><h1>Contoso</h1>`)
	for _, host := range []string{"www.linkedin.com", "x.com", "twitter.com", "www.facebook.com", "www.instagram.com"} {
		l.zone[host] = []string{"A 127.0.0.1"}
		l.site(host).HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { l.t.Errorf("%s was asked for %s", r.Host, r.URL) })
	}
}

func TestStreamsOnOtherHostsAreReadAsTheDomainsOwn(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindSocial: 20}})
	socialWeb(l)
	v := visitOf(c)
	v.Interval = 1
	r := l.visit(v)
	asked := l.requests()
	streams := map[string]bool{}
	for _, p := range l.pages[2:] {
		if p.Kind != pages.KindSocial || p.Domain != c || p.SimHash == 0 {
			t.Errorf("page %s of kind %s for %s", p.URL, p.Kind, p.Domain)
		}
		streams[p.URL] = true
	}
	for _, want := range []string{
		"https://social.example/@contoso.rss", "https://bsky.app/profile/contoso.example/rss", "https://www.youtube.com/feeds/videos.xml?channel_id=UC1",
		"https://medium.com/feed/@contoso", "https://contoso.substack.com/feed", "https://www.reddit.com/r/contoso/.rss", "https://github.com/contoso.atom",
		"https://github.com/contoso/erp/releases.atom",
	} {
		if !streams[want] {
			t.Errorf("%s was not published", want)
		}
	}
	if len(r.Feeds) != 8 || r.Outcome != pages.OutcomeOK || r.Failed != 0 {
		t.Errorf("result %+v", r)
	}
	for i := range r.Feeds {
		if f := &r.Feeds[i]; f.Source != pages.KindSocial || f.ReadAt.IsZero() || !f.Changed || f.Items != 1 || f.Error != "" {
			t.Errorf("feed %+v", f)
		}
	}
	for _, never := range []string{"/1", "/post", "watch", "a-post", "comments", "pull", "tag"} {
		if strings.Contains(asked, never) {
			t.Errorf("an item's page was asked for: %s", asked)
		}
	}
	home := string(l.pages[1].Body)
	for _, fact := range []string{"www.linkedin.com/company/contoso", "https://x.com/contoso", "www.facebook.com/contoso", "www.instagram.com/contoso"} {
		if !strings.Contains(home, fact) {
			t.Errorf("the link to %s is lost", fact)
		}
	}
}

func TestAStreamKnownFromBeforeIsLeftToItsOwnSchedule(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindSocial: 20}})
	socialWeb(l)
	v := visitOf(c)
	v.Interval = 1
	l.visit(v)
	known := l.known()[2:]
	again := v
	again.Known = known
	r := l.visit(again)
	for i := range r.Feeds {
		if f := &r.Feeds[i]; !f.ReadAt.IsZero() {
			t.Errorf("%s was read again", f.URL)
		}
	}
	l.requests()
	r = l.visit(feedsOnly(c, known, pages.Feed{URL: "https://bsky.app/profile/contoso.example/rss", Source: pages.KindSocial}))
	if r.Outcome != pages.OutcomeOK || r.Unchanged != 1 || l.requests() != "/profile/contoso.example/rss" || r.Feeds[0].ReadAt.IsZero() || r.Address != "" {
		t.Errorf("a visit for the stream alone: %+v", r)
	}
}

func TestWhatAStreamsHostRefusesTheDomainDoesNotPayFor(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindSocial: 20}})
	socialWeb(l)
	l.page("bsky.app", "/robots.txt", "text/plain", "User-agent: *\nDisallow: /profile/\n")
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "900")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	for _, host := range []string{"www.reddit.com", "social.example"} {
		l.sites[host] = http.NewServeMux()
		l.site(host).HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "User-agent: *\nAllow: /\n") })
		l.site(host).HandleFunc("/", busy)
	}
	l.zone["github.com"] = nil
	l.blocks["substack.com"] = "complaint"
	v := visitOf(c)
	v.Interval, v.Failures = 1, 0
	r := l.visit(v)
	if r.Outcome != pages.OutcomeOK || r.Reason != "" || r.Failures != 0 || r.Denied != 1 {
		t.Errorf("result %+v", r)
	}
	got := map[string]string{}
	for i := range r.Feeds {
		got[r.Feeds[i].URL] = r.Feeds[i].Error
	}
	for url, want := range map[string]string{
		"https://bsky.app/profile/contoso.example/rss": "robots_denied", "https://www.reddit.com/r/contoso/.rss": "throttled",
		"https://social.example/@contoso.rss": "throttled", "https://contoso.substack.com/feed": "blocked",
		"https://www.youtube.com/feeds/videos.xml?channel_id=UC1": "",
	} {
		if e, ok := got[url]; !ok || e != want {
			t.Errorf("%s: %q, want %q", url, e, want)
		}
	}
	if !strings.Contains(got["https://github.com/contoso.atom"], "name_not_found") {
		t.Errorf("github.com without an address: %q", got["https://github.com/contoso.atom"])
	}
}
