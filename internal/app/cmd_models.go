package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/scoring/registry"
)

// ModelsCommand lists the models and decides which is champion.
type ModelsCommand struct {
	List     ModelsListCommand     `cmd:"" default:"withargs" help:"List the models: kind, product, version, what they were trained on, what was measured, state."`
	Promote  ModelsPromoteCommand  `cmd:"" help:"Make a challenger the champion where the rule lets it."`
	Rollback ModelsRollbackCommand `cmd:"" help:"Retire the champion and go back to the one before it."`
}

// ModelsListCommand lists the models.
type ModelsListCommand struct {
	Kind    string `help:"Kind of model: fit, intent, matrix, segments or calendar; none means all." placeholder:"KIND"`
	Product string `help:"Cloud product; none means all." placeholder:"PRODUCT"`
	JSON    bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ModelsListCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ModelsListCommand) Run(ctx context.Context, env *Env) error {
	switch c.Kind {
	case "", "fit", "intent", "matrix", "segments", "calendar":
	default:
		return inputf("--kind %q: want fit, intent, matrix, segments or calendar", c.Kind)
	}
	return withRegistry(ctx, env, c.program, func(r *registry.Registry) error {
		models, err := r.Models(ctx, c.Kind, c.Product)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(models)
		}
		printModels(env.Out, models)
		return nil
	})
}

// ModelsPromoteCommand makes a challenger the champion.
type ModelsPromoteCommand struct {
	Kind    string `help:"Kind of model: fit or intent." default:"fit" enum:"fit,intent"`
	Product string `help:"Cloud product." required:""`
	Version string `name:"model-version" help:"Version of the challenger." required:"" placeholder:"VERSION"`
	Force   bool   `help:"Promote it even where the rule does not let it."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ModelsPromoteCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ModelsPromoteCommand) Run(ctx context.Context, env *Env) error {
	return withRegistry(ctx, env, c.program, func(r *registry.Registry) error {
		why, err := r.Promote(ctx, c.Kind, c.Product, c.Version, c.Force)
		if err != nil {
			return registryInput(err)
		}
		fmt.Fprintf(env.Out, "Model %s is the champion of %s: %s. Score with it: %s\n", c.Version, c.Product, why, scoreWith(c.Kind, c.Product))
		return nil
	})
}

// ModelsRollbackCommand goes back to the champion before.
type ModelsRollbackCommand struct {
	Kind    string `help:"Kind of model: fit or intent." default:"fit" enum:"fit,intent"`
	Product string `help:"Cloud product." required:""`
	Why     string `help:"Reason, kept with the decision." placeholder:"TEXT"`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ModelsRollbackCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ModelsRollbackCommand) Run(ctx context.Context, env *Env) error {
	return withRegistry(ctx, env, c.program, func(r *registry.Registry) error {
		from, to, err := r.Rollback(ctx, c.Kind, c.Product, c.Why)
		if err != nil {
			return registryInput(err)
		}
		again := fmt.Sprintf("Model %s is the champion of %s again", to, c.Product)
		if to == "" {
			again = "The weights set by hand hold for " + c.Product + " again"
		}
		fmt.Fprintf(env.Out, "%s, %s is retired. Score with it: %s\n", again, from, scoreWith(c.Kind, c.Product))
		return nil
	})
}

// scoreWith is the command by which a new champion comes to bear.
func scoreWith(kind, product string) string {
	if kind == "intent" {
		return "intent-scorer run --month YYYY-MM"
	}
	return fmt.Sprintf("intent-scorer fit score --product %q", product)
}

func withRegistry(ctx context.Context, env *Env, p *IntentScorerProgram, do func(*registry.Registry) error) error {
	return withStoreOf(ctx, env, &Settings{Common: p.Common}, func(e *engines) error {
		return do(registry.New(scoreDB{e.store}, e.store, env.Now))
	})
}

// registryInput tells errors of the input from failures.
func registryInput(err error) error {
	if errors.Is(err, registry.ErrNoModel) || errors.Is(err, registry.ErrRefused) {
		return asInput(err)
	}
	return err
}

func printModels(out io.Writer, models []registry.Model) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"kind", "product", "version", "registered", "state", "trained on", "AUC (95 %)", "lift@10 % (95 %)", "log loss", "ECE", "why"})
	for i := range models {
		m := &models[i]
		trained, auc, lift, loss, ece := "set by hand", "–", "–", "–", "–"
		if d := m.Measured; d != nil {
			trained = fmt.Sprintf("%d rows, %d positive, %s as of %s", d.Rows, d.Positives, d.Labels, d.AsOf)
			x, in := d.Tested.Metrics, d.Tested.Intervals
			auc, lift, ece = with(x.AUC, in.AUC, 3), with(x.Lift, in.Lift, 2), fmt.Sprintf("%.3f", x.ECE)
			if x.LogLoss > 0 {
				loss = fmt.Sprintf("%.4f", x.LogLoss)
			}
		}
		product := m.Product
		if product == "" {
			product = "all"
		}
		t.AppendRow(table.Row{m.Kind, product, m.Version, m.Created.UTC().Format(time.DateTime), m.State, trained, auc, lift, loss, ece, m.Why})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Name: "why", WidthMax: 60}})
	fmt.Fprintln(out, t.Render())
	fmt.Fprintln(out, registry.Rule)
}
