package app

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// builtIn are the built-in rules, compiled once: that takes seconds under the race detector.
var builtIn = sync.OnceValues(func() ([]extract.Rule, error) { return buildRules(Extraction{}) })

// read applies the rule of topics to a blog post of a day.
func read(t *testing.T, taxonomy, day, text string) []signals.Signal {
	t.Helper()
	rules, err := builtIn()
	if taxonomy != "" {
		rules, err = buildRules(Extraction{Taxonomy: taxonomy})
	}
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := document.Parse(&pages.Page{Domain: "acme.example", URL: "https://acme.example/blog/a", Kind: pages.KindBlog, Status: 200, FetchedAt: at,
		Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte("<title>Acme</title><p>At Acme, we have news. " + text + "</p>")})
	if err != nil {
		t.Fatal(err)
	}
	doc.Kind = pages.KindBlog
	for _, rule := range rules {
		if rule.Name == "topics" {
			return rule.Match(doc)
		}
	}
	return nil
}

func TestAnEndOfSupportSignalNamesItsReleasesAndMindsTheirDates(t *testing.T) {
	for _, tt := range []struct {
		day, text, product, version string
		factor                      float64
	}{
		{"2026-10-01", "We still run Windows Server 2012 R2 in our plant.", "Azure", "Windows Server 2012 R2", 1},
		{"2026-10-01", "We still run Windows Server 2016 in our plant.", "Azure", "Windows Server 2016", 1},
		{"2024-10-01", "We still run Windows Server 2016 in our plant.", "Azure", "Windows Server 2016", 0.7},
		{"2026-10-01", "We still run Exchange 2016 for our mail.", "Microsoft 365", "Exchange Server 2016", 1},
		{"2022-10-01", "We still run Windows Server 2016 in our plant.", "Azure", "Windows Server 2016", 0.4},
		{"2026-10-01", "Our SQL Server 2012 and 2014 databases are out of support.", "Data Platform", "SQL Server 2012; SQL Server 2014", 1},
	} {
		var got *signals.Signal
		found := read(t, "", tt.day, tt.text)
		for i := range found {
			if found[i].Name == "end_of_support" && found[i].Product == tt.product {
				got = &found[i]
			}
		}
		if got == nil {
			t.Errorf("%s: found %+v", tt.text, found)
			continue
		}
		if got.Version != tt.version || math.Abs(got.Strength-0.85*tt.factor) > 1e-9 {
			t.Errorf("%s on %s: version %q, strength %v", tt.text, tt.day, got.Version, got.Strength)
		}
	}
}

func TestACalendarOfOnesOwnTakesThePlaceOfTheBuiltIn(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, calendarFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("version: mine\nreleases: [{name: Windows Server 2012 R2, ends: 2040-01-01, products: [Azure]}]")
	found := read(t, dir, "2026-10-01", "We still run Windows Server 2012 R2 in our plant.")
	if len(found) == 0 || math.Abs(found[0].Strength-0.85*0.4) > 1e-9 {
		t.Errorf("found %+v", found)
	}
	write("version: mine\nreleases: [{name: X, ends: soon, products: [Azure]}]")
	if _, err := buildRules(Extraction{Taxonomy: dir}); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "eos.yaml") || !strings.Contains(err.Error(), `"X"`) {
		t.Errorf("got %v", err)
	}
}
