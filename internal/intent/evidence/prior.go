package evidence

import "telltale/internal/intent"

// Rates gathers how much is said of each product in the baseline weeks of the accounts that were watched then.
type Rates struct {
	accounts, weeks float64
	said, squared   []float64
}

// leastSaid is how much must be said of a product for its spread to be told.
const leastSaid = 10

// NewRates is for so many products.
func NewRates(products int) *Rates {
	return &Rates{said: make([]float64, products), squared: make([]float64, products)}
}

// Watch takes in an account that was under observation for so many weeks of the baseline; none is not watched.
func (r *Rates) Watch(weeks float64) {
	if weeks > 0 {
		r.accounts++
		r.weeks += weeks
	}
}

// Say takes in what is said of a product by an account that is watched.
func (r *Rates) Say(product int, baseline int64) {
	x := float64(baseline)
	r.said[product] += x
	r.squared[product] += x * x
}

// Prior is a gamma distribution by its moments: as even as a Poisson count where nothing shows more spread, and of little weight where next to nothing is said.
func (r *Rates) Prior(product int) intent.SurgePrior {
	mean := r.said[product] / max(r.accounts, 1)
	variance := r.squared[product]/max(r.accounts, 1) - mean*mean
	shape := 50.0
	switch {
	case r.said[product] < leastSaid:
		shape = 0.5
	case variance > mean:
		shape = max(min(mean*mean/(variance-mean), 50), 0.05)
	}
	return intent.SurgePrior{Shape: shape, Rate: shape / max(mean*r.accounts/max(r.weeks, 1), 0.001)}
}
