package technology_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/technology"
)

func openMatcher(b *testing.B, share float64) *technology.Matcher {
	b.Helper()
	own, err := technology.Curated()
	if err != nil {
		b.Fatal(err)
	}
	given, err := technology.LoadFile(openRules(b))
	if err != nil {
		b.Fatal(err)
	}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if float64(i%100) >= 100*share {
			delete(given, name)
		}
	}
	m, err := technology.New(own, given)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// measure runs the matcher and goquery's parse over the same pages in turn and reports the ratio of processor time.
func measure(b *testing.B, m *technology.Matcher, list []*pages.Page) {
	b.Helper()
	docs := make([]*document.Document, len(list))
	size := 0
	for i, p := range list {
		docs[i] = parse(b, p)
		size += len(p.Body)
		m.Match(docs[i]) // expressions are compiled when a page first makes them candidates
	}
	var goqueryTime, matchTime time.Duration
	var before, after runtime.MemStats
	allocated := uint64(0)
	for b.Loop() {
		goqueryTime += timed(b, list, func(i int) error {
			_, err := goquery.NewDocumentFromReader(bytes.NewReader(list[i].Body))
			return err
		})
		runtime.ReadMemStats(&before)
		matchTime += timed(b, list, func(i int) error { m.Match(docs[i]); return nil })
		runtime.ReadMemStats(&after)
		allocated += after.Mallocs - before.Mallocs
	}
	runs := float64(b.N * len(list))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(matchTime.Seconds()/goqueryTime.Seconds(), "match/goquery")
	b.ReportMetric(matchTime.Seconds()*1e6/runs, "µs/page")
	b.ReportMetric(float64(b.N)*float64(size)/matchTime.Seconds()/1e6, "MB/s")
	b.ReportMetric(float64(allocated)/runs, "allocs/page")
}

// BenchmarkOpenRules measures matching our own and the open rules beside goquery's parse of the same pages.
func BenchmarkOpenRules(b *testing.B) { measure(b, openMatcher(b, 1), benchPages(b)) }

// BenchmarkOpenRulesByCount shows how matching grows with the number of technologies.
func BenchmarkOpenRulesByCount(b *testing.B) {
	list := benchPages(b)
	for _, share := range []float64{0.25, 0.5, 1} {
		m := openMatcher(b, share)
		b.Run(fmt.Sprintf("technologies=%d", m.Report().Technologies), func(b *testing.B) { measure(b, m, list) })
	}
}

// BenchmarkOpenRulesBySize shows how matching grows with the size of the page, on pages put together of others.
func BenchmarkOpenRulesBySize(b *testing.B) {
	m := openMatcher(b, 1)
	var all []byte
	for _, p := range benchPages(b) {
		all = append(all, p.Body...)
	}
	for _, size := range []int{10 << 10, 100 << 10, 1 << 20, 10 << 20} {
		var list []*pages.Page
		for at := 0; at+size <= len(all) && len(list) < 40; at += max(size, len(all)/40) {
			list = append(list, htmlPage(string(all[at:at+size])))
		}
		if len(list) == 0 {
			list = append(list, htmlPage(string(bytes.Repeat(all, size/len(all)+1)[:size])))
		}
		b.Run(fmt.Sprintf("KB=%d", size>>10), func(b *testing.B) { measure(b, m, list) })
	}
}

// BenchmarkOpenRulesStart measures reading and compiling the rules: processor time, and memory held afterwards.
func BenchmarkOpenRulesStart(b *testing.B) {
	var before, after runtime.MemStats
	var spent time.Duration
	var held uint64
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		from := cpuTime(b)
		m := openMatcher(b, 1)
		spent += cpuTime(b) - from
		runtime.GC()
		runtime.ReadMemStats(&after)
		held = after.HeapAlloc - before.HeapAlloc
		runtime.KeepAlive(m)
	}
	b.ReportMetric(spent.Seconds()*1e3/float64(b.N), "cpu-ms/start")
	b.ReportMetric(float64(held)/1e6, "MB-held")
}
