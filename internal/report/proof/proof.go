// Package proof writes what a backtest found as one self-contained page that a sales leader can read: what was recommended, what was acted on and
// what closed, with the plots as inline SVG.
package proof

import (
	"bytes"
	_ "embed" // the page is data
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"

	"telltale/internal/backtest"
)

//go:embed page.html
var pageText string

// Month is one month end that was judged.
type Month struct {
	// Name is YYYY-MM; After and Until bound the days on which deals closed, YYYY-MM-DD.
	Name, After, Until string
	// Fitted says that the month only served to learn how fit and intent are laid over each other.
	Fitted   bool
	Accounts int64
}

// Input is what a page is made of.
type Input struct {
	// Product is empty for all. Version names the backtest.
	Product, Version string
	HorizonDays      int
	// Hindsight says that what is known today counted. Seen is a warning that models had seen the outcomes; empty where none had.
	Hindsight bool
	Seen      string
	// Share is the part of the accounts that was read, 0–1.
	Share  float64
	Months []Month
	Result *backtest.Result
}

// Write writes the page. The input must be of a backtest that was made: it has months and clusters.
func Write(out io.Writer, in *Input) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("backtest report: %w", err)
	}
	if err := t.Execute(out, pageOf(in)); err != nil {
		return fmt.Errorf("backtest report: %w", err)
	}
	return nil
}

// WriteFile writes the page to a file, whole or not at all.
func WriteFile(path string, in *Input) error {
	var b bytes.Buffer
	if err := Write(&b, in); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".backtest-*.html")
	if err != nil {
		return fmt.Errorf("backtest report: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	_, err = f.Write(b.Bytes())
	if mode := f.Chmod(0o644); err == nil {
		err = mode
	}
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("backtest report: %w", err)
	}
	return nil
}
