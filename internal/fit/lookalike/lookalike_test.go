package lookalike_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"telltale/internal/fit/features"
	"telltale/internal/fit/judge"
	"telltale/internal/fit/lookalike"
)

var asOf = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)

// world draws accounts of which the large, the retailers and those that have another product buy more often.
func world(n int, seed uint64) *lookalike.Data {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := features.NewBuilder()
	d := &lookalike.Data{}
	for i := range n {
		b.Next()
		employees := math.Exp(rng.NormFloat64()*1.2 + 4)
		industry := []string{"Retail", "Banking", "Farming", "Mining"}[rng.IntN(4)]
		owns := rng.IntN(3) == 0
		logit := -2.2 + 0.5*(math.Log(employees)-4)
		if industry == "Retail" {
			logit += 1
		}
		if owns {
			logit += 1.2
		}
		if rng.IntN(10) > 0 {
			b.Number("employees", math.Round(employees))
		}
		b.Word("industry", industry)
		b.Flag("owns Copier", owns)
		b.Word("noise", fmt.Sprint("n", rng.IntN(12)))
		won := uint8(0)
		if rng.Float64() < judge.Sigmoid(logit) {
			won = 1
		}
		d.Won, d.Accounts, d.Days = append(d.Won, won), append(d.Accounts, fmt.Sprint("A", i*7%n)), append(d.Days, int32(20_000+i/10))
	}
	d.Table = b.Table()
	return d
}

// column is a column of the world by its name.
func column(d *lookalike.Data, name string) *features.Column {
	for i := range d.Table.Columns {
		if d.Table.Columns[i].Name == name {
			return &d.Table.Columns[i]
		}
	}
	panic("no column " + name)
}

func recipe(kind lookalike.Kind) lookalike.Recipe {
	return lookalike.Recipe{Product: "Azure", Labels: lookalike.Opportunities, Kind: kind, AsOf: asOf}
}

func trained(t testing.TB, d *lookalike.Data, r lookalike.Recipe, champion *lookalike.Model) *lookalike.Result {
	t.Helper()
	out, err := lookalike.Do(d, r, champion)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Model.Validate(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAModelRanksAndCanBeBelieved(t *testing.T) {
	for _, kind := range []lookalike.Kind{lookalike.Logistic, lookalike.Trees} {
		t.Run(string(kind), func(t *testing.T) {
			out := trained(t, world(6000, 1), recipe(kind), nil)
			m := out.Tested.Metrics
			if m.AUC < 0.68 || m.Lift < 1.8 || m.ECE > 0.05 {
				t.Errorf("tested: %+v", m)
			}
			if i := out.Tested.Intervals.AUC; m.AUC < i.Low || m.AUC > i.High {
				t.Errorf("AUC %v outside %+v", m.AUC, i)
			}
			if out.Model.Rows != 6000 || !out.Verdict.Promoted || out.Split.By != lookalike.ByTime {
				t.Errorf("trained on %d rows, split by %s, verdict %+v", out.Model.Rows, out.Split.By, out.Verdict)
			}
		})
	}
}

func TestOutcomesAtRandomGiveALiftOfOneWithinItsInterval(t *testing.T) {
	d := world(4000, 2)
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(d.Won), func(i, j int) { d.Won[i], d.Won[j] = d.Won[j], d.Won[i] })
	tested := trained(t, d, recipe(lookalike.Logistic), nil).Tested
	if i := tested.Intervals; i.AUC.Low > 0.5 || i.AUC.High < 0.5 || i.Lift.Low > 1 || i.Lift.High < 1 {
		t.Errorf("AUC %+v, lift %+v", i.AUC, i.Lift)
	}
}

func TestTheSameDataGiveTheSameVersion(t *testing.T) {
	a := trained(t, world(1500, 3), recipe(lookalike.Logistic), nil).Model
	b := trained(t, world(1500, 3), recipe(lookalike.Logistic), nil).Model
	c := trained(t, world(1500, 4), recipe(lookalike.Logistic), nil).Model
	if a.Version != b.Version || a.Version == c.Version {
		t.Errorf("versions %s, %s and of other data %s", a.Version, b.Version, c.Version)
	}
}

func TestPointsSumToTheScoreAndTheRecordScoresTheSame(t *testing.T) {
	d := world(2000, 5)
	for _, kind := range []lookalike.Kind{lookalike.Logistic, lookalike.Trees} {
		m := trained(t, d, recipe(kind), nil).Model
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := lookalike.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		x := m.Encode(d.Table)
		scores, again := m.Points(&x), back.Points(&x)
		for row := range 200 {
			base, points := m.Explain(&x, row)
			for _, p := range points {
				base += p.Points
			}
			if base != scores[row] || again[row] != scores[row] {
				t.Fatalf("%s, row %d: points come to %d, the score is %d, of the record %d", kind, row, base, scores[row], again[row])
			}
		}
	}
}

func TestTheKnownBaseRateSetsTheIntercept(t *testing.T) {
	d := world(3000, 6)
	d.Weights = make([]float64, len(d.Won))
	for i, y := range d.Won { // every other account stands for ten
		d.Weights[i] = 10 - 9*float64(y)
	}
	r := recipe(lookalike.Logistic)
	r.Labels, r.BaseRate, r.BaseRateFrom = lookalike.Customers, 0.03, "a test"
	m := trained(t, d, r, nil).Model
	x := m.Encode(d.Table)
	sum, all := 0.0, 0.0
	for i, p := range m.Points(&x) {
		sum, all = sum+d.Weights[i]*m.Probability(p), all+d.Weights[i]
	}
	if mean := sum / all; math.Abs(mean-0.03) > 1e-4 {
		t.Errorf("the mean probability is %v, want 0.03", mean)
	}
}

func TestDataThatCannotBeLearnedFromAreRefusedInOneLine(t *testing.T) {
	for _, c := range []struct {
		name string
		data func() *lookalike.Data
		r    func(*lookalike.Recipe)
		err  error
		says string
	}{
		{"no positives", func() *lookalike.Data { d := world(300, 7); clear(d.Won); return d }, nil, lookalike.ErrLabels, "no positives: no won opportunities of \"Azure\""},
		{"no best customers", func() *lookalike.Data { d := world(300, 7); clear(d.Won); return d }, func(r *lookalike.Recipe) { r.Labels = lookalike.Customers }, lookalike.ErrLabels, "no best customers"},
		{"one class", func() *lookalike.Data { d := world(300, 7); d.Won = bytes.Repeat([]byte{1}, 300); return d }, nil, lookalike.ErrLabels, "one class only"},
		{"too few rows", func() *lookalike.Data { return world(40, 7) }, nil, lookalike.ErrLabels, "too few rows"},
		{"a column that is not there", func() *lookalike.Data { return world(300, 7) }, func(r *lookalike.Recipe) { r.Without = []string{"duration"} }, lookalike.ErrFeatures, `"duration"`},
		{"nothing that differs", func() *lookalike.Data { return world(300, 7) }, func(r *lookalike.Recipe) { r.Without = []string{"employees", "industry", "owns Copier", "noise"} }, lookalike.ErrFeatures, "nothing"},
		{"a split without positives to test on", func() *lookalike.Data { d := world(300, 7); d.Places = make([]lookalike.Place, 300); return d }, nil, lookalike.ErrLabels, "to tune on"},
		{"a feature that tells", leaking, nil, lookalike.ErrLeak, `"closing note" alone has an AUC of 0.9`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := recipe(lookalike.Logistic)
			if c.r != nil {
				c.r(&r)
			}
			_, err := lookalike.Do(c.data(), r, nil)
			if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %v and %q in one line", err, c.err, c.says)
			}
		})
	}
}

// leaking has a column that was written down after the outcome, with a few errors.
func leaking() *lookalike.Data {
	d := world(1000, 8)
	b := features.NewBuilder()
	for i, y := range d.Won {
		b.Next()
		note := [...]string{"declined", "signed"}[y]
		if i%25 == 0 {
			note = "called"
		}
		b.Word("closing note", note)
		b.Word("noise", fmt.Sprint(i%13))
	}
	d.Table = b.Table()
	return d
}

func TestWhatLeaksCanBeLeftOut(t *testing.T) {
	d := leaking()
	d.Table.Columns = append(d.Table.Columns, world(1000, 8).Table.Columns...)
	r := recipe(lookalike.Logistic)
	r.Without = []string{"closing note", "noise"}
	for _, f := range trained(t, d, r, nil).Model.Features {
		if f.Name == "closing note" || f.Name == "noise" {
			t.Errorf("%q is a feature", f.Name)
		}
	}
}

func TestManySmallLevelsAreNoLeak(t *testing.T) {
	d := world(400, 9)
	b := features.NewBuilder()
	for i := range d.Won {
		b.Next()
		b.Word("territory", fmt.Sprint("T", i%36))
		b.Word("size", fmt.Sprint(i%3))
	}
	d.Table = b.Table()
	r := recipe(lookalike.Logistic)
	r.Features.Support = 1
	trained(t, d, r, nil)
}

func FuzzRead(f *testing.F) {
	m, err := lookalike.Do(world(400, 10), recipe(lookalike.Trees), nil)
	if err != nil {
		f.Fatal(err)
	}
	text, err := json.Marshal(m.Model)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":1,"kind":"logistic","features":[{"name":"a","kind":"flag","points":[1,2,3]}],"calibration":{"slope":1,"offset":0}}`))
	table := world(50, 11).Table
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := lookalike.Read(bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, lookalike.ErrModel) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		x := m.Encode(table)
		base, points := m.Explain(&x, 0)
		for _, p := range points {
			base += p.Points
		}
		if base != m.Points(&x)[0] {
			t.Fatal("a model that was read explains another score than it gives")
		}
	})
}
