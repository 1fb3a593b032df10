package fitting

import (
	"context"
	"strings"

	"telltale/internal/fit/features"
	"telltale/internal/fit/lookalike"
)

const (
	million = 1_000_000
	// ownedDays is how long a purchase without a subscription is taken to mean that the account has the product.
	ownedDays = 365
	// mostTechnologies is how many technologies become features: the most frequent ones.
	mostTechnologies = 64
)

// The names of features that are no column of accounts.csv.
const (
	uses = "uses "
	owns = "owns "
)

// row is one row as the store gives it.
type row struct {
	account                           string
	closed                            int64
	won                               bool
	country, region, industry         string
	vertical                          string
	employees, potential              float64
	keys, values, products, technolog []string
	covered                           bool
}

func (r *row) read(into func(dest ...any) error) error {
	r.keys, r.values, r.products, r.technolog = nil, nil, nil, nil
	return into(&r.account, &r.closed, &r.won, &r.country, &r.region, &r.industry, &r.vertical, &r.employees, &r.potential,
		&r.keys, &r.values, &r.products, &r.covered, &r.technolog)
}

// fill puts what is known of the row into a table. Technologies are unknown while no page has been read; products are what our own books say.
func (r *row) fill(b *features.Builder, technologies, products []string) {
	b.Next()
	b.Number("employees", r.employees)
	b.Number("azure_potential_usd", r.potential)
	b.Word("country", r.country)
	b.Word("region", r.region)
	b.Word("industry", r.industry)
	b.Word("vertical", r.vertical)
	for i, k := range r.keys {
		b.Word(k, r.values[i])
	}
	has := map[string]bool{}
	for _, p := range r.products {
		has[p] = true
	}
	for _, p := range products {
		b.Flag(owns+p, has[p])
	}
	if !r.covered {
		return
	}
	clear(has)
	for _, t := range r.technolog {
		has[t] = true
	}
	for _, t := range technologies {
		b.Flag(uses+t, has[t])
	}
}

// stack lists the technologies that become features. The product's own are left out: who uses it is who bought it.
func (f *Fitter) stack(ctx context.Context, q *question) ([]string, error) {
	var out []string
	err := f.each(ctx, "stack", q, func(into func(dest ...any) error) error {
		var name string
		if err := into(&name); err != nil {
			return err
		}
		if !sameThing(name, q.product) {
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// sameThing reports whether one name holds the other, such as "Microsoft Azure" and "Azure".
func sameThing(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return strings.Contains(a, b) || strings.Contains(b, a)
}

// asked lists the technologies and products that a model asks for.
func asked(m *lookalike.Model) (technologies, products []string) {
	for i := range m.Features {
		f := &m.Features[i]
		if f.Kind != features.Flag {
			continue
		}
		if name, ok := strings.CutPrefix(f.Name, uses); ok {
			technologies = append(technologies, name)
		}
		if name, ok := strings.CutPrefix(f.Name, owns); ok {
			products = append(products, name)
		}
	}
	return technologies, products
}
