package politeness

import (
	"bytes"
	_ "embed" // the table of ranges
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"
)

//go:embed ranges.csv
var rangesCSV []byte

// DefaultRanges returns the content networks and site builders that are shipped with the program, each
// place of which keeps delay.
func DefaultRanges(delay time.Duration) ([]Range, error) {
	return ReadRanges(bytes.NewReader(rangesCSV), delay)
}

// ReadRanges reads a table of ranges: CSV with the columns name, prefix and concurrency; lines that begin
// with # are remarks.
func ReadRanges(r io.Reader, delay time.Duration) ([]Range, error) {
	table := csv.NewReader(r)
	table.Comment, table.FieldsPerRecord = '#', 3
	rows, err := table.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read address ranges: %w", err)
	}
	var out []Range
	for i, row := range rows {
		if i == 0 {
			continue
		}
		prefix, err := netip.ParsePrefix(row[1])
		if err != nil {
			return nil, fmt.Errorf("read address ranges: %s: %w", row[0], err)
		}
		n, err := strconv.Atoi(row[2])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("read address ranges: %s %s: concurrency %q: want a whole number from 1", row[0], row[1], row[2])
		}
		out = append(out, Range{Prefix: prefix.Masked(), Concurrency: n, Delay: delay})
	}
	return out, nil
}
