package learning

import (
	"context"
	"errors"
	"fmt"

	"telltale/internal/intent"
	"telltale/internal/intent/learn"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
)

// gathering are the rows of all months, by product.
type gathering struct {
	products []string
	data     map[string]*learn.Data
	months   []backtesting.Month
	skipped  []string
	keep     int64
	accounts map[string]int32
}

// gather reads the months. Early months without accounts are passed over where no first month is asked for.
func (t *Trainer) gather(ctx context.Context, req *Request) (*gathering, error) {
	g := &gathering{data: map[string]*learn.Data{}, accounts: map[string]int32{}}
	for _, p := range t.deps.ByHand.Products() {
		if req.Product == "" || req.Product == p {
			g.products, g.data[p] = append(g.products, p), data(&t.deps.ByHand, p)
		}
	}
	if len(g.products) == 0 {
		return nil, fmt.Errorf("%w: the weights %s have %q", ErrProduct, t.deps.ByHand.ID(), t.deps.ByHand.Products())
	}
	months, keep, err := backtesting.Plan(ctx, t.deps.DB, &req.Request, t.deps.Now())
	if err != nil {
		return nil, err
	}
	g.keep = keep
	for i := range months {
		m := &months[i]
		err := t.deps.Scorer.Learn(ctx, scoring.Request{Month: m.Month, AsOf: m.AsOf, KnownBy: m.KnownBy}, func(ctx context.Context, e *scoring.Evidence) error {
			return g.read(ctx, e, m)
		})
		if errors.Is(err, scoring.ErrNoAccounts) && req.From.IsZero() && i < len(months)-1 {
			g.skipped = append(g.skipped, m.Name)
			continue
		}
		if err != nil {
			return nil, err
		}
		g.months = append(g.months, *m)
	}
	for _, d := range g.data {
		d.Months = int32(len(g.months))
	}
	return g, nil
}

// data is a product's, without rows: its weights set by hand.
func data(w *intent.Weights, product string) *learn.Data {
	return &learn.Data{Set: parts(w, product, learn.Set{Rate: intent.Weight{Kind: intent.KindBase, Name: intent.BaseName, Product: product},
		Breadth: intent.Weight{Kind: intent.KindBreadth, Name: intent.BreadthName, Product: product}})}
}

// parts are a product's rows by what they are; the base rate and breadth are those given where the weights have none.
func parts(w *intent.Weights, product string, given learn.Set) learn.Set {
	out := learn.Set{Rate: given.Rate, Breadth: given.Breadth}
	for _, r := range w.Rows {
		if r.Product != product {
			continue
		}
		switch r.Kind {
		case intent.KindBase:
			out.Rate = r
		case intent.KindBreadth:
			out.Breadth = r
		case intent.KindSurge:
			out.Surge = &r
		case intent.KindBought:
			out.Bought = &r
		default:
			out.Base = append(out.Base, r)
		}
	}
	return out
}

// read takes a month's rows of every product.
func (g *gathering) read(ctx context.Context, e *scoring.Evidence, m *backtesting.Month) error {
	outcomes := scoring.Outcomes{After: m.After, Until: m.Until, Keep: g.keep}
	accounts, weeks, err := e.Watched(ctx, g.keep)
	if err != nil {
		return err
	}
	for _, p := range g.products {
		d := g.data[p]
		d.Watched = append(d.Watched, learn.Watched{Accounts: accounts, Weeks: weeks})
		err := e.Each(ctx, p, d.Base, outcomes, func(c *scoring.Counted) error {
			r, err := row(c, len(d.Base))
			if err != nil {
				return err
			}
			r.Month, r.Account = int32(len(g.months)), g.account(c.Account)
			d.Rows = append(d.Rows, r)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// row writes what counted for an account as learning takes it.
func row(c *scoring.Counted, drivers int) (learn.Row, error) {
	r := learn.Row{Signals: make([]learn.Signal, len(c.Drivers)), RecentWeeks: c.RecentWeeks, BaselineWeeks: c.BaselineWeeks, Bought: c.Bought}
	if c.Won {
		r.Won = 1
	}
	for i := range c.Drivers {
		if at := c.Drivers[i]; at < 0 || int(at) >= drivers {
			return r, fmt.Errorf("evidence of %s: driver %d of %d", c.Account, at, drivers)
		}
		r.Signals[i] = learn.Signal{Driver: c.Drivers[i], AgeDays: c.Ages[i], Value: c.Values[i], Family: uint8(c.Families[i]), Era: c.Eras[i]}
	}
	return r, nil
}

func (g *gathering) account(id string) int32 {
	n, known := g.accounts[id]
	if !known {
		n = int32(len(g.accounts))
		g.accounts[id] = n
	}
	return n
}
