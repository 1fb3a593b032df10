package crawl_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"telltale/internal/crawl"
	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/pages"
)

// unhurried is a site whose host asks for more time between requests than is waited out within a visit.
func unhurried(t *testing.T, config crawl.Config, delay string) *lab {
	l := newLabWith(t, config, fetch.Config{Politeness: politeness.Config{MaxWait: 50 * time.Millisecond}})
	l.page(c, "/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: "+delay+"\n")
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/blog">Blog</a><a href="/press">Press</a>`+prose)
	l.html(c, "/blog", "<h1>Blog</h1>"+prose)
	return l
}

func TestAHostThatAsksForMuchTimeHasOnePageReadAVisit(t *testing.T) {
	l := unhurried(t, crawl.Config{}, "0.4")
	r := l.visit(visitOf(c))
	if r.Outcome != pages.OutcomeOK || r.Reason != "crawl_delay" || r.CrawlDelay != 400*time.Millisecond || r.Failed != 0 || r.Failures != 0 {
		t.Errorf("result %+v", r)
	}
	if asked := l.requests(); asked != "/" || l.published() != "probe dns:contoso.example, home /" || r.Skipped < 2 {
		t.Errorf("asked for %s, published %s, %d left out", asked, l.published(), r.Skipped)
	}
}

func TestARedirectOnSuchAHostKeepsTheGapAndLeadsHome(t *testing.T) {
	l := unhurried(t, crawl.Config{}, "0.4")
	var (
		mu sync.Mutex
		at []time.Time
	)
	delete(l.sites, c)
	l.page(c, "/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: 0.4\n")
	stamp := func() { mu.Lock(); defer mu.Unlock(); at = append(at, time.Now()) }
	l.site(c).HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		stamp()
		http.Redirect(w, r, "/en", http.StatusFound)
	})
	l.site(c).HandleFunc("/en", func(w http.ResponseWriter, _ *http.Request) {
		stamp()
		_, _ = w.Write([]byte("<title>Contoso</title><h1>Contoso</h1>" + prose))
	})
	r := l.visit(visitOf(c))
	if r.Outcome != pages.OutcomeOK || l.requests() != "/ /en" || len(l.pages) != 2 || l.pages[1].URL != "https://contoso.example/" || l.pages[1].FinalURL != "https://contoso.example/en" {
		t.Fatalf("result %+v, published %s", r, l.published())
	}
	if gap := at[1].Sub(at[0]); gap < 400*time.Millisecond {
		t.Errorf("a gap of %v", gap)
	}
}

func TestAGapLongerThanAVisitIsNotWaitedOut(t *testing.T) {
	l := unhurried(t, crawl.Config{MaxTime: 20 * time.Second}, "3600")
	first := l.visit(visitOf(c))
	second := l.visit(visitOf(c)) // at once, although the schedule would never
	if first.Outcome != pages.OutcomeOK || first.CrawlDelay != time.Hour || l.requests() != "/" {
		t.Errorf("first %+v", first)
	}
	if second.Outcome != pages.OutcomeError || second.Reason != "crawl_delay" || second.Failed != 0 || second.Failures != 0 || second.CrawlDelay != time.Hour || l.requests() != "" {
		t.Errorf("second %+v", second)
	}
}
