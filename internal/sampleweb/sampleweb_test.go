package sampleweb

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// digest renders every page of every company at the end of the history.
func digest(w *Web) string {
	h := sha256.New()
	for _, c := range w.companies {
		for _, p := range c.pages {
			fmt.Fprintln(h, p.url)
			h.Write(w.render(c, p, w.Now()))
		}
		fmt.Fprintln(h, c.robots.text, c.techs, c.opps, c.latent)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedGivesTheSameWebByteForByte(t *testing.T) {
	first, second := digest(New(Config{Companies: 60})), digest(New(Config{Companies: 60, Seed: 1}))
	if first != second {
		t.Fatal("two webs of one seed differ")
	}
	if other := digest(New(Config{Companies: 60, Seed: 2})); other == first {
		t.Fatal("another seed gave the same web")
	}
}

// TestCountsOfTheDefaultWeb holds the default web still: rules are tuned on it, so its wording and its
// counts must not drift unnoticed.
func TestCountsOfTheDefaultWeb(t *testing.T) {
	w := New(Config{})
	var b strings.Builder
	for _, month := range w.Months() {
		pages, topics, events, negatives, technologies := 0, 0, 0, 0, 0
		for _, c := range w.TruthAt(MonthEnd(month)).Companies {
			technologies += len(c.Technologies)
			for _, p := range c.Pages {
				pages++
				topics += len(p.Topics)
				events += len(p.Events)
				if p.Negative != "" {
					negatives++
				}
			}
		}
		fmt.Fprintf(&b, "%s pages=%d topics=%d events=%d negatives=%d technologies=%d\n", month, pages, topics, events, negatives, technologies)
	}
	fmt.Fprintf(&b, "digest %s\n", digest(w))
	golden := filepath.Join("testdata", "counts.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the default web changed (run with -update if meant):\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestShapeOfTheDefaultWeb(t *testing.T) {
	w := New(Config{})
	companies := w.Companies()
	if len(companies) < 300 {
		t.Fatalf("%d companies, want at least 300", len(companies))
	}
	hostile, german, two, unique := 0, 0, 0, map[string]bool{}
	for _, c := range companies {
		if c.Behaviour != BehaviourNormal {
			hostile++
		}
		if c.Language == "de" {
			german++
		}
		if len(c.Domains) > 1 {
			two++
		}
		for _, key := range append([]string{c.Address}, c.Domains...) {
			if unique[key] {
				t.Errorf("%s is used twice", key)
			}
			unique[key] = true
		}
		for _, d := range c.Domains {
			if !strings.HasSuffix(d, ".example") && !strings.HasSuffix(d, ".test") {
				t.Errorf("%s is no reserved name", d)
			}
		}
	}
	share := func(n int) float64 { return float64(n) / float64(len(companies)) }
	if share(hostile) < 0.1 || share(hostile) > 0.15 || share(german) < 0.08 || share(german) > 0.12 || share(two) < 0.05 {
		t.Errorf("hostile %.2f, German %.2f, two domains %.2f", share(hostile), share(german), share(two))
	}
	active := 0
	for _, c := range w.TruthAt(MonthEnd("2026-10")).Companies {
		if activeSince(c, MonthEnd("2026-04")) {
			active++
		}
	}
	if s := share(active); s < 0.38 || s > 0.52 {
		t.Errorf("%.2f of the companies show a topic within six months, want about 0.45", s)
	}
}

func activeSince(c CompanyTruth, since time.Time) bool {
	for _, p := range c.Pages {
		if len(p.Topics) > 0 && p.From.After(since) {
			return true
		}
	}
	return false
}

func TestEveryBehaviourOccursInTheDefaultWeb(t *testing.T) {
	seen := map[Behaviour]int{}
	for _, c := range New(Config{}).Companies() {
		seen[c.Behaviour]++
	}
	for _, b := range hostile() {
		if seen[b] == 0 {
			t.Errorf("no company shows %s", b)
		}
	}
}

func TestOutcomesFollowIntentAndFitInProbabilityOnly(t *testing.T) {
	w := New(Config{Companies: 1200})
	var won, all, high, highWon, low, lowWon, surprising int
	for _, c := range w.companies {
		for _, o := range c.opps {
			all++
			x := c.intentAt(o.Product, o.Created) + c.fit[o.Product]/100
			isWon := o.Outcome == "won"
			if isWon {
				won++
			}
			switch {
			case x > 1.2:
				high++
				if isWon {
					highWon++
				}
			case x < 0.6:
				low++
				if isWon {
					lowWon++
					surprising++
				}
			}
		}
	}
	top, bottom := float64(highWon)/float64(high), float64(lowWon)/float64(low)
	t.Logf("%d opportunities, %.2f won; high %.2f of %d, low %.2f of %d", all, float64(won)/float64(all), top, high, bottom, low)
	if top < bottom+0.25 {
		t.Errorf("win rate %.2f where intent and fit are high, %.2f where low: too close", top, bottom)
	}
	if surprising == 0 || highWon == high {
		t.Error("outcomes are certain; they must be noisy")
	}
}

func TestFitHasAllFourBandsForEveryProduct(t *testing.T) {
	w := New(Config{Companies: MinCompanies})
	for _, product := range Products() {
		bands := map[int]bool{}
		for _, c := range w.companies {
			score := c.fit[product]
			if score < 0 || score > 100 {
				t.Errorf("%s %s: fit %v", c.AccountID, product, score)
			}
			band := 0
			for _, bound := range []float64{30, 55, 75} {
				if score >= bound {
					band++
				}
			}
			bands[band] = true
		}
		if len(bands) != 4 {
			t.Errorf("%s: bands %v", product, bands)
		}
	}
}
