package backtesting_test

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
	"telltale/internal/store/schemadir"
	"telltale/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.Cleanup(schema.End)) }

// schema is what stores of tests begin with.
var schema schemadir.Schema

// now is when backtests are asked for: the outcomes of spring are known.
var now = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)

// bench is a real store with a backtester over it.
type bench struct {
	storetest.Bench
	tester *backtesting.Backtester
}

func open(t testing.TB) bench {
	t.Helper()
	var err error
	b := bench{Bench: storetest.Open(t, &schema)}
	clock := func() time.Time { return now }
	b.tester, err = backtesting.New(backtesting.Deps{DB: b, Now: clock, Scorer: func(context.Context, time.Time) (backtesting.Rehearser, time.Time, error) {
		scorer, err := scoring.New(scoring.Config{}, scoring.Deps{DB: b, Now: clock})
		return scorer, time.Time{}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// line reads a query's only row, the columns parted by tabs.
func (b bench) line(t testing.TB, query string) string {
	t.Helper()
	return strings.Join(b.Lines(t, query), "\n")
}

// insert writes rows given as text.
func (b bench) insert(t testing.TB, into string, rows []string) {
	t.Helper()
	if len(rows) > 0 {
		b.Do(t, "INSERT INTO "+into+" VALUES "+strings.Join(rows, ","))
	}
}

// spring is the four months that tests judge.
func spring() []time.Time {
	var out []time.Time
	for m := time.January; m <= time.April; m++ {
		out = append(out, time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC))
	}
	return out
}

// market brings in accounts with a fit for Azure, known since 2025. In each month of spring about half of them say that they evaluate it; an account
// that fits and says so is likely to win a deal in the middle of the next month, by known odds.
func (b bench) market(t testing.TB, accounts int) {
	t.Helper()
	var who, where, fits, signals, deals []string
	for i := range accounts {
		who = append(who, fmt.Sprintf("('A%04d','2025-12-01 00:00:00','A%d Ltd','Retail',50)", i, i))
		where = append(where, fmt.Sprintf("('A%04d','a%d.example','1970-01-01 00:00:00','2199-01-01 00:00:00','2025-12-01 00:00:00',0)", i, i))
		fit := float64(i*37%accounts) / float64(accounts) * 100
		fits = append(fits, fmt.Sprintf("('A%04d','Azure','2025-01-01','2025-12-01 00:00:00','imported',true,%.2f,NULL)", i, fit))
		for m, month := range spring() {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(m)))
			strength := rng.Float64()
			if i%2 == m%2 || strength > 0.7 {
				day := month.AddDate(0, 0, 20).Format(time.DateTime)
				signals = append(signals, fmt.Sprintf("('a%d.example','topic','evaluation','Azure','00000000-0000-8000-8000-%06d%06d',%.2f,1,1,'%s','%s','%s','blog','https://a%d.example/%d','we evaluate Azure, part %d')",
					i, m, i, strength, day, day, day, i, m, m))
			} else {
				strength = 0
			}
			var outcome string
			closed := month.AddDate(0, 1, 14).Format(time.DateOnly)
			switch odds := 1 / (1 + math.Exp(5-3*fit/100-3*strength)); {
			case rng.Float64() < odds:
				outcome = "won"
			case rng.Float64() < 0.05:
				outcome = "lost"
			default:
				continue
			}
			deals = append(deals, fmt.Sprintf("('A%04d','Azure','%s',0,'2026-07-01 00:00:00','%s','%s',NULL,%v)", i, closed, closed, outcome, i%3 != 0))
		}
	}
	b.insert(t, "account_rows (account_id, known_from, name, industry, employees)", who)
	b.insert(t, "account_domains", where)
	b.insert(t, "fit_score_rows", fits)
	b.insert(t, "signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)", signals)
	b.insert(t, "opportunity_rows (account_id, product, created, ordinal, known_from, closed, outcome, amount, acted_on)", deals)
}

func month(t testing.TB, text string) intent.Month {
	t.Helper()
	m, err := intent.ParseMonth(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
