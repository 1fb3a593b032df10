package imports

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxText is the longest cell of text, in bytes; maxID the longest account id.
const (
	maxText = 4096
	maxID   = 128
)

// row reads the cells of one record; the first that cannot be read is kept as its error.
type row struct {
	*records
	record
	err *RowError
}

func (r *row) fail(column, format string, args ...any) {
	if r.err == nil {
		name := column
		if i, ok := r.head.known[column]; ok {
			name = r.head.names[i]
		}
		r.err = r.at(r.line, name, fmt.Sprintf(format, args...))
	}
}

// text gives a cell without the space around it; "" where the file has no such column.
func (r *row) text(column string) string {
	i, ok := r.head.known[column]
	if !ok {
		return ""
	}
	s := strings.TrimSpace(r.cells[i])
	if len(s) > maxText {
		r.fail(column, "%d bytes; at most %d", len(s), maxText)
	}
	return s
}

func (r *row) required(column string) string {
	s := r.text(column)
	if s == "" {
		r.fail(column, "is empty")
	}
	return s
}

func (r *row) id() string {
	s := r.required("account_id")
	if len(s) > maxID {
		r.fail("account_id", "%d bytes; at most %d", len(s), maxID)
	}
	return s
}

// number reads a decimal number with a point, without separators of thousands.
func (r *row) number(column, s string, least, most float64) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(s, "xXpP_") {
		r.fail(column, "%s is no number (such as 1234.5)", quote(s))
		return 0
	}
	if x < least || x > most {
		r.fail(column, "%s is outside %s–%s", s, plainNumber(least), plainNumber(most))
	}
	return x
}

func plainNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// count reads a whole number, 0 to most; nil where the cell is empty.
func (r *row) count(column string, most uint64) *uint64 {
	s := r.text(column)
	if s == "" {
		return nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > most {
		r.fail(column, "%s is no whole number of 0–%d", quote(s), most)
		return nil
	}
	return &n
}

func (r *row) count32(column string) *uint32 {
	n := r.count(column, math.MaxUint32)
	if n == nil {
		return nil
	}
	out := uint32(*n)
	return &out
}

// The days the store can hold: its Date counts from 1970 in 16 bits.
const firstDay, lastDay = "1970-01-01", "2149-06-06"

// date reads YYYY-MM-DD; zero where the cell is empty.
func (r *row) date(column string) time.Time {
	s := r.text(column)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.fail(column, "%s is no date YYYY-MM-DD", quote(s))
		return time.Time{}
	}
	if s < firstDay || s > lastDay {
		r.fail(column, "%s is outside %s–%s", s, firstDay, lastDay)
	}
	return t
}

func (r *row) optionalDate(column string) *time.Time {
	t := r.date(column)
	if t.IsZero() {
		return nil
	}
	return &t
}

func (r *row) requiredDate(column string) time.Time {
	r.required(column)
	return r.date(column)
}

// maxCents is the largest amount: Decimal(18, 2) holds 16 digits before the point.
const maxCents = 9_999_999_999_999_999_99

// cents reads an amount of US dollars with at most two decimals; nil where the cell is empty.
func (r *row) cents(column string) *int64 {
	s := r.text(column)
	if s == "" {
		return nil
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	part = strings.TrimRight(part, "0")
	if whole == "" || !isDigits(whole) || !isDigits(part) {
		r.fail(column, "%s is no amount (such as 1234.50)", quote(s))
		return nil
	}
	if len(part) > 2 {
		r.fail(column, "%s has more than two decimals", quote(s))
		return nil
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || n > maxCents {
		r.fail(column, "%s is too large an amount", quote(s))
		return nil
	}
	if negative {
		n = -n
	}
	return &n
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// truth reads yes or no; nil where the cell is empty.
func (r *row) truth(column string) *bool {
	yes, no := true, false
	switch s := strings.ToLower(r.text(column)); s {
	case "":
		return nil
	case "true", "yes", "y", "1":
		return &yes
	case "false", "no", "n", "0":
		return &no
	default:
		r.fail(column, "%s is neither true nor false", quote(s))
		return nil
	}
}

// quote shows a cell in a message, cut where it is long.
func quote(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strconv.Quote(s)
}
