package classify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// The captured pages and the labels made by hand, by their address: neither is in the repository.
const (
	corpusEnv = "TELLTALE_BENCH_CORPUS"
	labelsEnv = "TELLTALE_LABELS"
)

// label is one page as a person read it.
type label struct {
	N, URL, Kind, Also, Language string
	doc                          *document.Document
}

// TestKindsAndLanguagesAgreeWithLabels measures kinds and languages on pages labelled by hand. Rules were made on the pages of even
// number; those of odd number are held out.
func TestKindsAndLanguagesAgreeWithLabels(t *testing.T) {
	list := labels(t)
	for _, part := range []struct {
		name string
		odd  bool
	}{{"even, developed on", false}, {"odd, held out", true}} {
		table, languages := map[string]int{}, map[string]int{}
		right, known, n, kinds := 0, 0, 0, 0
		for _, l := range list {
			if number, err := strconv.Atoi(l.N); err != nil || number%2 == 1 != part.odd {
				continue
			}
			n++
			got := string(classify.Page(l.doc))
			if got == l.Kind || got == l.Also {
				right++
			} else if os.Getenv("TELLTALE_SHOW") != "" && !part.odd {
				t.Logf("%s %s/%s got %s %s", l.N, l.Kind, l.Also, got, l.URL)
			}
			table[fmt.Sprintf("%-8s as %s", l.Kind, got)]++
			kinds++
			if l.Language == "" {
				continue
			}
			known++
			if l.doc.Language != l.Language {
				languages[l.Language+" as "+l.doc.Language]++
				known--
			}
		}
		t.Logf("%s: kind right on %d of %d; language on %d of %d labelled; other languages: %v\n%s", part.name, right, kinds, known, n, languages, strings.Join(rows(table), "\n"))
		if n == 0 || right*3 < n {
			t.Errorf("%s: %d of %d", part.name, right, n)
		}
	}
}

func rows(table map[string]int) []string {
	var out []string
	for k, n := range table {
		out = append(out, fmt.Sprintf("%4d  %s", n, k))
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(a[6:], b[6:]) })
	return out
}

// labels reads the labels and the pages they speak of.
func labels(t *testing.T) []label {
	t.Helper()
	corpus, dir := os.Getenv(corpusEnv), os.Getenv(labelsEnv)
	if corpus == "" || dir == "" {
		t.Skipf("%s or %s is not set: directories of captured pages and of labels", corpusEnv, labelsEnv)
	}
	manifest, err := os.ReadFile(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(manifest)) {
		if f := strings.Split(line, "\t"); len(f) > 2 {
			files[strings.TrimSpace(f[2])] = f[0]
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no *.jsonl, %v", dir, err)
	}
	var out []label
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var l label
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			l.doc = captured(t, filepath.Join(corpus, files[l.URL]), l.URL)
			out = append(out, l)
		}
	}
	return out
}

func captured(t *testing.T, file, url string) *document.Document {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := document.Parse(&pages.Page{URL: url, FinalURL: url, Domain: urls.RegistrableDomain(url), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
