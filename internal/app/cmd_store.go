package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"telltale/internal/store"
)

// maxQuery bounds a statement, in bytes.
const maxQuery = 1 << 20

// QueryCommand asks the store with SQL.
type QueryCommand struct {
	SQL    string `arg:"" name:"sql" help:"The statement; - reads it from stdin."`
	Format string `help:"Output format of ClickHouse: PrettyCompact, CSVWithNames, JSONEachRow, Parquet …" default:"PrettyCompact"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *QueryCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *QueryCommand) Run(ctx context.Context, env *Env) error {
	sql := c.SQL
	if sql == "-" {
		body, err := io.ReadAll(io.LimitReader(env.In, maxQuery+1))
		if err != nil {
			return fmt.Errorf("read stdin: %w", err)
		}
		if len(body) > maxQuery {
			return inputf("query: more than %d bytes", maxQuery)
		}
		sql = string(body)
	}
	if strings.TrimSpace(sql) == "" {
		return inputf("query: empty statement")
	}
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		err := st.Query(ctx, sql, c.Format, env.Out)
		if store.Refused(err) {
			err = asInput(err)
		}
		return err
	})
}

// MigrateCommand brings the schema up to date; with --dictionary it writes the data dictionary.
type MigrateCommand struct {
	Dictionary bool `help:"Write the data dictionary of the schema, as Markdown."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *MigrateCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *MigrateCommand) Run(ctx context.Context, env *Env) error {
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		if c.Dictionary {
			return st.WriteDictionary(ctx, env.Out)
		}
		fmt.Fprintln(env.Out, "the schema is up to date")
		return nil
	})
}

// withStore opens the store of a command line and migrates it, calls do and closes it.
func withStore(ctx context.Context, env *Env, s *Settings, do func(*store.Store) error) error {
	return withStoreOf(ctx, env, s, func(e *engines) error { return do(e.store) })
}

func withStoreOf(ctx context.Context, env *Env, s *Settings, do func(*engines) error) error {
	e := &engines{}
	if err := e.openStore(ctx, env, s); err != nil {
		return errors.Join(err, e.close())
	}
	return errors.Join(do(e), e.close())
}
