package document_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// corpusEnv names a directory of captured pages with their manifest; they are not in the repository.
const corpusEnv = "TELLTALE_BENCH_CORPUS"

// dateTally counts how dates agree with what the page says.
type dateTally struct{ right, nextDay, wrong, missed, invented, none int }

// TestDatesAgreeWithThoseReadByHand holds dates to testdata/dates.tsv. The rules were made on every other line, the rest is held out.
func TestDatesAgreeWithThoseReadByHand(t *testing.T) {
	corpus := os.Getenv(corpusEnv)
	if corpus == "" {
		t.Skipf("%s is not set: a directory of captured pages", corpusEnv)
	}
	files := manifest(t, corpus)
	truth, err := os.ReadFile(filepath.Join("testdata", "dates.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var parts [2]dateTally
	sources := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(string(truth)), "\n")[2:] {
		url, day, _ := strings.Cut(line, "\t")
		doc := capturedPage(t, filepath.Join(corpus, files[url]), url)
		sources[doc.PublishedSource]++
		got := ""
		if !doc.Published.IsZero() {
			got = local(doc).Format(time.DateOnly)
		}
		if parts[i%2].count(got, day) && i%2 == 0 {
			t.Logf("%s: got %q (%s, %s), the page says %q", url, got, doc.PublishedSource, doc.PublishedPrecision, day)
		}
	}
	t.Logf("sources: %v", sources)
	for i, name := range [...]string{"developed on", "held out"} {
		p := parts[i]
		t.Logf("%s: %+v", name, p)
		if all := p.right + p.nextDay + p.wrong + p.missed; p.right*10 < all*8 {
			t.Errorf("%s: %d of %d", name, p.right, all)
		}
	}
}

// local is the time of publication where the page is.
func local(doc *document.Document) time.Time {
	if zone, err := time.Parse("-07:00", doc.PublishedZone); err == nil {
		return doc.Published.In(zone.Location())
	}
	return doc.Published
}

// count tallies one page; true where it is not right.
func (p *dateTally) count(got, want string) bool {
	switch a, errA := time.Parse(time.DateOnly, got); {
	case got == "" && want == "":
		p.none++
		return false
	case want == "":
		p.invented++
	case got == "":
		p.missed++
	case got == want:
		p.right++
		return false
	default:
		b, errB := time.Parse(time.DateOnly, want)
		if errA == nil && errB == nil && a.Sub(b).Abs() <= 24*time.Hour {
			p.nextDay++
		} else {
			p.wrong++
		}
	}
	return true
}

func manifest(t *testing.T, corpus string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(line, "\t"); len(f) > 2 {
			files[strings.TrimSpace(f[2])] = f[0]
		}
	}
	return files
}

func capturedPage(t *testing.T, file, url string) *document.Document {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := document.Parse(&pages.Page{URL: url, FinalURL: url, Domain: urls.RegistrableDomain(url), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: body, FetchedAt: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
