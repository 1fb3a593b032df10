package scoring_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/scoring"
)

// gate stops a statement of the run under way until it is let through, or makes it fail.
type gate struct {
	bridge
	// at picks the statement; reached is told when it comes, and then it waits for open or fails with fail.
	at      string
	reached chan struct{}
	open    chan struct{}
	fail    error
	// skip is how many such statements pass before.
	skip atomic.Int64
	once sync.Once
}

func (g *gate) Exec(ctx context.Context, query string, args map[string]any) error {
	if err := g.pass(ctx, query); err != nil {
		return err
	}
	return g.bridge.Exec(ctx, query, args)
}

func (g *gate) Insert(ctx context.Context, table string, columns []string, values []any) error {
	if err := g.pass(ctx, "INSERT INTO "+table); err != nil {
		return err
	}
	return g.bridge.Insert(ctx, table, columns, values)
}

func (g *gate) pass(ctx context.Context, query string) error {
	if !strings.Contains(query, g.at) || g.skip.Add(-1) >= 0 {
		return nil
	}
	stop := false
	g.once.Do(func() { stop = true })
	switch {
	case !stop:
		return nil
	case g.fail != nil:
		return g.fail
	}
	close(g.reached)
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func holding(b bridge, at string) *gate {
	return &gate{bridge: b, at: at, reached: make(chan struct{}), open: make(chan struct{})}
}

// small is a world of one account.
func small(t testing.TB) bridge {
	b := open(t)
	b.account(t, "a", 10, "", "a.example")
	b.fit(t, "a", "Azure", 80)
	b.signals(t, sig{domain: "a.example", name: "migration", product: "Azure", id: 1, observed: "2026-06-30 12:00:00"})
	return b
}

func TestOfTwoRunsOneWinsAndTheOtherSaysSo(t *testing.T) {
	b := small(t)
	g := holding(b, "INSERT INTO run_ranks")
	first := make(chan error, 1)
	go func() {
		_, err := scorer(t, g).Run(t.Context(), june)
		first <- err
	}()
	<-g.reached
	reg := prometheus.NewRegistry()
	_, err := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.Registerer = reg }).Run(t.Context(), june)
	if !errors.Is(err, scoring.ErrRunning) || !strings.Contains(err.Error(), "score 2026-06: another run of this month is under way: run 2026-06-") {
		t.Errorf("the second: %v", err)
	}
	if n := b.Lines(t, "SELECT count() FROM propensity")[0]; n != "0" {
		t.Errorf("readers see %s rows of a run under way", n)
	}
	close(g.open)
	if err := <-first; err != nil {
		t.Errorf("the first: %v", err)
	}
	if n := b.Lines(t, "SELECT count() FROM propensity")[0]; n != "2" {
		t.Errorf("%s rows", n)
	}
	if n := testutil.ToFloat64(counter(t, reg, "telltale_scoring_runs_total", "busy")); n != 1 {
		t.Errorf("%v busy runs", n)
	}
}

func TestOfManyRunsStartedTogetherExactlyOneRunsAtATime(t *testing.T) {
	b := small(t)
	const many = 6
	errs := make(chan error, many)
	for range many {
		go func() {
			_, err := scorer(t, b).Run(t.Context(), june)
			errs <- err
		}()
	}
	won := 0
	for range many {
		switch err := <-errs; {
		case err == nil:
			won++
		case !errors.Is(err, scoring.ErrRunning):
			t.Error(err)
		}
	}
	states := b.Lines(t, "SELECT countIf(state = 'published'), countIf(state IN ('waiting', 'running')), countIf(state IN ('published', 'superseded')) FROM scoring_runs")
	if won == 0 || states[0] != fmt.Sprintf("1\t0\t%d", won) {
		t.Errorf("%d won, states %v", won, states)
	}
	if n := b.Lines(t, "SELECT count() FROM propensity")[0]; n != "2" {
		t.Errorf("%s rows", n)
	}
}

func TestWhateverStepFailsNothingIsPublishedAndTheNextRunIsWhole(t *testing.T) {
	b := small(t)
	boom := errors.New("the engine stopped")
	for _, step := range []string{"INSERT INTO models", "INSERT INTO run_attributions", "INSERT INTO run_accounts", "INSERT INTO run_domains", "INSERT INTO run_holdings",
		"INSERT INTO run_revenue", "INSERT INTO run_evidence", "INSERT INTO run_ranks", "INSERT INTO run_scores",
		"ALTER TABLE intent_score_rows ATTACH", "ALTER TABLE propensity_rows ATTACH"} {
		g := &gate{bridge: b, at: step, fail: boom}
		if _, err := scorer(t, g).Run(t.Context(), june); !errors.Is(err, boom) || !strings.Contains(err.Error(), "score 2026-06: ") {
			t.Errorf("%s: %v", step, err)
		}
	}
	left := b.Lines(t, `SELECT (SELECT count() FROM intent_score_rows), (SELECT count() FROM propensity_rows), (SELECT count() FROM run_evidence), (SELECT count() FROM run_accounts),
		(SELECT countIf(state = 'failed' AND error LIKE '%the engine stopped%') FROM scoring_runs), (SELECT count() FROM propensity), (SELECT count() FROM run_intent), (SELECT count() FROM run_propensity)`)
	if left[0] != "0\t0\t0\t0\t11\t0\t0\t0" {
		t.Errorf("left behind: %s", left[0])
	}
	if _, err := scorer(t, b).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	if n := b.Lines(t, "SELECT count() FROM propensity")[0]; n != "2" {
		t.Errorf("%s rows", n)
	}
}

func TestACancelledRunPublishesNothing(t *testing.T) {
	b := small(t)
	g := holding(b, "INSERT INTO run_scores")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := scorer(t, g).Run(ctx, june)
		done <- err
	}()
	<-g.reached
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s := b.Lines(t, "SELECT state FROM scoring_runs"); !slices.Equal(s, []string{"failed"}) {
		t.Errorf("states %v", s)
	}
}

// dead leaves a run as kill -9 leaves it: its row, its rows and its benches, last heard of at a time.
func dead(t testing.TB, b bridge, id string, seen time.Time) {
	t.Helper()
	b.Do(t, fmt.Sprintf(`INSERT INTO scoring_run_rows (run_id, version, month, state, as_of, known_by, started_at) VALUES ('%s', %d, '2026-06-01', 'running', '2026-06-30 00:00:00', '2026-07-01 00:00:00', '2026-07-01 00:00:00')`, id, seen.UnixNano()),
		fmt.Sprintf(`INSERT INTO run_evidence (run_id, span, account, product, logit) VALUES ('%s', 0, 1, 1, 5)`, id),
		fmt.Sprintf(`INSERT INTO propensity_rows (month, run_id, account_id, product) VALUES ('2026-06-01', '%s', 'a', 'Azure')`, id))
}

func TestARunThatDiedIsTakenOver(t *testing.T) {
	b := small(t)
	wall := time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)
	reg := prometheus.NewRegistry()
	s := scorer(t, b, func(c *scoring.Config, d *scoring.Deps) {
		c.Lease, d.Wall, d.Registerer = time.Hour, func() time.Time { return wall }, reg
	})
	dead(t, b, "2026-06-dead", wall.Add(-59*time.Minute))
	if _, err := s.Run(t.Context(), june); !errors.Is(err, scoring.ErrRunning) || !strings.Contains(err.Error(), "2026-06-dead") {
		t.Errorf("within the lease: %v", err)
	}
	wall = wall.Add(2 * time.Minute)
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatalf("past the lease: %v", err)
	}
	got := b.Lines(t, `SELECT (SELECT count() FROM propensity_rows), (SELECT count() FROM run_evidence), (SELECT error FROM scoring_runs WHERE run_id = '2026-06-dead')`)
	if got[0] != "2\t0\tits process ended without a word" {
		t.Errorf("%s", got[0])
	}
	if n := testutil.ToFloat64(counter(t, reg, "telltale_scoring_takeovers_total", "")); n != 1 {
		t.Errorf("%v takeovers", n)
	}
	t.Run("at once where no other process can reach the store", func(t *testing.T) {
		dead(t, b, "2026-06-dead-again", wall.Add(-time.Second))
		alone := scorer(t, b, func(c *scoring.Config, d *scoring.Deps) {
			c.Lease, d.Wall, d.AloneSince = time.Hour, func() time.Time { return wall }, wall
		})
		if _, err := alone.Run(t.Context(), june); err != nil {
			t.Error(err)
		}
	})
}

func TestARunThatWasTakenForDeadDoesNotPublish(t *testing.T) {
	b := small(t)
	g := holding(b, "INSERT INTO run_scores")
	done := make(chan error, 1)
	slow := scorer(t, g, func(c *scoring.Config, _ *scoring.Deps) { c.Lease = time.Hour })
	go func() {
		_, err := slow.Run(t.Context(), june)
		done <- err
	}()
	<-g.reached
	late := time.Now().Add(2 * time.Hour)
	other := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.Wall = func() time.Time { return late } })
	sum, err := other.Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	close(g.open)
	if err := <-done; err == nil {
		t.Error("the slow run published")
	}
	if ids := b.Lines(t, "SELECT DISTINCT run_id FROM propensity"); !slices.Equal(ids, []string{sum.RunID}) {
		t.Errorf("readers see %v", ids)
	}
}

// counter finds a counter by name and by the value of its one label.
func counter(t testing.TB, reg *prometheus.Registry, name, label string) prometheus.Collector {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || len(m.GetLabel()) == 1 && m.GetLabel()[0].GetValue() == label) {
				c := prometheus.NewCounter(prometheus.CounterOpts{Name: "found"})
				c.Add(m.GetCounter().GetValue())
				return c
			}
		}
	}
	t.Fatalf("no %s{%s}", name, label)
	return nil
}
