package scoring_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
	"telltale/internal/scoring"
)

// spansBefore is how many spans of evidence are done when the process of a test is killed.
const spansBefore = 3

// inSpans makes even a small run one of many spans, done one after another, each noted at once.
func inSpans() scoring.Config {
	return scoring.Config{ShardAbove: 5, SliceAbove: 8, Workers: 1, KeepEvery: 1}
}

// many is a world of accounts that lie in several spans.
func many(t *testing.T, b bridge) {
	t.Helper()
	for i := range 30 {
		id := fmt.Sprintf("many%02d", i)
		b.account(t, id, 10+i, "Retail", id+".example")
		b.fit(t, id, "Azure", float64(3*i))
	}
	b.Do(t, `INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		SELECT concat('many', leftPad(toString(number % 30), 2, '0'), '.example'), 'topic', ['migration', 'evaluation', 'pain'][number % 3 + 1], 'Azure',
			toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(number), 12, '0'))), 0.9, 0.9, 1, toDateTime64('2026-06-28 09:00:00', 3) - toIntervalDay(number % 70) AS at, at, at,
			'blog', concat('https://x.example/', toString(number)), concat('span ', toString(number)) FROM numbers(200)`)
}

// counting counts the spans whose evidence is written.
type counting struct {
	bridge
	mu       sync.Mutex
	computed int
}

func (c *counting) Insert(ctx context.Context, table string, columns []string, values []any) error {
	if table == "run_evidence" {
		c.mu.Lock()
		c.computed++
		c.mu.Unlock()
	}
	return c.bridge.Insert(ctx, table, columns, values)
}

const everyRow = "SELECT * EXCEPT (run_id) FROM propensity ORDER BY account_id, product"

func TestARunGoesOnWhereAnotherWasKilled(t *testing.T) {
	dir := t.TempDir()
	b := openAt(t, dir)
	many(t, b)
	run := func(db scoring.DB, clock time.Time, since time.Time, cfg scoring.Config) scoring.Summary {
		t.Helper()
		s, err := scoring.New(cfg, scoring.Deps{DB: db, Now: at(clock), AloneSince: since})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := s.Run(t.Context(), june)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	all := &counting{bridge: b}
	undisturbed := run(all, now, time.Time{}, inSpans())
	if undisturbed.Continues != "" || all.computed < spansBefore+2 {
		t.Fatalf("%+v in %d spans", undisturbed, all.computed)
	}
	want, wantIntent := b.Lines(t, everyRow), b.Lines(t, readIntent)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	killed(t, dir, "evidence")

	opened := time.Now()
	b = openAt(t, dir)
	defer b.Close()
	dead := b.Lines(t, "SELECT run_id FROM scoring_runs WHERE state = 'running'")
	// An hour later, in ignorance of what the dead run was given: its two times hold.
	rest := &counting{bridge: b}
	sum := run(rest, now.Add(time.Hour), opened, inSpans())
	if len(dead) != 1 || sum.Continues != dead[0] || !sum.KnownBy.Equal(now) || sum.Kept < spansBefore+8 || rest.computed != all.computed-spansBefore {
		t.Errorf("after %v it computed %d of %d spans: %+v", dead, rest.computed, all.computed, sum)
	}
	if d := cmp.Diff(want, b.Lines(t, everyRow)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(wantIntent, b.Lines(t, readIntent)); d != "" {
		t.Error(d)
	}
	// No row twice, none of the dead run's, no bench left.
	left := b.Lines(t, `SELECT (SELECT count() FROM propensity_rows), (SELECT count() FROM intent_score_rows), (SELECT count() FROM run_steps), (SELECT count() FROM run_evidence), (SELECT count() FROM run_accounts)`)
	if left[0] != "480\t480\t0\t0\t0" {
		t.Errorf("left: %s", left[0])
	}
}

func TestADeadRunIsNotGoneOnWithWhereItsWorkDoesNotHold(t *testing.T) {
	for name, c := range map[string]struct {
		config    func(*scoring.Config)
		meanwhile string
		req       scoring.Request
		after     time.Duration
		// nightly is one of the cases that CI has no time for: each kills a run.
		nightly bool
	}{
		"asked for another known_by": {nightly: true, req: scoring.Request{Month: june, KnownBy: now.Add(time.Minute)}, after: time.Hour},
		"other spans":                {nightly: true, config: func(c *scoring.Config) { c.ShardAbove = 4 }, req: scoring.Request{Month: june}, after: time.Hour},
		"other segments": {nightly: true, config: func(c *scoring.Config) {
			c.Segments = segments.Rules{Version: "own", Rules: segments.Default().Rules[:3]}
		}, req: scoring.Request{Month: june}, after: time.Hour},
		"another calendar": {nightly: true, config: func(c *scoring.Config) {
			c.Calendar = support.Default()
			c.Calendar.Releases = c.Calendar.Releases[1:]
		}, req: scoring.Request{Month: june}, after: time.Hour},
		"another fiscal year":             {nightly: true, config: func(c *scoring.Config) { c.FiscalYearStart = time.January }, req: scoring.Request{Month: june}, after: time.Hour},
		"computed fit first":              {nightly: true, config: func(c *scoring.Config) { c.PreferComputedFit = true }, req: scoring.Request{Month: june}, after: time.Hour},
		"days later":                      {nightly: true, req: scoring.Request{Month: june}, after: 25 * time.Hour},
		"something was erased since":      {meanwhile: "DELETE FROM signal_rows WHERE domain = 'many01.example'", req: scoring.Request{Month: june}, after: time.Hour},
		"fewer rows are there than noted": {meanwhile: "ALTER TABLE run_subjects DELETE WHERE subject = 1 SETTINGS mutations_sync = 1", req: scoring.Request{Month: june}, after: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if c.nightly && os.Getenv("TELLTALE_NIGHTLY") == "" {
				t.Skip("make nightly runs this case")
			}
			b := open(t)
			many(t, b)
			g := holding(b, "INSERT INTO run_evidence")
			g.skip.Store(spansBefore)
			ctx, kill := context.WithCancel(t.Context())
			stopped := make(chan error, 1)
			go func() {
				s, err := scoring.New(inSpans(), scoring.Deps{DB: dying{g}, Now: at(now)})
				if err == nil {
					_, err = s.Run(ctx, june)
				}
				stopped <- err
			}()
			<-g.reached
			kill()
			if err := <-stopped; err == nil {
				t.Fatal("it was not killed")
			}
			if c.meanwhile != "" {
				b.Do(t, c.meanwhile)
			}
			cfg := inSpans()
			if c.config != nil {
				c.config(&cfg)
			}
			rest := &counting{bridge: b}
			s, err := scoring.New(cfg, scoring.Deps{DB: rest, Now: at(now.Add(c.after)), AloneSince: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			sum, err := s.RunAt(t.Context(), c.req)
			if err != nil || sum.Kept != 0 || sum.Rows != 240 {
				t.Errorf("%+v, %v", sum, err)
			}
			if n := b.Lines(t, "SELECT (SELECT count() FROM propensity_rows), (SELECT count() FROM run_steps)")[0]; n != "240\t0" {
				t.Errorf("rows and notes: %s", n)
			}
		})
	}
}

// TestWhatBuildsOnASliceThatWasNotNotedIsDoneAgain: accounts of a slice that is done again may get other numbers.
func TestWhatBuildsOnASliceThatWasNotNotedIsDoneAgain(t *testing.T) {
	b := open(t)
	many(t, b)
	run := func(db scoring.DB, ctx context.Context) (scoring.Summary, error) {
		s, err := scoring.New(inSpans(), scoring.Deps{DB: db, Now: at(now), AloneSince: time.Now()})
		if err != nil {
			return scoring.Summary{}, err
		}
		return s.Run(ctx, june)
	}
	all := &counting{bridge: b}
	if _, err := run(all, t.Context()); err != nil {
		t.Fatal(err)
	}
	want := b.Lines(t, everyRow)
	g := holding(b, "INSERT INTO run_evidence")
	g.skip.Store(spansBefore)
	ctx, kill := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		_, err := run(dying{g}, ctx)
		stopped <- err
	}()
	<-g.reached
	kill()
	<-stopped
	slices := b.Lines(t, "SELECT step, count() FROM run_steps WHERE step IN ('owners', 'accounts', 'gone', 'fit') GROUP BY step ORDER BY step")
	if d := cmp.Diff([]string{"accounts\t4", "fit\t4", "gone\t7", "owners\t4"}, slices); d != "" {
		t.Error(d)
	}
	b.Do(t, "ALTER TABLE run_steps DELETE WHERE step = 'accounts' AND span = 2 SETTINGS mutations_sync = 1")
	rest := &counting{bridge: b}
	sum, err := run(rest, t.Context())
	// Subjects, products, attributions, four slices of owners, three of accounts.
	if err != nil || sum.Kept != 10 || rest.computed != all.computed {
		t.Errorf("%+v, %v; %d of %d spans were done again", sum, err, rest.computed, all.computed)
	}
	if d := cmp.Diff(want, b.Lines(t, everyRow)); d != "" {
		t.Error(d)
	}
}

// dying loses the store with its context, as a killed process does: what would tidy up after a failure is not done.
type dying struct{ *gate }

func (d dying) Exec(ctx context.Context, query string, args map[string]any) error {
	if strings.Contains(query, "DROP PARTITION") || strings.Contains(query, "DELETE FROM") || args["state"] == "failed" {
		return context.Canceled
	}
	return d.gate.Exec(ctx, query, args)
}
