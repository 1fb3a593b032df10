package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/store"
)

// ImportsCommand lists the imports, and settles one by hand.
type ImportsCommand struct {
	List   ImportsListCommand   `cmd:"" default:"withargs" help:"List the imports, the latest first, the default."`
	Forget ImportsForgetCommand `cmd:"" help:"Let what an unfinished import has stored count as it is; the list keeps the import."`
}

// ImportsListCommand lists the imports.
type ImportsListCommand struct {
	JSON bool `name:"json" help:"Write JSON."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ImportsListCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ImportsListCommand) Run(ctx context.Context, env *Env) error {
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		list, err := st.Imports(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(append([]store.ImportEntry{}, list...))
		}
		t := table.NewWriter()
		t.SetStyle(table.StyleLight)
		t.AppendHeader(table.Row{"import", "kind", "file", "state", "settled", "begun", "ended", "read", "stored", "rejected", "error"})
		for i := range list {
			t.AppendRow(importRow(&list[i]))
		}
		fmt.Fprintln(env.Out, t.Render())
		return nil
	})
}

func importRow(m *store.ImportEntry) table.Row {
	settled, ended := m.Settled, ""
	if settled == "" {
		settled = "unfinished"
	}
	if m.FinishedAt != nil {
		ended = m.FinishedAt.UTC().Format(time.DateTime)
	}
	return table.Row{m.ID, m.Kind, m.File, m.State, settled, m.StartedAt.UTC().Format(time.DateTime), ended, m.Read, m.Written, m.Rejected, m.Error}
}

// ImportsForgetCommand settles an import by hand.
type ImportsForgetCommand struct {
	ID string `arg:"" help:"The import's id, as imports lists it."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ImportsForgetCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ImportsForgetCommand) Run(ctx context.Context, env *Env) error {
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		err := st.ForgetImport(ctx, c.ID, env.Now())
		if errors.Is(err, store.ErrNoImport) {
			return asInput(fmt.Errorf("imports forget: %w", err))
		}
		if err == nil {
			fmt.Fprintf(env.Out, "import %s is settled: what it stored counts as it is\n", c.ID)
		}
		return err
	})
}
