package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"telltale/internal/intent"
	"telltale/internal/report"
	"telltale/internal/store"
)

// exportMonth writes the workbook, the CSV and the page of a scored month into a directory, and returns the
// report and the paths.
func exportMonth(ctx context.Context, env *Env, st *store.Store, month intent.Month, out string) (*report.Report, []string, error) {
	if err := makeDir(out); err != nil {
		return nil, nil, err
	}
	reader, err := report.NewReader(scoreDB{st})
	if err != nil {
		return nil, nil, err
	}
	rep, err := reader.Report(ctx, month)
	if err != nil {
		if errors.Is(err, report.ErrNotScored) {
			err = asInput(err)
		}
		return nil, nil, err
	}
	page := filepath.Join(out, "report.html")
	if err := rep.WriteHTMLFile(page); err != nil {
		return nil, nil, err
	}
	return &rep, []string{page}, nil
}

// isTerminal reports whether out is a terminal that shows colours.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ExportCommand writes a scored month as workbook, CSV and report.html.
type ExportCommand struct {
	Month string `help:"Month to export, YYYY-MM." required:""`
	Out   string `help:"Directory to write into." default:"out" type:"path"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ExportCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ExportCommand) Run(ctx context.Context, env *Env) error {
	month, err := intent.ParseMonth(c.Month)
	if err != nil {
		return asInput(err)
	}
	quiet(c.program, env)
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		_, paths, err := exportMonth(ctx, env, st, month, c.Out)
		for _, path := range paths {
			fmt.Fprintln(env.Out, "wrote", path)
		}
		return err
	})
}
