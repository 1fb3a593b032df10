package learn

import (
	"slices"

	"telltale/internal/intent"
)

// Set are the weights of one product.
type Set struct {
	// Base are those of signals: topics, technologies and events.
	Base []intent.Weight
	// Rate and Breadth are the base rate and what independent sources add.
	Rate, Breadth intent.Weight
	// Surge and Bought are nil where there are none.
	Surge, Bought *intent.Weight
}

// Weights are all of the set: signals, base rate, breadth, surge, purchase.
func (s *Set) Weights() []intent.Weight {
	out := slices.Concat(s.Base, []intent.Weight{s.Rate, s.Breadth})
	for _, w := range []*intent.Weight{s.Surge, s.Bought} {
		if w != nil {
			out = append(out, *w)
		}
	}
	return out
}

// at is the set with its signals at a half-life.
func (s *Set) at(chosen float64) Set {
	out := *s
	out.Base = slices.Clone(s.Base)
	for k := range out.Base {
		out.Base[k].HalfLifeDays = halfLife(&s.Base[k], chosen)
	}
	return out
}

// window counts a row's favourable signals as the scorer does: topics and events whose points, in whole thousandths, are above 0.
func (s *Set) window(r *Row) intent.SurgeWindow {
	out := intent.SurgeWindow{RecentWeeks: r.RecentWeeks, BaselineWeeks: r.BaselineWeeks}
	for i := range r.Signals {
		g := &r.Signals[i]
		w := &s.Base[g.Driver]
		if g.Era == intent.NoEra || w.Kind == intent.KindTechnology || signalPoints(w, g) <= 0 {
			continue
		}
		if g.Era == intent.RecentEra {
			out.Recent++
		} else {
			out.Baseline++
		}
	}
	return out
}

// surge is the strength of a row's surge, 0–1.
func (s *Set) surge(r *Row, prior intent.SurgePrior) float64 {
	return intent.SurgeStrength(s.window(r), prior)
}

// bought is how much of its weight the row's purchase has, 0–1.
func (s *Set) bought(r *Row) float64 {
	if r.Bought == 0 {
		return 0
	}
	return s.Bought.BoughtStrength(int64(r.Bought) - 1)
}

// surgePriors are what a run by the set would know of all accounts in each of some months. A run keeps its own in run_priors; here they are worked out anew, since
// which signals are favourable, and so what is usual, depends on the weights: each set that is tried has others.
func (d *Data) surgePriors(s *Set, from, to int32) []intent.SurgePrior {
	out := make([]intent.SurgePrior, d.Months)
	if s.Surge == nil {
		return out
	}
	samples := make([]intent.SurgeSample, d.Months)
	for m := range min(len(samples), len(d.Watched)) {
		samples[m].Accounts, samples[m].Weeks = d.Watched[m].Accounts, d.Watched[m].Weeks
	}
	for i := range d.Rows {
		r := &d.Rows[i]
		if r.Month < from || r.Month >= to || r.BaselineWeeks <= 0 {
			continue
		}
		n := s.window(r).Baseline
		samples[r.Month].Said += n
		samples[r.Month].Squared += n * n
	}
	for m := range samples {
		out[m] = samples[m].Prior()
	}
	return out
}
