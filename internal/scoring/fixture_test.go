package scoring_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/store/schemadir"
	"telltale/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("TELLTALE_TEST_SCORE_AND_HANG"); dir != "" {
		scoreAndHang(dir)
		return
	}
	if ask := os.Getenv(benchVariable); ask != "" {
		if err := runBenchSide(ask); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(schema.End))
}

// schema is what stores of tests begin with.
var schema schemadir.Schema

// bridge is the store of a test, with accounts and signals to fill it with.
type bridge struct{ storetest.Bench }

func open(t testing.TB) bridge {
	t.Helper()
	return bridge{storetest.Open(t, &schema)}
}

var (
	epoch = "1970-01-01 00:00:00"
	ever  = "2199-01-01 00:00:00"
	june  = month("2026-06")
	// now is July: June is over.
	now = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)
)

func month(s string) intent.Month {
	m, err := intent.ParseMonth(s)
	if err != nil {
		panic(err)
	}
	return m
}

func at(clock time.Time) func() time.Time { return func() time.Time { return clock } }

// weights are few and round, so that a table can be worked out by hand.
func weights(t testing.TB) intent.Weights {
	t.Helper()
	w, err := intent.Load(strings.NewReader(`
version: test
products: [Azure, Microsoft 365]
weights:
  - {kind: base, name: rate, points: -2000}
  - {kind: breadth, name: sources, points: 100, cap_points: 150}
  - {kind: topic, name: migration, points: 1000, half_life_days: 30}
  - {kind: topic, name: evaluation, points: 800, half_life_days: 30, cap_points: 1000}
  - {kind: topic, name: end_of_support, points: 500}
  - {kind: topic, name: competitor_adopted, points: 900}
  - {kind: event, name: funding, points: 200, products: [Azure]}
  - {kind: technology, name: Google Workspace, points: 600, products: [Microsoft 365]}
`))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func scorer(t testing.TB, db scoring.DB, change ...func(*scoring.Config, *scoring.Deps)) *scoring.Scorer {
	t.Helper()
	cfg, deps := scoring.Config{Weights: weights(t)}, scoring.Deps{DB: db, Now: at(now)}
	for _, c := range change {
		c(&cfg, &deps)
	}
	s, err := scoring.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sig is a signal row for a test; zero fields get plain defaults.
type sig struct {
	domain, kind, name, product string
	id                          int
	strength, confidence        float64
	sign                        int
	observed, detected, last    string
	source, url, evidence       string
}

func (b bridge) signals(t testing.TB, rows ...sig) {
	t.Helper()
	for _, r := range rows {
		def := func(s *string, v string) {
			if *s == "" {
				*s = v
			}
		}
		def(&r.kind, "topic")
		def(&r.detected, r.observed)
		def(&r.last, r.detected)
		def(&r.source, "blog")
		def(&r.url, fmt.Sprintf("https://%s/%d", r.domain, r.id))
		def(&r.evidence, fmt.Sprintf("span %d", r.id))
		if r.strength == 0 {
			r.strength = 1
		}
		if r.confidence == 0 {
			r.confidence = 1
		}
		if r.sign == 0 {
			r.sign = 1
		}
		b.Do(t, fmt.Sprintf(`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
			VALUES ('%s','%s','%s','%s','00000000-0000-8000-8000-%012d',%v,%v,%d,'%s','%s','%s','%s','%s','%s')`,
			r.domain, r.kind, r.name, r.product, r.id, r.strength, r.confidence, r.sign, r.observed, r.detected, r.last, r.source, r.url, r.evidence))
	}
}

// account brings in an account known since January, with its domains.
func (b bridge) account(t testing.TB, id string, employees int, industry string, owned ...string) {
	t.Helper()
	b.Do(t, fmt.Sprintf(`INSERT INTO account_rows (account_id, known_from, name, industry, employees) VALUES ('%s','2026-01-01 00:00:00','%s Ltd','%s',%d)`, id, id, industry, employees))
	for i, d := range owned {
		b.Do(t, fmt.Sprintf(`INSERT INTO account_domains VALUES ('%s','%s','%s','%s','2026-01-01 00:00:00',%d)`, id, d, epoch, ever, i))
	}
}

func (b bridge) fit(t testing.TB, id, product string, score float64) {
	t.Helper()
	b.Do(t, fmt.Sprintf(`INSERT INTO fit_score_rows VALUES ('%s','%s','1970-01-01','2026-01-01 00:00:00','imported',true,%v,NULL)`, id, product, score))
}
