package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/backtest"
	"telltale/internal/fit/judge"
	"telltale/internal/scoring/backtesting"
)

// shownDrift is how many figures of drift are printed.
const shownDrift = 8

// printBacktest writes what a backtest came to, as a sales leader can read it.
func printBacktest(out io.Writer, r *backtesting.Report) {
	product := r.Product
	if product == "" {
		product = "all products"
	}
	known := "what was known at each month's end"
	if r.Hindsight {
		known = "what is known today (--hindsight)"
	}
	fmt.Fprintf(out, "Backtest %s, %s: as of %d month ends from %s to %s, by %s; deals that closed within %d days after\n", r.Version, product, len(r.Months),
		r.Months[0].Name, r.Months[len(r.Months)-1].Name, known, r.HorizonDays)
	if r.Share < 1 {
		fmt.Fprintf(out, "%.1f %% of the accounts were drawn\n", 100*r.Share)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(out, "skipped %s\n", s)
	}
	if r.Seen != "" {
		fmt.Fprintf(out, "Beware: %s.\n", r.Seen)
	}
	fmt.Fprintln(out, ratesTable("cluster", r.Clusters).Render())
	fmt.Fprintln(out, ratesTable("cell", r.Cells).Render())
	fmt.Fprintln(out, rankingsTable(r).Render())
	printOverlay(out, r)
}

func ratesTable(title string, rates []backtest.Rate) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{title, "recommended", "won within", "conversion (95 %)", "lift (95 %)", "closed", "won", "win rate (95 %)", "acted on", "won of these", "not acted on", "won of these"})
	for i := range rates {
		r := &rates[i]
		name, lift := r.Name, with(r.Lift, r.LiftInterval, 2)
		if r.Cluster != "" && r.Cluster != r.Name {
			name += " " + r.Cluster
		}
		if r.Name == backtest.Unknown {
			name, lift = "Unknown (not judged)", "–"
		}
		t.AppendRow(table.Row{name, r.Cases, r.Winners, percent(r.Conversion, r.ConversionInterval, r.Cases), lift, r.Closed, r.Won,
			percent(r.WinRate, r.Win, r.Closed), r.Acted, r.ActedWon, r.Ignored, r.IgnoredWon})
	}
	return t
}

// percent writes a share with its interval; of nothing, a dash.
func percent(v float64, i judge.Interval, of int) string {
	if of == 0 {
		return "–"
	}
	digits := 1
	if i.High < 0.1 {
		digits = 2
	}
	return fmt.Sprintf("%.*f %% (%.*f–%.*f)", digits, 100*v, digits, 100*i.Low, digits, 100*i.High)
}

func rankingsTable(r *backtesting.Report) table.Writer {
	var judged []string
	for _, m := range r.Months {
		if !m.Fitted {
			judged = append(judged, m.Name)
		}
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"ranking on " + strings.Join(judged, ", "), "cases", "won", "AUC", "average precision", "lift@10 %", "ECE", "Brier", "log loss"})
	for i := range r.Rankings {
		k := &r.Rankings[i]
		ece, brier, loss := "–", "–", "–"
		if k.Believable {
			ece, brier, loss = with(k.Metrics.ECE, k.Intervals.ECE, 3), fmt.Sprintf("%.4f", k.Metrics.Brier), fmt.Sprintf("%.4f", k.Metrics.LogLoss)
		}
		t.AppendRow(table.Row{k.Name, k.Metrics.Cases, k.Metrics.Won, with(k.Metrics.AUC, k.Intervals.AUC, 3), with(k.Metrics.AP, k.Intervals.AP, 3),
			with(k.Metrics.Lift, k.Intervals.Lift, 2), ece, brier, loss})
	}
	t.AppendRow(table.Row{"outcomes dealt at random", "", "", "", "", with(r.Chance, r.ChanceInterval, 2), "", "", ""})
	return t
}

func printOverlay(out io.Writer, r *backtesting.Report) {
	o := r.Overlay
	if o == nil {
		fmt.Fprintln(out, "No probability was judged: earlier months with ten winners or more are needed to learn how fit and intent are laid over each other.")
		return
	}
	fmt.Fprintf(out, "Learned on %d cases with %d winners of the earlier months, each account by a fit without it: logit = %.2f + %.2f · fit/100 + %.2f · intent logit\n",
		o.Cases, o.Winners, o.Intercept, o.Fit, o.Intent)
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"calibration: said", "was (95 %)", "cases", "won"})
	for _, b := range r.Calibration {
		t.AppendRow(table.Row{fmt.Sprintf("%.2f %%", 100*b.Said), percent(b.Was, b.Interval, b.Cases), b.Cases, b.Won})
	}
	fmt.Fprintln(out, t.Render())
	var drift []string
	for _, d := range r.Drift[:min(len(r.Drift), shownDrift)] {
		drift = append(drift, fmt.Sprintf("%s %.3f", d.Name, d.PSI))
	}
	fmt.Fprintf(out, "Drift since the earlier months (PSI; 0.1 is some, 0.25 is much): %s\n", strings.Join(drift, ", "))
}
