package learning

import (
	"context"
	"fmt"

	"telltale/internal/intent"
	"telltale/internal/scoring/backtesting"
)

// Points are those that the rows of a request's last month have by some weights, as training sees them: a line for each account with evidence, in order.
func (t *Trainer) Points(ctx context.Context, req Request, w *intent.Weights) ([]string, error) {
	req.MaxAccounts = backtesting.DefaultMaxAccounts
	g, err := t.gather(ctx, &req)
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(g.accounts))
	for id, n := range g.accounts {
		accounts[n] = id
	}
	d := g.data[req.Product]
	set := parts(w, req.Product, d.Set)
	var out []string
	for i, points := range d.Points(&set) {
		if r := &d.Rows[i]; r.Month == d.Months-1 {
			out = append(out, fmt.Sprintf("%s\t%d", accounts[r.Account], points))
		}
	}
	return out, nil
}
