package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"telltale/internal/fit/lookalike"
	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/scoring/fitting"
)

// ExplainCommand says what a score is made of.
type ExplainCommand struct {
	Account string `help:"Account id." required:""`
	Product string `help:"Cloud product." required:""`
	Month   string `help:"Month, YYYY-MM." required:""`
	JSON    bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ExplainCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ExplainCommand) Run(ctx context.Context, env *Env) error {
	month, err := intent.ParseMonth(c.Month)
	if err != nil {
		return asInput(err)
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		scorer, err := e.scorer(env)
		if err != nil {
			return err
		}
		score, err := scorer.Explain(ctx, c.Account, c.Product, month)
		switch {
		case errors.Is(err, scoring.ErrNotScored):
			return asInput(err)
		case err != nil:
			return err
		}
		both := explained{Explanation: score}
		if both.Fit, err = explainFit(ctx, env, e, &score); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(both)
		}
		printExplanation(env.Out, &both)
		return nil
	})
}

// explained is an intent score and the fit score it is laid over, both taken apart.
type explained struct {
	scoring.Explanation
	// Fit is nil where the account has no fit score.
	Fit *fitting.Explanation
}

// explainFit takes the fit score of an explained row apart, as the run knew it.
func explainFit(ctx context.Context, env *Env, e *engines, x *scoring.Explanation) (*fitting.Explanation, error) {
	if x.FitModel == "" {
		return nil, nil
	}
	f, err := e.fitter(env)
	if err != nil {
		return nil, err
	}
	out, err := f.Explain(ctx, fitting.ExplainRequest{Account: x.AccountID, Product: x.Product, Model: x.FitModel, AsOf: x.AsOf, KnownBy: x.KnownBy})
	if errors.Is(err, fitting.ErrNoModel) {
		return &fitting.Explanation{Model: x.FitModel, Score: *x.FitScore, Differs: "its score or its model is no longer stored"}, nil
	}
	return out, err
}

func printExplanation(out io.Writer, e *explained) {
	fmt.Fprintf(out, "%s, %s, %s: %s %s (%s, %s)\n", e.AccountID, e.Product, e.Month, e.Cluster, e.Cell, e.Segment, e.Motion)
	fmt.Fprintf(out, "fit %s %s from %s; intent %s %s: %.3f logit from %d signals of %d sources\n",
		scoreText(e.FitScore), e.FitRating, cmp.Or(e.FitModel, "no model"), scoreText(e.IntentScore), e.IntentRating, logits(e.Logit), e.Signals, e.Sources)
	printMoney(out, &e.Explanation)
	fmt.Fprintln(out, "\nIntent, points in logits:")
	if !e.Covered {
		fmt.Fprintln(out, "No page of this account has been read: silence says nothing here.")
	}
	for _, d := range e.Drivers {
		fmt.Fprintf(out, "%+8.3f  %s\n", logits(d.Points), d.Name)
		for _, s := range d.Signals {
			fmt.Fprintf(out, "          %+.3f %s %s %s\n%s\n", logits(s.Points), s.ObservedAt.Format(time.DateOnly), s.Source, s.URL,
				text.WrapSoft("            “"+s.Span+"”", 100))
		}
		if d.Missing > 0 {
			fmt.Fprintf(out, "          %d signals are no longer stored\n", d.Missing)
		}
	}
	printSteps(out, &e.Explanation)
	printFit(out, e.Fit)
	printSince(out, &e.Explanation)
}

func logits(thousandths int64) float64 { return float64(thousandths) / 1000 }

// printMoney says what expires and what might be bought.
func printMoney(out io.Writer, e *scoring.Explanation) {
	if r := e.Renewal; r.Expiration != "" {
		fmt.Fprintf(out, "expiration %s on %s (%s): %s a year expires, of it open %s\n", r.Expiration, r.ExpiresOn.Format(time.DateOnly), cmp.Or(r.Type, "program unknown"),
			dollarText(r.Revenue), dollarText(r.OpenRevenue))
	}
	if e.WhitespaceRevenue != nil {
		fmt.Fprintf(out, "estimated whitespace revenue %s a year from comparable owners: %s\n", dollarText(e.WhitespaceRevenue), e.Whitespace.Text)
	}
}

func dollarText(x *float64) string {
	if x == nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("$%.2f", *x)
}

// printSteps leads from the sum of the points to the score.
func printSteps(out io.Writer, e *scoring.Explanation) {
	st := e.Steps
	if st == nil {
		fmt.Fprintln(out, "\nWithout evidence there is no score: the account is not ranked.")
		return
	}
	fmt.Fprintf(out, "%+8.3f  the sum: the logit\n\n", logits(e.Logit))
	if st.Probability != nil {
		fmt.Fprintf(out, "probability  %.2f %%, calibrated\n", 100**st.Probability)
	} else {
		fmt.Fprintf(out, "probability  not calibrated (1/(1+e^-logit) would be %.2f %%)\n", 100/(1+math.Exp(-logits(e.Logit))))
	}
	fmt.Fprintf(out, "percentile   %s: rank %d of %d accounts with evidence, %d below it and %d with the same logit\n", scoreText(e.IntentScore),
		st.Ranked-st.Below-st.Equal+1, st.Ranked, st.Below, st.Equal-1)
	fmt.Fprintf(out, "interval     %.1f to %.1f (90 %%: logit ± %.3f, from the sampling of its signals)\n", st.Low, st.High, logits(st.Margin))
	if st.Freshest != nil {
		fmt.Fprintf(out, "freshest     %s\n", st.Freshest.UTC().Format(time.DateOnly))
	}
}

// shownPoints is how many features of a fit score are printed; the rest is one line, so that the sum stays whole. JSON has all.
const shownPoints = 12

// printFit takes a fit score apart.
func printFit(out io.Writer, f *fitting.Explanation) {
	switch {
	case f == nil:
		fmt.Fprintln(out, "\nFit: no score holds.")
		return
	case f.Imported:
		fmt.Fprintf(out, "\nFit: imported (%s), valid from %s: what it is made of is not known here.\n", f.Model, f.ValidFrom)
		return
	}
	fmt.Fprintf(out, "\nFit, by %s, valid from %s, points in logits:\n", f.Model, f.ValidFrom)
	if f.Differs != "" {
		fmt.Fprintf(out, "Not the points behind the stored score: %s.\n", f.Differs)
	}
	if len(f.Points) == 0 {
		return
	}
	points := slices.Clone(f.Points)
	slices.SortStableFunc(points, func(a, b lookalike.Point) int { return cmp.Compare(max(b.Points, -b.Points), max(a.Points, -a.Points)) })
	fmt.Fprintf(out, "%+8.3f  base: the average account\n", logits(f.Base))
	var rest int64
	for i, p := range points {
		if i < shownPoints {
			fmt.Fprintf(out, "%+8.3f  %s\n", logits(p.Points), plainLine(p.Level))
		} else {
			rest += p.Points
		}
	}
	if more := len(points) - shownPoints; more > 0 {
		fmt.Fprintf(out, "%+8.3f  %d other features\n", logits(rest), more)
	}
	fmt.Fprintf(out, "%+8.3f  the sum: the logit\n", logits(f.Logit))
	if f.Probability != nil {
		fmt.Fprintf(out, "probability  %.2f %%, calibrated\n", 100**f.Probability)
	}
	fmt.Fprintf(out, "percentile   %.1f: rank %d of %d accounts, %d with the same logit\n", f.Score, f.Higher+1, f.Ranked, f.Equal-1)
}

// plainLine keeps control characters of foreign text from the terminal.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// printSince says what changed since the published month before.
func printSince(out io.Writer, e *scoring.Explanation) {
	switch {
	case e.Since == nil:
		fmt.Fprintln(out, "\nNo earlier month is published to compare with.")
	case len(e.Since.Why) == 0:
		fmt.Fprintf(out, "\nNothing changed since %s.\n", e.SinceMonth)
	default:
		fmt.Fprintf(out, "\nSince %s: %s became %s.\n", e.SinceMonth, placeText(&e.Since.From), placeText(&e.Since.To))
		printReasons(out, e.Since.Why)
	}
}

func scoreText(score *float64) string {
	if score == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f", *score)
}
