package backtest

import (
	"fmt"
	"math"

	"telltale/internal/fit/judge"
)

// LeakAUC is the AUC above which a single figure is taken for one that was written down after the outcome, as for models of fit.
const LeakAUC = 0.9

// leak refuses a figure that tells winners from the others almost by itself, either way round. Errors wrap ErrLeak and name the worst.
func (d *Data) leak(at []int) error {
	figures := []struct {
		name string
		of   func(*Case) float64
	}{{"fit score", fitOf}}
	for n, name := range d.Names {
		figures = append(figures, struct {
			name string
			of   func(*Case) float64
		}{name, d.feature(int32(n))})
	}
	worst, most := "", 0.0
	for _, f := range figures {
		auc, err := d.alone(at, f.of)
		if err != nil {
			return err
		}
		if auc >= most { // of equals the later: drivers come after the counts that follow from them
			worst, most = f.name, auc
		}
	}
	if most > LeakAUC {
		return fmt.Errorf("%w: %q alone has an AUC of %.3f (more than %.1f) on what closed after: it was likely written down after the outcome", ErrLeak, worst, most, LeakAUC)
	}
	return nil
}

// alone is the AUC of one figure, whichever way round it ranks better.
func (d *Data) alone(at []int, of func(*Case) float64) (float64, error) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, i := range at {
		v := of(&d.Cases[i])
		low, high = min(low, v), max(high, v)
	}
	if !(high > low) {
		return 0.5, nil
	}
	m, err := judge.Measure(d.cases(at, func(c *Case) float64 { return (of(c) - low) / (high - low) }))
	return max(m.AUC, 1-m.AUC), err
}
