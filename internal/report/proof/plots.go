package proof

import (
	"fmt"
	"math"

	"telltale/internal/backtest"
	"telltale/internal/fit/judge"
)

// barsView is the plot of conversion by cluster, in the units of its view box.
type barsView struct {
	Height   string
	AllX     string
	AllLabel string
	Ticks    []tick
	Bars     []bar
}

type tick struct{ At, Label string }

type bar struct {
	Name, Class, Label        string
	Y, Mid, Width             string
	Low, High, CapTop, CapEnd string
	LabelX                    string
}

// The bars' plot: a left margin for names, a right one for labels, and a row a cluster.
const (
	barsLeft  = 110.0
	barsWidth = 560.0
	barsRow   = 44.0
	barsTop   = 26.0
)

func bars(rates []backtest.Rate) barsView {
	clusters, all := judgedClusters(rates), find(rates, backtest.All)
	most := all.Conversion
	for _, c := range clusters {
		most = max(most, c.ConversionInterval.High)
	}
	unit := nice(most / 4)
	most = max(unit*math.Ceil(most/unit), 1e-9)
	x := func(v float64) float64 { return barsLeft + barsWidth*v/most }
	v := barsView{Height: number(barsTop + barsRow*float64(len(clusters)) + 30), AllX: number(x(all.Conversion)), AllLabel: "all " + percent(all.Conversion)}
	for at := 0.0; at <= most*1.001; at += unit {
		v.Ticks = append(v.Ticks, tick{number(x(at)), fmt.Sprintf("%.3g %%", 100*at)})
	}
	for i, c := range clusters {
		y := barsTop + barsRow*float64(i) + 9
		v.Bars = append(v.Bars, bar{Name: c.Name, Class: class(c.Name), Label: fmt.Sprintf("%s · %.2f×", percent(c.Conversion), c.Lift),
			Y: number(y), Mid: number(y + 13), Width: number(x(c.Conversion) - barsLeft), Low: number(x(c.ConversionInterval.Low)), High: number(x(c.ConversionInterval.High)),
			CapTop: number(y + 8), CapEnd: number(y + 18), LabelX: number(x(c.ConversionInterval.High) + 8)})
	}
	return v
}

// nice rounds a step of a scale up to 1, 2 or 5 times a power of ten.
func nice(x float64) float64 {
	if !(x > 0) {
		return 0.01
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{1, 2, 5} {
		if x <= m*power*1.0001 {
			return m * power
		}
	}
	return 10 * power
}

// matrixRow is a row of the 4×4 matrix.
type matrixRow struct {
	Cells []cellView
}

type cellView struct {
	Code, Cluster, Class, Lift, Range, Count string
	// Heat is 0–100, by lift.
	Heat  int
	Empty bool
}

// matrixOf lays the cells out in the default matrix's order of fit and intent.
func matrixOf(cells []backtest.Rate) (out []matrixRow) {
	most := 1.0
	for _, c := range cells {
		most = max(most, c.Lift)
	}
	for _, row := range [...][4]string{{"A1", "A2", "B1", "B2"}, {"A3", "A4", "B3", "B4"}, {"C1", "C2", "D1", "D2"}, {"C3", "C4", "D3", "D4"}} {
		var r matrixRow
		for _, code := range row {
			c := find(cells, code)
			v := cellView{Code: code, Cluster: c.Cluster, Class: class(c.Cluster), Empty: c.Cases == 0, Lift: "–", Range: "no cases"}
			if !v.Empty {
				v.Lift, v.Count = fmt.Sprintf("%.2f×", c.Lift), fmt.Sprintf("%d of %s", c.Winners, thousands(c.Cases))
				v.Range = span(c.LiftInterval, 2, "")
				v.Heat = 12 + int(78*c.Lift/most)
			}
			r.Cells = append(r.Cells, v)
		}
		out = append(out, r)
	}
	return out
}

// actedView compares, within a cluster, the deals that sellers acted on with those that they did not.
type actedView struct {
	Name, Class                                            string
	Recommended, Closed, Won                               string
	Acted, ActedShare, ActedRate, ActedRange, ActedWidth   string
	Ignored, IgnoredRate, IgnoredRange, IgnoredWidth, Note string
}

func acted(rates []backtest.Rate) (out []actedView) {
	for i := range rates {
		r := &rates[i]
		v := actedView{Name: r.Name, Class: class(r.Name), Recommended: thousands(r.Cases), Closed: thousands(r.Closed), Won: thousands(r.Won), Acted: thousands(r.Acted),
			Ignored: thousands(r.Ignored), ActedShare: "–", ActedRate: "–", IgnoredRate: "–", ActedWidth: "0", IgnoredWidth: "0"}
		if r.Name == backtest.Unknown {
			v.Name = "Not judged"
		}
		if known := r.Acted + r.Ignored; known > 0 {
			v.ActedShare = whole(r.Acted, known)
		}
		v.ActedRate, v.ActedRange, v.ActedWidth = outcome(r.ActedWon, r.Acted)
		v.IgnoredRate, v.IgnoredRange, v.IgnoredWidth = outcome(r.IgnoredWon, r.Ignored)
		out = append(out, v)
	}
	return out
}

func outcome(won, of int) (rate, within, width string) {
	if of == 0 {
		return "–", "", "0"
	}
	share := float64(won) / float64(of)
	return whole(won, of), fmt.Sprintf("%.0f–%.0f %%", 100*judge.Wilson(won, of).Low, 100*judge.Wilson(won, of).High), number(100 * share)
}

// calibrationView is the plot of what was said against what was.
type calibrationView struct {
	Points []point
	Ticks  []gridTick
	Note   string
}

type point struct{ X, Y, Low, High, Title string }

type gridTick struct{ X, Y, Label string }

// The calibration's plot is a square of calSize units with a margin for labels.
const (
	calSize = 300.0
	calLeft = 52.0
	calTop  = 10.0
)

func calibrationOf(r *backtest.Result) *calibrationView {
	if len(r.Calibration) == 0 {
		return nil
	}
	most := 0.0
	for _, b := range r.Calibration {
		most = max(most, b.Said, b.Interval.High)
	}
	unit := nice(most / 4)
	most = max(unit*math.Ceil(most/unit), 1e-9)
	x := func(v float64) string { return number(calLeft + calSize*v/most) }
	y := func(v float64) string { return number(calTop + calSize - calSize*v/most) }
	v := &calibrationView{}
	best := r.Rankings[len(r.Rankings)-1]
	v.Note = fmt.Sprintf("On average what was said is %.2f points of a hundred off (expected calibration error; Brier %.4f, log loss %.4f).", 100*best.Metrics.ECE, best.Metrics.Brier, best.Metrics.LogLoss)
	for at := 0.0; at <= most*1.001; at += unit {
		v.Ticks = append(v.Ticks, gridTick{x(at), y(at), fmt.Sprintf("%.3g %%", 100*at)})
	}
	for _, b := range r.Calibration {
		v.Points = append(v.Points, point{x(b.Said), y(b.Was), y(b.Interval.Low), y(b.Interval.High),
			fmt.Sprintf("said %s, was %s (%s), %d of %s won", percent(b.Said), percent(b.Was), percents(b.Interval), b.Won, thousands(b.Cases))})
	}
	return v
}
