package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"telltale/internal/intent"
	"telltale/internal/intent/learn"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
	"telltale/internal/scoring/learning"
)

// TrainIntentCommand learns the weights of intent from opportunities.
type TrainIntentCommand struct {
	Product     string `help:"Cloud product; none means all that anything can be learned of." placeholder:"PRODUCT"`
	From        string `help:"First month whose end is learned from, YYYY-MM; none means a year before the last." placeholder:"MONTH"`
	To          string `help:"Last month, YYYY-MM; none means the last whose horizon has ended." placeholder:"MONTH"`
	Horizon     int    `help:"Days after a month's end within which opportunities that were won count, 1 to 730. Months are as far apart, so that no deal counts twice." default:"90"`
	Hindsight   bool   `help:"Count what is known today about each month, for a store that was filled after the fact; off, only what was known at the month's end."`
	MaxAccounts int64  `name:"max-accounts" help:"Most accounts that are read; of more, some are drawn by a hash of their ids." default:"200000"`
	Weights     string `help:"Weights set by hand that the learned ones are pulled to and judged by: a YAML file, or the id of weights that a run used; none means the built-in ones." placeholder:"FILE|ID"`
	DryRun      bool   `name:"dry-run" help:"Learn and judge, and store nothing."`
	JSON        bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *TrainIntentCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *TrainIntentCommand) Run(ctx context.Context, env *Env) error {
	req, err := c.request(env)
	if err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		if err := requireWhole(ctx, env, e, "train", time.Time{}); err != nil {
			return err
		}
		byHand := intent.Default()
		if c.Weights != "" {
			if byHand, err = e.givenWeights(ctx, c.Weights); err != nil {
				return err
			}
		}
		scorer, err := e.scorerOf(env, scoring.Config{Weights: byHand})
		if err != nil {
			return err
		}
		t, err := learning.New(learning.Deps{DB: scoreDB{e.store}, Scorer: scorer, Registry: e.store, ByHand: byHand, Log: env.Log, Now: env.Now})
		if err != nil {
			return err
		}
		out, err := t.Train(ctx, req)
		if err != nil {
			return trainInput(err)
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(out)
		}
		printLearned(env.Out, out)
		return nil
	})
}

func (c *TrainIntentCommand) request(env *Env) (req learning.Request, err error) {
	req.Request = backtesting.Request{Product: c.Product, Horizon: c.Horizon, Hindsight: c.Hindsight, MaxAccounts: c.MaxAccounts}
	req.DryRun = c.DryRun
	if err := within(number("horizon", c.Horizon, 1, 730), number("max-accounts", c.MaxAccounts, 1, 5_000_000)); err != nil {
		return req, err
	}
	req.From, req.To, err = monthSpan(c.From, c.To, env.Now())
	return req, err
}

// trainInput tells errors of the input from failures.
func trainInput(err error) error {
	for _, input := range []error{learn.ErrLabels, learn.ErrLeak, learning.ErrProduct} {
		if errors.Is(err, input) {
			return asInput(err)
		}
	}
	return backtestInput(err)
}

// givenWeights reads --weights: a file, or else the id of weights that are stored.
func (e *engines) givenWeights(ctx context.Context, given string) (intent.Weights, error) {
	f, err := os.Open(given)
	if errors.Is(err, os.ErrNotExist) {
		w, err := learning.Stored(ctx, scoreDB{e.store}, given)
		if errors.Is(err, learning.ErrNoWeights) {
			return w, inputf("--weights %s: no such file, and no run has used weights of that id (intent-scorer runs lists them)", given)
		}
		return w, err
	}
	if err != nil {
		return intent.Weights{}, asInput(fmt.Errorf("--weights: %w", err))
	}
	defer func() { _ = f.Close() }()
	w, err := intent.Load(f)
	if err != nil {
		return w, inputf("--weights %s: %w", given, err)
	}
	return w, nil
}

// weightsAt are what a run uses: those given by hand, or else the champions of a time over the built-in ones. They have seen outcomes up to a day; zero
// where nothing was learned.
func (e *engines) weightsAt(ctx context.Context, given string, at time.Time) (w intent.Weights, seenUntil time.Time, err error) {
	if given != "" {
		w, err = e.givenWeights(ctx, given)
		return w, seenUntil, err
	}
	return learning.Weights(ctx, scoreDB{e.store}, intent.Default(), at)
}
