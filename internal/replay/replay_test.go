package replay_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/pages"
	"telltale/internal/replay"
	"telltale/internal/work"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var at = time.Date(2026, 10, 30, 12, 0, 0, 123456000, time.UTC)

// shelf is an archive in memory.
type shelf struct {
	pages     []*pages.Page
	exchanges []*pages.Exchange
	ours      bool
}

// Pages implements replay.Archive.
func (s *shelf) Pages(_ context.Context, yield func(*pages.Page) error) error {
	for _, p := range s.pages {
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

// Exchanges implements replay.Archive.
func (s *shelf) Exchanges(_ context.Context, yield func(*pages.Exchange, bool) error) error {
	for _, x := range s.exchanges {
		if err := yield(x, s.ours); err != nil {
			return err
		}
	}
	return nil
}

// bench is a replay whose extractor notes what it is given.
type bench struct {
	cfg     replay.Config
	outcome func(*pages.Page) work.Outcome

	mu      sync.Mutex
	pages   []*pages.Page
	batches []int
}

func newBench(s *shelf) *bench {
	b := &bench{outcome: func(*pages.Page) work.Outcome { return work.Done() }}
	b.cfg = replay.Config{Archive: s, Extract: b.extract, Decode: func(x *pages.Exchange) ([]byte, bool, error) {
		if x.Coded {
			return nil, false, errors.New("broken")
		}
		return x.Body, x.Truncated != "", nil
	}}
	return b
}

func (b *bench) extract(_ context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.batches = append(b.batches, len(batch))
	out := make([]work.Outcome, len(batch))
	for i, d := range batch {
		b.pages = append(b.pages, d.Value)
		out[i] = b.outcome(d.Value)
	}
	return out
}

func (b *bench) run(t *testing.T) replay.Summary {
	t.Helper()
	summary, err := replay.Run(t.Context(), b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func (b *bench) urls() string {
	var list []string
	for _, p := range b.pages {
		list = append(list, p.URL)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

const text = "<html><title>Our blog</title><p>We are moving everything to the cloud this year, and here is how we do it.</p></html>"

func html(url, body string) *pages.Exchange {
	return &pages.Exchange{URL: url, At: at, Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(body)}
}

func TestAnArchiveOfAnotherToolGivesItsPages(t *testing.T) {
	typed := func(x *pages.Exchange, media string) *pages.Exchange {
		x.Header = http.Header{"Content-Type": {media}}
		return x
	}
	status := func(x *pages.Exchange, n int) *pages.Exchange { x.Status = n; return x }
	coded := html("http://a.example/coded", text)
	coded.Coded = true
	b := newBench(&shelf{exchanges: []*pages.Exchange{
		html("http://WWW.a.example:80/blog/one?utm_source=x#top", text), typed(html("http://a.example/feed", `<rss version="2.0"><channel><title>x</title></channel></rss>`), "application/rss+xml"),
		typed(html("http://a.example/plain", text), ""), typed(html("http://a.example/notes.txt", "Some notes."), "text/plain"),
		typed(html("http://a.example/logo.png", "\x89PNG"), "image/png"), typed(html("http://a.example/logo.svg", "<svg/>"), "image/svg+xml"),
		typed(html("http://a.example/bin", "\x00\x01\x02\x03"), ""), status(html("http://a.example/moved", text), 301), status(html("http://a.example/gone", text), 404),
		typed(html("http://a.example/robots.txt", "User-agent: *"), "text/plain"), html("http://a.example/empty", ""), html("http://192.0.2.1/", text), html("http://[", text), coded,
		html("http://a.example/lost", "<title>404 Not Found</title><p>not found</p>"), html("http://a.example/secret", `<meta name="robots" content="noindex">`+text),
		typed(html("http://a.example/sitemap.xml", `<urlset></urlset>`), "application/xml"),
	}})
	summary := b.run(t)
	if got, want := b.urls(), "http://a.example/feed http://a.example/notes.txt http://a.example/plain http://www.a.example/blog/one"; got != want {
		t.Errorf("pages %s, want %s", got, want)
	}
	want := map[string]int{
		replay.SkipType: 3, replay.SkipStatus: 2, replay.SkipRobots: 1, replay.SkipEmpty: 1, replay.SkipAddress: 2, replay.SkipEncoding: 1, replay.SkipNoPage: 2, replay.SkipNoIndex: 1,
	}
	if !maps.Equal(summary.Skipped, want) || summary.Pages != 4 {
		t.Errorf("%+v, want %v", summary, want)
	}
	for _, p := range b.pages {
		if p.Domain != "a.example" || !p.FetchedAt.Equal(at) || p.ContentHash != pages.Hash(p.Body) || p.VisitID == "" || p.FinalURL != p.URL {
			t.Errorf("page %+v", p)
		}
	}
}

func TestOurOwnArchiveGivesWhatWasPublishedAndNothingElse(t *testing.T) {
	home := &pages.Page{
		VisitID: "v1", Domain: "a.example", URL: "http://a.example/", FinalURL: "http://www.a.example/", Kind: pages.KindHome, FetchedAt: at.Add(789 * time.Nanosecond),
		ContentHash: pages.Hash([]byte(text)), SimHash: 7, NearUnchanged: true, Watch: "wire",
	}
	other, lost, later := *home, *home, *home
	other.URL, other.FinalURL, other.ContentHash = "http://a.example/b", "http://a.example/b", "another"
	lost.URL, lost.FinalURL = "http://a.example/lost", "http://a.example/lost"
	later.URL, later.FetchedAt = "http://a.example/later", at.Add(time.Hour)
	probe := &pages.Page{Domain: "a.example", URL: "dns:a.example", Kind: pages.KindProbe, FetchedAt: at, Probe: &pages.Probe{}}
	cut := html("http://a.example/b", text)
	cut.Truncated = pages.CutByTime
	b := newBench(&shelf{
		ours: true, pages: []*pages.Page{home, &other, &lost, &later, probe},
		exchanges: []*pages.Exchange{html("http://www.a.example/", text), cut, html("http://a.example/unpublished", text), html("http://www.a.example/robots.txt", "x")},
	})
	summary := b.run(t)
	if got, want := b.urls(), "dns:a.example http://a.example/ http://a.example/b"; got != want {
		t.Errorf("pages %s, want %s", got, want)
	}
	if summary.Pages != 3 || summary.Probes != 1 || summary.Lost != 2 || summary.Changed != 1 || !maps.Equal(summary.Skipped, map[string]int{replay.SkipUnpublished: 2}) {
		t.Errorf("%+v", summary)
	}
	if string(home.Body) != text || home.Status != 200 || home.SimHash != 7 || !home.NearUnchanged || home.Watch != "wire" || home.VisitID != "v1" || home.Header.Get("Content-Type") == "" {
		t.Errorf("home %+v", home)
	}
	if !other.Truncated || home.Truncated {
		t.Error("the cut body is not marked, or the whole one is")
	}
}

func TestDomainsAreGivenOrChosen(t *testing.T) {
	s := &shelf{exchanges: []*pages.Exchange{html("http://a.example/", text), html("http://b.example/", text)}}
	b := newBench(s)
	b.cfg.Domain = "given.example"
	b.run(t)
	for _, p := range b.pages {
		if p.Domain != "given.example" {
			t.Errorf("%s belongs to %s", p.URL, p.Domain)
		}
	}
	b = newBench(s)
	b.cfg.Wanted = func(domain string) bool { return domain == "b.example" }
	if summary := b.run(t); b.urls() != "http://b.example/" || summary.Skipped[replay.SkipUnwanted] != 1 {
		t.Errorf("pages %s, %+v", b.urls(), summary)
	}
}

func TestBatchesAreBoundedByPagesAndBytes(t *testing.T) {
	s := &shelf{}
	for i := range 25 {
		s.exchanges = append(s.exchanges, html(fmt.Sprintf("http://a.example/%d", i), text))
	}
	b := newBench(s)
	b.cfg.BatchPages, b.cfg.Workers = 10, 4
	b.run(t)
	slices.Sort(b.batches)
	if fmt.Sprint(b.batches) != "[5 10 10]" {
		t.Errorf("batches of %v", b.batches)
	}
	b = newBench(s)
	b.cfg.BatchBytes = 3 * len(text)
	b.run(t)
	if slices.Max(b.batches) != 3 {
		t.Errorf("batches of %v", b.batches)
	}
}

func TestDropsAreCountedAndAFailingStoreEndsTheReplay(t *testing.T) {
	s := &shelf{exchanges: []*pages.Exchange{html("http://a.example/1", text), html("http://a.example/2", text)}}
	b := newBench(s)
	b.outcome = func(p *pages.Page) work.Outcome {
		if strings.HasSuffix(p.URL, "1") {
			return work.Drop("too slow")
		}
		return work.Done()
	}
	if summary := b.run(t); summary.Pages != 1 || summary.Skipped[replay.SkipRejected] != 1 {
		t.Errorf("%+v", summary)
	}
	b.outcome = func(*pages.Page) work.Outcome { return work.Retry(errors.New("disk full"), 0) }
	if _, err := replay.Run(t.Context(), b.cfg); err == nil || !strings.Contains(err.Error(), "disk full") || !strings.Contains(err.Error(), "a.example/1") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := replay.Run(ctx, b.cfg); !errors.Is(err, context.Canceled) && !strings.Contains(fmt.Sprint(err), "disk full") {
		t.Errorf("error %v", err)
	}
}
