package backtesting

import (
	"context"
	"fmt"
	"time"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// span is what the store holds to judge by.
type span struct {
	// since is when the first account was known.
	since            time.Time
	accounts, closed int64
}

// keep is how many of a million accounts are read.
func (s *span) keep(req *Request) int64 {
	if s.accounts <= req.MaxAccounts {
		return million
	}
	return max(million*req.MaxAccounts/s.accounts, 1)
}

// Plan lists the month ends of a request with the days on which what closed counts, and how many of a million accounts are read: what learning from the past
// goes by too. Errors are those of Run.
func Plan(ctx context.Context, db DB, req *Request, now time.Time) (months []Month, keep int64, err error) {
	b := Backtester{Deps{DB: db}}
	s, err := b.span(ctx, req)
	if err != nil {
		return nil, 0, err
	}
	months, err = plan(req, s, now.UTC())
	return months, s.keep(req), err
}

// plan lists the month ends that are judged, in order: as many months apart as the horizon is long, so that no deal counts for two.
func plan(req *Request, s span, now time.Time) ([]Month, error) {
	if req.Horizon < 1 || req.Horizon > 730 {
		return nil, fmt.Errorf("%w: a horizon of %d days: want 1 to 730", ErrRequest, req.Horizon)
	}
	step := (req.Horizon + 30) / 31
	to, err := last(req, now)
	if err != nil {
		return nil, err
	}
	if !req.From.IsZero() && to.Start().Before(req.From.Start()) {
		return nil, fmt.Errorf("%w: --from %s lies after --to %s", ErrRequest, req.From, to)
	}
	var back []intent.Month
	for m := to; len(back) < maxMonths; m = shift(m, -step) {
		early := m.Start().Before(shift(to, -12).Start()) || !req.Hindsight && m.End().Before(s.since)
		if !req.From.IsZero() {
			early = m.Start().Before(req.From.Start())
		}
		if early && len(back) > 0 {
			break
		}
		back = append(back, m)
	}
	out := make([]Month, 0, len(back))
	for i := len(back) - 1; i >= 0; i-- {
		out = append(out, frozen(req, back[i], now))
		if n := len(out); n > 1 && out[n-2].Until > out[n-1].After {
			out[n-2].Until = out[n-1].After
		}
	}
	return out, nil
}

// frozen is one month as of its end.
func frozen(req *Request, m intent.Month, now time.Time) Month {
	asOf := m.End()
	out := Month{Month: m, Name: m.String(), AsOf: asOf, KnownBy: asOf, After: asOf.Format(time.DateOnly), Until: asOf.AddDate(0, 0, req.Horizon).Format(time.DateOnly)}
	if req.Hindsight {
		out.KnownBy = now
	}
	return out
}

// last is the last month that is judged: the one asked for, whose horizon must have ended, or the last whose horizon has.
func last(req *Request, now time.Time) (intent.Month, error) {
	ended := func(m intent.Month) bool { return !m.End().AddDate(0, 0, req.Horizon).After(now) }
	m := req.To
	if !m.IsZero() {
		if now.Before(m.Start()) {
			return m, fmt.Errorf("%w: %s: it is %s", scoring.ErrNotBegun, m, now.Format(time.DateOnly))
		}
		if !ended(m) {
			return m, fmt.Errorf("%w: the %d days after the end of %s end on %s, and it is %s: choose an earlier --to or a shorter --horizon", ErrRequest,
				req.Horizon, m, m.End().AddDate(0, 0, req.Horizon).Format(time.DateOnly), now.Format(time.DateOnly))
		}
		return m, nil
	}
	for m = intent.MonthOf(now); !ended(m); {
		m = shift(m, -1)
	}
	return m, nil
}

// shift moves a month by some months.
func shift(m intent.Month, by int) intent.Month { return intent.MonthOf(m.Start().AddDate(0, by, 0)) }
