package backtest

import (
	"cmp"
	"math"
	"slices"
)

// psiBins is how many quantile bins the population stability index compares.
const psiBins = 10

// Drift is how far a figure's distribution moved between the months trained on and those judged.
type Drift struct {
	Name string `json:"name"`
	// PSI is the population stability index: below 0.1 stable, 0.1–0.25 some drift, above 0.25 much.
	PSI float64 `json:"psi"`
}

// PSI is the population stability index Σ (a−b)·ln(a/b) over ten quantile bins of the first sample, zeros (no evidence) being a bin of their own;
// half a row is added to each bin, so that an empty one has no infinite weight. It is 0 where a sample is empty.
func PSI(before, after []float64) float64 {
	if len(before) == 0 || len(after) == 0 {
		return 0
	}
	var known []float64
	for _, v := range before {
		if v != 0 {
			known = append(known, v)
		}
	}
	slices.Sort(known)
	var edges []float64
	for b := 1; b < psiBins && len(known) > 0; b++ {
		edges = append(edges, known[len(known)*b/psiBins])
	}
	edges = slices.Compact(edges)
	var a, b [psiBins + 1]float64
	spread(before, edges, &a)
	spread(after, edges, &b)
	used := min(len(edges)+2, len(a))
	sum := 0.0
	for i := range a[:used] {
		p, q := (a[i]+0.5)/(float64(len(before))+0.5*float64(used)), (b[i]+0.5)/(float64(len(after))+0.5*float64(used))
		sum += (q - p) * math.Log(q/p)
	}
	return sum
}

// spread counts values by bin: zeros first, then by edges.
func spread(values, edges []float64, into *[psiBins + 1]float64) {
	for _, v := range values {
		at := 0
		if v != 0 {
			at = 1
			for at <= len(edges) && v >= edges[at-1] {
				at++
			}
		}
		into[at]++
	}
}

// drift compares the trained with the judged months, worst first: fit, the intent logit and every feature.
func (d *Data) drift(before, after []int) []Drift {
	if len(before) == 0 {
		return nil
	}
	column := func(at []int, of func(*Case) float64) []float64 {
		out := make([]float64, len(at))
		for k, i := range at {
			out[k] = of(&d.Cases[i])
		}
		return out
	}
	add := func(name string, of func(*Case) float64) Drift {
		return Drift{name, PSI(column(before, of), column(after, of))}
	}
	out := []Drift{add("fit score", fitOf), add("intent score (logit)", logitOf)}
	for n, name := range d.Names {
		out = append(out, add(name, d.feature(int32(n))))
	}
	slices.SortStableFunc(out[2:], func(a, b Drift) int { return cmp.Compare(b.PSI, a.PSI) })
	return out
}

func fitOf(c *Case) float64   { return c.Fit }
func logitOf(c *Case) float64 { return c.Logit }

// feature reads one feature of a case.
func (d *Data) feature(name int32) func(*Case) float64 {
	return func(c *Case) float64 {
		for _, f := range c.Features {
			if f.Name == name {
				return f.Value
			}
		}
		return 0
	}
}
