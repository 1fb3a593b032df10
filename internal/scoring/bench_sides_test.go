package scoring_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/store"
	"telltale/internal/store/storetest"
)

// runBenchSide is what this binary does as a side of BenchmarkMonthlyRun.
func runBenchSide(raw string) error {
	var ask benchAsk
	if err := json.Unmarshal([]byte(raw), &ask); err != nil {
		return fmt.Errorf("%s: %w", benchVariable, err)
	}
	ctx := context.Background()
	s, err := store.New(store.Config{Database: "telltale", DataDir: ask.Dir, MaxMemory: ask.Memory})
	if err != nil {
		return err
	}
	if err := s.Open(ctx); err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	sides := map[string]func(context.Context, bridge, benchAsk) (benchTurn, error){"fill": fillStore, "run": timeRun, "plain": timePlain}
	turn, err := sides[ask.Side](ctx, bridge{storetest.Bench{Store: s}}, ask)
	if err != nil {
		return err
	}
	turn.PeakKB = peakKB()
	if err := s.Close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(turn)
}

// peakKB is the process's largest resident memory so far.
func peakKB() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64) // 0 shows in the table
			return kb
		}
	}
	return 0
}

// The generated store: one domain an account, and one in twenty a second; a home page read of each; fit for every product;
// a day's first half of topics, then technologies and events, ages to a year; a text in ten quoted twice.
func fillStore(ctx context.Context, b bridge, ask benchAsk) (benchTurn, error) {
	products := "['" + strings.Join(intent.Default().Products(), "','") + "']"
	n := fmt.Sprint(ask.Accounts)
	statements := []string{
		`INSERT INTO account_rows (account_id, known_from, name, industry, employees) SELECT concat('acc-', leftPad(toString(number), 9, '0')), '2026-01-01 00:00:00', concat('Company ', toString(number)),
			['Retail','Media','Manufacturing','Health','Finance',''][number % 6 + 1], 1 + sipHash64(number) % 600 FROM numbers(` + n + `)`,
		`INSERT INTO account_domains SELECT concat('acc-', leftPad(toString(number), 9, '0')), concat('company', toString(number), '.example'), '` + epoch + `', '` + ever + `', '2026-01-01 00:00:00', 0 FROM numbers(` + n + `)`,
		`INSERT INTO account_domains SELECT concat('acc-', leftPad(toString(number), 9, '0')), concat('company', toString(number), '.test'), '` + epoch + `', '` + ever + `', '2026-01-01 00:00:00', 1 FROM numbers(` + n + `) WHERE number % 20 = 0`,
		`INSERT INTO pages (domain, url, fetched_at, kind, status) SELECT domain, concat('https://', domain, '/'), '2026-06-20 00:00:00', 'home', 200 FROM account_domains`,
		`INSERT INTO fit_score_rows SELECT concat('acc-', leftPad(toString(number), 9, '0')), arrayJoin(` + products + `) AS product, '1970-01-01', '2026-01-01 00:00:00', 'imported', true, sipHash64(number, product) % 1001 / 10, NULL FROM numbers(` + n + `)`,
	}
	const chunk = 2_000_000 // a chunk is what the engine sorts at once
	for from := int64(0); from < ask.Signals; from += chunk {
		statements = append(statements, signalChunk(from, min(chunk, ask.Signals-from), ask.Accounts, products))
	}
	for p := range 16 {
		statements = append(statements, fmt.Sprintf("OPTIMIZE TABLE signal_rows PARTITION %d FINAL", p))
	}
	statements = append(statements, "OPTIMIZE TABLE account_rows FINAL", "OPTIMIZE TABLE account_domains FINAL", "OPTIMIZE TABLE fit_score_rows FINAL",
		"CREATE TABLE plain_intent AS intent_score_rows", "CREATE TABLE plain_propensity AS propensity_rows")
	for _, q := range statements {
		if err := b.Exec(ctx, q, nil); err != nil {
			return benchTurn{}, fmt.Errorf("%s: %w", q, err)
		}
	}
	return benchTurn{}, nil
}

// signalChunk writes some of the signals: seven in ten topics, two events, one technology.
func signalChunk(from, n, accounts int64, products string) string {
	return fmt.Sprintf(`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		SELECT concat('company', toString(who), if(who %% 20 = 0 AND h %% 3 = 0, '.test', '.example')) AS domain,
			multiIf(h %% 10 < 7, 'topic', h %% 10 < 9, 'event', 'technology') AS kind,
			multiIf(kind = 'topic', ['evaluation','migration','renewal','pain','compliance','hiring','expansion','end_of_support'][h %% 8 + 1],
				kind = 'event', ['funding','leadership_change','hiring','expansion','partnership','layoff','new_client','award'][h %% 8 + 1],
				['Google Workspace','Slack','Zoom','HubSpot','Salesforce','Amazon Web Services','Microsoft 365','Tableau'][h %% 8 + 1]) AS name,
			if(kind = 'topic', %s[intDiv(h, 100) %% 8 + 1], '') AS product,
			reinterpretAsUUID(sipHash128(number)) AS signal_id, 0.5 + (h %% 50) / 100, 0.6 + (h %% 40) / 100, 1,
			toDateTime64('2026-06-30 00:00:00', 3, 'UTC') - toIntervalHour(h %% 8760) AS observed_at, observed_at + toIntervalHour(5) AS detected_at, detected_at,
			['blog','press','feed','careers','forum'][h %% 5 + 1], if(kind = 'technology', concat('https://', domain, '/'), concat('https://', domain, '/posts/', toString(number))),
			concat('we are looking at our plans for the coming year and number ', toString(if(h %% 10 = 3, 0, number)), ' of them is about it')
		FROM (SELECT number, sipHash64(number) AS h, sipHash64(number, 1) %% %d AS who FROM numbers(%d, %d))`, products, accounts, from, n)
}

// timeRun scores the month as often as is asked and times the last.
func timeRun(ctx context.Context, b bridge, ask benchAsk) (benchTurn, error) {
	var turn benchTurn
	for range ask.Turns {
		reg := prometheus.NewRegistry()
		sc, err := scoring.New(scoring.Config{Weights: intent.Default()}, scoring.Deps{DB: b, Now: at(now), Registerer: reg})
		if err != nil {
			return turn, err
		}
		began := time.Now()
		sum, err := sc.Run(ctx, june)
		if err != nil {
			return turn, err
		}
		turn = benchTurn{Wall: time.Since(began), Rows: 2 * sum.Rows, Steps: stepSeconds(reg)}
		if sum.Accounts != ask.Accounts {
			return turn, fmt.Errorf("%d accounts were scored", sum.Accounts)
		}
		for _, t := range []string{"intent_score_rows", "propensity_rows", "scoring_run_rows"} {
			if err := b.Exec(ctx, "TRUNCATE TABLE "+t+" SYNC", nil); err != nil {
				return turn, err
			}
		}
	}
	return turn, nil
}

func stepSeconds(reg *prometheus.Registry) map[string]float64 {
	out := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		return nil
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "telltale_scoring_step_seconds" {
				out[m.GetLabel()[0].GetValue()] = m.GetHistogram().GetSampleSum()
			}
		}
	}
	return out
}

// timePlain groups the signals in the plainest way and writes as many rows into both tables, as often as is asked, and times the last. Where the groups
// are fewer than the run's rows, constants make them up; the second table has nothing but constants to say.
func timePlain(ctx context.Context, b bridge, ask benchAsk) (benchTurn, error) {
	products := "['" + strings.Join(intent.Default().Products(), "','") + "']"
	want := ask.Accounts * int64(len(intent.Default().Products()))
	var turn benchTurn
	for range ask.Turns {
		began := time.Now()
		err := b.Exec(ctx, `INSERT INTO plain_intent (month, run_id, account_id, product, logit, probability, score, rating, signals, sources, freshest, covered, drivers)
			SELECT '2026-06-01', 'plain', domain, product, 0, NULL, sum(strength), 'Low', count(), 1, max(observed_at), true, [] FROM signal_rows GROUP BY domain, product`, nil)
		if err != nil {
			return turn, err
		}
		var groups uint64
		if err := b.one(ctx, "SELECT count() FROM plain_intent", &groups); err != nil {
			return turn, err
		}
		grid := `SELECT concat('acc-', leftPad(toString(intDiv(number, 8)), 9, '0')) AS account_id, ` + products + `[number % 8 + 1] AS product FROM numbers_mt(`
		err = b.Exec(ctx, fmt.Sprintf(`INSERT INTO plain_intent (month, run_id, account_id, product, logit, probability, score, rating, signals, sources, freshest, covered, drivers)
			SELECT '2026-06-01', 'plain', account_id, product, 0, NULL, NULL, 'Unknown', 0, 0, NULL, false, [] FROM (%s%d))`, grid, want-min(want, int64(groups))), nil)
		if err != nil {
			return turn, err
		}
		err = b.Exec(ctx, fmt.Sprintf(`INSERT INTO plain_propensity (month, run_id, account_id, product, fit_score, fit_rating, intent_score, intent_rating, cell, cluster, segment, motion, whitespace_revenue, drivers, fit_model, intent_model,
				expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue, whitespace_level, whitespace_owners, whitespace_basis)
			SELECT '2026-06-01', 'plain', account_id, product, 50, 'Low', NULL, 'Unknown', '', 'Unknown', 'Small', 'whitespace', NULL, [], 'imported', 'plain', '', '', NULL, NULL, NULL, '', 0, '' FROM (%s%d))`, grid, want), nil)
		if err != nil {
			return turn, err
		}
		turn = benchTurn{Wall: time.Since(began), Rows: want + max(want, int64(groups))}
		for _, t := range []string{"plain_intent", "plain_propensity"} {
			if err := b.Exec(ctx, "TRUNCATE TABLE "+t+" SYNC", nil); err != nil {
				return turn, err
			}
		}
	}
	return turn, nil
}

// one reads the single value of a query.
func (b bridge) one(ctx context.Context, query string, dest any) error {
	return b.Each(ctx, query, nil, func(into func(dest ...any) error) error { return into(dest) })
}
