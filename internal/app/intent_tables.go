package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/fit/lookalike"
	"telltale/internal/intent"
	"telltale/internal/intent/learn"
	"telltale/internal/scoring/learning"
)

// shownChanges is how many changed weights are printed.
const shownChanges = 12

// printLearned writes what a training came to, as a sales leader can read it.
func printLearned(out io.Writer, o *learning.Outcome) {
	for _, r := range o.Reports {
		printLearnedProduct(out, r)
	}
	for _, s := range o.Skipped {
		fmt.Fprintf(out, "%s: nothing learned: %s\n", s.Product, s.Why)
	}
	if len(o.SkippedMonths) > 0 {
		fmt.Fprintf(out, "Months before any account was known: %s\n", strings.Join(o.SkippedMonths, ", "))
	}
	fmt.Fprintln(out, learn.Rule)
}

func printLearnedProduct(out io.Writer, r *learning.Report) {
	known := "as was known then"
	if r.Hindsight {
		known = "in hindsight"
	}
	fmt.Fprintf(out, "%s: %d rows of accounts with evidence, %d won within %d days, as of the ends of %s, %s; held out from %s\n", r.Product, r.Rows, r.Won, r.HorizonDays,
		strings.Join(r.Months, ", "), known, r.HeldOut)
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"half-life", "log loss (tuning)", "pull"})
	for _, try := range r.Tries {
		name := halfLifeText(try.HalfLifeDays)
		if try == r.Chosen {
			name += " ← chosen"
		}
		t.AppendRow(table.Row{name, fmt.Sprintf("%.4f", try.LogLoss), try.Pull})
	}
	fmt.Fprintln(out, t.Render())
	t = table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"on months held out (95 %)", "rows", "won", "AUC", "log loss", "lift@10 %", "ECE"})
	addWeighed(t, "before: "+r.Verdict.Against, r.Verdict.Other)
	addWeighed(t, "after: learned", r.Verdict.Mine)
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: 50}})
	fmt.Fprintln(out, t.Render())
	printChanges(out, r.Changes)
	state := "stays a challenger"
	if r.Verdict.Promoted {
		state = "is the champion"
	}
	if !r.Stored {
		state = "is not stored (--dry-run)"
	}
	fmt.Fprintf(out, "Model %s %s: %s.\n\n", r.Version, state, r.Verdict.Why)
}

func addWeighed(t table.Writer, name string, j *lookalike.Judged) {
	m, i := j.Metrics, j.Intervals
	t.AppendRow(table.Row{name, m.Cases, m.Won, with(m.AUC, i.AUC, 3), fmt.Sprintf("%.4f", m.LogLoss), with(m.Lift, i.Lift, 2), with(m.ECE, i.ECE, 3)})
}

// printChanges writes the weights that learning changed most.
func printChanges(out io.Writer, all []learning.Change) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"weight of a fresh signal, in logits", "before", "after", "half-life before", "after"})
	for _, c := range all[:min(len(all), shownChanges)] {
		if c.Before == c.After && c.HalfLifeBefore == c.HalfLifeAfter {
			break
		}
		name := intent.DriverWords(c.Kind + ":" + c.Name)
		t.AppendRow(table.Row{name, logitText(c.Before), logitText(c.After), halfLifeText(c.HalfLifeBefore), halfLifeText(c.HalfLifeAfter)})
	}
	fmt.Fprintln(out, t.Render())
}

func logitText(points int64) string { return fmt.Sprintf("%+.3f", float64(points)/1000) }

func halfLifeText(days float64) string {
	if days == 0 {
		return "none"
	}
	return fmt.Sprintf("%v days", days)
}
