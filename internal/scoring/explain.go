package scoring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"telltale/internal/fit"
	"telltale/internal/intent"
)

// Explanation is a score taken apart: the drivers' points sum to the logit, and each signal driver names its signals.
type Explanation struct {
	RunID                 string
	Month                 intent.Month
	AsOf, KnownBy         time.Time
	AccountID, Product    string
	FitModel, IntentModel string
	// FitScore and IntentScore are 0–100, nil where there is none.
	FitScore, IntentScore          *float64
	FitRating, IntentRating        fit.Rating
	Cell, Cluster, Segment, Motion string
	// WhitespaceRevenue is in US dollars a year; nil where the account owns the product or nothing compares.
	WhitespaceRevenue *float64
	Whitespace        intent.Basis
	Renewal           intent.Renewal
	// Logit is the sum of the drivers' points, in thousandths; 0 without evidence.
	Logit int64
	// Probability is the calibrated one, 0–1, that an account with such evidence wins within the horizon trained on; nil while the weights are not trained.
	Probability      *float64
	Signals, Sources int64
	// Covered reports that a page of the account had been read: without, silence says nothing.
	Covered bool
	Drivers []ExplainedDriver
	// Steps lead from the logit to the score; nil without evidence.
	Steps *Steps
	// Since is the change from the published run of the latest month before, SinceMonth, and why; nil where there is none.
	Since      *Move
	SinceMonth intent.Month
}

// ExplainedDriver is one driver with the signals behind it, strongest first.
type ExplainedDriver struct {
	intent.Driver
	// Signals carry their own points; these sum to Raw, which saturates to the driver's Points.
	Signals []intent.Evidence
	Raw     int64
	// Missing counts signals that the run used and that are no longer there: erased, or past retention.
	Missing int
}

// Explain takes apart the published score of an account for a product in a month. Errors wrap ErrNotScored where
// there is none.
func (s *Scorer) Explain(ctx context.Context, account, product string, month intent.Month) (Explanation, error) {
	what := fmt.Sprintf("explain %s for %s in %s", account, product, month)
	e := Explanation{AccountID: account, Product: product, Month: month}
	found, err := s.published(ctx, &e)
	if err != nil {
		return Explanation{}, fmt.Errorf("%s: %w", what, err)
	}
	if !found {
		return Explanation{}, fmt.Errorf("%s: %w: no published run of the month has that account and product", what, ErrNotScored)
	}
	if err := s.behind(ctx, &e); err != nil {
		return Explanation{}, fmt.Errorf("%s: %w", what, err)
	}
	if err := s.steps(ctx, &e); err != nil {
		return Explanation{}, fmt.Errorf("%s: %w", what, err)
	}
	if e.Since, err = s.since(ctx, &e); err != nil {
		return Explanation{}, fmt.Errorf("%s: %w", what, err)
	}
	return e, nil
}

// published reads the published row.
func (s *Scorer) published(ctx context.Context, e *Explanation) (found bool, err error) {
	text, err := s.sql.text("explained", scope{})
	if err != nil {
		return false, err
	}
	args := map[string]any{"month": day(e.Month.Start()), "account": plain(e.AccountID), "product": plain(e.Product)}
	err = s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		var fitRating, intentRating, names, points, ids string
		if err := into(&e.RunID, &e.AsOf, &e.KnownBy, &e.IntentModel, &e.FitModel, &e.FitScore, &fitRating, &e.IntentScore, &intentRating,
			&e.Cell, &e.Cluster, &e.Segment, &e.Motion,
			&e.Renewal.Expiration, &e.Renewal.Type, &e.Renewal.ExpiresOn, &e.Renewal.Revenue, &e.Renewal.OpenRevenue,
			&e.WhitespaceRevenue, &e.Whitespace.Level, &e.Whitespace.Owners, &e.Whitespace.Text, &e.Logit, &e.Probability, &e.Signals, &e.Sources, &e.Covered,
			&names, &points, &ids); err != nil {
			return err
		}
		found = true
		e.FitRating, e.IntentRating = fit.Rating(fitRating), fit.Rating(intentRating)
		drivers, err := intent.ReadDrivers(names, points, ids)
		for _, d := range drivers {
			e.Drivers = append(e.Drivers, ExplainedDriver{Driver: d})
		}
		return err
	})
	return found, err
}

// behind reads the signals of each driver, counted again as the run counted them.
func (s *Scorer) behind(ctx context.Context, e *Explanation) error {
	text, err := s.sql.text("signals", scope{Prune: "true", Narrow: true, Full: true, Elsewhere: true, Texts: true, Revised: true, Gone: true})
	if err != nil {
		return err
	}
	byDriver := map[string][]intent.Evidence{}
	args := map[string]any{"as_of": stamp(e.AsOf), "known_by": stamp(e.KnownBy), "weights": e.IntentModel,
		"account": plain(e.AccountID), "product": plain(e.Product)}
	err = s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		ev := intent.Evidence{Product: e.Product}
		var value float64
		var w intent.Weight
		if err := into(&ev.Kind, &ev.Name, &ev.SignalID, &value, &w.Points, &w.HalfLifeDays, &ev.ObservedAt, &ev.Source, &ev.URL, &ev.Span); err != nil {
			return err
		}
		if ev.Points = w.AgedPoints(value, intent.Day(e.AsOf)-intent.Day(ev.ObservedAt)); ev.Points != 0 {
			driver := ev.Kind + ":" + ev.Name
			byDriver[driver] = append(byDriver[driver], ev)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, list := range byDriver {
		slices.SortFunc(list, func(a, b intent.Evidence) int {
			return cmp.Or(cmp.Compare(max(b.Points, -b.Points), max(a.Points, -a.Points)), cmp.Compare(a.SignalID, b.SignalID))
		})
	}
	for i := range e.Drivers {
		d := &e.Drivers[i]
		if d.Name == intent.KindSurge+":"+intent.SurgeName {
			byDriver[d.Name] = named(byDriver, d.SignalIDs)
		}
		d.attach(byDriver[d.Name])
	}
	return nil
}

// named finds signals of other drivers by their ids; their points are those drivers', and not told again.
func named(byDriver map[string][]intent.Evidence, ids []string) (out []intent.Evidence) {
	for _, list := range byDriver {
		for _, ev := range list {
			if slices.Contains(ids, ev.SignalID) {
				ev.Points = 0
				out = append(out, ev)
			}
		}
	}
	slices.SortFunc(out, func(a, b intent.Evidence) int {
		return cmp.Or(b.ObservedAt.Compare(a.ObservedAt), cmp.Compare(a.SignalID, b.SignalID))
	})
	return out
}

// attach gives a driver its signals, and counts those the run named that are gone.
func (d *ExplainedDriver) attach(signals []intent.Evidence) {
	have := map[string]bool{}
	for _, s := range signals {
		d.Raw += s.Points
		have[s.SignalID] = true
	}
	d.Signals = slices.Clone(signals)
	for _, id := range d.SignalIDs {
		if !have[id] {
			d.Missing++
		}
	}
}

// RunInfo is one scoring run as stored.
type RunInfo struct {
	RunID string
	Month intent.Month
	// State is waiting, running, published, superseded or failed.
	State                            string
	AsOf, KnownBy, Started, Finished time.Time
	IntentModel, Matrix              string
	// Segments and Calendar are versions, empty where the run is older than their record; so is a FiscalYearStart of 0 and no PreferComputedFit.
	Segments, Calendar      string
	FiscalYearStart         time.Month
	PreferComputedFit       *bool
	Accounts, Signals, Rows int64
	// Error says why a run failed.
	Error string
}

// Kept reports that the run keeps its segments, calendar, fiscal year and which fit won; older runs do not.
func (r *RunInfo) Kept() bool { return r.Segments != "" }

// ComputedFirst reports that the run is known to have let computed fit win over imported fit.
func (r *RunInfo) ComputedFirst() bool { return r.PreferComputedFit != nil && *r.PreferComputedFit }

// Runs lists every run, latest first.
func (s *Scorer) Runs(ctx context.Context) ([]RunInfo, error) {
	text, err := s.sql.text("runs", scope{})
	if err != nil {
		return nil, err
	}
	var out []RunInfo
	err = s.deps.DB.Each(ctx, text, nil, func(into func(dest ...any) error) error {
		var r RunInfo
		var month time.Time
		var fiscal int64
		if err := into(&r.RunID, &month, &r.State, &r.AsOf, &r.KnownBy, &r.Started, &r.Finished, &r.IntentModel, &r.Matrix,
			&r.Segments, &r.Calendar, &fiscal, &r.PreferComputedFit, &r.Accounts, &r.Signals, &r.Rows, &r.Error); err != nil {
			return err
		}
		if r.Finished.Unix() == 0 {
			r.Finished = time.Time{}
		}
		r.Month, r.FiscalYearStart = intent.MonthOf(month), time.Month(fiscal)
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list scoring runs: %w", err)
	}
	return out, nil
}
