package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// RunCommand makes one whole pass.
type RunCommand struct {
	Inputs
	Listeners
	Network
	Crawl
	Extraction
	ScoringRules
	Month string `help:"Month to score, YYYY-MM." required:""`
	Out   string `help:"Directory for the workbook, CSV and report." default:"out" type:"path"`

	program  *TelltaleProgram
	month    intent.Month
	scoring  scoring.Config
	settings *Settings
}

// AfterApply keeps the program's flags for Run.
func (c *RunCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// CheckInput implements Checker.
func (c *RunCommand) CheckInput(ctx context.Context, env *Env) (err error) {
	if c.month, err = begunMonth(c.Month, env.Now()); err != nil {
		return err
	}
	if c.scoring, err = c.config(c.Taxonomy); err != nil {
		return err
	}
	if c.Accounts == "" {
		return inputf("run: --accounts is required")
	}
	for _, f := range c.files() {
		if err := readable(f.path); err != nil {
			return err
		}
	}
	c.settings = &Settings{Common: c.program.Common, Listeners: c.Listeners, Network: c.Network, Crawl: c.Crawl, Extraction: c.Extraction}
	return c.settings.prepare(ctx, env, AllRoles())
}

// Run implements Command.
func (c *RunCommand) Run(ctx context.Context, env *Env) error {
	if err := makeDir(c.Out); err != nil {
		return err
	}
	e, err := openEngines(ctx, env, c.settings)
	if err != nil {
		return err
	}
	p := &pass{settings: c.settings, files: c.files(), onError: c.OnError, month: c.month, scoring: c.scoring, out: c.Out}
	result, err := p.run(ctx, env, e)
	if err == nil {
		err = printResult(env, result)
	}
	return errors.Join(err, e.close())
}

// printResult shows what a pass came to: the run, the matrix, the best accounts, the files.
func printResult(env *Env, r *passResult) error {
	fmt.Fprintf(env.Out, "%d visits, every page read, in %.1f s\n", r.visits, r.crawled.Seconds())
	printSummary(env.Out, r.summary)
	fmt.Fprintln(env.Out)
	if err := r.report.WriteTerminal(env.Out, isTerminal(env.Out)); err != nil {
		return err
	}
	fmt.Fprintln(env.Out)
	for _, path := range r.paths {
		fmt.Fprintln(env.Out, "wrote", path)
	}
	return nil
}

// makeDir makes an output directory, or says why it cannot.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return inputf("output directory: %w", err)
	}
	return nil
}
