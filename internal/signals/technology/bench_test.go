package technology_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/technology"
)

// corpusEnv names a directory of real pages (*.html) to measure on instead of generated ones.
const corpusEnv = "TELLTALE_BENCH_CORPUS"

// BenchmarkPage measures reading a page and finding its technologies beside goquery's parse of the
// same pages in the same run: the figures are ratios of processor time, and pages a second of it.
func BenchmarkPage(b *testing.B) {
	list := benchPages(b)
	m := curated(b)
	docs := make([]*document.Document, len(list))
	for i, p := range list {
		docs[i] = parse(b, p)
	}
	var goqueryTime, parseTime, matchTime time.Duration
	b.ReportAllocs()
	for b.Loop() {
		goqueryTime += timed(b, list, func(i int) error {
			_, err := goquery.NewDocumentFromReader(bytes.NewReader(list[i].Body))
			return err
		})
		parseTime += timed(b, list, func(i int) error { _, err := document.Parse(list[i]); return err })
		matchTime += timed(b, list, func(i int) error { m.Match(docs[i]); return nil })
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(parseTime.Seconds()/goqueryTime.Seconds(), "parse/goquery")
	b.ReportMetric(matchTime.Seconds()/goqueryTime.Seconds(), "match/goquery")
	b.ReportMetric((parseTime+matchTime).Seconds()/goqueryTime.Seconds(), "both/goquery")
	b.ReportMetric(float64(b.N*len(list))/(parseTime+matchTime).Seconds(), "pages/s")
	b.ReportMetric(float64(b.N*len(list))/goqueryTime.Seconds(), "goquery-pages/s")
}

// BenchmarkMatch measures finding technologies alone.
func BenchmarkMatch(b *testing.B) {
	m := curated(b)
	doc := parse(b, generated(rand.New(rand.NewPCG(7, 7)), 1))
	b.SetBytes(int64(len(doc.Body)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(doc)
	}
}

// BenchmarkNew measures building the matcher.
func BenchmarkNew(b *testing.B) {
	rules, err := technology.Curated()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := technology.New(rules); err != nil {
			b.Fatal(err)
		}
	}
}

func timed(b *testing.B, list []*pages.Page, f func(i int) error) time.Duration {
	b.Helper()
	start := cpuTime(b)
	for i := range list {
		if err := f(i); err != nil {
			b.Fatal(err)
		}
	}
	return cpuTime(b) - start
}

// cpuTime is the processor time this process has used, garbage collection included: on a busy machine
// it tells more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchPages(b *testing.B) []*pages.Page {
	b.Helper()
	var list []*pages.Page
	if dir := os.Getenv(corpusEnv); dir != "" {
		names, err := filepath.Glob(filepath.Join(dir, "*.html"))
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			if len(raw) <= pages.MaxBody {
				list = append(list, htmlPage(string(raw)))
			}
		}
		if len(list) == 0 {
			b.Fatalf("%s: no *.html", dir)
		}
		return list
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		list = append(list, generated(r, i))
	}
	return list
}

// generated makes a page of the shape of a company site: head, navigation, sections, scripts, footer.
func generated(r *rand.Rand, n int) *pages.Page {
	words := strings.Fields(`we build pumps valves and control rooms for water works in forty countries our team moves data to the cloud with
care while customers read invoices on paper again because the old server room is warm and loud every summer`)
	var b strings.Builder
	sentence := func(n int) {
		for range n {
			b.WriteString(words[r.IntN(len(words))] + " ")
		}
		b.WriteString("&amp; more. ")
	}
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Page %d</title><meta name="generator" content="WordPress 6.%d">`, n, n)
	for i := range 12 {
		fmt.Fprintf(&b, `<link rel="stylesheet" href="/wp-content/themes/acme/css/part-%d.css?ver=6.4.2" media="all"><script src="https://cdn.acme.example/js/lib-%d.min.js" defer></script>`, i, i)
	}
	b.WriteString(`<script>` + strings.Repeat(`(function(w,d){var a=w.config||{};a.items=[1,2,3];d.addEventListener("load",function(){a.ready=true});})(window,document);`, 60) + `</script></head><body><header><nav><ul>`)
	for i := range 60 {
		fmt.Fprintf(&b, `<li class="menu-item menu-item-%d"><a class="nav-link" href="/section-%d/page-%d/" title="go">Entry %d</a></li>`, i, i%7, i, i)
	}
	b.WriteString(`</ul></nav></header><main>`)
	for i := range 40 {
		fmt.Fprintf(&b, `<section id="s%d" class="block block--wide wp-block"><div class="container"><div class="row"><h2 class="title">Heading %d</h2><p class="lead">`, i, i)
		sentence(40)
		fmt.Fprintf(&b, `</p><img src="/wp-content/uploads/2026/03/i-%d.jpg" alt="pump" width="640" height="480" loading="lazy"><p>`, i)
		sentence(60)
		fmt.Fprintf(&b, `<a href="https://www.acme.example/more/%d?x=1&amp;y=2">read <b>on</b></a></p></div></div></section>`, i)
	}
	b.WriteString(`</main><footer><p>Acme</p></footer><script src="https://www.googletagmanager.com/gtag/js?id=G-ABC123"></script></body></html>`)
	return htmlPage(b.String())
}
