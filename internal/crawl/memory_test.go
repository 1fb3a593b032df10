package crawl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/crawl"
	"telltale/internal/pages"
	"telltale/internal/work"
)

// crowd is a network on which every home page answers and the fetch after it waits.
type crowd struct {
	shelf
	waiting chan struct{}
}

// Fetch implements crawl.Fetcher.
func (w crowd) Fetch(ctx context.Context, r pages.Request) (*pages.Response, error) {
	if strings.HasSuffix(r.URL, ".example/") {
		return &pages.Response{URL: r.URL, FinalURL: r.URL, Status: 200, Body: homePage(r.URL), Address: "192.0.2.1"}, nil
	}
	w.waiting <- struct{}{}
	<-ctx.Done()
	return nil, &pages.FetchError{Reason: pages.ReasonCancelled, URL: r.URL, Err: ctx.Err()}
}

// homePage is 20 KB of prose with 40 links of the site and its profiles elsewhere.
func homePage(url string) []byte {
	var b strings.Builder
	rng := rand.New(rand.NewPCG(uint64(len(url)), 2))
	fmt.Fprintf(&b, `<!doctype html><title>%s</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"><h1>Home</h1>`, url)
	for i := range 40 {
		fmt.Fprintf(&b, `<a href="/%s/%s-%d">Article %d</a>`, []string{"blog", "press", "products", "customers"}[i%4], slug(rng, 5+i%3), i, i)
	}
	b.WriteString(`<a rel=me href="https://social.example/@contoso">Mastodon</a><a href="https://github.com/contoso">GitHub</a>`)
	for b.Len() < 20_000 {
		b.WriteString(prose)
	}
	return []byte(b.String())
}

// slug is a title of n words as it stands in addresses.
func slug(rng *rand.Rand, n int) string {
	all := strings.Fields("how our customers move their orders plants and people to the cloud with less work in one year than we had thought")
	words := make([]string, n)
	for i := range words {
		words[i] = all[rng.IntN(len(all))]
	}
	return strings.Join(words, "-")
}

// knownOf is what the store knows of 50 addresses of a domain, with validators as servers send them.
func knownOf(i int) []pages.Known {
	known := make([]pages.Known, 50)
	rng := rand.New(rand.NewPCG(uint64(i), 1))
	for j := range known {
		url := fmt.Sprintf("https://www.d%d.example/blog/2026/%02d/%s-%d", i, 1+j%12, slug(rng, 4+j%4), j)
		known[j] = pages.Known{
			URL: url, ETag: fmt.Sprintf(`"%x-%012x"`, 40_000+j, rng.Int64N(1<<47)), LastModified: fmt.Sprintf("Mon, 02 Mar 2026 12:%02d:%02d GMT", j, i%60),
			ContentHash: pages.Hash([]byte(url)), Kind: pages.KindBlog, SimHash: rng.Uint64(),
		}
	}
	return known
}

// memoryOf is what is alive on the heap, and the stacks, in bytes a visit, of n visits that have read their home pages and wait
// for the next, each with 50 known addresses and their validators. The visits' messages are counted.
func memoryOf(tb testing.TB, n int) float64 {
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	w := crowd{shelf: shelf{}, waiting: make(chan struct{})}
	reg := prometheus.NewRegistry()
	before, done := inUse(), make(chan work.Verdict)
	crawler, err := crawl.New(crawl.Config{}, crawl.Deps{Fetcher: w, Prober: w, Publisher: w, Registry: reg})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		v := visitOf(fmt.Sprintf("d%d.example", i))
		v.Known, v.Interval = knownOf(i), 1
		go handle(ctx, crawler, &v, done)
		<-w.waiting
	}
	each := float64(inUse()-before) / float64(n)
	if told := value(tb, reg, "telltale_crawl_memory_per_visit_bytes", ""); told < 0.8*each || told > 1.2*each {
		tb.Errorf("the metric says %.0f bytes a visit, %.0f were measured", told, each)
	}
	cancel()
	for range n {
		if verdict := <-done; verdict != work.VerdictRetry {
			tb.Errorf("verdict %d", verdict)
		}
	}
	return each
}

func handle(ctx context.Context, crawler *crawl.Crawler, v *pages.Visit, done chan<- work.Verdict) {
	out := crawler.Handle(ctx, work.Delivery[pages.Visit]{Value: *v, Attempt: 1})
	done <- out.Verdict
}

// inUse collects what can be collected; stacks shrink by half at each collection. Room between what is alive is not
// counted: it is there for what comes next.
func inUse() uint64 {
	var m runtime.MemStats
	for range 4 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func TestAnActiveVisitTakes16KB(t *testing.T) {
	if each := memoryOf(t, 2000); each > visitBytes {
		t.Errorf("%.0f bytes a visit, want %d at most", each, visitBytes)
	} else {
		t.Logf("%.0f bytes a visit", each)
	}
}

// BenchmarkMemoryOfActiveVisits has ten thousand visits active in one process.
func BenchmarkMemoryOfActiveVisits(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(memoryOf(b, 10_000), "bytes/visit")
	}
}
