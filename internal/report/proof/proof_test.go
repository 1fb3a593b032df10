package proof_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telltale/internal/backtest"
	"telltale/internal/report/proof"
)

var update = flag.Bool("update", false, "write the golden files anew")

// input is a small backtest of four months, worked out by the rules themselves.
func input(t *testing.T, fitted int32) *proof.Input {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	d := &backtest.Data{Names: []string{"topic:migration"}, TrainMonths: fitted, Seed: 1}
	clusters := [...]string{"Act Now", "Evaluate", "Nurture", "Educate"}
	in := &proof.Input{Product: "<Azure>", Version: "2026-04-0123abcd", HorizonDays: 30, Share: 0.5, Hindsight: true, Seen: "2026-01 was judged with a model that has seen it"}
	for m := range int32(4) {
		for a := range int32(800) {
			row, col := rng.IntN(4), rng.IntN(4)
			at := row/2*2 + col/2
			c := backtest.Case{Month: m, Account: a, Fit: float64(90 - 25*row), Intent: float64(90 - 25*col), Logit: 3 - float64(col), Cluster: clusters[at],
				Cell: fmt.Sprintf("%c%d", 'A'+at, row%2*2+col%2+1), Features: []backtest.Feature{{Name: 0, Value: float64(col)}}}
			if rng.Float64() < 1/(1+math.Exp(1+float64(row+col))) {
				c.Won, c.Acted, c.ActedWon = 1, 1, 1
			} else if rng.Float64() < 0.05 {
				c.Lost, c.Ignored = 1, 1
			}
			d.Cases = append(d.Cases, c)
		}
		in.Months = append(in.Months, proof.Month{Name: fmt.Sprintf("2026-%02d", m+1), After: "2026-01-31", Until: "2026-03-02", Fitted: m < fitted, Accounts: 800})
	}
	r, err := backtest.Judge(d)
	if err != nil {
		t.Fatal(err)
	}
	in.Result = r
	return in
}

func TestThePageIsAsItWas(t *testing.T) {
	var b strings.Builder
	if err := proof.Write(&b, input(t, 2)); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "<body>")
	const path = "testdata/page.golden.html"
	if *update {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if body != string(want) {
		t.Error("the page differs from testdata/page.golden.html; look at it, then run with -update")
	}
}

func TestThePageEscapesWhatItShowsAndLoadsNothing(t *testing.T) {
	var b strings.Builder
	if err := proof.Write(&b, input(t, 2)); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if !strings.Contains(page, "&lt;Azure&gt;") || strings.Contains(page, "<Azure>") {
		t.Error("a product's name is not escaped")
	}
	for _, never := range []string{"http://", "https://", "<script", "<no value>", "ZgotmplZ", "NaN", "Inf"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is on the page", never)
		}
	}
	for _, says := range []string{"times as often as Educate", "Can the probability be believed?", "expected calibration error", "50.0 % of the accounts", "has seen it", "topic:migration"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
}

func TestWithoutEarlierMonthsThePageSaysThatNothingWasLearned(t *testing.T) {
	var b strings.Builder
	if err := proof.Write(&b, input(t, 0)); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); !strings.Contains(page, "Nothing was learned") || strings.Contains(page, "What has drifted") {
		t.Error("a page without probabilities")
	}
}

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "backtest.html")
	if err := proof.WriteFile(path, input(t, 2)); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.HasSuffix(strings.TrimSpace(string(text)), "</html>") {
		t.Errorf("%v", err)
	}
	if err := proof.WriteFile(filepath.Join(dir, "none", "backtest.html"), input(t, 2)); err == nil {
		t.Error("a directory that is not there was written to")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}
