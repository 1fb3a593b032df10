package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"telltale/internal/crawl"
	"telltale/internal/pages"
	"telltale/internal/work"
)

// archive serves a blog of n articles, linked from its index, as a feed would never be.
func archive(l *lab, n int) {
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, `<a href="/blog/article-number-%d-of-many">%d</a> `, i, i)
		l.html(c, fmt.Sprintf("/blog/article-number-%d-of-many", i), fmt.Sprintf("<h1>%d</h1>%s", i, prose))
	}
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/blog">Blog</a>`+prose)
	l.html(c, "/blog", "<h1>Blog</h1>"+list.String()+prose)
}

func TestAVisitKeepsItsBudgets(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config crawl.Config
		reason string
		pages  int
	}{
		{"pages", crawl.Config{MaxPages: 5, Quotas: map[pages.Kind]int{pages.KindBlog: 100}}, "budget_pages", 5},
		{"bytes", crawl.Config{MaxBytes: 6000, Quotas: map[pages.Kind]int{pages.KindBlog: 100}}, "budget_bytes", 0},
		{"the quota of a kind", crawl.Config{Quotas: map[pages.Kind]int{pages.KindBlog: 4}}, "", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, tt.config)
			archive(l, 40)
			r := l.visit(visitOf(c))
			if r.Outcome != pages.OutcomeOK || r.Reason != tt.reason || r.Skipped == 0 {
				t.Errorf("result %+v", r)
			}
			if read := len(l.pages) - 1; tt.pages > 0 && read != tt.pages || read > 20 {
				t.Errorf("%d pages read", read)
			}
		})
	}
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, crawl.Config{MaxTime: 2 * time.Second})
		archive(l, 3)
		over := make(chan struct{})
		t.Cleanup(func() { close(over) })
		l.site(c).HandleFunc("/blog/feed", func(http.ResponseWriter, *http.Request) { <-over })
		v := visitOf(c, pages.Known{URL: "https://contoso.example/blog/feed", Kind: pages.KindFeed, ContentHash: "x"})
		r := l.visit(v)
		if r.Outcome != pages.OutcomeOK || r.Reason != "budget_time" || l.published() != "probe dns:contoso.example, home /" || r.Failed != 0 {
			t.Errorf("result %+v, published %s", r, l.published())
		}
	})
}

func TestTrapsAreLeftAlone(t *testing.T) {
	l := newLab(t, crawl.Config{MaxPages: 200, Quotas: map[pages.Kind]int{pages.KindForum: 150, pages.KindOther: 100, pages.KindBlog: 100}})
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/calendar/2026/03/">Events</a><a href="/forum">Forum</a>
<a href="/blog/a/a/a/a/a/a/a">Same</a><a href="/blog/cart/add-one-item-now">Cart</a><a href="/blog/?replytocom=5">Reply</a>`+prose)
	l.html(c, "/calendar/2026/03/", "<p>March</p>")
	served := 0
	l.site(c).HandleFunc("/forum", func(w http.ResponseWriter, r *http.Request) { endless(w, r, &served) })
	l.site(c).HandleFunc("/forum/", func(w http.ResponseWriter, r *http.Request) { endless(w, r, &served) })
	r := l.visit(visitOf(c))
	if asked := l.requests(); strings.Contains(asked, "/calendar") || strings.Contains(asked, "/a/a/a") || strings.Contains(asked, "cart") || strings.Contains(asked, "replytocom") {
		t.Errorf("asked for a trap: %s", asked)
	}
	if served < 5 || served > 25 || r.Skipped < 10 {
		t.Errorf("%d pages of an endless forum read, %d addresses left out", served, r.Skipped)
	}
}

// endless serves pages that each link to ten others of which only numbers differ.
func endless(w http.ResponseWriter, r *http.Request, served *int) {
	*served++
	fmt.Fprintf(w, "<title>Forum %d</title><h1>Thread %d</h1>%s", *served, *served, prose)
	for i := range 10 {
		fmt.Fprintf(w, `<a href="/forum/%d">%d</a>`, *served*10+i, i)
	}
}

func TestCommonPathsAreTriedOnlyWhereNothingIsLinked(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/{$}", "<h1>Contoso</h1>"+prose)
	l.page(c, "/rss.xml", "application/rss+xml", `<rss><channel><title>T</title><item><title>A</title><link>/news/an-item-from-the-feed</link></item></channel></rss>`)
	l.html(c, "/news", `<h1>News</h1>`+prose)
	l.html(c, "/news/an-item-from-the-feed", `<h1>Item</h1>`+prose)
	l.site(c).HandleFunc("/careers", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	l.site(c).HandleFunc("/forum", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<title>Page not found</title><h1>Page not found</h1>") // 200, though nothing is there
	})
	r := l.visit(visitOf(c))
	if want := "probe dns:contoso.example, home /, feed /rss.xml, press /news, press /news/an-item-from-the-feed"; l.published() != want {
		t.Errorf("published %s", l.published())
	}
	if r.Failed != 0 || r.Skipped != 0 || len(r.Reads) != 0 {
		t.Errorf("guesses that missed are no failures: %+v", r)
	}
	if asked := l.requests(); strings.Contains(asked, "/atom.xml") || strings.Contains(asked, "/press") || !strings.Contains(asked, "/sitemap.xml") {
		t.Errorf("asked for %s", asked)
	}
	later := visitOf(c, l.known()...)
	later.Interval = 24 * time.Hour
	l.visit(later)
	if asked := l.requests(); strings.Contains(asked, "/careers") || strings.Contains(asked, "/forum") {
		t.Errorf("a later visit guesses again: %s", asked)
	}
}

func TestSitemapsLeadToTheNewestPages(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindPress: 2}})
	l.html(c, "/{$}", "<h1>Contoso</h1>"+prose)
	l.page(c, "/robots.txt", "text/plain", "Sitemap: https://contoso.example/index.xml\nSitemap: https://other.example/s.xml\n")
	l.page(c, "/index.xml", "application/xml", `<sitemapindex><sitemap><loc>https://contoso.example/posts.xml</loc></sitemap></sitemapindex>`)
	l.page(c, "/posts.xml", "application/xml", `<urlset>
<url><loc>https://contoso.example/press/the-oldest-of-them</loc><lastmod>2024-01-01</lastmod></url>
<url><loc>https://contoso.example/press/the-newest-of-them</loc><lastmod>2026-02-01</lastmod></url>
<url><loc>https://contoso.example/press/the-one-in-between</loc><lastmod>2025-01-01</lastmod></url>
<url><loc>https://contoso.example/about</loc></url><url><loc>https://other.example/press/elsewhere-it-is</loc></url></urlset>`)
	for _, p := range []string{"/press/the-oldest-of-them", "/press/the-newest-of-them", "/press/the-one-in-between"} {
		l.html(c, p, "<h1>"+p+"</h1>"+prose)
	}
	v := visitOf(c)
	v.Interval = time.Hour
	r := l.visit(v)
	if want := "probe dns:contoso.example, home /, press /press/the-newest-of-them, press /press/the-one-in-between"; l.published() != want || r.Skipped == 0 {
		t.Errorf("published %s, result %+v", l.published(), r)
	}
}

func TestDirectivesOfPagesAreKept(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/blog">Blog</a><a href="/press">Press</a><a href="/press/page-twice-over">Copy</a><link rel=alternate type="application/rss+xml" href="/feed">`+prose)
	l.page(c, "/blog", "text/html", `<meta name=robots content="noindex"><h1>Blog</h1><a href="/blog/an-article-to-be-read">A</a>`+prose)
	l.html(c, "/blog/an-article-to-be-read", "<h1>Article</h1>"+prose)
	l.page(c, "/press", "text/html", `<meta name=robots content="nofollow"><h1>Press</h1><a href="/press/never-to-be-asked">N</a>`+prose)
	l.page(c, "/press/page-twice-over", "text/html", `<link rel=canonical href="/press"><h1>Press</h1>`+prose+prose)
	l.site(c).HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Robots-Tag", "noindex, follow")
		fmt.Fprintf(w, `<rss><channel><item><link>/blog/from-the-feed-itself</link><description>%s</description></item></channel></rss>`, strings.Repeat("whole text ", 200))
	})
	l.html(c, "/blog/from-the-feed-itself", "<h1>From the feed</h1>"+prose)
	l.page(c, "/robots.txt", "text/plain", "User-agent: *\nDisallow: /careers\nCrawl-delay: 0.1\n")
	r := l.visit(visitOf(c))
	want := "probe dns:contoso.example, home /, press /press, blog /blog/from-the-feed-itself, blog /blog/an-article-to-be-read"
	if l.published() != want {
		t.Errorf("published %s", l.published())
	}
	if asked := l.requests(); strings.Contains(asked, "never-to-be-asked") || strings.Contains(asked, "/careers") {
		t.Errorf("asked for %s", asked)
	}
	if r.CrawlDelay != 100*time.Millisecond {
		t.Errorf("crawl delay %v", r.CrawlDelay)
	}
}

func TestEveryFailedPageHasItsReason(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/blog/gone-for-ever-now">1</a><a href="/blog/forbidden-by-robots-txt">2</a><a href="/blog/leads-to-another-site">3</a>
<a href="/blog/breaks-off-at-once">4</a><a href="/blog/not-found-in-disguise">5</a><a href="/blog/far-too-long-to-read">6</a><link rel=alternate type="application/atom+xml" href="/atom">`+prose)
	l.page(c, "/robots.txt", "text/plain", "User-agent: *\nDisallow: /blog/forbidden")
	site := l.site(c)
	site.HandleFunc("/blog/gone-for-ever-now", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	site.HandleFunc("/blog/leads-to-another-site", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.example/x", http.StatusFound)
	})
	site.HandleFunc("/blog/breaks-off-at-once", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	l.html(c, "/blog/not-found-in-disguise", "<h1>404 Not Found</h1>")
	l.html(c, "/atom", "<h1>No feed</h1>"+prose)
	l.page(c, "/blog/far-too-long-to-read", "text/html", "<h1>Long</h1>"+strings.Repeat(prose, 40_000))
	r := l.visit(visitOf(c))
	got := map[string]string{}
	for _, read := range r.Reads {
		got[strings.TrimPrefix(read.URL, "https://contoso.example")] = read.Error
	}
	for path, want := range map[string]string{
		"/blog/gone-for-ever-now": "status:410", "/blog/forbidden-by-robots-txt": "robots_denied", "/blog/leads-to-another-site": "redirect:other.example",
		"/blog/breaks-off-at-once": "protocol", "/blog/not-found-in-disguise": "error_page", "/atom": "not_a_feed",
	} {
		if got[path] != want {
			t.Errorf("%s: %q, want %q", path, got[path], want)
		}
	}
	if r.Denied != 1 || r.Failed != 5 || r.Outcome != pages.OutcomeOK {
		t.Errorf("result %+v", r)
	}
	last := l.pages[len(l.pages)-1]
	if !last.Truncated || len(last.Body) != pages.MaxBody {
		t.Errorf("the long page: truncated %v, %d bytes", last.Truncated, len(last.Body))
	}
}

func TestAThrottledVisitKeepsWhatItHas(t *testing.T) {
	l := newLab(t, crawl.Config{})
	archive(l, 10)
	l.site(c).HandleFunc("/press", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	l.html(c, "/careers", "<h1>Jobs</h1>"+prose)
	v := visitOf(c, pages.Known{URL: "https://contoso.example/press", Kind: pages.KindPress, ContentHash: "x"})
	r := l.visit(v)
	if r.Outcome != pages.OutcomeOK || r.Reason != "throttled" || r.Published == 0 || r.Failures != 0 || r.Failed != 1 {
		t.Errorf("result %+v", r)
	}
	if asked := l.requests(); strings.Count(asked, "/blog/") != 0 {
		t.Errorf("asked on: %s", asked)
	}
}

func TestABlockInMidVisitStopsIt(t *testing.T) {
	l := newLab(t, crawl.Config{})
	archive(l, 10)
	l.onPage = func(p *pages.Page) {
		if p.Kind == pages.KindBlog {
			l.mu.Lock()
			l.blocks[c] = "complaint"
			l.mu.Unlock()
		}
	}
	if r := l.visit(visitOf(c)); r.Outcome != pages.OutcomeOK || r.Reason != "blocked" || l.published() != "probe dns:contoso.example, home /, blog /blog" {
		t.Errorf("result %+v, published %s", r, l.published())
	}
}

func TestAVisitThatIsToldToStopIsHandedBack(t *testing.T) {
	l := newLab(t, crawl.Config{})
	archive(l, 10)
	ctx, cancel := context.WithCancelCause(t.Context())
	l.onPage = func(p *pages.Page) {
		if p.Kind == pages.KindBlog {
			cancel(errors.New("draining"))
		}
	}
	out := l.crawler.Handle(ctx, work.Delivery[pages.Visit]{Value: visitOf(c), Attempt: 1})
	if out.Verdict != work.VerdictRetry || !strings.Contains(out.Reason, "draining") || len(l.results) != 0 {
		t.Errorf("outcome %+v, results %+v", out, l.results)
	}
}
