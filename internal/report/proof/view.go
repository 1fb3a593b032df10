package proof

import (
	"fmt"
	"math"
	"strings"

	"telltale/internal/backtest"
	"telltale/internal/fit/judge"
)

// page is what the template shows: every number and word is ready, so that the template only lays out.
type page struct {
	Title, Product, Period, Headline, Second string
	Beware                                   []string
	Facts                                    []fact
	Clusters                                 []rateView
	Bars                                     barsView
	Matrix                                   []matrixRow
	Acted                                    []actedView
	Months                                   []monthView
	ClusterNames                             []string
	Rankings                                 []rankView
	Chance                                   string
	Calibration                              *calibrationView
	Drift                                    []driftView
	Foot                                     []string
}

type fact struct{ Name, Value, Note string }

type rateView struct{ Name, Class, Cases, Won, Conversion, Range, Lift, LiftRange, Closed, WinRate, WinRange string }

type monthView struct {
	Name, Window, Use string
	Shares            []string
}

type rankView struct {
	Name, AUC, Range, Lift, LiftRange, ECE, Brier string
	// Left, Width and At place the interval and the figure on a scale from 0.5 to 1, in per cent.
	Left, Width, At string
}

type driftView struct {
	Name, PSI, Word, Width string
}

func pageOf(in *Input) page {
	r := in.Result
	p := page{Title: "Backtest " + in.Version, Product: in.Product, Period: period(in), Chance: span(r.ChanceInterval, 2, "")}
	if p.Product == "" {
		p.Product = "All products"
	}
	p.Headline, p.Second = headline(r)
	p.Facts = facts(in)
	p.Beware = beware(in)
	for i := range r.Clusters {
		p.Clusters = append(p.Clusters, rateOf(&r.Clusters[i]))
	}
	p.Bars = bars(r.Clusters)
	p.Matrix = matrixOf(r.Cells)
	p.Acted = acted(r.Clusters)
	p.Months, p.ClusterNames = months(in)
	for i := range r.Rankings {
		p.Rankings = append(p.Rankings, rankOf(&r.Rankings[i]))
	}
	p.Calibration = calibrationOf(r)
	p.Drift = driftOf(r)
	p.Foot = foot(in)
	return p
}

func period(in *Input) string {
	first, last := in.Months[0].Name, in.Months[len(in.Months)-1].Name
	if first == last {
		return "as of the end of " + first
	}
	return fmt.Sprintf("as of %d month ends, %s to %s", len(in.Months), first, last)
}

// judgedClusters are the clusters without the two lines that sum up.
func judgedClusters(all []backtest.Rate) []backtest.Rate {
	var out []backtest.Rate
	for i := range all {
		if all[i].Name != backtest.All && all[i].Name != backtest.Unknown {
			out = append(out, all[i])
		}
	}
	return out
}

func find(all []backtest.Rate, name string) *backtest.Rate {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return &backtest.Rate{Name: name}
}

// headline says in two sentences what a sales leader asks first.
func headline(r *backtest.Result) (first, second string) {
	clusters, all := judgedClusters(r.Clusters), find(r.Clusters, backtest.All)
	if len(clusters) == 0 || all.Winners == 0 {
		return "Nothing was judged.", ""
	}
	top, low := clusters[0], clusters[len(clusters)-1]
	second = fmt.Sprintf("%s held %s of all wins in %s of the recommendations.", top.Name, whole(top.Winners, all.Winners), whole(top.Cases, all.Cases))
	switch {
	case low.Winners == 0:
		return fmt.Sprintf("%s won in %s of its recommendations, %s in none.", top.Name, percent(top.Conversion), low.Name), second
	case top.LiftInterval.Low > low.LiftInterval.High:
		return fmt.Sprintf("%s won %.1f times as often as %s.", top.Name, top.Conversion/low.Conversion, low.Name), second
	}
	return fmt.Sprintf("%s won in %s of its recommendations and %s in %s: not apart beyond doubt.", top.Name, percent(top.Conversion), low.Name, percent(low.Conversion)), second
}

func facts(in *Input) []fact {
	all := find(in.Result.Clusters, backtest.All)
	best := in.Result.Rankings[len(in.Result.Rankings)-1]
	return []fact{
		{"Recommendations", thousands(all.Cases), "an account and a product, as of a month's end"},
		{"Deals that closed after", thousands(all.Closed), fmt.Sprintf("within %d days; %s won", in.HorizonDays, thousands(all.Won))},
		{"Won of all recommended", percent(all.Conversion), "the line that lift is measured against"},
		{"Best tenth wins", fmt.Sprintf("%.1f×", best.Metrics.Lift), "as often as all; " + span(best.Intervals.Lift, 1, "×") + " with 95 % confidence"},
	}
}

func beware(in *Input) (out []string) {
	if in.Seen != "" {
		out = append(out, in.Seen+".")
	}
	if in.Hindsight {
		out = append(out, "What is known today was counted, not only what was known at each month's end: pages that were read later stand in for a crawl that had not begun.")
	}
	if in.Share < 1 {
		out = append(out, fmt.Sprintf("%.1f %% of the accounts were drawn by a hash of their ids.", 100*in.Share))
	}
	return out
}

func rateOf(r *backtest.Rate) rateView {
	v := rateView{Name: r.Name, Class: class(r.Name), Cases: thousands(r.Cases), Won: thousands(r.Winners), Closed: thousands(r.Closed),
		Conversion: "–", Lift: "–", WinRate: "–"}
	if r.Cases > 0 {
		v.Conversion, v.Range = percent(r.Conversion), percents(r.ConversionInterval)
		if r.Name != backtest.Unknown {
			v.Lift, v.LiftRange = fmt.Sprintf("%.2f×", r.Lift), span(r.LiftInterval, 2, "")
		}
	}
	if r.Closed > 0 {
		v.WinRate, v.WinRange = percent(r.WinRate), percents(r.Win)
	}
	if r.Name == backtest.Unknown {
		v.Name = "Not judged"
	}
	return v
}

func months(in *Input) (out []monthView, names []string) {
	for _, c := range judgedClusters(in.Result.Clusters) {
		names = append(names, c.Name)
	}
	for i, m := range in.Months {
		v := monthView{Name: m.Name, Window: m.After + " to " + m.Until, Use: "judged"}
		if m.Fitted {
			v.Use = "rates; learned from"
		}
		for _, n := range names {
			r := find(in.Result.Months[i], n)
			text := "–"
			if r.Cases > 0 {
				text = fmt.Sprintf("%s (%d of %s)", percent(r.Conversion), r.Winners, thousands(r.Cases))
			}
			v.Shares = append(v.Shares, text)
		}
		out = append(out, v)
	}
	return out, names
}

func rankOf(r *backtest.Ranking) rankView {
	m, i := r.Metrics, r.Intervals
	scale := func(x float64) float64 { return 100 * min(max((x-0.4)/0.6, 0), 1) }
	v := rankView{Name: r.Name, AUC: fmt.Sprintf("%.3f", m.AUC), Range: span(i.AUC, 3, ""), Lift: fmt.Sprintf("%.2f×", m.Lift), LiftRange: span(i.Lift, 2, ""), ECE: "–", Brier: "–",
		Left: number(scale(i.AUC.Low)), Width: number(scale(i.AUC.High) - scale(i.AUC.Low)), At: number(scale(m.AUC))}
	if r.Believable {
		v.ECE, v.Brier = fmt.Sprintf("%.4f", m.ECE), fmt.Sprintf("%.4f", m.Brier)
	}
	return v
}

// shownDrift is how many figures of drift the page shows.
const shownDrift = 10

func driftOf(r *backtest.Result) (out []driftView) {
	for _, d := range r.Drift[:min(len(r.Drift), shownDrift)] {
		word := "stable"
		switch {
		case d.PSI > 0.25:
			word = "much"
		case d.PSI > 0.1:
			word = "some"
		}
		out = append(out, driftView{strings.ReplaceAll(d.Name, "_", " "), fmt.Sprintf("%.3f", d.PSI), word, number(100 * min(d.PSI/0.5, 1))})
	}
	return out
}

func foot(in *Input) []string {
	out := []string{"A recommendation is an account and a product as of a month's end; it won where an opportunity closed as won within the horizon after that day. Months are as far apart as the horizon is long, so that no deal counts twice. Rates are with Wilson 95 % intervals, rankings with intervals of 200 draws of whole accounts."}
	if o := in.Result.Overlay; o != nil {
		out = append(out, fmt.Sprintf("Fit × intent was learned on %s recommendations with %s wins of the earlier months and is judged on later ones; the fit that judges an account never saw it.", thousands(o.Cases), thousands(o.Winners)))
	}
	return append(out, "Backtest "+in.Version)
}

func class(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }

func percent(x float64) string {
	if x != 0 && x < 0.0995 {
		return fmt.Sprintf("%.2f %%", 100*x)
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

func whole(n, of int) string { return fmt.Sprintf("%.0f %%", math.Round(100*float64(n)/float64(of))) }

func percents(i judge.Interval) string {
	digits := 1
	if i.High < 0.0995 {
		digits = 2
	}
	return fmt.Sprintf("%.*f–%.*f %%", digits, 100*i.Low, digits, 100*i.High)
}

func span(i judge.Interval, digits int, unit string) string {
	return fmt.Sprintf("%.*f–%.*f%s", digits, i.Low, digits, i.High, unit)
}

func number(x float64) string { return fmt.Sprintf("%.1f", x) }

// thousands parts digits by thin spaces.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u2009" + text[i:]
	}
	return text
}
