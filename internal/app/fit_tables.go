package app

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/fit"
	"telltale/internal/fit/judge"
	"telltale/internal/fit/lookalike"
	"telltale/internal/scoring/fitting"
)

// shownLevels is how many levels of a model are printed.
const shownLevels = 12

// printTraining writes what a training came to, as a sales leader can read it.
func printTraining(out io.Writer, r *fitting.TrainReport) {
	fmt.Fprintf(out, "%s, %s from %s as of %s: %d rows, %d positive, %d features (%s)\n", r.Product, r.Kind, r.Labels, r.AsOf, r.Rows, r.Won, r.Features, tuning(r.Tuning))
	if r.BaseRate > 0 {
		fmt.Fprintf(out, "base rate %.2f %%: %s\n", 100*r.BaseRate, r.BaseFrom)
	}
	s := r.Split
	fmt.Fprintf(out, "split by %s: %d rows to train on, %d to tune and calibrate, %d to test, %d left out so that no account is on two sides", s.By, s.Rows[0], s.Rows[1], s.Rows[2], s.Rows[3])
	if s.TestFrom != "" {
		fmt.Fprintf(out, "; tuned from %s, tested from %s", s.TuneFrom, s.TestFrom)
	}
	fmt.Fprint(out, "\n\n")
	t := judgedTable("on rows it has not seen (95 %)")
	addJudged(t, string(r.Kind), r.Tested)
	if r.Verdict.Other != nil {
		if r.Verdict.Mine != nil && r.Verdict.Mine.Metrics.Cases != r.Tested.Metrics.Cases {
			addJudged(t, string(r.Kind)+", newer rows", *r.Verdict.Mine)
		}
		addJudged(t, "champion "+r.Verdict.Champion, *r.Verdict.Other)
	}
	fmt.Fprintln(out, t.Render())
	if w := r.Walk; w != nil {
		t := judgedTable(fmt.Sprintf("walk from %s to %s", w.From, w.To))
		addJudged(t, "trained once", w.Frozen)
		addJudged(t, fmt.Sprintf("%d refits", w.Refits), w.Rolling)
		fmt.Fprintln(out, t.Render())
	}
	printLevels(out, r.Model)
	fmt.Fprintf(out, "\n%s\n", lookalike.Rule)
	if r.Verdict.Champion != "" {
		fmt.Fprintf(out, "Champion %s, compared with %s.\n", r.Verdict.Champion, r.Verdict.Against)
	}
	state := "stays a challenger"
	if r.Verdict.Promoted {
		state = "is the champion"
	}
	if !r.Stored {
		state = "is not stored (--dry-run)"
	}
	fmt.Fprintf(out, "Model %s %s: %s.\n", r.Version, state, r.Verdict.Why)
}

func tuning(t lookalike.Tuning) string {
	if t.Trees > 0 {
		return fmt.Sprintf("%d trees", t.Trees)
	}
	return fmt.Sprintf("L2 penalty %v", t.L2)
}

func judgedTable(title string) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{title, "rows", "won", "AUC", "average precision", "lift@10 %", "ECE", "Brier"})
	return t
}

func addJudged(t table.Writer, name string, j lookalike.Judged) {
	m, i := j.Metrics, j.Intervals
	t.AppendRow(table.Row{name, m.Cases, m.Won, with(m.AUC, i.AUC, 3), with(m.AP, i.AP, 3), with(m.Lift, i.Lift, 2), with(m.ECE, i.ECE, 3), fmt.Sprintf("%.3f", m.Brier)})
}

func with(v float64, i judge.Interval, digits int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, v, digits, i.Low, digits, i.High)
}

// printLevels writes what weighs most in a model whose levels have weights.
func printLevels(out io.Writer, m *lookalike.Model) {
	type level struct {
		name   string
		points int64
	}
	var all []level
	for i := range m.Features {
		f := &m.Features[i]
		for l, p := range f.Points {
			all = append(all, level{f.Level(l), p})
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, func(a, b level) int { return cmp.Compare(max(b.points, -b.points), max(a.points, -a.points)) })
	fmt.Fprintln(out, "\nWhat weighs most, in logits against the average account:")
	for _, l := range all[:min(len(all), shownLevels)] {
		fmt.Fprintf(out, "%+8.3f  %s\n", float64(l.points)/1000, l.name)
	}
}

// printFitScores writes what a scoring came to.
func printFitScores(out io.Writer, r *fitting.ScoreReport) {
	fmt.Fprintf(out, "%s: %d accounts scored by %s, valid from %s, %d rows new or changed, mean probability %.2f %%, in %s\n", r.Product, r.Accounts,
		r.Version, r.ValidFrom, r.Written, 100*r.Mean, r.Took.Round(time.Millisecond))
	fmt.Fprintln(out, "by the default bands; a run rates by those of its matrix:")
	for _, band := range fit.Ratings() {
		fmt.Fprintf(out, "%9s  %d\n", band, r.Bands[band])
	}
	if r.Imported > 0 {
		fmt.Fprintf(out, "%d accounts have an imported score, which wins in scoring unless it is run with --prefer-computed-fit\n", r.Imported)
	}
}
