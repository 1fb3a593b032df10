package scoring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"telltale/internal/fit"
	"telltale/internal/intent"
)

// ErrNoRun reports a run that is not stored, or has no rows to compare.
var ErrNoRun = errors.New("no such scoring run")

// Diff is what two runs say differently.
type Diff struct {
	From, To RunInfo
	// Rules say how the segments, calendar, fiscal year and preferred fit of the two runs differ; weights and matrix are reasons of the moves.
	Rules []intent.Reason
	// Transitions count accounts and products by cell, the most frequent first; Moved is their sum.
	Transitions []Transition
	Moved       int64
	// Moves are the first of them, by account and product.
	Moves []Move
}

// Transition is a number of accounts and products that went from one cell to another; – where a run had them not.
type Transition struct {
	From, To string
	Count    int64
}

// Move is one account's change for one product.
type Move struct {
	AccountID, Product string
	From, To           intent.Stand
	Why                []intent.Reason
}

// Diff compares two runs by their ids: who moved cell and why, the first most of them in full. Errors wrap ErrNoRun where one is not
// stored, failed or is under way.
func (s *Scorer) Diff(ctx context.Context, from, to string, most int) (Diff, error) {
	what := fmt.Sprintf("compare runs %s and %s", from, to)
	d := Diff{}
	runs, err := s.Runs(ctx)
	if err != nil {
		return Diff{}, fmt.Errorf("%s: %w", what, err)
	}
	for _, side := range []struct {
		id   string
		into *RunInfo
	}{{from, &d.From}, {to, &d.To}} {
		i := slices.IndexFunc(runs, func(r RunInfo) bool { return r.RunID == side.id })
		if i < 0 {
			return Diff{}, fmt.Errorf("%s: %w: %s", what, ErrNoRun, side.id)
		}
		if state := runs[i].State; state != statePublished && state != stateSuperseded {
			return Diff{}, fmt.Errorf("%s: %w with rows: %s is %s", what, ErrNoRun, side.id, state)
		}
		*side.into = runs[i]
	}
	d.Rules = ruleReasons(&d.From, &d.To)
	args := map[string]any{"from": plain(from), "to": plain(to), "most": fmt.Sprint(most)}
	if err := s.transitions(ctx, &d, args); err != nil {
		return Diff{}, fmt.Errorf("%s: %w", what, err)
	}
	if d.Moves, err = s.moves(ctx, "movers", from, args); err != nil {
		return Diff{}, fmt.Errorf("%s: %w", what, err)
	}
	return d, nil
}

// ruleReasons says by which rules two runs differ as a whole.
func ruleReasons(from, to *RunInfo) (out []intent.Reason) {
	for _, r := range []*RunInfo{from, to} {
		if !r.Kept() {
			out = append(out, intent.Reason{Cause: intent.CauseNotKept, Text: fmt.Sprintf("run %s is older than the record of segments, calendar, fiscal year and preferred fit", r.RunID)})
		}
		if from.RunID == to.RunID {
			break
		}
	}
	if len(out) > 0 {
		return out
	}
	first := map[bool]string{false: "imported", true: "computed"}
	for _, x := range []struct{ cause, what, was, is string }{
		{intent.CauseSegments, "segments", from.Segments, to.Segments},
		{intent.CauseCalendar, "calendar", from.Calendar, to.Calendar},
		{intent.CauseFiscal, "a fiscal year that begins in", from.FiscalYearStart.String(), to.FiscalYearStart.String()},
		{intent.CausePreferred, "fit scores preferred:", first[from.ComputedFirst()], first[to.ComputedFirst()]},
	} {
		if x.was != x.is {
			out = append(out, intent.Reason{Cause: x.cause, Text: fmt.Sprintf("%s %s became %s", x.what, x.was, x.is)})
		}
	}
	return out
}

func (s *Scorer) transitions(ctx context.Context, d *Diff, args map[string]any) error {
	text, err := s.sql.text("transitions", scope{})
	if err != nil {
		return err
	}
	return s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		var t Transition
		if err := into(&t.From, &t.To, &t.Count); err != nil {
			return err
		}
		d.Transitions = append(d.Transitions, t)
		d.Moved += t.Count
		return nil
	})
}

// moves reads where accounts stood in two runs, which stand next to each other in the result, and says why they differ.
func (s *Scorer) moves(ctx context.Context, statement, from string, args map[string]any) ([]Move, error) {
	text, err := s.sql.text(statement, scope{})
	if err != nil {
		return nil, err
	}
	var out []Move
	err = s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		st := intent.Stand{Present: true}
		var account, product, fitRating, intentRating, names, points, ids string
		if err := into(&st.RunID, &st.Matrix, &st.FitModel, &st.IntentModel, &st.FitScore, &fitRating, &st.IntentScore, &intentRating,
			&st.Cell, &st.Cluster, &names, &points, &ids, &account, &product); err != nil {
			return err
		}
		st.FitRating, st.IntentRating = fit.Rating(fitRating), fit.Rating(intentRating)
		drivers, err := intent.ReadDrivers(names, points, ids)
		if err != nil {
			return err
		}
		st.Drivers = drivers
		if n := len(out); n == 0 || out[n-1].AccountID != account || out[n-1].Product != product {
			out = append(out, Move{AccountID: account, Product: product})
		}
		if m := &out[len(out)-1]; st.RunID == from {
			m.From = st
		} else {
			m.To = st
		}
		return nil
	})
	for i := range out {
		out[i].Why = intent.Reasons(&out[i].From, &out[i].To)
	}
	return out, err
}

// since compares an explained score with that of the published run before it; nil where there is none.
func (s *Scorer) since(ctx context.Context, e *Explanation) (*Move, error) {
	text, err := s.sql.text("earlier", scope{})
	if err != nil {
		return nil, err
	}
	earlier := ""
	err = s.deps.DB.Each(ctx, text, map[string]any{"month": day(e.Month.Start())}, func(into func(dest ...any) error) error {
		var month time.Time
		err := into(&month, &earlier)
		e.SinceMonth = intent.MonthOf(month)
		return err
	})
	if err != nil || earlier == "" {
		return nil, err
	}
	moves, err := s.moves(ctx, "stands", earlier, map[string]any{"from": plain(earlier), "to": plain(e.RunID), "account": plain(e.AccountID), "product": plain(e.Product)})
	if err != nil || len(moves) == 0 {
		return nil, err
	}
	return &moves[0], nil
}
