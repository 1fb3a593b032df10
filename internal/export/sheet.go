package export

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxRows is the number of rows a sheet holds (Excel specifications and limits); a longer table goes on in the next sheet.
const maxRows = 1_048_576

// maxFormulaText is the longest text within a formula, in characters (Excel specifications and limits).
const maxFormulaText = 255

// styles are the workbook's cell styles.
type styles struct{ header, text, wrap, score, money, date, number, link, title int }

const (
	inkColor    = "1D2329"
	headerColor = "E9EEF2"
	linkColor   = "2563B4"
)

func newStyles(f *excelize.File) (s styles, err error) {
	date, money := "yyyy-mm-dd", `"$"#,##0`
	font := func(bold bool) *excelize.Font {
		return &excelize.Font{Bold: bold, Color: inkColor, Size: 10, Family: "Calibri"}
	}
	top := &excelize.Alignment{Vertical: "top"}
	for _, d := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.header, excelize.Style{Font: font(true), Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{headerColor}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}, Border: []excelize.Border{{Type: "bottom", Color: "9AA5AF", Style: 1}}}},
		{&s.text, excelize.Style{Font: font(false), Alignment: top}},
		{&s.wrap, excelize.Style{Font: font(false), Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&s.score, excelize.Style{Font: font(false), Alignment: top, CustomNumFmt: ptr("0.0")}},
		{&s.money, excelize.Style{Font: font(false), Alignment: top, CustomNumFmt: &money}},
		{&s.date, excelize.Style{Font: font(false), Alignment: top, CustomNumFmt: &date}},
		{&s.number, excelize.Style{Font: font(false), Alignment: top, CustomNumFmt: ptr("#,##0")}},
		{&s.link, excelize.Style{Font: &excelize.Font{Color: linkColor, Underline: "single", Size: 10, Family: "Calibri"}, Alignment: top}},
		{&s.title, excelize.Style{Font: &excelize.Font{Bold: true, Color: inkColor, Size: 13, Family: "Calibri"}}},
	} {
		if *d.id, err = f.NewStyle(&d.style); err != nil {
			return s, fmt.Errorf("cell styles: %w", err)
		}
	}
	return s, nil
}

func ptr[T any](v T) *T { return &v }

// column is one column of a table.
type column struct {
	name  string
	width float64
}

// table streams one table into as many sheets as it needs.
type table struct {
	file    *excelize.File
	styles  styles
	name    string
	columns []column
	// freeze is how many columns stay in view beside the header.
	freeze, most int
	out          *excelize.StreamWriter
	sheet        string
	row, part    int
}

func newTable(f *excelize.File, s styles, name string, freeze int, columns []column) (*table, error) {
	t := &table{file: f, styles: s, name: name, columns: columns, freeze: freeze, most: maxRows}
	return t, t.open()
}

// open begins the next sheet of the table.
func (t *table) open() (err error) {
	t.part++
	t.sheet = t.name
	if t.part > 1 {
		t.sheet = fmt.Sprintf("%s (%d)", t.name, t.part)
	}
	if _, err = t.file.NewSheet(t.sheet); err != nil {
		return fmt.Errorf("sheet %s: %w", t.sheet, err)
	}
	if t.out, err = t.file.NewStreamWriter(t.sheet); err != nil {
		return fmt.Errorf("sheet %s: %w", t.sheet, err)
	}
	for i, c := range t.columns {
		if err := t.out.SetColWidth(i+1, i+1, c.width); err != nil {
			return fmt.Errorf("sheet %s: %w", t.sheet, err)
		}
	}
	corner, err := excelize.CoordinatesToCellName(t.freeze+1, 2)
	if err == nil {
		err = t.out.SetPanes(&excelize.Panes{Freeze: true, XSplit: t.freeze, YSplit: 1, TopLeftCell: corner, ActivePane: "bottomRight"})
	}
	if err != nil {
		return fmt.Errorf("sheet %s: %w", t.sheet, err)
	}
	header := make([]any, len(t.columns))
	for i, c := range t.columns {
		header[i] = excelize.Cell{StyleID: t.styles.header, Value: c.name}
	}
	t.row = 1
	return t.out.SetRow("A1", header, excelize.RowOpts{Height: 30})
}

// add writes a row, in the next sheet where this one is full.
func (t *table) add(cells []any) error {
	if t.row == t.most {
		if err := t.close(); err != nil {
			return err
		}
		if err := t.open(); err != nil {
			return err
		}
	}
	t.row++
	at, err := excelize.CoordinatesToCellName(1, t.row)
	if err == nil {
		err = t.out.SetRow(at, cells)
	}
	if err != nil {
		return fmt.Errorf("sheet %s: row %d: %w", t.sheet, t.row, err)
	}
	return nil
}

// close gives the sheet its filters and ends it.
func (t *table) close() error {
	last, err := excelize.CoordinatesToCellName(len(t.columns), max(t.row, 2))
	if err == nil {
		err = t.file.AutoFilter(t.sheet, "A1:"+last, nil)
	}
	if err == nil {
		err = t.out.Flush()
	}
	if err != nil {
		return fmt.Errorf("sheet %s: %w", t.sheet, err)
	}
	return nil
}

// The kinds of cell. Text is always a string cell, never a formula, whatever it begins with.

func (s styles) textCell(v string) excelize.Cell {
	return excelize.Cell{StyleID: s.text, Value: clean(v)}
}

func (s styles) wrapCell(v string) excelize.Cell {
	return excelize.Cell{StyleID: s.wrap, Value: clean(v)}
}

func (s styles) numberCell(style int, x *float64) excelize.Cell {
	if x == nil {
		return excelize.Cell{StyleID: s.text}
	}
	return excelize.Cell{StyleID: style, Value: *x}
}

// linkCell is a hyperlink where the address may be followed and fits a formula, and text elsewhere. The address stands within
// quotes, its own doubled, so that nothing of it can leave the string.
func (s styles) linkCell(raw string) excelize.Cell {
	to, ok := link(raw)
	if !ok || len(to) > maxFormulaText || clean(to) != to {
		return s.textCell(raw)
	}
	return excelize.Cell{StyleID: s.link, Formula: `HYPERLINK("` + strings.ReplaceAll(to, `"`, `""`) + `")`, Value: to}
}
