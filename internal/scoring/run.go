package scoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"telltale/internal/intent"
	"telltale/internal/intent/evidence"
)

// Request says which month to score, and as of when. A replay gives both times of the run it repeats; a backtest sets
// both to the past.
type Request struct {
	Month intent.Month
	// AsOf bounds when signals were observed; zero means the month's end, or now while the month is running.
	AsOf time.Time
	// KnownBy bounds when they were detected; zero means now.
	KnownBy time.Time
}

// Summary is what a published run came to.
type Summary struct {
	RunID         string
	Month         intent.Month
	AsOf, KnownBy time.Time
	// IntentModel, Matrix, Segments and Calendar are the versions that were used.
	IntentModel, Matrix, Segments, Calendar string
	// Accounts scored, signals used, and rows of propensity (as many again of intent scores).
	Accounts, Signals, Rows int64
	// Continues is the run that died and whose Kept finished steps this one took over; empty where it did all itself.
	Continues string
	Kept      int
	Took      time.Duration
}

// Run scores a month as of now. See RunAt.
func (s *Scorer) Run(ctx context.Context, month intent.Month) (Summary, error) {
	return s.RunAt(ctx, Request{Month: month})
}

// RunAt scores a month and publishes it: readers see the month's earlier run until the new one is whole. Where it
// returns an error nothing was published. Errors wrap ErrRunning, ErrNotBegun, ErrTooOld, ErrUnfinished, ErrUnderWay,
// ErrNoAccounts or ErrNoFit where these are the cause.
func (s *Scorer) RunAt(ctx context.Context, req Request) (Summary, error) {
	began := time.Now()
	r, err := s.newRun(req)
	if err == nil {
		err = s.kept(req.Month)
	}
	if err != nil {
		s.metrics.runs.WithLabelValues("refused").Inc()
		return Summary{}, err
	}
	if err := r.begin(ctx); err != nil {
		s.count(err)
		return Summary{}, fmt.Errorf("score %s: %w", req.Month, err)
	}
	if err := r.work(ctx); err != nil {
		s.count(err)
		r.fail(ctx, err)
		return Summary{}, fmt.Errorf("score %s: %w", req.Month, err)
	}
	r.sum.Took = time.Since(began)
	s.metrics.published(r.sum)
	s.deps.Log.Info("scores published", "month", req.Month.String(), "run", r.sum.RunID, "accounts", r.sum.Accounts,
		"signals", r.sum.Signals, "rows", r.sum.Rows, "took", r.sum.Took.Round(time.Millisecond))
	r.clear(ctx, r.sum.RunID)
	return r.sum, nil
}

func (s *Scorer) count(err error) {
	switch {
	case errors.Is(err, ErrRunning):
		s.metrics.runs.WithLabelValues("busy").Inc()
	case errors.Is(err, ErrNoAccounts), errors.Is(err, ErrNoFit), errors.Is(err, ErrUnfinished), errors.Is(err, ErrUnderWay):
		s.metrics.runs.WithLabelValues("refused").Inc()
	default:
		s.metrics.runs.WithLabelValues("failed").Inc()
	}
}

// run is one run under way.
type run struct {
	*Scorer
	sum     Summary
	started time.Time
	// version is the version last written of the run's row; only its holder writes it.
	version uint64
	args    map[string]any
	// parts is how what it does is parted.
	parts plan
	// reads is what the statements about signals take in.
	reads scope
	// model is what the spans' evidence is added up by.
	model *evidence.Model
	req   Request
	// done is what it has done, heir what it takes over from a run that died.
	done ledger
	heir inheritance
}

// keptMonths is how long the store keeps scores, counted from the month's first day (migration 0003).
const keptMonths = 37

// kept refuses a month whose rows the store would delete as they are written, by its own clock.
func (s *Scorer) kept(month intent.Month) error {
	if !month.IsZero() && month.Start().AddDate(0, keptMonths, 0).Before(s.deps.Wall()) {
		return fmt.Errorf("score %s: %w: the store has scores of the last %d months", month, ErrTooOld, keptMonths)
	}
	return nil
}

func (s *Scorer) newRun(req Request) (*run, error) {
	if req.Month.IsZero() {
		return nil, errors.New("score: no month is given")
	}
	now := s.deps.Now().UTC().Truncate(time.Millisecond)
	asOf, knownBy := req.AsOf.UTC(), req.KnownBy.UTC()
	if req.KnownBy.IsZero() {
		knownBy = now
	}
	if req.AsOf.IsZero() {
		asOf = req.Month.End()
		if now.Before(asOf) {
			asOf = now
		}
	}
	if asOf.Before(req.Month.Start()) {
		return nil, fmt.Errorf("score %s: %w: it is %s", req.Month, ErrNotBegun, now.Format(time.DateOnly))
	}
	r := &run{Scorer: s, started: now, req: req, done: ledger{noted: time.Now()}, sum: Summary{
		RunID: newRunID(req.Month, s.deps.Wall()), Month: req.Month, AsOf: asOf.Truncate(time.Millisecond), KnownBy: knownBy.Truncate(time.Millisecond),
		IntentModel: s.cfg.Weights.ID(), Matrix: s.cfg.Matrix.ID(), Segments: s.cfg.Segments.ID(), Calendar: s.cfg.Calendar.ID(),
	}}
	r.args = r.parameters()
	return r, nil
}

// parameters are everything a statement of the run may ask for, but the span.
func (r *run) parameters() map[string]any {
	from, to := intent.FiscalYear(r.sum.AsOf, r.cfg.FiscalYearStart)
	var names []string
	var employees []int64
	var azure []float64
	for _, rule := range r.cfg.Segments.Rules {
		names, employees, azure = append(names, rule.Name), append(employees, rule.EmployeesMin), append(azure, rule.AzureAbove)
	}
	return map[string]any{
		"run_id": r.sum.RunID, "month": day(r.sum.Month.Start()), "as_of": stamp(r.sum.AsOf), "known_by": stamp(r.sum.KnownBy),
		"weights": r.sum.IntentModel, "matrix": r.sum.Matrix, "segments": r.sum.Segments, "calendar": r.sum.Calendar,
		"fiscal_year_start": fmt.Sprint(int(r.cfg.FiscalYearStart)), "products": packed(r.cfg.Weights.Products()),
		"segment_names": packed(names), "segment_employees": packed(employees), "segment_azure": packed(azure),
		"fiscal_from": day(from), "fiscal_to": day(to), "owned_days": fmt.Sprint(intent.OwnedDays),
		"computed_first": fmt.Sprint(r.cfg.PreferComputedFit),
	}
}

// exec runs a statement of the run under its step's name.
func (r *run) exec(ctx context.Context, name string, sc scope, more ...any) error {
	return r.step(ctx, name, more, func() error {
		text, err := r.sql.text(name, sc)
		if err != nil {
			return err
		}
		return r.deps.DB.Exec(ctx, text, r.with(more...))
	})
}

// step does what is done under a step's name, unless it was taken over.
func (r *run) step(ctx context.Context, name string, more []any, do func() error) error {
	f, keeps := finishing(name, more)
	if keeps && r.heir.done[f] {
		return nil
	}
	defer r.metrics.step(name, time.Now())
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if keeps {
		r.note(ctx, f)
	}
	return nil
}

// read reads the rows of a statement.
func (r *run) read(ctx context.Context, name string, sc scope, more []any, scan func(into func(dest ...any) error) error) error {
	text, err := r.sql.text(name, sc)
	if err != nil {
		return err
	}
	if err := r.deps.DB.Each(ctx, text, r.with(more...), scan); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// with adds parameters, as pairs, to those of the run.
func (r *run) with(more ...any) map[string]any {
	args := make(map[string]any, len(r.args)+len(more)/2)
	for k, v := range r.args {
		args[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		args[fmt.Sprint(more[i])] = more[i+1]
	}
	return args
}

// one reads the single row of a statement.
func (r *run) one(ctx context.Context, name string, more []any, dest ...any) error {
	text, err := r.sql.text(name, scope{})
	if err != nil {
		return err
	}
	found := false
	err = r.deps.DB.Each(ctx, text, r.with(more...), func(into func(dest ...any) error) error {
		found = true
		return into(dest...)
	})
	if err == nil && !found {
		err = errors.New("no row")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// register writes weights, matrix, segments and calendar where they can be found again by their versions.
func (r *run) register(ctx context.Context) error {
	for _, m := range []struct {
		name, version string
		content       any
	}{
		{"intent", r.sum.IntentModel, r.cfg.Weights}, {"matrix", r.sum.Matrix, r.cfg.Matrix},
		{"segments", r.sum.Segments, r.cfg.Segments}, {"calendar", r.sum.Calendar, json.RawMessage(r.cfg.Calendar.Content())},
	} {
		content, err := json.Marshal(m.content)
		if err != nil {
			return fmt.Errorf("register %s: %w", m.name, err)
		}
		if err := r.exec(ctx, "model", scope{}, "name", m.name, "version", m.version, "now", stamp(r.started), "content", plain(string(content))); err != nil {
			return err
		}
	}
	return nil
}
