// Package maintext measures what libraries for main text and dates would add to ours (docs/adr/0009). It is a module of its own, so
// that the product does not depend on them:
//
//	cd tools/maintext && TELLTALE_BENCH_CORPUS=DIR TELLTALE_LABELS=DIR go test -v -timeout 30m
package maintext

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"github.com/markusmobius/go-htmldate"
	"github.com/markusmobius/go-trafilatura"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/events"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/topics"
	"telltale/internal/urls"
)

// captured is the day of the measurement, after every page's own.
var captured = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant of a type without constants

func corpus(t *testing.T) (dir string, files map[string]string) {
	t.Helper()
	if dir = os.Getenv("TELLTALE_BENCH_CORPUS"); dir == "" {
		t.Skip("TELLTALE_BENCH_CORPUS is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(line, "\t"); len(f) > 2 && strings.HasPrefix(f[2], "http") {
			files[strings.TrimSpace(f[2])] = f[0]
		}
	}
	return dir, files
}

func read(t *testing.T, file, url string) *document.Document {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := document.Parse(&pages.Page{URL: url, FinalURL: url, Domain: urls.RegistrableDomain(url), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: body, FetchedAt: captured})
	if err != nil {
		t.Fatal(err)
	}
	d.Kind = classify.Page(d)
	return d
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// library is the main text as go-trafilatura finds it, with or without the fall-backs to other extractors.
func library(d *document.Document, fallback bool) string {
	r, err := trafilatura.Extract(bytes.NewReader(d.Body), trafilatura.Options{ExcludeComments: true, EnableFallback: fallback, HtmlDateMode: trafilatura.Disabled})
	if err != nil {
		return ""
	}
	return letters(r.Metadata.Title + " " + r.ContentText)
}

// ours is the text of the blocks that are the page's own.
func ours(d *document.Document) string {
	var b strings.Builder
	for i := range d.Blocks {
		if d.Own(&d.Blocks[i]) {
			b.WriteString(letters(d.Blocks[i].Text) + "|")
		}
	}
	return b.String()
}

// TestQuotations counts the labelled quotations of main texts that are kept, and those of teasers that are left out.
func TestQuotations(t *testing.T) {
	dir, files := corpus(t)
	names, err := filepath.Glob(filepath.Join("../../docs/captured", "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no labels in docs/captured, %v", err)
	}
	type tally struct{ kept, main, out, beside int }
	found := map[string]*tally{"ours": {}, "library": {}, "library with fall-backs": {}, "ours and library": {}}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var l struct {
				URL    string
				Events []struct{ Where, Quote string }
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			if len(l.Events) == 0 {
				continue
			}
			d := read(t, filepath.Join(dir, files[strings.TrimSpace(l.URL)]), l.URL)
			own, lib, full := ours(d), library(d, false), library(d, true)
			for _, e := range l.Events {
				q := letters(e.Quote)
				has := map[string]bool{"ours": strings.Contains(own, q), "library": strings.Contains(lib, q), "library with fall-backs": strings.Contains(full, q)}
				has["ours and library"] = has["ours"] && has["library"]
				for name, in := range has {
					n := found[name]
					switch {
					case e.Where == "main" && in:
						n.main, n.kept = n.main+1, n.kept+1
					case e.Where == "main":
						n.main++
					case in:
						n.beside++
					default:
						n.beside, n.out = n.beside+1, n.out+1
					}
				}
			}
		}
	}
	for name, n := range found {
		t.Logf("%-24s main text kept %d of %d, teasers left out %d of %d", name, n.kept, n.main, n.out, n.beside)
	}
}

// TestHits shows what our rules find that the library would take away.
func TestHits(t *testing.T) {
	dir, files := corpus(t)
	lexicon, err := events.Default()
	if err != nil {
		t.Fatal(err)
	}
	model, err := learned.Default()
	if err != nil {
		t.Fatal(err)
	}
	event, err := events.NewWithOpinion(lexicon, model)
	if err != nil {
		t.Fatal(err)
	}
	taxonomy, err := topics.Default()
	if err != nil {
		t.Fatal(err)
	}
	topic, err := topics.New(taxonomy)
	if err != nil {
		t.Fatal(err)
	}
	with, hits, gone := 0, 0, 0
	for url, file := range files {
		d := read(t, filepath.Join(dir, file), url)
		var quotes []string
		for _, h := range event.Match(d) {
			quotes = append(quotes, h.Event+": "+h.Evidence)
		}
		for _, h := range topic.Match(d) {
			quotes = append(quotes, h.Topic+": "+h.Evidence)
		}
		if len(quotes) == 0 {
			continue
		}
		with++
		text := library(d, false)
		for _, q := range quotes {
			hits++
			_, sentence, _ := strings.Cut(q, ": ")
			sentence = letters(sentence)
			if text != "" && !strings.Contains(text, sentence[:min(len(sentence), 60)]) {
				gone++
				t.Logf("%s %.160s", url, q)
			}
		}
	}
	t.Logf("%d of %d pages have hits; the library takes %d of %d away", with, len(files), gone, hits)
}

// TestDates shows how go-htmldate does on the dates read by hand, and where ours has none.
func TestDates(t *testing.T) {
	dir, files := corpus(t)
	raw, err := os.ReadFile("../../internal/document/testdata/dates.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var right, wrong, asked, rescued, spoiled int
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[2:] {
		url, day, _ := strings.Cut(line, "\t")
		d := read(t, filepath.Join(dir, files[url]), url)
		r, err := htmldate.FromReader(bytes.NewReader(d.Body), htmldate.Options{UseOriginalDate: true, MaxDate: captured})
		got := ""
		if err == nil && !r.DateTime.IsZero() {
			got = r.DateTime.Format(time.DateOnly)
		}
		if got == day {
			right++
		} else {
			wrong++
		}
		if d.Published.IsZero() {
			asked++
			switch got {
			case "":
			case day:
				rescued++
			default:
				spoiled++
			}
		}
	}
	t.Logf("go-htmldate: right %d, wrong %d; where ours has none (%d): right %d, wrong or invented %d", right, wrong, asked, rescued, spoiled)
}

// TestCost prints processor time a page.
func TestCost(t *testing.T) {
	dir, files := corpus(t)
	var list []*document.Document
	for url, file := range files {
		list = append(list, read(t, filepath.Join(dir, file), url))
	}
	for _, c := range []struct {
		name string
		run  func(d *document.Document)
	}{
		{"warm-up", func(d *document.Document) { _, _ = goquery.NewDocumentFromReader(bytes.NewReader(d.Body)) }},
		{"goquery", func(d *document.Document) { _, _ = goquery.NewDocumentFromReader(bytes.NewReader(d.Body)) }},
		{"document.Parse, date and all", func(d *document.Document) {
			_, _ = document.Parse(&pages.Page{URL: d.URL, FinalURL: d.URL, Domain: d.Domain, Status: http.StatusOK, Header: d.Header, Body: d.Body, FetchedAt: captured})
		}},
		{"go-trafilatura", func(d *document.Document) { library(d, false) }},
		{"go-trafilatura with fall-backs", func(d *document.Document) { library(d, true) }},
		{"go-htmldate", func(d *document.Document) { _, _ = htmldate.FromReader(bytes.NewReader(d.Body), htmldate.Options{}) }},
	} {
		start := processor()
		for _, d := range list {
			c.run(d)
		}
		t.Logf("%-30s %.1f ms a page", c.name, float64((processor()-start).Microseconds())/1000/float64(len(list)))
	}
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
