package crawl_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

const blogFeed = "https://contoso.example/blog/feed.xml"

// feedsOnly is a visit that reads feeds and nothing else of a domain.
func feedsOnly(domain string, known []pages.Known, feeds ...pages.Feed) pages.Visit {
	return pages.Visit{ID: pages.FeedVisitID(domain, due), Domain: domain, DueAt: due, FeedsOnly: true, Feeds: feeds, Known: known, Failures: 2}
}

// feeds compares the feeds of a result; a read's time need only be set.
func feeds(t *testing.T, r *pages.Result, want ...pages.FeedRead) {
	t.Helper()
	for i := range r.Feeds {
		if f := &r.Feeds[i]; !f.ReadAt.IsZero() {
			f.ReadAt = due
		}
	}
	if d := cmp.Diff(want, r.Feeds, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("feeds (-want +got):\n%s", d)
	}
}

func TestAVisitForFeedsReadsThemAndWhatIsNewInThem(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	old := pages.Known{URL: "https://contoso.example/blog/older-post-about-us", Kind: pages.KindBlog, ContentHash: "x"}
	r := l.visit(feedsOnly(c, []pages.Known{old}, pages.Feed{URL: blogFeed, Interval: time.Hour, Failures: 1}))
	if l.published() != "feed /blog/feed.xml, blog /blog/newest-post-of-all" || l.requests() != "/blog/feed.xml /blog/newest-post-of-all" {
		t.Errorf("published %s", l.published())
	}
	if r.Outcome != pages.OutcomeOK || !r.FeedsOnly || r.Failures != 2 || r.CrawlDelay != 0 || r.Address != "127.0.0.1" {
		t.Errorf("result %+v", r)
	}
	feeds(t, &r, pages.FeedRead{URL: blogFeed, ReadAt: due, Interval: time.Hour, Changed: true, Items: 3})
}

func TestAFeedThatIsKnownHasNotChanged(t *testing.T) {
	l := newLab(t, crawl.Config{})
	items, built := `<item><title>One</title><link>/blog/the-first-of-them</link></item>`, "1"
	l.site(c).HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=7200")
		fmt.Fprintf(w, `<rss><channel><title>T</title><lastBuildDate>%s</lastBuildDate><ttl>30</ttl>%s</channel></rss>`, built, items)
	})
	l.html(c, "/blog/the-first-of-them", "<h1>One</h1>"+prose)
	l.html(c, "/blog/the-second-of-them", "<h1>Two</h1>"+prose+prose)
	feed := pages.Feed{URL: "https://contoso.example/feed"}
	read := pages.FeedRead{URL: feed.URL, ReadAt: due, Items: 1, AskLater: 2 * time.Hour}

	r := l.visit(feedsOnly(c, nil, feed))
	news := read
	news.Changed = true
	feeds(t, &r, news)
	known := l.known()
	r = l.visit(feedsOnly(c, known, feed))
	if feeds(t, &r, read); r.Published != 0 || r.Unchanged != 1 {
		t.Errorf("the same feed: %+v", r)
	}
	built = "2"
	r = l.visit(feedsOnly(c, known, feed))
	if feeds(t, &r, read); r.Published != 1 || r.NearUnchanged != 1 || !l.pages[0].NearUnchanged {
		t.Errorf("a new date of the build alone: %+v", r)
	}
	items += `<item><title>Two</title><link>/blog/the-second-of-them</link></item>`
	r = l.visit(feedsOnly(c, known, feed))
	news.Items = 2
	if feeds(t, &r, news); l.published() != "feed /feed, blog /blog/the-second-of-them" || l.pages[0].NearUnchanged {
		t.Errorf("a new item: published %s", l.published())
	}
}

func TestA304KeepsAFeedAsItWas(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.visit(feedsOnly(c, nil, pages.Feed{URL: blogFeed}))
	r := l.visit(feedsOnly(c, l.known(), pages.Feed{URL: blogFeed}))
	if feeds(t, &r, pages.FeedRead{URL: blogFeed, ReadAt: due}); r.Published != 0 || r.Unchanged != 1 || r.Outcome != pages.OutcomeOK {
		t.Errorf("result %+v", r)
	}
}

func TestAFeedThatGivesNoneHasItsReason(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/no-feed", "<h1>No feed</h1>"+prose)
	l.page(c, "/robots.txt", "text/plain", "User-agent: *\nDisallow: /denied\n")
	l.page("other.example", "/feed", "application/rss+xml", "<rss><channel><title>Never asked</title></channel></rss>")
	l.site("busy.contoso.example").HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	l.blocks["other.example"] = "complaint"
	at := func(host, path string) pages.Feed { return pages.Feed{URL: "https://" + host + path, Failures: 3} }
	r := l.visit(feedsOnly(c, nil, at(c, "/gone"), at(c, "/denied"), at(c, "/no-feed"), at("other.example", "/feed"), pages.Feed{URL: "not an address"}, at("busy.contoso.example", "/feed"), at(c, "/late")))
	if len(r.Feeds) != 7 || r.Feeds[5].AskLater < 600*time.Second || r.Feeds[5].AskLater > 660*time.Second {
		t.Fatalf("feeds %+v", r.Feeds)
	}
	r.Feeds[5].AskLater = 0
	miss := func(host, path, why string, failures int) pages.FeedRead {
		return pages.FeedRead{URL: "https://" + host + path, ReadAt: due, Failures: failures, Error: why}
	}
	late := pages.FeedRead{URL: "https://contoso.example/late", Failures: 3}
	feeds(t, &r, miss(c, "/gone", "status:404", 4), miss(c, "/denied", "robots_denied", 4), miss(c, "/no-feed", "not_a_feed", 4), miss("other.example", "/feed", "blocked", 3),
		pages.FeedRead{URL: "not an address", ReadAt: due, Failures: 1, Error: "bad_address"}, miss("busy.contoso.example", "/feed", "throttled", 3), late)
	if r.Outcome != pages.OutcomeError || r.Denied != 1 || r.Failures != 2 || strings.Contains(l.requests(), "Never") {
		t.Errorf("result %+v", r)
	}
}

func TestPagesOfAWatchListSayForWhomTheyWereRead(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.page("wire.example", "/all.xml", "application/rss+xml", `<rss><channel><title>Wire</title>
<item><title>Merger</title><link>https://wire.example/releases/contoso-buys-fabrikam-today</link></item>
<item><title>Elsewhere</title><link>https://other.example/press/elsewhere-it-is-told</link></item></channel></rss>`)
	l.html("wire.example", "/releases/contoso-buys-fabrikam-today", `<h1>Merger</h1><a href="/releases/never-followed-from-here">More</a>`+prose)
	feed := pages.Feed{URL: "https://wire.example/all.xml", Watch: "press wire", Source: pages.KindPress}
	r := l.visit(feedsOnly("wire.example", nil, feed))
	if l.published() != "feed /all.xml, press /releases/contoso-buys-fabrikam-today" || strings.Contains(l.requests(), "elsewhere") {
		t.Errorf("published %s", l.published())
	}
	for _, p := range l.pages {
		if p.Watch != "press wire" || p.Domain != "wire.example" {
			t.Errorf("page %s: watch %q, domain %s", p.URL, p.Watch, p.Domain)
		}
	}
	feeds(t, &r, pages.FeedRead{URL: feed.URL, Watch: "press wire", Source: pages.KindPress, ReadAt: due, Changed: true, Items: 2})
}

func TestAFullVisitReportsTheFeedsItFound(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindFeed: 1, pages.KindBlog: 1}})
	l.html(c, "/{$}", `<h1>Contoso</h1><link rel="alternate" type="application/rss+xml" href="/blog/feed.xml"><a href="/blog">Blog</a>`+prose)
	l.page(c, "/blog/feed.xml", "application/rss+xml", `<rss><channel><title>Blog</title></channel></rss>`)
	l.page(c, "/due.xml", "application/rss+xml", `<rss><channel><title>Due</title></channel></rss>`)
	l.html(c, "/blog", `<h1>Blog</h1><link rel=alternate type="application/atom+xml" href="/blog/second.xml">`+prose)
	v := visitOf(c)
	v.Feeds = []pages.Feed{{URL: "https://contoso.example/due.xml", Interval: time.Hour}}
	r := l.visit(v)
	feeds(t, &r, pages.FeedRead{URL: "https://contoso.example/due.xml", ReadAt: due, Interval: time.Hour}, pages.FeedRead{URL: blogFeed},
		pages.FeedRead{URL: "https://contoso.example/blog/second.xml"})
	if r.Address != "127.0.0.1" || r.FeedsOnly {
		t.Errorf("result %+v", r)
	}
}
