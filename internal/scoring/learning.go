package scoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"telltale/internal/intent"
)

// stateLearned is that of a run whose accounts served to learn from and that scored nothing.
const stateLearned = "learned"

// Counted is what counted for an account and product as of a month's end, in parallel lists, one element a signal.
type Counted struct {
	Account string
	// Drivers are places in the weights that were asked for; Ages are calendar days; Values are strength · confidence · sign, −1 to 1.
	Drivers, Ages []int32
	Values        []float64
	// Families number the groups of sources that are independent of each other.
	Families []int32
	// Eras say when signals were told of, as surges count it.
	Eras []intent.Era
	// RecentWeeks and BaselineWeeks are those of the two windows of a surge in which the account was watched.
	RecentWeeks, BaselineWeeks float64
	// Bought counts the days since the account last bought the product, and one; 0 is never.
	Bought int32
	// Won says that an opportunity was won within the days asked for.
	Won bool
}

// Evidence is a month's accounts, asked for what counted.
type Evidence struct {
	r *run
	// Accounts counts those that were known.
	Accounts int64
}

// Learn prepares a month's accounts as a run does and has read ask what counted for them. Nothing is scored, and all is cleared away. Errors are those of
// RunAt but ErrNoFit, and what read returns.
func (s *Scorer) Learn(ctx context.Context, req Request, read func(context.Context, *Evidence) error) error {
	r, err := s.newRun(req)
	if err != nil {
		return err
	}
	if err := r.hold(ctx); err != nil {
		return fmt.Errorf("learn from %s: %w", req.Month, err)
	}
	living, stop := r.keepAlive(ctx)
	err = r.prepare(living)
	if err == nil {
		err = read(living, &Evidence{r, r.sum.Accounts})
	}
	if lost := stop(); lost != nil {
		err = errors.Join(err, lost)
	}
	if err != nil {
		r.fail(ctx, err)
		return fmt.Errorf("learn from %s: %w", req.Month, err)
	}
	if err := r.write(ctx, stateLearned, stamp(r.finish())); err != nil {
		return fmt.Errorf("learn from %s: %w", req.Month, err)
	}
	r.clear(ctx, r.sum.RunID)
	return nil
}

// prepare does the steps that say which accounts there were and whose the domains.
func (r *run) prepare(ctx context.Context) error {
	if err := r.plan(ctx); err != nil {
		return err
	}
	if err := r.people(ctx); err != nil {
		return err
	}
	return r.eachSlice(ctx, "gone", "domains")
}

// Outcomes says which opportunities count: those that closed after a day, up to and with another, both YYYY-MM-DD. Keep is how many of a million accounts
// are read.
type Outcomes struct {
	After, Until string
	Keep         int64
}

// Each calls take for every account with evidence for a product, in order of account ids; drivers are the weights (topics, technologies, events) that are
// asked about.
func (e *Evidence) Each(ctx context.Context, product string, drivers []intent.Weight, o Outcomes, take func(*Counted) error) error {
	defer e.r.metrics.step("learning", time.Now())
	text, err := e.r.sql.text("learning", e.r.reads.of("true", true))
	if err != nil {
		return err
	}
	asked := make([][3]any, len(drivers))
	for i, d := range drivers {
		asked[i] = [3]any{i, d.Kind, d.Name}
	}
	args := e.r.with("product", plain(product), "drivers", packed(asked), "after", o.After, "until", o.Until, "keep", fmt.Sprint(o.Keep))
	err = e.r.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		c, err := readCounted(into, e.r.sum.AsOf)
		if err != nil {
			return err
		}
		return take(c)
	})
	if err != nil {
		return fmt.Errorf("evidence for %s: %w", product, err)
	}
	return nil
}

// Watched counts the accounts with a baseline, those without evidence too, and the weeks of these in all; of a million accounts as many are read as keep says. It is
// what a run takes surges to be usual by, but that a run of more than one span looks at the accounts of one.
func (e *Evidence) Watched(ctx context.Context, keep int64) (accounts int64, weeks float64, err error) {
	text, err := e.r.sql.text("watched", scope{})
	if err != nil {
		return 0, 0, err
	}
	err = e.r.deps.DB.Each(ctx, text, e.r.with("keep", fmt.Sprint(keep)), func(into func(dest ...any) error) error {
		var first time.Time
		var n int64
		if err := into(&first, &n); err != nil {
			return err
		}
		if _, baseline := intent.SurgeExposure(first, e.r.sum.AsOf); baseline > 0 {
			accounts, weeks = accounts+n, weeks+float64(n)*baseline
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("watched: %w", err)
	}
	return accounts, weeks, nil
}

func readCounted(into func(dest ...any) error, asOf time.Time) (*Counted, error) {
	var c Counted
	var won, bought int64
	var first time.Time
	var lists [4]string
	if err := into(&c.Account, &won, &first, &bought, &lists[0], &lists[1], &lists[2], &lists[3]); err != nil {
		return nil, err
	}
	c.Won, c.Bought = won > 0, int32(bought)
	for i, dest := range [...]any{&c.Drivers, &c.Ages, &c.Values, &c.Families} {
		if err := json.Unmarshal([]byte(lists[i]), dest); err != nil {
			return nil, fmt.Errorf("evidence of %s: %w", c.Account, err)
		}
	}
	if n := len(c.Drivers); len(c.Ages) != n || len(c.Values) != n || len(c.Families) != n {
		return nil, fmt.Errorf("evidence of %s: lists of different lengths", c.Account)
	}
	c.RecentWeeks, c.BaselineWeeks = intent.SurgeExposure(first, asOf)
	c.Eras = make([]intent.Era, len(c.Ages))
	for i, age := range c.Ages {
		c.Eras[i] = intent.SurgeEra(int64(age), first, asOf)
	}
	return &c, nil
}
