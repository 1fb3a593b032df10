package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"telltale/internal/backtest"
	"telltale/internal/intent"
	"telltale/internal/report/proof"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
)

// BacktestCommand judges what would have been recommended as of past month ends by what closed after.
type BacktestCommand struct {
	Product     string `help:"Cloud product; none means all." placeholder:"PRODUCT"`
	From        string `help:"First month whose end is judged, YYYY-MM; none means a year before the last." placeholder:"MONTH"`
	To          string `help:"Last month, YYYY-MM; none means the last whose horizon has ended." placeholder:"MONTH"`
	Horizon     int    `help:"Days after a month's end within which opportunities that closed count, 1 to 730. Months are as far apart, so that no deal counts twice." default:"90"`
	Hindsight   bool   `help:"Count what is known today about each month, for a store that was filled after the fact; off, only what was known at the month's end."`
	MaxAccounts int64  `name:"max-accounts" help:"Most accounts that are read; of more, some are drawn by a hash of their ids." default:"200000"`
	Report      string `help:"HTML file to write the one-page report to; none means none." type:"path" placeholder:"FILE"`
	JSON        bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *BacktestCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *BacktestCommand) Run(ctx context.Context, env *Env) error {
	req, err := c.request(env)
	if err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		b, err := e.backtester(env)
		if err != nil {
			return err
		}
		rep, err := b.Run(ctx, req)
		if err != nil {
			return backtestInput(err)
		}
		if c.Report != "" {
			if err := proof.WriteFile(c.Report, proofOf(rep)); err != nil {
				return err
			}
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(rep)
		}
		printBacktest(env.Out, rep)
		if c.Report != "" {
			fmt.Fprintf(env.Out, "Report: %s\n", c.Report)
		}
		return nil
	})
}

func (c *BacktestCommand) request(env *Env) (req backtesting.Request, err error) {
	req = backtesting.Request{Product: c.Product, Horizon: c.Horizon, Hindsight: c.Hindsight, MaxAccounts: c.MaxAccounts}
	if err := within(number("horizon", c.Horizon, 1, 730), number("max-accounts", c.MaxAccounts, 1, 5_000_000)); err != nil {
		return req, err
	}
	if req.From, req.To, err = monthSpan(c.From, c.To, env.Now()); err != nil {
		return req, err
	}
	if c.Report != "" {
		if _, err := os.Stat(filepath.Dir(c.Report)); err != nil {
			return req, asInput(fmt.Errorf("--report: %w", err))
		}
	}
	return req, nil
}

// monthSpan reads --from and --to; what is not given is zero.
func monthSpan(from, to string, now time.Time) (first, last intent.Month, err error) {
	if from != "" {
		if first, err = begunMonth(from, now); err != nil {
			return first, last, inputf("--from: %w", err)
		}
	}
	if to != "" {
		if last, err = begunMonth(to, now); err != nil {
			return first, last, inputf("--to: %w", err)
		}
	}
	if from != "" && to != "" && last.Start().Before(first.Start()) {
		return first, last, inputf("--from %s lies after --to %s", from, to)
	}
	return first, last, nil
}

// backtestInput tells errors of the input from failures.
func backtestInput(err error) error {
	for _, input := range []error{backtest.ErrLabels, backtest.ErrLeak, backtesting.ErrRequest} {
		if errors.Is(err, input) {
			return asInput(err)
		}
	}
	return runInput(err)
}

func (e *engines) backtester(env *Env) (*backtesting.Backtester, error) {
	return backtesting.New(backtesting.Deps{DB: scoreDB{e.store}, Log: env.Log, Now: env.Now,
		Scorer: func(ctx context.Context, knownBy time.Time) (backtesting.Rehearser, time.Time, error) {
			w, seen, err := e.weightsAt(ctx, "", knownBy)
			if err != nil {
				return nil, seen, err
			}
			s, err := scoring.New(scoring.Config{Weights: w}, scoring.Deps{DB: scoreDB{e.store}, Log: env.Log, Now: env.Now, AloneSince: e.aloneSince})
			return s, seen, err
		}})
}

// proofOf is what the page shows of a report.
func proofOf(r *backtesting.Report) *proof.Input {
	in := &proof.Input{Product: r.Product, Version: r.Version, HorizonDays: r.HorizonDays, Hindsight: r.Hindsight, Seen: r.Seen, Share: r.Share, Result: r.Result}
	for _, m := range r.Months {
		in.Months = append(in.Months, proof.Month{Name: m.Name, After: m.After, Until: m.Until, Fitted: m.Fitted, Accounts: m.Accounts})
	}
	return in
}
