package crawl_test

import (
	"context"
	"crypto/x509"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"telltale/internal/crawl"
	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
	"telltale/internal/sampleweb"
	"telltale/internal/urls"
	"telltale/internal/work"
)

// gathered is what visits of the sample web published, by domain.
type gathered struct {
	mu      sync.Mutex
	pages   map[string]map[string]*pages.Page
	results map[string]pages.Result
}

func (g *gathered) PublishPage(_ context.Context, p *pages.Page) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pages[p.Domain] == nil {
		g.pages[p.Domain] = map[string]*pages.Page{}
	}
	g.pages[p.Domain][p.URL] = p
	g.pages[p.Domain][p.FinalURL] = p
	return nil
}

func (g *gathered) PublishResult(_ context.Context, r pages.Result) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.results[r.Domain] = r
	return nil
}

// crawlSample visits the first n companies of the sample web once.
func crawlSample(t *testing.T, web *sampleweb.Web, n int) *gathered {
	t.Helper()
	addrs, err := web.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = web.Close() })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(addrs.CAPEM)
	names, err := resolver.New(resolver.Config{Server: addrs.DNS, Timeout: 2 * time.Second}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	fetcher, err := fetch.New(fetch.Config{
		Contact: "https://telltale.example/bot", HTTPPort: addrs.HTTPPort, HTTPSPort: addrs.HTTPSPort, AllowPrivate: true, Roots: roots,
		ConnectTimeout: 2 * time.Second, FirstByteTimeout: 2 * time.Second, TotalTimeout: 2 * time.Second, Politeness: politeness.Config{MaxWait: 50 * time.Millisecond},
	}, fetch.Deps{Resolver: names})
	if err != nil {
		t.Fatal(err)
	}
	defer fetcher.Close()
	g := &gathered{pages: map[string]map[string]*pages.Page{}, results: map[string]pages.Result{}}
	crawler, err := crawl.New(crawl.Config{MaxTime: time.Minute}, crawl.Deps{Fetcher: fetcher, Prober: fetcher, Publisher: g, Now: web.Now})
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(32)
	for _, company := range web.Companies()[:n] {
		for _, domain := range company.Domains {
			group.Go(func() error {
				out := crawler.Handle(ctx, work.Delivery[pages.Visit]{Value: pages.Visit{ID: domain, Domain: domain, DueAt: web.Now()}, Attempt: 1})
				if out.Verdict != work.VerdictDone {
					t.Errorf("%s: %+v", domain, out)
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestVisitsFindTheTellingPagesOfTheSampleWeb measures coverage: of the pages that tell something and
// may be read, how many reach the extractor, as themselves or whole in a feed.
func TestVisitsFindTheTellingPagesOfTheSampleWeb(t *testing.T) {
	t.Parallel()
	web := sampleweb.New(sampleweb.Config{NoDelays: true})
	const n = 80
	g := crawlSample(t, web, n)
	outcomes := map[pages.VisitOutcome]int{}
	for _, r := range g.results {
		outcomes[r.Outcome]++
	}
	telling, found := 0, 0
	var missing []string
	for _, company := range web.TruthAt(web.Now()).Companies[:n] {
		for _, p := range company.Pages {
			u, err := urls.Canonicalize(p.URL, "")
			if err != nil || p.Disallowed || p.Damaged || p.Listing || len(p.Topics)+len(p.Events) == 0 {
				continue
			}
			domain := urls.RegistrableDomain(u)
			if r, visited := g.results[domain]; !visited || r.Outcome != pages.OutcomeOK || r.Reason == "throttled" {
				// A crawl-delay longer than this test waits ends a visit early, as it should.
				continue
			}
			telling++
			if g.pages[domain][u] != nil {
				found++
			} else {
				missing = append(missing, p.Kind+" "+p.Date.Format(time.DateOnly)+" "+u)
			}
		}
	}
	slices.Sort(missing)
	t.Logf("outcomes %v; %d of %d telling pages read; missing, for example: %q", outcomes, found, telling, missing[:min(len(missing), 40)])
	if telling < 250 || float64(found) < 0.9*float64(telling) {
		t.Errorf("%d of %d telling pages read", found, telling)
	}
	if outcomes[pages.OutcomeOK] < n*8/10 {
		t.Errorf("outcomes %v", outcomes)
	}
}
