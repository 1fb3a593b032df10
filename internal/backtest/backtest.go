package backtest

import "telltale/internal/fit/judge"

// Ranking is how well one way to rank the cases does on the judged months.
type Ranking struct {
	Name      string          `json:"name"`
	Metrics   judge.Metrics   `json:"metrics"`
	Intervals judge.Intervals `json:"intervals"`
	// Believable says that the score is a probability, so that Brier, ECE and log loss mean something.
	Believable bool `json:"believable"`
}

// Result is what a backtest came to.
type Result struct {
	// Rankings are fit alone, intent alone and, where earlier months were there to fit it, both.
	Rankings []Ranking `json:"rankings"`
	// Overlay is nil where nothing was fitted.
	Overlay *Overlay `json:"overlay,omitempty"`
	// Clusters and Cells are of all months; Months are the clusters of each month by its number.
	Clusters []Rate   `json:"clusters"`
	Cells    []Rate   `json:"cells"`
	Months   [][]Rate `json:"months"`
	// Calibration is of the overlay on the judged months.
	Calibration []judge.Bin `json:"calibration,omitempty"`
	// Drift is empty where there are no earlier months to compare with.
	Drift []Drift `json:"drift,omitempty"`
	// Chance is the lift of the last ranking on outcomes dealt at random, which is 1 but for noise, and the range in which luck alone would put it.
	Chance         float64        `json:"chance_lift_10"`
	ChanceInterval judge.Interval `json:"chance_lift_10_interval"`
}

// Judge judges the cases. Errors wrap ErrLabels or ErrLeak where the outcomes or features are at fault.
func Judge(d *Data) (*Result, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	months := int32(0)
	for i := range d.Cases {
		months = max(months, d.Cases[i].Month+1)
	}
	train, test := d.picked(0, d.TrainMonths), d.picked(d.TrainMonths, months)
	if err := d.leak(test); err != nil {
		return nil, err
	}
	r := &Result{Drift: d.drift(train, test)}
	r.Clusters, r.Cells = rates(d.Cases, func(*Case) bool { return true })
	for m := range months {
		clusters, _ := rates(d.Cases, func(c *Case) bool { return c.Month == m })
		r.Months = append(r.Months, clusters)
	}
	return r, d.rank(r, train, test)
}

// rank measures the ways to rank the judged cases.
func (d *Data) rank(r *Result, train, test []int) error {
	best := d.cases(test, func(c *Case) float64 { return (c.Fit + c.Intent) / 200 })
	plain := []struct {
		name  string
		cases *judge.Cases
	}{
		{"fit alone", d.cases(test, func(c *Case) float64 { return c.Fit / 100 })},
		{"intent alone", d.cases(test, func(c *Case) float64 { return c.Intent / 100 })},
		{"fit + intent, plain sum", best},
	}
	for _, p := range plain {
		ranking, err := d.measure(p.name, p.cases, false)
		if err != nil {
			return err
		}
		r.Rankings = append(r.Rankings, ranking)
	}
	overlay, predicted, err := d.overlay(train, test)
	if err != nil {
		return err
	}
	if overlay != nil {
		best.Predicted, r.Overlay = predicted, overlay
		ranking, err := d.measure("fit × intent, learned on earlier months", best, true)
		if err != nil {
			return err
		}
		r.Rankings = append(r.Rankings, ranking)
		if r.Calibration, err = judge.Calibrate(best); err != nil {
			return err
		}
	}
	r.Chance, r.ChanceInterval, err = judge.Chance(best, d.Seed)
	return err
}

func (d *Data) measure(name string, c *judge.Cases, believable bool) (out Ranking, err error) {
	out = Ranking{Name: name, Believable: believable}
	if out.Metrics, err = judge.Measure(c); err != nil {
		return out, err
	}
	if out.Intervals, err = judge.Bootstrap(c, d.Seed); err != nil {
		return out, err
	}
	if !believable {
		out.Metrics.Brier, out.Metrics.ECE, out.Metrics.LogLoss, out.Intervals.ECE = 0, 0, 0, judge.Interval{}
	}
	return out, nil
}
