package topics

import (
	"fmt"
	"slices"
)

// check holds the parts of a taxonomy to each other: names that are known, figures in range.
func (t *Taxonomy) check() error {
	products := map[string]bool{}
	for _, p := range t.Products {
		if p.Name == "" || len(p.Product) == 0 {
			return fmt.Errorf("%w: product %q needs a name and an alias", ErrTaxonomy, p.Name)
		}
		products[p.Name] = true
	}
	for _, a := range slices.Concat(t.Agreements, t.Residency) {
		if !products[a.Product] {
			return fmt.Errorf("%w: %q speaks of the unknown product %q", ErrTaxonomy, a.Alias, a.Product)
		}
	}
	for _, x := range t.Technologies {
		for _, r := range x.Relations {
			if !products[r.Product] || !slices.Contains(relations(), r.Relation) || r.Weight < -10 || r.Weight > 10 {
				return fmt.Errorf("%w: technology %q: relation %+v", ErrTaxonomy, x.Name, r)
			}
		}
	}
	for _, e := range t.Events {
		for p := range e.Products {
			if !products[p] {
				return fmt.Errorf("%w: event %q: unknown product %q", ErrTaxonomy, e.Name, p)
			}
		}
	}
	return t.checkTopics(products)
}

func relations() []string { return []string{"owned", "competitor", "adjacent", "foundation", "gap"} }

func (t *Taxonomy) checkTopics(products map[string]bool) error {
	names := map[string]bool{}
	for _, x := range t.Topics {
		names[x.Name] = true
	}
	for i := range t.Topics {
		x := &t.Topics[i]
		if err := x.check(); err != nil {
			return err
		}
		for p := range x.Products {
			if !products[p] {
				return fmt.Errorf("%w: topic %s: unknown product %q", ErrTaxonomy, x.Name, p)
			}
		}
		for _, g := range x.Groups {
			for _, n := range slices.Concat(g.YieldsTo, g.Unless) {
				if !names[n] {
					return fmt.Errorf("%w: topic %s: group %s: unknown topic %q", ErrTaxonomy, x.Name, g.ID, n)
				}
			}
		}
	}
	return nil
}

// check holds a topic's own figures to their ranges.
func (x *Topic) check() error {
	switch {
	case x.Name == "":
		return fmt.Errorf("%w: a topic without a name", ErrTaxonomy)
	case x.Sign != 1 && x.Sign != -1:
		return fmt.Errorf("%w: topic %s: sign %d is not 1 or -1", ErrTaxonomy, x.Name, x.Sign)
	case x.Weight < 0 || x.Weight > 10 || x.HalfLifeDays <= 0 || x.Strength <= 0 || x.Strength > 1:
		return fmt.Errorf("%w: topic %s: weight 0–10, half_life_days above 0 and strength 0–1 are asked for", ErrTaxonomy, x.Name)
	case !slices.Contains([]string{"", "inside", "ignore"}, x.Denial):
		return fmt.Errorf("%w: topic %s: denial %q", ErrTaxonomy, x.Name, x.Denial)
	}
	return nil
}
