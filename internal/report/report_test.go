package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/report"
)

func TestAReportOfAMonth(t *testing.T) {
	b, r := world(t)
	if m, err := r.Latest(t.Context()); err != nil || m != june(t) {
		t.Fatalf("latest: %s, %v", m, err)
	}
	rep, err := r.Report(t.Context(), june(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("counts every account once in the best matrix and in every product's", func(t *testing.T) {
		if n := rep.Best.Total() + rep.Best.Unknown; n != 320 {
			t.Errorf("best: %d accounts", n)
		}
		if len(rep.Products) != 8 {
			t.Errorf("%d products", len(rep.Products))
		}
		for _, g := range rep.Products {
			if n := g.Total() + g.Unknown; n != 320 {
				t.Errorf("%s: %d accounts", g.Product, n)
			}
		}
		var bySegment, byCluster int64
		for _, s := range rep.Segments {
			bySegment += s.Accounts
			for _, n := range s.Clusters {
				byCluster += n
			}
		}
		if bySegment != 320 || byCluster != 320 || rep.Segments[0].Name != "Top Unmanaged user-based" {
			t.Errorf("segments %+v", rep.Segments)
		}
		if n := rep.Best.Cluster(rep.Matrix, matrix.ActNow); n < 10 {
			t.Errorf("act now: %d", n)
		}
	})
	t.Run("names the ten best accounts once each, best cell first, with their signals", func(t *testing.T) {
		if len(rep.ActNow) != report.BestAccounts || rep.ActNow[0].AccountID != "A-0001" {
			t.Fatalf("act now: %+v", rep.ActNow)
		}
		seen := map[string]bool{}
		for i, a := range rep.ActNow {
			if seen[a.AccountID] || len(a.Signals) == 0 || a.Cluster != matrix.ActNow || i > 0 && a.Cell < rep.ActNow[i-1].Cell {
				t.Errorf("%s: %s, %d signals", a.AccountID, a.Cell, len(a.Signals))
			}
			seen[a.AccountID] = true
			for _, s := range a.Signals {
				if s.URL == "" || s.Span == "" || s.Source == "" || s.ObservedAt.IsZero() || s.Driver == "" || s.AccountID != a.AccountID {
					t.Errorf("%s: an incomplete signal %+v", a.AccountID, s)
				}
			}
		}
	})
	t.Run("reads nicely on a terminal of a hundred columns", func(t *testing.T) { terminal(t, rep) })
	t.Run("is one page that needs nothing else and lets nothing in", func(t *testing.T) { selfContained(t, rep) })
	t.Run("gives every row and signal, one at a time", func(t *testing.T) { rows(t, b, r, rep.Run) })
}

func terminal(t *testing.T, rep report.Report) {
	var plain, colored strings.Builder
	if err := errors.Join(rep.WriteTerminal(&plain, false), rep.WriteTerminal(&colored, true)); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(plain.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > report.Width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.ContainsAny(plain.String(), "\x1b\u202e") {
		t.Error("a control character of the web reached the terminal")
	}
	if !strings.Contains(colored.String(), "\x1b[") {
		t.Error("no colour")
	}
	path := filepath.Join("testdata", "terminal.golden")
	if *update {
		if err := os.WriteFile(path, []byte(plain.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), plain.String()); d != "" {
		t.Error(d)
	}
}

func selfContained(t *testing.T, rep report.Report) {
	path := filepath.Join(t.TempDir(), "report.html")
	if *page != "" {
		path = *page
	}
	if err := rep.WriteHTMLFile(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "iframe", "object", "embed", "link", "base", "form":
			t.Errorf("a %s element", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" {
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") {
				t.Errorf("link to %q", a.Val)
			}
		}
	}
	for _, want := range []string{"June 2026", "&lt;script&gt;alert(1)&lt;/script&gt;", "javascript:alert(document.domain)", "A1", "Top Unmanaged user-based", "2026-06-run", "https://www.company1.example/blog/4-how-we-are-moving",
		"expiration open, 2026-06-30, EA; &lt;b&gt;CSP&lt;/b&gt;, $1,234,568 a year, of it open $1,000", "a year expected (segment: 4 at $5000 (weight 1))"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, hostile := range []string{"url(", "@import", "ZgotmplZ"} {
		if strings.Contains(string(text), hostile) {
			t.Errorf("the page says %q", hostile)
		}
	}
}

func rows(t *testing.T, b bridge, r *report.Reader, run report.Run) {
	count, evident, named, last := 0, 0, 0, ""
	err := r.Rows(t.Context(), run, func(p intent.Propensity) error {
		count++
		if p.AccountName == "" || p.Domain == "" || p.Segment == "" || p.Motion == "" {
			t.Errorf("incomplete row %+v", p)
		}
		if p.Cell != "" && last > p.Cell {
			t.Errorf("cell %s after %s", p.Cell, last)
		}
		last = p.Cell
		for _, d := range p.Drivers {
			named += len(d.SignalIDs)
		}
		if p.Best != nil {
			evident++
			if p.Best.URL == "" || p.Best.Span == "" || p.Drivers[1].Name != "topic:migration" || p.Drivers[1].Points != 1234 {
				t.Errorf("evidence %+v of %+v", p.Best, p.Drivers)
			}
		}
		return nil
	})
	if err != nil || count != 2560 || evident == 0 {
		t.Errorf("%d rows, %d with evidence, %v", count, evident, err)
	}
	signals := 0
	err = r.Signals(t.Context(), run, func(s report.Signal) error {
		signals++
		if s.URL == "" || s.Driver == "" {
			t.Errorf("incomplete signal %+v", s)
		}
		return nil
	})
	if err != nil || signals != named || signals == 0 {
		t.Errorf("%d signals, %d named, %v", signals, named, err)
	}
	stop := errors.New("enough")
	if err := r.Rows(t.Context(), run, func(intent.Propensity) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopping: %v", err)
	}
}

func TestAMonthWithoutScores(t *testing.T) {
	r, err := report.NewReader(open(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Report(t.Context(), june(t)); !errors.Is(err, report.ErrNotScored) || !strings.Contains(err.Error(), "2026-06") {
		t.Errorf("got %v", err)
	}
	if _, err := r.Latest(t.Context()); !errors.Is(err, report.ErrNotScored) {
		t.Errorf("latest: %v", err)
	}
}

func TestAPageThatCannotBeWrittenLeavesNothing(t *testing.T) {
	rep := report.Report{Matrix: matrix.Default()}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "report.html"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := rep.WriteHTMLFile(filepath.Join(dir, "report.html")); err == nil {
		t.Error("a directory was overwritten")
	}
	if err := rep.WriteHTMLFile(filepath.Join(dir, "none", "report.html")); err == nil {
		t.Error("a directory that is not there was written to")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	var b strings.Builder
	if err := rep.WriteTerminal(&b, false); err != nil || !strings.Contains(b.String(), "No account is in Act Now") {
		t.Errorf("an empty month: %v", err)
	}
}
