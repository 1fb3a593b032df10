package scoring_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
	"telltale/internal/scoring"
)

func TestMotionsAndWhatOwnersPay(t *testing.T) {
	b := open(t)
	for i, id := range []string{"renews", "expired", "upsells", "buys", "supported", "says", "white", "lapsed", "later"} {
		b.account(t, id, 30, []string{"Retail", "Media"}[i%2], id+".example")
		b.fit(t, id, "Azure", 50)
	}
	sub := func(id, sku, start, end, known, revenue string) {
		if end != "NULL" {
			end = "'" + end + "'"
		}
		b.Do(t, fmt.Sprintf(`INSERT INTO subscription_rows (account_id, product, sku, start, known_from, end, annual_revenue) VALUES ('%s','Azure','%s','%s','%s 00:00:00',%s,%s)`, id, sku, start, known, end, revenue))
	}
	// The fiscal year is July 2025 to June 2026.
	sub("renews", "s", "2025-01-01", "2026-06-30", "2026-01-01", "1000")
	sub("expired", "s", "2024-01-01", "2025-12-31", "2026-01-01", "9000") // open expiring revenue: still a renewal
	sub("upsells", "s", "2025-01-01", "2026-06-30", "2026-01-01", "1")
	sub("upsells", "s", "2025-01-01", "NULL", "2026-02-01", "3000") // what we know since February
	sub("upsells", "t", "2025-01-01", "2026-06-30", "2026-02-01", "NULL")
	sub("lapsed", "s", "2023-01-01", "2025-06-30", "2026-01-01", "9000")
	sub("later", "s", "2026-07-01", "NULL", "2026-01-01", "9000") // has not begun
	sub("white", "s", "2025-01-01", "NULL", "2026-07-11", "9000") // not known yet
	b.Do(t, `INSERT INTO transaction_rows VALUES ('buys','Azure','2026-01-05',1500.00,0,'2026-02-01 00:00:00'), ('buys','Azure','2026-01-05',1500.00,1,'2026-02-01 00:00:00'),
			('white','Azure','2025-06-30',500,0,'2026-02-01 00:00:00'), ('lapsed','Azure','2026-06-01',500,0,'2026-02-01 00:00:00'), ('lapsed','Azure','2026-06-02',-500,0,'2026-02-01 00:00:00')`,
		`INSERT INTO licences VALUES ('supported','Microsoft SQL Server 2014 Standard','2026-01-01',4,'2026-01-01 00:00:00'), ('white','SQL Server 2022','2026-01-01',4,'2026-01-01 00:00:00')`)
	b.signals(t, sig{domain: "says.example", name: "end_of_support", product: "Azure", id: 1, observed: "2026-06-01 00:00:00"})
	if _, err := scorer(t, b).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	// Payers: renews 1000 (Retail), upsells 3000 (Retail), buys 3000 (Media). All: median 3000. Segment Medium has the same three.
	// Retail: median 2000 of 2, shrunk by 5: (2·2000 + 5·3000)/7 = 2714.29. Media: (1·3000 + 5·3000)/6.
	want := []string{
		"buys\tupsell\t-", "expired\trenewal\t3000", "lapsed\twhitespace\t3000", "later\twhitespace\t2714.29", "renews\trenewal\t-",
		"says\tend_of_support\t3000", "supported\tend_of_support\t2714.29", "upsells\tupsell\t-", "white\twhitespace\t2714.29",
	}
	if d := cmp.Diff(want, b.Lines(t, "SELECT account_id, motion, ifNull(toString(whitespace_revenue), '-') FROM propensity WHERE product = 'Azure' ORDER BY account_id")); d != "" {
		t.Error(d)
	}
	if n := b.Lines(t, "SELECT countIf(whitespace_revenue IS NULL), uniqExact(motion) FROM propensity WHERE product = 'Microsoft 365'")[0]; n != "9\t1" {
		t.Errorf("a product nobody owns: %s", n)
	}
}

// decision is a row about whom the wire's item speaks of.
func decision(origin, account, known string) string {
	verdict := "attributed"
	if account == "" {
		verdict = "nobody"
	}
	return fmt.Sprintf(`INSERT INTO attribution_rows (url, content_hash, origin, known_from, domain, verdict, account_id, confidence, valid_from, valid_to)
		VALUES ('https://wire.example/spoken', 'h', '%s', '%s', '%s', '%s', '%s', 0.9, '%s', '%s')`,
		origin, known, map[string]string{"matcher": "wire.example"}[origin], verdict, account, epoch, ever)
}

func TestPresenceMappingAndFitFollowTheTwoTimes(t *testing.T) {
	b := open(t)
	for _, id := range []string{"stays", "gone", "once", "sold", "bought", "spoken"} {
		b.account(t, id, 30, "", id+".example")
		b.fit(t, id, "Azure", 50)
	}
	tech := func(domain string, id int) sig {
		return sig{domain: domain, kind: "technology", name: "Google Workspace", id: id, observed: "2026-01-01 00:00:00", last: "2026-05-01 00:00:00", source: "dns", url: "dns:" + domain}
	}
	b.signals(t, tech("stays.example", 1), tech("gone.example", 2), tech("once.example", 3),
		sig{domain: "sold.example", name: "migration", product: "Azure", id: 4, observed: "2026-06-30 01:00:00"},
		sig{domain: "wire.example", name: "migration", product: "Azure", id: 5, observed: "2026-06-30 01:00:00", url: "https://wire.example/spoken"})
	read := func(domain, at string, unchanged bool) {
		b.Do(t, fmt.Sprintf(`INSERT INTO pages (domain, url, fetched_at, kind, status, unchanged) VALUES ('%s','dns:%s','%s','probe',0,%v)`, domain, domain, at, unchanged))
	}
	for _, at := range []string{"2026-05-10 00:00:00", "2026-05-20 00:00:00", "2026-06-10 00:00:00"} {
		read("stays.example", at, true) // read again with the same content
	}
	read("gone.example", "2026-05-10 00:00:00", false)
	read("gone.example", "2026-05-20 00:00:00", true)
	read("once.example", "2026-05-10 00:00:00", false)
	read("once.example", "2026-07-05 00:00:00", false) // after the month's end
	b.Do(t, `INSERT INTO account_domains VALUES ('bought','sold.example','2026-06-15 00:00:00','`+ever+`','2026-06-20 00:00:00',1)`,
		`INSERT INTO account_domains VALUES ('stays','sold.example','2026-06-16 00:00:00','`+ever+`','2026-07-11 00:00:00',1)`, // not known yet
		decision("matcher", "gone", "2026-01-01 00:00:00"), decision("matcher", "spoken", "2026-02-01 00:00:00"),
		decision("correction", "gone", "2026-07-11 00:00:00"), // not known yet
		// A computed score that is newer, and an imported one of the day after the month.
		`INSERT INTO fit_score_rows VALUES ('stays','Azure','2026-06-01','2026-06-01 00:00:00','lookalike',false,99,0.9), ('gone','Azure','2026-07-01','2026-06-01 00:00:00','imported',true,99,NULL),
			('once','Azure','2026-06-01','2026-06-01 00:00:00','imported',true,88,NULL)`)
	run := func(change ...func(*scoring.Config, *scoring.Deps)) {
		t.Helper()
		if _, err := scorer(t, b, change...).Run(t.Context(), june); err != nil {
			t.Fatal(err)
		}
	}
	run()
	want := []string{"bought\tAzure\t-1000", "once\tMicrosoft 365\t-1400", "spoken\tAzure\t-1000", "stays\tMicrosoft 365\t-1400"}
	if d := cmp.Diff(want, b.Lines(t, "SELECT account_id, product, logit FROM intent_scores WHERE signals > 0 ORDER BY account_id, product")); d != "" {
		t.Error(d)
	}
	const fits = "SELECT account_id, fit_score, fit_model FROM propensity WHERE product = 'Azure' AND account_id IN ('stays', 'gone', 'once') ORDER BY account_id"
	if d := cmp.Diff([]string{"gone\t50\timported", "once\t88\timported", "stays\t50\timported"}, b.Lines(t, fits)); d != "" {
		t.Error(d)
	}
	e, err := scorer(t, b).Explain(t.Context(), "spoken", "Azure", june)
	if err != nil || len(e.Drivers) != 2 || len(e.Drivers[1].Signals) != 1 || e.Drivers[1].Signals[0].URL != "https://wire.example/spoken" {
		t.Errorf("explain what is said elsewhere: %+v, %v", e.Drivers, err)
	}
	run(func(c *scoring.Config, _ *scoring.Deps) { c.PreferComputedFit, c.ShardAbove = true, 1 })
	if d := cmp.Diff(want, b.Lines(t, "SELECT account_id, product, logit FROM intent_scores WHERE signals > 0 ORDER BY account_id, product")); d != "" {
		t.Errorf("in shards: %s", d)
	}
	if d := cmp.Diff([]string{"gone\t50\timported", "once\t88\timported", "stays\t99\tlookalike"}, b.Lines(t, fits)); d != "" {
		t.Error(d)
	}
	b.Do(t, decision("correction", "", "2026-03-01 00:00:00")) // a person said since that it speaks of nobody
	run()
	if d := cmp.Diff(slices.DeleteFunc(want, func(line string) bool { return strings.HasPrefix(line, "spoken") }), b.Lines(t, "SELECT account_id, product, logit FROM intent_scores WHERE signals > 0 ORDER BY account_id, product")); d != "" {
		t.Errorf("after a correction: %s", d)
	}
	if _, err := scorer(t, b).Explain(t.Context(), "spoken", "Azure", june); err != nil {
		t.Error(err)
	}
}

func TestAScoreIsExplainedToTheLastPoint(t *testing.T) {
	b := world(t)
	reg := prometheus.NewRegistry()
	s := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.Registerer = reg })
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	e, err := s.Explain(t.Context(), "mover", "Azure", june)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, d := range e.Drivers {
		sum += d.Points
		if d.Missing != 0 {
			t.Errorf("%s: %d signals are missing", d.Name, d.Missing)
		}
	}
	if sum != e.Logit || e.Logit != -149 || e.Cell != "A1" || e.FitRating != fit.High || e.Signals != 3 || e.Sources != 2 || !e.Covered || *e.FitScore != 90 {
		t.Errorf("%+v: the drivers sum to %d", e, sum)
	}
	// The highest of three: 100·(2 + ½)/3. Its margin: 1.645·√(1000² + 551² + 200² + 100²) is 1914, which reaches down to where all but one stand below.
	if st := e.Steps; st.Ranked != 3 || st.Below != 2 || st.Equal != 1 || st.Probability != nil || st.Margin != 1914 || st.High != 100 || math.Abs(st.Low-100./3) > 1e-9 || !st.Freshest.Equal(june.End()) {
		t.Errorf("steps %+v", st)
	}
	evaluation := e.Drivers[2]
	if evaluation.Name != "topic:evaluation" || evaluation.Raw != 800 || evaluation.Points != intent.Saturate(800, 1000) || len(evaluation.Signals) != 1 {
		t.Fatalf("evaluation: %+v", evaluation)
	}
	want := intent.Evidence{SignalID: "00000000-0000-8000-8000-000000000003", Kind: "topic", Name: "evaluation", Product: "Azure", Points: 800,
		ObservedAt: june.End(), Source: "press", URL: "https://mover.test/3", Span: "span 3"}
	if d := cmp.Diff(want, evaluation.Signals[0]); d != "" {
		t.Error(d)
	}
	b.Do(t, "ALTER TABLE intent_score_rows UPDATE probability = 0.25 WHERE account_id = 'mover' SETTINGS mutations_sync = 1")
	if e, err := s.Explain(t.Context(), "mover", "Azure", june); err != nil || e.Steps.Probability == nil || *e.Steps.Probability != 0.25 {
		t.Errorf("a calibrated probability: %+v, %v", e.Steps, err)
	}
	b.Do(t, "DELETE FROM signal_rows WHERE domain = 'mover.test' AND name = 'evaluation'")
	if e, err := s.Explain(t.Context(), "mover", "Azure", june); err != nil || e.Drivers[2].Missing != 1 || e.Drivers[2].Points != 551 {
		t.Errorf("after an erasure: %+v, %v", e.Drivers[2], err)
	}
	if e, err := s.Explain(t.Context(), "dark", "Azure", june); err != nil || e.IntentScore != nil || e.IntentRating != fit.Unknown || e.Covered || e.Steps != nil || len(e.Drivers) != 0 {
		t.Errorf("without evidence: %+v, %v", e, err)
	}
	for _, c := range [][3]string{{"nobody", "Azure", "2026-06"}, {"mover", "Teleportation", "2026-06"}, {"mover", "Azure", "2026-05"}, {`o'brien\`, "Azure", "2026-06"}} {
		if _, err := s.Explain(t.Context(), c[0], c[1], month(c[2])); !errors.Is(err, scoring.ErrNotScored) {
			t.Errorf("%v: %v", c, err)
		}
	}
	runs, err := s.Runs(t.Context())
	if err != nil || len(runs) != 1 || runs[0].State != "published" || runs[0].Month != june || runs[0].Signals != 6 || runs[0].Rows != 10 || !runs[0].KnownBy.Equal(now) || runs[0].Finished.IsZero() {
		t.Errorf("runs %+v, %v", runs, err)
	}
	metricsSay(t, reg)
}

func metricsSay(t *testing.T, reg *prometheus.Registry) {
	t.Helper()
	want := `
# HELP telltale_scoring_accounts Accounts of the latest published run.
# TYPE telltale_scoring_accounts gauge
telltale_scoring_accounts 5
# HELP telltale_scoring_rows_total Rows of published runs, by table.
# TYPE telltale_scoring_rows_total counter
telltale_scoring_rows_total{table="intent_scores"} 10
telltale_scoring_rows_total{table="propensity"} 10
# HELP telltale_scoring_runs_total Scoring runs by outcome: published, refused, busy or failed.
# TYPE telltale_scoring_runs_total counter
telltale_scoring_runs_total{outcome="published"} 1
# HELP telltale_scoring_signals Signals used by the latest published run.
# TYPE telltale_scoring_signals gauge
telltale_scoring_signals 6
# HELP telltale_scoring_takeovers_total Runs found dead and cleared away.
# TYPE telltale_scoring_takeovers_total counter
telltale_scoring_takeovers_total 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "telltale_scoring_accounts", "telltale_scoring_rows_total",
		"telltale_scoring_runs_total", "telltale_scoring_signals", "telltale_scoring_takeovers_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg, "telltale_scoring_step_seconds"); err != nil || n < 10 {
		t.Errorf("%d steps were timed, %v", n, err)
	}
}

func TestAConfigurationThatCannotBeUsedIsRefused(t *testing.T) {
	for name, cfg := range map[string]scoring.Config{
		"weights":           {Weights: intent.Weights{Version: "v"}},
		"a fiscal year":     {FiscalYearStart: 13},
		"a lease too short": {Lease: time.Millisecond},
		"a long calendar":   {Calendar: support.Calendar{Version: "long", Releases: make([]support.Release, 3000)}},
		"segments":          {Segments: segments.Rules{Version: "v"}},
	} {
		if _, err := scoring.New(cfg, scoring.Deps{DB: bridge{}}); !errors.Is(err, scoring.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := scoring.New(scoring.Config{}, scoring.Deps{}); !errors.Is(err, scoring.ErrConfig) {
		t.Errorf("no store: %v", err)
	}
}
