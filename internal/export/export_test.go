package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

func num(x float64) *float64 { return &x }

// sample is n rows, the first of them hostile in every text.
func sample(n int) Rows {
	return func(yield func(intent.Propensity) error) error {
		ends := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
		for i := range n {
			p := intent.Propensity{
				Month: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), AccountID: fmt.Sprintf("A-%d", i), AccountName: "Fabrikam", Domain: "fabrikam.example",
				Country: "Germany", Segment: "Medium", Product: "Azure", FitScore: num(91.26), FitRating: fit.High, IntentScore: num(88.5), IntentRating: fit.High,
				IntentLow: num(70.25), IntentHigh: num(100), Freshest: &ends, Covered: true,
				Cell: "A1", Cluster: matrix.ActNow, Motion: "whitespace", WhitespaceRevenue: num(12345.6),
				Whitespace: intent.Basis{Level: "segment", Owners: 4, Text: "segment: 4 at $5000 (weight 1)"},
				Drivers:    []intent.Driver{{Name: "base:rate", Points: -2500}, {Name: "topic:migration", Points: 1234}, {Name: "event:layoff", Points: -120}},
				Best:       &intent.Evidence{ObservedAt: time.Date(2026, 6, 28, 9, 0, 0, 0, time.UTC), Source: "blog", URL: "https://fabrikam.example/blog/1", Span: "We are moving"},
				FitModel:   "imported", IntentModel: "default-1", RunID: "run-1",
			}
			switch {
			case i == 0:
				p.AccountName, p.Country, p.Industry = `=HYPERLINK("http://evil.example","x")`, "+49", "@SUM(A1)"
				p.Best.URL, p.Best.Span = `javascript:alert("x")`, "-2+3 said\tthe \x00page\nand \"more\", ünïcode 日本"
			case i%2 == 1:
				p.FitScore, p.FitRating, p.Cell, p.Cluster, p.Best, p.Drivers, p.WhitespaceRevenue, p.Whitespace = nil, fit.Unknown, "", matrix.Unknown, nil, nil, nil, intent.Basis{}
				p.IntentLow, p.IntentHigh, p.Freshest, p.Covered = nil, nil, nil, false
				p.Motion, p.Renewal = "renewal", intent.Renewal{Expiration: "open", Type: "=EA", ExpiresOn: &ends, Revenue: num(900), OpenRevenue: num(0)}
			}
			if err := yield(p); err != nil {
				return err
			}
		}
		return nil
	}
}

func book(rows int) Workbook {
	return Workbook{
		Run: [][2]string{{"Month", "2026-06"}, {"Run", "run-1"}}, Matrix: matrix.Default(),
		Best: Grid{Counts: [4][4]int64{{1, 2, 3, 4}, {5, 6, 7, 8}}, Unknown: 9}, Products: []Grid{{Product: "Azure", Counts: [4][4]int64{{7}}, Unknown: 3}},
		Segments: []Segment{{Name: "Medium", Accounts: 12, Clusters: [5]int64{1, 2, 3, 4, 2}}}, Rows: sample(rows),
		Signals: func(yield func(Signal) error) error {
			return yield(Signal{AccountID: "A-0", Product: "Azure", Driver: "topic:migration", DriverPoints: 1234, Evidence: intent.Evidence{
				SignalID: "id-1", Kind: "topic", Name: "migration", ObservedAt: time.Date(2026, 6, 28, 9, 0, 0, 0, time.UTC), Source: "blog",
				URL: `https://fabrikam.example/a"b?q=1`, Span: "=1+1 moving"}})
		},
	}
}

func TestACSVThatNoSpreadsheetTakesForFormulas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "propensity.csv")
	n, err := WriteCSV(path, sample(3))
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{csvHeader(),
		{"2026-06", "A-0", `'=HYPERLINK("http://evil.example","x")`, "fabrikam.example", "'+49", "", "'@SUM(A1)", "", "", "Medium", "Azure",
			"91.26", "High", "88.50", "High", "70.25", "100.00", "2026-06-30", "true", "A1", "Act Now", "whitespace", "", "", "", "", "", "12345.60", "segment", "4", "segment: 4 at $5000 (weight 1)", "migration +1.23", "event: layoff -0.12", "",
			"2026-06-28", "blog", `javascript:alert("x")`, "'-2+3 said the page and \"more\", ünïcode 日本", "imported", "default-1", "run-1"},
		{"2026-06", "A-1", "Fabrikam", "fabrikam.example", "Germany", "", "", "", "", "Medium", "Azure",
			"", "Unknown", "88.50", "High", "", "", "", "false", "", "Unknown", "renewal", "open", "'=EA", "2026-06-30", "900.00", "0.00", "", "", "", "", "", "", "", "", "", "", "", "imported", "default-1", "run-1"},
		{"2026-06", "A-2", "Fabrikam", "fabrikam.example", "Germany", "", "", "", "", "Medium", "Azure",
			"91.26", "High", "88.50", "High", "70.25", "100.00", "2026-06-30", "true", "A1", "Act Now", "whitespace", "", "", "", "", "", "12345.60", "segment", "4", "segment: 4 at $5000 (weight 1)", "migration +1.23", "event: layoff -0.12", "",
			"2026-06-28", "blog", "https://fabrikam.example/blog/1", "We are moving", "imported", "default-1", "run-1"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNoTextBecomesAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		got := neutral(s)
		if got != "" && strings.ContainsRune("=+-@\t\r", rune(strings.TrimSpace(got + "x")[0])) {
			t.Fatalf("%q begins like a formula", got)
		}
		if strings.ContainsAny(got, "\x00\n\t\r") {
			t.Fatalf("%q holds a control character", got)
		}
	})
}

func TestAWorkbookWithEverySheet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "telltale.xlsx")
	if err := WriteXLSX(path, book(3)); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if d := cmp.Diff([]string{SheetPropensity, SheetActNow, SheetMatrix, SheetSegments, SheetSignals, SheetRun}, f.GetSheetList()); d != "" {
		t.Error(d)
	}
	value := func(sheet, cell, want string) {
		t.Helper()
		if got, err := f.GetCellValue(sheet, cell); err != nil || got != want {
			t.Errorf("%s!%s = %q, want %q (%v)", sheet, cell, got, want, err)
		}
	}
	value(SheetPropensity, "A1", "Account ID")
	value(SheetPropensity, "B2", `=HYPERLINK("http://evil.example","x")`)
	value(SheetPropensity, "K2", "91.3")
	value(SheetPropensity, "AA2", "$12,346")
	value(SheetPropensity, "P2", "100.0")
	value(SheetPropensity, "R3", "no")
	value(SheetPropensity, "V3", "open")
	value(SheetPropensity, "X3", "2026-06-30")
	value(SheetPropensity, "Y3", "$900")
	value(SheetPropensity, "AC2", "4")
	value(SheetPropensity, "AH2", "2026-06-28")
	value(SheetPropensity, "AJ2", `javascript:alert("x")`)
	value(SheetPropensity, "AJ4", "https://fabrikam.example/blog/1")
	value(SheetPropensity, "AE4", "migration +1.23")
	value(SheetActNow, "A3", "A-2")
	value(SheetMatrix, "B3", "A1 Act Now")
	value(SheetMatrix, "C4", "2")
	value(SheetMatrix, "B11", "9")
	value(SheetSegments, "B2", "12")
	value(SheetSignals, "J2", "=1+1 moving")
	value(SheetRun, "B3", "run-1")
	for _, c := range []struct{ sheet, cell, want string }{
		{SheetPropensity, "B2", ""}, {SheetPropensity, "AJ2", ""}, {SheetPropensity, "AJ4", `HYPERLINK("https://fabrikam.example/blog/1")`},
		{SheetSignals, "J2", ""}, {SheetSignals, "I2", `HYPERLINK("https://fabrikam.example/a%22b?q=1")`},
	} {
		if got, err := f.GetCellFormula(c.sheet, c.cell); err != nil || got != c.want {
			t.Errorf("formula of %s!%s = %q, want %q (%v)", c.sheet, c.cell, got, c.want, err)
		}
	}
	panes, err := f.GetPanes(SheetPropensity)
	if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.XSplit != 3 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	if rows, err := f.GetRows(SheetActNow); err != nil || len(rows) != 3 {
		t.Errorf("act now has %d rows, %v", len(rows), err)
	}
	if names := f.GetDefinedName(); len(names) == 0 {
		t.Error("no filters")
	}
}

func TestATableLongerThanASheetGoesOnInTheNext(t *testing.T) {
	var b bytes.Buffer
	if err := book(25).write(&b, 10); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	total := 0
	for _, sheet := range []string{SheetPropensity, SheetPropensity + " (2)", SheetPropensity + " (3)"} {
		rows, err := f.GetRows(sheet)
		if err != nil || len(rows) > 10 || rows[0][0] != "Account ID" {
			t.Fatalf("%s: %d rows, %v", sheet, len(rows), err)
		}
		total += len(rows) - 1
	}
	if total != 25 {
		t.Errorf("%d rows", total)
	}
	if _, err := f.GetRows(SheetActNow + " (2)"); err != nil {
		t.Errorf("act now: %v", err)
	}
}

func TestNothingHalfWrittenIsTakenForWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "propensity.csv")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the store is gone")
	failing := func(yield func(intent.Propensity) error) error { return errors.Join(sample(5)(yield), gone) }
	if _, err := WriteCSV(path, failing); !errors.Is(err, gone) || !strings.Contains(err.Error(), path) {
		t.Errorf("csv: %v", err)
	}
	b := book(3)
	b.Rows = failing
	if err := WriteXLSX(path, b); !errors.Is(err, gone) {
		t.Errorf("xlsx: %v", err)
	}
	b = book(3)
	b.Signals = func(func(Signal) error) error { return gone }
	if err := WriteXLSX(path, b); !errors.Is(err, gone) {
		t.Errorf("xlsx signals: %v", err)
	}
	if _, err := WriteCSV(filepath.Join(dir, "none", "x.csv"), sample(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "before" {
		t.Errorf("the file before is %q, %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatalf("this system has no full device: %v", err)
	}
	defer full.Close()
	if _, err := writeCSV(full, sample(10)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("csv: %v", err)
	}
	if err := book(10).write(full, maxRows); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("xlsx: %v", err)
	}
}

func TestLongTextIsCutToACell(t *testing.T) {
	if got := clean(strings.Repeat("😀", 40_000)); len([]rune(got))*2 > maxCell || !strings.HasSuffix(got, "…") {
		t.Errorf("%d runes", len([]rune(got)))
	}
	if _, ok := link("ftp://x.example/"); ok {
		t.Error("ftp became a link")
	}
}
