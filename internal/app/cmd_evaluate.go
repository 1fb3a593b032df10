package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/sampleweb"
	"telltale/internal/store"
)

// EvaluateCommand measures the signals against the sample web's truth, on the working prose and on the prose kept for evaluation, or
// on captured pages against people's labels.
type EvaluateCommand struct {
	SampleWeb
	CapturedPages
	TechnologyFiles
	Month    string `help:"Month at whose end the web is crawled, YYYY-MM; none means the latest." placeholder:"YYYY-MM"`
	Out      string `help:"Directory for its data, made anew." default:"out/evaluate" type:"path"`
	Prose    string `help:"Which prose: work, eval or both." default:"both" enum:"work,eval,both"`
	Mistakes int    `help:"Wrong and missed claims to list, each." default:"0"`
	SecondOpinions

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *EvaluateCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *EvaluateCommand) Run(ctx context.Context, env *Env) error {
	var err error
	if c.Month, err = sampleMonth(c.Month); err != nil {
		return err
	}
	if err := errors.Join(c.SampleWeb.check(), c.CapturedPages.check(), c.TechnologyFiles.check()); err != nil {
		return err
	}
	if c.Pages != "" {
		return evaluateCaptured(ctx, env, c.CapturedPages, Extraction{TechnologyFiles: c.TechnologyFiles, SecondOpinions: c.SecondOpinions}, c.Mistakes)
	}
	if err := makeDir(c.Out); err != nil {
		return err
	}
	for _, set := range [...]struct {
		name string
		eval bool
	}{{"work", false}, {"eval", true}} {
		if c.Prose != "both" && c.Prose != set.name {
			continue
		}
		if err := c.measure(ctx, env, set.name, set.eval); err != nil {
			return err
		}
	}
	return nil
}

func (c *EvaluateCommand) measure(ctx context.Context, env *Env, name string, eval bool) error {
	dir := filepath.Join(c.Out, name)
	if err := errors.Join(os.RemoveAll(dir), makeDir(dir)); err != nil {
		return err
	}
	fresh := *env
	fresh.renew()
	st, err := openStage(ctx, &fresh, c.program.Common, c.SampleWeb, dir, c.Month, webKind{eval: eval})
	if err != nil {
		return err
	}
	st.settings.TechnologyFiles = c.TechnologyFiles
	st.settings.SecondOpinions = c.SecondOpinions
	e, err := openEngines(ctx, &fresh, st.settings)
	if err != nil {
		return errors.Join(err, st.web.Close())
	}
	inputs := st.inputs()
	p := &pass{settings: st.settings, month: st.month}
	err = importFiles(ctx, &fresh, e.store, inputs.files(), inputs.OnError)
	if err == nil {
		_, err = p.crawl(ctx, &fresh, e)
	}
	if err == nil {
		fmt.Fprintf(env.Out, "\nprose: %s, %d companies, crawled at the end of %s\n", name, c.Companies, c.Month)
		var ev evaluation
		if ev, err = evaluateStore(ctx, e.store, st.web.TruthAt(fresh.Now())); err == nil {
			ev.print(env.Out, c.Mistakes)
			err = printAttribution(ctx, env.Out, e.store, st.web.TruthAt(fresh.Now()), c.Mistakes)
		}
	}
	return errors.Join(err, e.close(), st.web.Close())
}

// evaluateStore compares the signals of a store with the truth.
func evaluateStore(ctx context.Context, st *store.Store, truth sampleweb.Truth) (evaluation, error) {
	var all []found
	err := st.Each(ctx, "SELECT domain, kind, name, product, url FROM signals ORDER BY domain, kind, name, product, url", nil, func(into func(dest ...any) error) error {
		var f found
		if err := into(&f.Domain, &f.Kind, &f.Name, &f.Product, &f.URL); err != nil {
			return err
		}
		if f.Domain != sampleweb.WireDomain { // the wire is judged by whom it speaks of
			all = append(all, f)
		}
		return nil
	})
	if err != nil {
		return evaluation{}, fmt.Errorf("read the signals: %w", err)
	}
	return evaluate(truth, all), nil
}

// printQuality says how well the demo's signals agree with the sample web's truth, one line a kind.
func printQuality(ctx context.Context, env *Env, e *engines, st *stage) error {
	ev, err := evaluateStore(ctx, e.store, st.web.TruthAt(env.Now()))
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Out, "\nAgainst the sample web's truth (make evaluate has it by class, and on prose kept for evaluation):")
	for _, k := range ev.Kinds {
		fmt.Fprintf(env.Out, "  %-10s  precision %.3f  recall %.3f  (%d right, %d wrong, %d missed)\n", k.Kind, k.Precision, k.Recall, k.Right, k.Wrong, k.Missed)
	}
	return nil
}

// print writes the tables and, where asked, the mistakes themselves.
func (e *evaluation) print(out io.Writer, mistakes int) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"kind", "name", "right", "wrong", "missed", "precision", "≥ 95 %", "recall", "≥ 95 %", "F1"})
	row := func(r tally) table.Row {
		return table.Row{r.Kind, r.Name, r.Right, r.Wrong, r.Missed, rate(r.Precision), rate(r.PrecisionLow), rate(r.Recall), rate(r.RecallLow), rate(r.F1)}
	}
	for _, r := range e.Classes {
		if r.Kind != "technology" || r.Wrong+r.Missed > 0 {
			t.AppendRow(row(r))
		}
	}
	t.AppendSeparator()
	for _, r := range e.Kinds {
		r.Name = "all"
		t.AppendRow(row(r))
	}
	fmt.Fprintln(out, t.Render())
	fmt.Fprintln(out, "technologies without a mistake are in the total only; ≥ 95 % is the lower end of the Wilson interval")
	fmt.Fprintln(out, "hard negatives, wrong claims on pages of each family:")
	for _, family := range slices.Sorted(maps.Keys(e.Pages)) {
		fmt.Fprintf(out, "  %-32s %3d on %3d pages\n", family, e.Negatives[family], e.Pages[family])
	}
	list(out, "wrong", e.Wrong, mistakes)
	list(out, "missed", e.Missed, mistakes)
}

func rate(x float64) string { return fmt.Sprintf("%.3f", x) }

func list(out io.Writer, what string, claims []claim, limit int) {
	for i, c := range claims {
		if i >= limit {
			return
		}
		fmt.Fprintf(out, "%s: %s %s %s %s\n", what, c.kind, c.name, c.product, c.place)
	}
}
