// Package export writes published scores as files: a CSV of every row, and a workbook with the propensity model, the accounts
// to act on now, the matrix, the segments, the signals behind the scores and the facts of the run.
//
// A file is written under a temporary name and renamed when it is whole. Text from the web and from the owner's files
// never becomes a formula.
package export

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

// Signal is one signal behind a score, with the driver it is part of.
type Signal struct {
	AccountID, Product string
	// Driver is kind and name; DriverPoints the whole driver's points, in thousandths of a logit.
	Driver       string
	DriverPoints int64
	intent.Evidence
}

// Grid counts accounts by fit (rows) and intent (columns), each from High to Very Low.
type Grid struct {
	// Product is empty where the grid counts each account once.
	Product string
	Counts  [4][4]int64
	// Unknown counts accounts without a cell.
	Unknown int64
}

// Segment counts the accounts of a segment by the cluster of their best product.
type Segment struct {
	Name     string
	Accounts int64
	// Clusters are Act Now, Evaluate, Nurture, Educate, Unknown.
	Clusters [5]int64
}

// Rows calls yield for each row, in order, and stops at its error.
type Rows func(yield func(intent.Propensity) error) error

// Signals calls yield for each signal, in order, and stops at its error.
type Signals func(yield func(Signal) error) error

// Workbook is what a workbook is made of. Rows and signals are read once, one at a time.
type Workbook struct {
	// Run are the facts of the run, pairs of name and value.
	Run      [][2]string
	Matrix   matrix.Matrix
	Best     Grid
	Products []Grid
	Segments []Segment
	Rows     Rows
	Signals  Signals
}

// driverColumns is how many drivers a row names in words.
const driverColumns = 3

// topDrivers are a row's strongest drivers in words with their points in logits, the base rate left out.
func topDrivers(p intent.Propensity) [driverColumns]string {
	var out [driverColumns]string
	n := 0
	for _, d := range p.Drivers {
		if n == driverColumns {
			break
		}
		if !strings.HasPrefix(d.Name, intent.KindBase+":") {
			out[n] = fmt.Sprintf("%s %+.2f", clean(intent.DriverWords(d.Name)), float64(d.Points)/1000)
			n++
		}
	}
	return out
}

// maxCell is the longest text of a workbook's cell, in UTF-16 code units (Excel specifications and limits).
const maxCell = 32_767

// clean makes foreign text fit for a cell: valid UTF-8, no control characters but the space, within a cell's length.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r == 0xfffe || r == 0xffff:
			return -1
		}
		return r
	}, s)
	if len(s) <= maxCell/2 { // at most one UTF-16 unit a byte, with room to spare
		return s
	}
	if runes := []rune(s); len(runes) > maxCell/2 {
		return string(runes[:maxCell/2-1]) + "…"
	}
	return s
}

// neutral keeps a spreadsheet from taking text for a formula: a cell that begins with = + - or @, behind any space, tab or
// carriage return, gets an apostrophe before it (OWASP, CSV Injection).
func neutral(s string) string {
	s = clean(s)
	if start := strings.TrimLeftFunc(s, unicode.IsSpace); start != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(start)[0]) {
		return "'" + s
	}
	return s
}

func decimal(x *float64) string {
	if x == nil || math.IsNaN(*x) {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 2, 64)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func dayOr(t *time.Time) string {
	if t == nil {
		return ""
	}
	return day(*t)
}

// count writes a number of which 0 means that there is nothing to count.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// link gives a URL that may be followed: http or https with a host, and nothing else.
func link(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.String(), true
}

// whole writes a file under a temporary name beside path and renames it when it is whole and on the disk. Whatever fails,
// what stood at path before stands there still, and nothing else is left.
func whole(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	open := true
	defer func() {
		if err == nil {
			return
		}
		if open {
			err = errors.Join(err, f.Close())
		}
		err = errors.Join(err, os.Remove(f.Name()))
	}()
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	open = false
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
