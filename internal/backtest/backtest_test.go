package backtest_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"telltale/internal/backtest"
)

// clusterOf lays two scores on a two by two matrix.
func clusterOf(fit, intent float64) (cell, cluster string) {
	switch {
	case fit >= 55 && intent >= 55:
		return "A1", "Act Now"
	case fit >= 55:
		return "B1", "Evaluate"
	case intent >= 55:
		return "C1", "Nurture"
	}
	return "D1", "Educate"
}

// market draws months of accounts whose chance to win is known: 1/(1+e^−(−4 + 2·fit/100 + logit)), logit in 0–2.
func market(months, accounts int, seed uint64) *backtest.Data {
	rng := rand.New(rand.NewPCG(seed, 3))
	d := &backtest.Data{Names: []string{"topic:migration", "noise"}, TrainMonths: int32(months / 2), Seed: 1}
	for m := range months {
		for a := range accounts {
			c := backtest.Case{Month: int32(m), Account: int32(a), Fit: 100 * rng.Float64(), Logit: 2 * rng.Float64()}
			c.Intent = 50 * c.Logit
			c.Cell, c.Cluster = clusterOf(c.Fit, c.Intent)
			c.Features = []backtest.Feature{{Name: 0, Value: c.Logit}, {Name: 1, Value: rng.Float64()}}
			switch p := 1 / (1 + math.Exp(4-2*c.Fit/100-c.Logit)); {
			case rng.Float64() < p:
				c.Won, c.Acted, c.ActedWon = 1, 1, 1
			case rng.Float64() < 0.1:
				c.Lost, c.Ignored = 1, 1
			}
			d.Cases = append(d.Cases, c)
		}
	}
	return d
}

func judged(t *testing.T, d *backtest.Data) *backtest.Result {
	t.Helper()
	r, err := backtest.Judge(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClustersFallInTheOrderInWhichTheyWereMadeToWin(t *testing.T) {
	r := judged(t, market(4, 3000, 1))
	var names []string
	for _, c := range r.Clusters {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ", "); got != "Act Now, Evaluate, Nurture, Educate, Unknown, All judged" {
		t.Fatalf("clusters %s", got)
	}
	act, educate, all := r.Clusters[0], r.Clusters[3], r.Clusters[5]
	if act.LiftInterval.Low <= educate.LiftInterval.High || act.Lift <= 1 || educate.Lift >= 1 {
		t.Errorf("Act Now %+v, Educate %+v", act, educate)
	}
	if all.Cases != 12_000 || all.Lift != 1 || all.Won != all.Acted || all.ActedWon != all.Won || all.Ignored != all.Closed-all.Won || all.IgnoredWon != 0 {
		t.Errorf("all %+v", all)
	}
	if len(r.Cells) != 4 || r.Cells[0].Cluster != "Act Now" || len(r.Months) != 4 || r.Months[2][5].Cases != 3000 {
		t.Errorf("cells %+v, %d months", r.Cells, len(r.Months))
	}
}

func TestTheOverlayFindsTheOddsThatMadeTheOutcomes(t *testing.T) {
	r := judged(t, market(4, 3000, 2))
	o := r.Overlay
	if o == nil || math.Abs(o.Fit-2) > 0.45 || math.Abs(o.Intent-1) > 0.15 || math.Abs(o.Intercept+4) > 0.3 || o.Cases != 6000 {
		t.Fatalf("overlay %+v", o)
	}
	best, fit, intent := r.Rankings[3], r.Rankings[0], r.Rankings[1]
	if best.Metrics.AUC <= fit.Metrics.AUC || best.Metrics.AUC <= intent.Metrics.AUC || best.Metrics.Cases != 6000 {
		t.Errorf("both %.3f, fit %.3f, intent %.3f", best.Metrics.AUC, fit.Metrics.AUC, intent.Metrics.AUC)
	}
	if best.Metrics.ECE > 0.02 || best.Metrics.LogLoss <= 0 || best.Metrics.LogLoss > 0.5 || len(r.Calibration) != 10 || fit.Metrics.ECE != 0 {
		t.Errorf("calibration %+v, log loss %v, table %+v", best.Metrics, best.Metrics.LogLoss, r.Calibration)
	}
}

func TestOutcomesDealtAtRandomGiveNoLift(t *testing.T) {
	for seed := range uint64(3) {
		d := market(4, 1500, 10+seed)
		d.Seed = seed
		r := judged(t, d)
		if i := r.ChanceInterval; i.Low > 1 || i.High < 1 || math.Abs(r.Chance-1) > 0.05 {
			t.Errorf("seed %d: lift %.2f in %.2f–%.2f, without 1", seed, r.Chance, i.Low, i.High)
		}
		if lift := r.Rankings[3].Metrics.Lift; lift <= r.ChanceInterval.High {
			t.Errorf("seed %d: with the true outcomes the lift is %.2f, which luck may give: %+v", seed, lift, r.ChanceInterval)
		}
	}
}

func TestAFigureFromAfterTheOutcomeStopsTheBacktestWithItsName(t *testing.T) {
	for _, sign := range []float64{1, -1} {
		d := market(2, 2000, 3)
		d.Names = append(d.Names, "technology:Invoice Portal")
		for i := range d.Cases {
			if c := &d.Cases[i]; c.Won > 0 {
				c.Features = append(c.Features, backtest.Feature{Name: 2, Value: sign})
			}
		}
		_, err := backtest.Judge(d)
		if !errors.Is(err, backtest.ErrLeak) || !strings.Contains(err.Error(), `"technology:Invoice Portal" alone has an AUC of 1.000`) {
			t.Errorf("sign %v: %v", sign, err)
		}
	}
}

func TestOutcomesThatSayNothingAreRefused(t *testing.T) {
	change := func(f func(*backtest.Case)) *backtest.Data {
		d := market(2, 200, 4)
		for i := range d.Cases {
			f(&d.Cases[i])
		}
		return d
	}
	for name, c := range map[string]struct {
		data *backtest.Data
		says string
	}{
		"nothing":      {&backtest.Data{}, "no opportunity closed"},
		"no outcomes":  {change(func(c *backtest.Case) { c.Won, c.Lost = 0, 0 }), "no opportunity closed"},
		"none won":     {change(func(c *backtest.Case) { c.Won, c.Lost = 0, 1 }), "no positives"},
		"all won":      {change(func(c *backtest.Case) { c.Won = 1 }), "one class only: 200 of the 200"},
		"no cells":     {change(func(c *backtest.Case) { c.Cell, c.Won = "", 1 }), "no account has both"},
		"early only":   {change(func(c *backtest.Case) { c.Won = int(1 - c.Month) }), "one class only: 0 of the 200"},
		"without fits": {change(func(c *backtest.Case) { c.Fit, c.Won = math.NaN(), 1 }), "no account has both"},
	} {
		if _, err := backtest.Judge(c.data); !errors.Is(err, backtest.ErrLabels) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutEarlierMonthsNothingIsFittedAndNothingDrifts(t *testing.T) {
	d := market(2, 1000, 5)
	d.TrainMonths = 0
	r := judged(t, d)
	if r.Overlay != nil || r.Drift != nil || r.Calibration != nil || len(r.Rankings) != 3 || r.Chance == 0 {
		t.Errorf("%+v", r)
	}
}

func TestAFigureThatMovedDriftsAndOneThatStayedDoesNot(t *testing.T) {
	d := market(4, 2000, 6)
	for i := range d.Cases {
		if c := &d.Cases[i]; c.Month >= 2 {
			c.Features[1].Value = math.Sqrt(c.Features[1].Value)
		}
	}
	r := judged(t, d)
	got := map[string]float64{}
	for _, x := range r.Drift {
		got[x.Name] = x.PSI
	}
	if got["noise"] < 0.25 || got["fit score"] > 0.05 || got["topic:migration"] > 0.05 || r.Drift[2].Name != "noise" {
		t.Errorf("drift %+v", r.Drift)
	}
}

func TestThePopulationStabilityIndexIsTheTextbooks(t *testing.T) {
	var before, after []float64
	for i := range 1000 {
		before = append(before, float64(1+i%2)) // half ones, half twos
		v := 1.0
		if i%4 == 0 {
			v = 2 // a quarter
		}
		after = append(after, v)
	}
	want := (0.25-0.5)*math.Log(0.25/0.5) + (0.75-0.5)*math.Log(0.75/0.5)
	if got := backtest.PSI(before, after); math.Abs(got-want) > 0.01 {
		t.Errorf("%.4f, want %.4f", got, want)
	}
	if backtest.PSI(nil, after) != 0 || backtest.PSI(before, before) != 0 {
		t.Error("of nothing, or of no change, it is 0")
	}
}

func TestTheSameCasesGiveTheSameResult(t *testing.T) {
	a, b := judged(t, market(4, 500, 7)), judged(t, market(4, 500, 7))
	if fmt.Sprintf("%+v", a.Rankings) != fmt.Sprintf("%+v", b.Rankings) || fmt.Sprintf("%+v", *a.Overlay) != fmt.Sprintf("%+v", *b.Overlay) {
		t.Error("two judgements of the same cases differ")
	}
}
