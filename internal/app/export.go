package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"telltale/internal/export"
	"telltale/internal/intent"
	"telltale/internal/report"
	"telltale/internal/store"
)

// exportMonth writes the workbook, the CSV and the page of a scored month into a directory, and returns the
// report and the paths.
func exportMonth(ctx context.Context, st *store.Store, month intent.Month, out string) (*report.Report, []string, error) {
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
	page, book, table := filepath.Join(out, "report.html"), filepath.Join(out, "propensity.xlsx"), filepath.Join(out, "propensity.csv")
	rows := func(yield func(intent.Propensity) error) error { return reader.Rows(ctx, rep.Run, yield) }
	if err := rep.WriteHTMLFile(page); err != nil {
		return nil, nil, err
	}
	if _, err := export.WriteCSV(table, rows); err != nil {
		return nil, nil, err
	}
	if err := export.WriteXLSX(book, workbookOf(ctx, reader, &rep, rows)); err != nil {
		return nil, nil, err
	}
	return &rep, []string{book, table, page}, nil
}

// workbookOf joins the report to the workbook, whose rows are read one at a time.
func workbookOf(ctx context.Context, reader *report.Reader, rep *report.Report, rows export.Rows) export.Workbook {
	b := export.Workbook{
		Run: runFacts(&rep.Run), Matrix: rep.Matrix, Best: export.Grid(rep.Best), Rows: rows,
		Signals: func(yield func(export.Signal) error) error {
			return reader.Signals(ctx, rep.Run, func(s report.Signal) error { return yield(export.Signal(s)) })
		},
	}
	for _, g := range rep.Products {
		b.Products = append(b.Products, export.Grid(g))
	}
	for _, s := range rep.Segments {
		b.Segments = append(b.Segments, export.Segment(s))
	}
	return b
}

func runFacts(r *report.Run) [][2]string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	return [][2]string{
		{"Month", r.Month.String()}, {"Run", r.ID}, {"As of (signals observed)", rfc3339(r.AsOf)}, {"Known by (signals detected)", rfc3339(r.KnownBy)},
		{"Intent weights", r.IntentModel}, {"Matrix", r.Matrix}, {"Accounts", count(r.Accounts)}, {"Accounts with a page read", count(r.Covered)},
		{"Accounts with evidence", count(r.Evident)}, {"Signals used", count(r.Signals)}, {"Rows", count(r.Rows)}, {"Freshest signal", rfc3339(r.Freshest)},
	}
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
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		_, paths, err := exportMonth(ctx, st, month, c.Out)
		for _, path := range paths {
			fmt.Fprintln(env.Out, "wrote", path)
		}
		return err
	})
}
