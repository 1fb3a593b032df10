package learning_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
	"telltale/internal/scoring/learning"
	"telltale/internal/store/schemadir"
	"telltale/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.Cleanup(schema.End)) }

// schema is what stores of tests begin with.
var schema schemadir.Schema

// now is when training is asked for: the outcomes of spring are known.
var now = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)

// bench is a real store with a trainer over it.
type bench struct{ storetest.Bench }

func open(t testing.TB) bench {
	t.Helper()
	return bench{storetest.Open(t, &schema)}
}

// byHand are weights that are wrong about most: the truth is in market.
func byHand(t testing.TB) intent.Weights {
	t.Helper()
	w, err := intent.Load(strings.NewReader(`
version: hand
products: [Azure, Surface]
weights:
  - {kind: base, name: rate, points: -2500}
  - {kind: breadth, name: sources, points: 250, cap_points: 750}
  - {kind: surge, name: recent, points: 300}
  - {kind: bought, name: lately, points: -1200, half_life_days: 60}
  - {kind: topic, name: evaluation, points: 1600, half_life_days: 60, cap_points: 4800}
  - {kind: topic, name: pain, points: 400, half_life_days: 60, cap_points: 1200}
  - {kind: event, name: layoff, points: -350, half_life_days: 120, cap_points: 600}
`))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (b bench) trainer(t testing.TB) *learning.Trainer {
	t.Helper()
	w := byHand(t)
	clock := func() time.Time { return now }
	s, err := scoring.New(scoring.Config{Weights: w}, scoring.Deps{DB: b, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := learning.New(learning.Deps{DB: b, Scorer: s, Registry: b.Store, ByHand: w, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// line reads a query's rows, the columns parted by tabs.
func (b bench) line(t testing.TB, query string) string {
	t.Helper()
	return strings.Join(b.Lines(t, query), "\n")
}

func (b bench) insert(t testing.TB, into string, rows []string) {
	t.Helper()
	for ; len(rows) > 0; rows = rows[min(len(rows), 5000):] {
		b.Do(t, "INSERT INTO "+into+" VALUES "+strings.Join(rows[:min(len(rows), 5000)], ","))
	}
}

// signal is one of a market, by the day of the year 2026 on which it was seen; December is before day 0.
type signal struct {
	name string
	day  int
}

// told is what evidence is worth in truth: pain 2.5 logits at a half-life of 14 days, and evaluation nothing.
func told(signals []signal, asOf int) float64 {
	sum := 0.0
	for _, s := range signals {
		if s.name == "pain" && s.day <= asOf {
			sum += math.Exp2(-float64(asOf-s.day) / 14)
		}
	}
	return -2.2 + 2.5*3*(1-math.Exp(-sum/3))
}

// ends are the month ends learned from, as days of 2026, in months of from and to below.
var ends = []int{-1, 30, 58, 89, 119, 150}

// market brings in accounts known since November and what they said in each month from December to May. Each month's end decides by told, or by the coin
// that chance gives, who wins in the thirty days after.
func (b bench) market(t testing.TB, accounts int, chance bool) {
	t.Helper()
	var who, where, fits, rows, deals []string
	rng := rand.New(rand.NewPCG(3, 14))
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(day int) string { return first.AddDate(0, 0, day).Format(time.DateTime) }
	for i := range accounts {
		who = append(who, fmt.Sprintf("('A%04d','2025-11-01 00:00:00','A%d Ltd','Retail',50)", i, i))
		where = append(where, fmt.Sprintf("('A%04d','a%d.example','1970-01-01 00:00:00','2199-01-01 00:00:00','2025-11-01 00:00:00',0)", i, i))
		fits = append(fits, fmt.Sprintf("('A%04d','Azure','2025-01-01','2025-11-01 00:00:00','imported',true,%d,NULL)", i, i%100))
		var all []signal
		for _, end := range ends {
			for _, name := range []string{"pain", "evaluation"} {
				if rng.Float64() < 0.4 {
					all = append(all, signal{name, end - rng.IntN(27)})
				}
			}
			odds := 1 / (1 + math.Exp(-told(all, end)))
			if chance {
				odds = 0.2
			}
			if rng.Float64() < odds {
				day := first.AddDate(0, 0, end+5+rng.IntN(20)).Format(time.DateOnly)
				deals = append(deals, fmt.Sprintf("('A%04d','Azure','%s',0,'2026-07-01 00:00:00','%s','won',NULL,NULL)", i, day, day))
			}
		}
		for k, s := range all {
			rows = append(rows, fmt.Sprintf("('a%d.example','topic','%s','Azure','00000000-0000-8000-8000-%06d%06d',1,1,1,'%s','%s','%s','blog','https://a%d.example/%d','%s, part %d')",
				i, s.name, k, i, at(s.day), at(s.day), at(s.day), i, k, s.name, k))
		}
	}
	b.insert(t, "account_rows (account_id, known_from, name, industry, employees)", who)
	b.insert(t, "account_domains", where)
	b.insert(t, "fit_score_rows", fits)
	b.insert(t, "signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)", rows)
	b.insert(t, "opportunity_rows (account_id, product, created, ordinal, known_from, closed, outcome, amount, acted_on)", deals)
}

// spring asks for the months of the market.
func spring(t testing.TB, product string) learning.Request {
	t.Helper()
	return learning.Request{Request: backtesting.Request{Product: product, From: month(t, "2025-12"), To: month(t, "2026-05"), Horizon: 30}}
}

func month(t testing.TB, text string) intent.Month {
	t.Helper()
	m, err := intent.ParseMonth(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// score scores June by the champions of today, and returns the run's weights and every score with its probability.
func (b bench) score(t testing.TB) (model, scores string) {
	t.Helper()
	w, _, err := learning.Weights(t.Context(), b, byHand(t), now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scoring.New(scoring.Config{Weights: w}, scoring.Deps{DB: b, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Run(context.WithoutCancel(t.Context()), month(t, "2026-05"))
	if err != nil {
		t.Fatal(err)
	}
	return sum.IntentModel, b.line(t, "SELECT account_id, product, logit, score, rating, probability, drivers FROM intent_scores ORDER BY account_id, product")
}
