package export

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

// The sheets of a workbook, in order.
const (
	SheetPropensity = "Propensity model"
	SheetActNow     = "Act Now"
	SheetMatrix     = "Matrix"
	SheetSegments   = "Segments"
	SheetSignals    = "Signals"
	SheetRun        = "Run"
)

// WriteXLSX writes a workbook. Rows go through temporary files, so memory does not grow with them; a table longer than a
// sheet goes on in the next.
func WriteXLSX(path string, b Workbook) error {
	return whole(path, func(w io.Writer) error { return b.write(w, maxRows) })
}

func (b Workbook) write(w io.Writer, sheetRows int) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	s, err := newStyles(f)
	if err != nil {
		return err
	}
	for _, step := range []func(*excelize.File, styles, int) error{b.propensity, b.matrixSheet, b.segments, b.signals, b.run} {
		if err := step(f, s, sheetRows); err != nil {
			return err
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	f.SetActiveSheet(0)
	if err := f.SetDocProps(&excelize.DocProperties{Title: "Telltale propensity", Creator: "Telltale", Created: "", Modified: ""}); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

func propensityColumns() []column {
	return []column{
		{"Account ID", 14}, {"Account", 30}, {"Domain", 24}, {"Country", 12}, {"Region", 14}, {"Industry", 16}, {"Vertical", 14}, {"Partner", 14},
		{"Segment", 24}, {"Product", 16}, {"Fit score", 9}, {"Fit rating", 10}, {"Intent score", 9}, {"Intent rating", 10},
		{"Intent, low", 9}, {"Intent, high", 9}, {"Freshest signal", 12}, {"Page read", 8}, {"Cell", 6}, {"Cluster", 11},
		{"Motion", 15},
		{"Expiration", 10}, {"Expiration type", 16}, {"Expires on", 12}, {"Expiring revenue, $ a year", 14}, {"Open expiring revenue, $ a year", 14},
		{"Whitespace revenue, $ a year", 14}, {"Whitespace level", 22}, {"Comparable owners", 10}, {"Whitespace basis", 40}, {"Driver 1", 26}, {"Driver 2", 26}, {"Driver 3", 26},
		{"Evidence date", 12}, {"Evidence source", 10}, {"Evidence URL", 44}, {"Evidence", 70}, {"Fit model", 14}, {"Intent model", 18},
	}
}

// propensity writes all rows, and those to act on now once more in a sheet of their own, in one reading.
func (b Workbook) propensity(f *excelize.File, s styles, sheetRows int) error {
	all, err := newTable(f, s, SheetPropensity, 3, propensityColumns())
	if err != nil {
		return err
	}
	now, err := newTable(f, s, SheetActNow, 3, propensityColumns())
	if err != nil {
		return err
	}
	all.most, now.most = sheetRows, sheetRows
	err = b.Rows(func(p intent.Propensity) error {
		cells := s.propensityRow(p)
		if err := all.add(cells); err != nil || p.Cluster != matrix.ActNow {
			return err
		}
		return now.add(cells)
	})
	if err != nil {
		return err
	}
	if err := all.close(); err != nil {
		return err
	}
	return now.close()
}

func (s styles) propensityRow(p intent.Propensity) []any {
	d := topDrivers(p)
	cells := []any{
		s.textCell(p.AccountID), s.textCell(p.AccountName), s.textCell(p.Domain), s.textCell(p.Country), s.textCell(p.Region), s.textCell(p.Industry),
		s.textCell(p.Vertical), s.textCell(p.Partner), s.textCell(p.Segment), s.textCell(p.Product),
		s.numberCell(s.score, p.FitScore), s.textCell(string(p.FitRating)), s.numberCell(s.score, p.IntentScore), s.textCell(string(p.IntentRating)),
		s.numberCell(s.score, p.IntentLow), s.numberCell(s.score, p.IntentHigh), s.dayCell(p.Freshest), s.textCell(yesNo(p.Covered)),
		s.textCell(p.Cell), s.textCell(p.Cluster), s.textCell(p.Motion),
		s.textCell(p.Renewal.Expiration), s.textCell(p.Renewal.Type), s.dayCell(p.Renewal.ExpiresOn), s.numberCell(s.money, p.Renewal.Revenue), s.numberCell(s.money, p.Renewal.OpenRevenue),
		s.numberCell(s.money, p.WhitespaceRevenue), s.textCell(p.Whitespace.Level), s.countCell(p.Whitespace.Owners), s.textCell(p.Whitespace.Text),
		s.textCell(d[0]), s.textCell(d[1]), s.textCell(d[2]),
	}
	if p.Best != nil {
		cells = append(cells, s.dateCell(p.Best.ObservedAt), s.textCell(p.Best.Source), s.linkCell(p.Best.URL), s.textCell(p.Best.Span))
	} else {
		cells = append(cells, nil, nil, nil, nil)
	}
	return append(cells, s.textCell(p.FitModel), s.textCell(p.IntentModel))
}

func (s styles) dateCell(t time.Time) excelize.Cell {
	if t.Year() < 1900 { // a workbook's calendar begins there
		return excelize.Cell{StyleID: s.text}
	}
	return excelize.Cell{StyleID: s.date, Value: t.UTC()}
}

func (s styles) dayCell(t *time.Time) excelize.Cell {
	if t == nil {
		return excelize.Cell{StyleID: s.text}
	}
	return s.dateCell(*t)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// countCell leaves a cell empty where there is nothing to count.
func (s styles) countCell(n int64) excelize.Cell {
	if n == 0 {
		return excelize.Cell{StyleID: s.number}
	}
	return excelize.Cell{StyleID: s.number, Value: n}
}

// matrixSheet writes the matrix over all accounts and, beneath, for each product.
func (b Workbook) matrixSheet(f *excelize.File, s styles, _ int) error {
	if _, err := f.NewSheet(SheetMatrix); err != nil {
		return fmt.Errorf("sheet %s: %w", SheetMatrix, err)
	}
	g := &pen{file: f, styles: s, sheet: SheetMatrix, row: 1}
	grids := append([]Grid{b.Best}, b.Products...)
	for _, grid := range grids {
		name := grid.Product
		if name == "" {
			name = "Each account once, by its best product (the first cell in the order A1 … D4)"
		}
		g.line(s.title, name)
		g.line(s.header, "Fit ↓  Intent →", string(fit.High), string(fit.Medium), string(fit.Low), string(fit.VeryLow))
		for r, rating := range fit.Ratings() {
			var codes, counts []any
			for c, other := range fit.Ratings() {
				cell, cluster := b.Matrix.For(grid.Product).Place(rating, other)
				codes, counts = append(codes, cell+" "+cluster), append(counts, grid.Counts[r][c])
			}
			g.line(s.text, append([]any{string(rating)}, codes...)...)
			g.line(s.number, append([]any{""}, counts...)...)
		}
		g.line(s.number, "Unknown", grid.Unknown)
		g.row++
	}
	return g.finish(18, 5)
}

func (b Workbook) segments(f *excelize.File, s styles, _ int) error {
	clusters := matrix.Clusters()
	columns := []column{{"Segment", 28}, {"Accounts", 12}}
	for _, c := range clusters {
		columns = append(columns, column{c, 12})
	}
	t, err := newTable(f, s, SheetSegments, 1, append(columns, column{matrix.Unknown, 12}))
	if err != nil {
		return err
	}
	for _, seg := range b.Segments {
		cells := []any{s.textCell(seg.Name), excelize.Cell{StyleID: s.number, Value: seg.Accounts}}
		for _, n := range seg.Clusters {
			cells = append(cells, excelize.Cell{StyleID: s.number, Value: n})
		}
		if err := t.add(cells); err != nil {
			return err
		}
	}
	return t.close()
}

func (b Workbook) signals(f *excelize.File, s styles, sheetRows int) error {
	t, err := newTable(f, s, SheetSignals, 2, []column{
		{"Account ID", 14}, {"Product", 16}, {"Driver", 26}, {"Driver's points, logits", 10}, {"Kind", 11}, {"Name", 22}, {"Date", 12}, {"Source", 10},
		{"URL", 50}, {"Evidence", 90}, {"Signal", 38},
	})
	if err != nil {
		return err
	}
	t.most = sheetRows
	err = b.Signals(func(g Signal) error {
		points := float64(g.DriverPoints) / 1000
		return t.add([]any{
			s.textCell(g.AccountID), s.textCell(g.Product), s.textCell(intent.DriverWords(g.Driver)), excelize.Cell{StyleID: s.text, Value: points},
			s.textCell(g.Kind), s.textCell(g.Name), s.dateCell(g.ObservedAt), s.textCell(g.Source), s.linkCell(g.URL), s.wrapCell(g.Span), s.textCell(g.SignalID),
		})
	})
	if err != nil {
		return err
	}
	return t.close()
}

func (b Workbook) run(f *excelize.File, s styles, _ int) error {
	t, err := newTable(f, s, SheetRun, 1, []column{{"Fact", 34}, {"Value", 60}})
	if err != nil {
		return err
	}
	for _, fact := range b.Run {
		if err := t.add([]any{s.textCell(fact[0]), s.textCell(fact[1])}); err != nil {
			return err
		}
	}
	return t.close()
}

// pen writes small sheets line by line and keeps the first error.
type pen struct {
	file   *excelize.File
	styles styles
	sheet  string
	row    int
	err    error
}

func (p *pen) line(style int, values ...any) {
	if p.err != nil {
		return
	}
	first, err := excelize.CoordinatesToCellName(1, p.row)
	if err == nil {
		err = p.file.SetSheetRow(p.sheet, first, &values)
	}
	last, named := excelize.CoordinatesToCellName(len(values), p.row)
	if err == nil {
		err = named
	}
	if err == nil {
		err = p.file.SetCellStyle(p.sheet, first, last, style)
	}
	p.err = err
	p.row++
}

func (p *pen) finish(width float64, columns int) error {
	last, err := excelize.ColumnNumberToName(columns)
	if p.err == nil && err == nil {
		err = p.file.SetColWidth(p.sheet, "A", last, width)
	}
	if p.err != nil {
		err = p.err
	}
	if err != nil {
		return fmt.Errorf("sheet %s: %w", p.sheet, err)
	}
	return nil
}
