package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"telltale/internal/intent"
	"telltale/internal/intent/evidence"
)

// weigh reads the weights as the run numbered them, and learns from one span how much is said of each product. A span is a share of the domains by their
// hash, as good as any.
func (r *run) weigh(ctx context.Context, spans []span) error {
	m := &evidence.Model{AsOf: r.sum.AsOf}
	if err := r.subjects(ctx, m); err != nil {
		return err
	}
	if err := r.products(ctx, m); err != nil {
		return err
	}
	r.model = m
	if len(spans) == 0 {
		return nil
	}
	return r.step(ctx, "priors", nil, func() error { return r.priors(ctx, &spans[0]) })
}

// subjects are numbered from 1 in the store, from 0 here; so are products.
func (r *run) subjects(ctx context.Context, m *evidence.Model) error {
	return r.read(ctx, "model_subjects", scope{}, nil, func(into func(dest ...any) error) error {
		var number uint16
		var driver, worth string
		if err := into(&number, &driver, &worth); err != nil {
			return err
		}
		var rows [][4]float64
		if err := json.Unmarshal([]byte(worth), &rows); err != nil {
			return err
		}
		if int(number) != len(m.Subjects)+1 {
			return fmt.Errorf("subject %d follows %d", number, len(m.Subjects))
		}
		s := evidence.Subject{Driver: driver, Said: !strings.HasPrefix(driver, intent.KindTechnology+":")}
		for _, w := range rows {
			s.Worth = append(s.Worth, evidence.Worth{Product: int(w[0]) - 1, Weight: intent.Weight{Points: int64(w[1]), HalfLifeDays: w[2], CapPoints: int64(w[3])}})
		}
		m.Subjects = append(m.Subjects, s)
		return nil
	})
}

func (r *run) products(ctx context.Context, m *evidence.Model) error {
	return r.read(ctx, "model_products", scope{}, nil, func(into func(dest ...any) error) error {
		var number uint8
		var p evidence.Product
		if err := into(&number, &p.Base.Points, &p.Breadth.Points, &p.Breadth.CapPoints, &p.Surge.Points, &p.Bought.Points, &p.Bought.HalfLifeDays); err != nil {
			return err
		}
		if int(number) != len(m.Products)+1 {
			return fmt.Errorf("product %d follows %d", number, len(m.Products))
		}
		m.Products = append(m.Products, p)
		return nil
	})
}

// priors tells the model what is known of all accounts' rates.
func (r *run) priors(ctx context.Context, s *span) error {
	accounts, err := r.members(ctx, s)
	if err != nil {
		return err
	}
	var all intent.SurgeSample
	for i := range accounts {
		if weeks := r.baseline(&accounts[i]); weeks > 0 {
			all.Accounts++
			all.Weeks += weeks
		}
	}
	samples := make([]intent.SurgeSample, len(r.model.Products))
	adder := evidence.New(r.model)
	err = r.eachAccount(ctx, s, accounts, func(a *account) error {
		if r.baseline(a) <= 0 {
			return nil
		}
		return adder.Add(&a.Account, func(sum *evidence.Sum) error {
			samples[sum.Product].Said += sum.Baseline
			samples[sum.Product].Squared += sum.Baseline * sum.Baseline
			return nil
		})
	})
	for i, sample := range samples {
		sample.Accounts, sample.Weeks = all.Accounts, all.Weeks
		r.model.Products[i].Prior = sample.Prior()
	}
	return err
}

// baseline is how many weeks of a surge's baseline an account was watched.
func (r *run) baseline(a *account) float64 {
	_, weeks := intent.SurgeExposure(a.FirstRead, r.sum.AsOf)
	return weeks
}

// evidence adds up the accounts of one span and keeps what comes out.
func (r *run) evidence(ctx context.Context, s *span) error {
	return r.step(ctx, "evidence", s.parameters(), func() error {
		accounts, err := r.members(ctx, s)
		if err != nil {
			return err
		}
		adder := evidence.New(r.model)
		out := sums{run: r.sum.RunID, span: uint16(s.number)}
		err = r.eachAccount(ctx, s, accounts, func(a *account) error {
			return adder.Add(&a.Account, func(sum *evidence.Sum) error {
				out.add(a.number, sum)
				return nil
			})
		})
		if err != nil {
			return err
		}
		return r.deps.DB.Insert(ctx, "run_evidence", sumColumns(), out.columns())
	})
}
