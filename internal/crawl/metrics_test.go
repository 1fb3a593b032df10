package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"telltale/internal/crawl"
	"telltale/internal/pages"
	"telltale/internal/work"
)

func TestEveryMetricOfAVisitIsCounted(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	inFlight := 0.0
	l.onPage = func(*pages.Page) { inFlight = max(inFlight, value(t, l.reg, "telltale_crawl_visits_in_flight", "")) }
	l.visit(visitOf(c))
	known := l.known()
	l.visit(visitOf(c, known...))
	l.blocks["blocked.example"] = "complaint"
	l.visit(visitOf("blocked.example"))
	l.failPages = errors.New("away")
	l.crawler.Handle(t.Context(), work.Delivery[pages.Visit]{Value: visitOf(c), Attempt: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.crawler.Handle(ctx, work.Delivery[pages.Visit]{Value: visitOf(c), Attempt: 1})
	for _, tt := range []struct {
		name, label string
		want        float64
	}{
		{"visits_total", "ok", 2},
		{"visits_total", "blocked", 1},
		{"pages_total", "blog", 6},
		{"pages_total", "2xx", 11},
		{"pages_total", "3xx", 11},
		{"published_total", "feed", 1},
		{"published_total", "probe", 1},
		{"reads_total", "unchanged", 12},
		{"skipped_total", "file", 1},
		{"skipped_total", "listing", 1},
		{"handed_back_total", "", 1},
		{"publish_failures_total", "", 1},
		{"visits_in_flight", "", 0},
		{"memory_per_visit_bytes", "", 0},
		{"visit_seconds", "", 3},
	} {
		if got := value(t, l.reg, "telltale_crawl_"+tt.name, tt.label); got != tt.want {
			t.Errorf("%s %s: %v, want %v", tt.name, tt.label, got, tt.want)
		}
	}
	if bytes := value(t, l.reg, "telltale_crawl_bytes_total", ""); bytes < 5000 || inFlight != 1 {
		t.Errorf("%v bytes, %v visits in flight", bytes, inFlight)
	}
}

// shelf answers from memory: it stands for the network in the benchmark, which measures the visit's own work.
type shelf map[string]*pages.Response

func (s shelf) Fetch(_ context.Context, r pages.Request) (*pages.Response, error) {
	if resp, ok := s[r.URL]; ok {
		copied := *resp
		return &copied, nil
	}
	return nil, &pages.FetchError{Reason: pages.ReasonNotFound, URL: r.URL}
}

func (s shelf) Probe(context.Context, string) (*pages.Probe, error) {
	return &pages.Probe{DNS: pages.DNSFacts{A: []string{"192.0.2.1"}}}, nil
}

func (s shelf) PublishPage(context.Context, *pages.Page) error    { return nil }
func (s shelf) PublishResult(context.Context, pages.Result) error { return nil }

// BenchmarkVisit is the cost of a visit's own work, a page at a time: 40 pages of 50 KB with 100 links each.
func BenchmarkVisit(b *testing.B) {
	s := shelf{}
	filler := ""
	for len(filler) < 36_000 {
		filler += prose
	}
	for i := range 60 {
		body := fmt.Sprintf("<!doctype html><title>Page %d</title><h1>Page %d</h1>%s", i, i, filler)
		for j := range 100 {
			body += fmt.Sprintf(`<li><a href="/blog/an-article-of-ours-numbered-%d">Article number %d in the list of all of them</a></li>`, (i+j)%60, j)
		}
		url := fmt.Sprintf("https://contoso.example/blog/an-article-of-ours-numbered-%d", i)
		if i == 0 {
			url = "https://contoso.example/"
		}
		s[url] = &pages.Response{URL: url, FinalURL: url, Status: 200, Body: []byte(body)}
	}
	crawler, err := crawl.New(crawl.Config{Quotas: map[pages.Kind]int{pages.KindBlog: 100}}, crawl.Deps{Fetcher: s, Prober: s, Publisher: s})
	if err != nil {
		b.Fatal(err)
	}
	v := visitOf(c)
	v.Interval = 1
	b.ReportAllocs()
	for b.Loop() {
		if out := crawler.Handle(b.Context(), work.Delivery[pages.Visit]{Value: v, Attempt: 1}); out.Verdict != work.VerdictDone {
			b.Fatalf("%+v", out)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/40, "µs/page")
}
