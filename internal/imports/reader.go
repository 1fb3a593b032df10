package imports

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The bounds of a file (a hostile or broken file must not fill memory).
const (
	// maxRecord is the longest record, in bytes, line ends within quotes included.
	maxRecord = 1 << 20
	// maxColumns is the greatest number of columns.
	maxColumns = 512
	// readAhead is what the CSV reader may have read beyond the record it returned.
	readAhead = 64 << 10
)

var errTooLong = errors.New("record over 1 MiB: is a quote left open?")

// meter bounds a record and keeps its raw text: encoding/csv itself reads a record however long it is.
type meter struct {
	from io.Reader
	// raw holds what was read since offset base.
	raw  []byte
	base int64
	// line is the one on which the next record begins, from 1.
	line int
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if len(m.raw) > maxRecord+readAhead {
		return 0, errTooLong
	}
	n, err := m.from.Read(p[:min(len(p), readAhead)])
	m.raw = append(m.raw, p[:n]...)
	return n, err
}

// take returns the raw text up to offset end and forgets it.
func (m *meter) take(end int64) []byte {
	n := int(end - m.base)
	raw := bytes.Clone(m.raw[:n])
	m.raw = append(m.raw[:0], m.raw[n:]...)
	m.base = end
	m.line += bytes.Count(raw, []byte{'\n'})
	return raw
}

// records reads the rows of one file under its header.
type records struct {
	path  string
	meter *meter
	csv   *csv.Reader
	head  header
	// products are the names that are known; strange counts those that are not.
	products []string
	strange  map[string]int
}

// record is one row of the file; bad is set where it is no row of the header's shape.
type record struct {
	line  int
	cells []string
	raw   []byte
	bad   *RowError
}

// newRecords reads the header. Errors wrap ErrInput.
func newRecords(path string, r io.Reader, want layout, products []string) (*records, error) {
	start := make([]byte, 3)
	n, err := io.ReadFull(r, start)
	if n == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return nil, badFile(path, "the file is empty")
	}
	start = start[:n]
	if bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) {
		return nil, badFile(path, "the file is UTF-16: save it as CSV UTF-8")
	}
	start = bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	m := &meter{from: io.MultiReader(bytes.NewReader(start), r), line: 1}
	f := &records{path: path, meter: m, csv: csv.NewReader(m), products: products, strange: map[string]int{}}
	f.csv.FieldsPerRecord = -1
	cells, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, badFile(path, "the file is empty")
	}
	if err != nil {
		return nil, f.unreadable(err)
	}
	m.take(f.csv.InputOffset())
	f.head, err = newHeader(path, cells, want)
	return f, err
}

// next reads a row; io.EOF ends the file. Any other error means that the rest cannot be read.
func (f *records) next() (record, error) {
	cells, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return record{}, io.EOF
	}
	if err != nil {
		return f.broken(err)
	}
	rec := record{cells: cells, raw: f.meter.take(f.csv.InputOffset())}
	rec.line, _ = f.csv.FieldPos(0)
	rec.bad = f.check(rec)
	return rec, nil
}

// broken makes a bad row of a line that is no CSV; what spans lines leaves open where the next row begins.
func (f *records) broken(err error) (record, error) {
	var syntax *csv.ParseError
	if !errors.As(err, &syntax) || syntax.StartLine != syntax.Line {
		return record{}, f.unreadable(err)
	}
	bad := f.at(syntax.StartLine, "", fmt.Sprintf("byte %d: %s", syntax.Column, unquoted(syntax.Err)))
	return record{line: syntax.StartLine, raw: f.meter.take(f.csv.InputOffset()), bad: bad}, nil
}

func unquoted(err error) string {
	return strings.TrimPrefix(err.Error(), "parse error: ")
}

// unreadable says where reading ended.
func (f *records) unreadable(err error) error {
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return *f.at(syntax.StartLine, "", fmt.Sprintf("a quote that is opened here is not closed properly (line %d: %s)", syntax.Line, unquoted(syntax.Err)))
	case errors.Is(err, errTooLong):
		return *f.at(f.meter.line, "", errTooLong.Error())
	}
	return fmt.Errorf("read %s: %w", f.path, err)
}

func (f *records) at(line int, column, reason string) *RowError {
	return &RowError{File: f.path, Line: line, Column: column, Reason: reason}
}

// check holds a row to the header and to plain UTF-8 text.
func (f *records) check(rec record) *RowError {
	if len(rec.raw) > maxRecord {
		return f.at(rec.line, "", errTooLong.Error())
	}
	if len(rec.cells) != len(f.head.names) {
		return f.at(rec.line, "", fmt.Sprintf("%d cells under a header of %d", len(rec.cells), len(f.head.names)))
	}
	for i, c := range rec.cells {
		switch {
		case !utf8.ValidString(c):
			return f.at(rec.line, f.head.names[i], "not UTF-8")
		case strings.ContainsFunc(c, isControl):
			return f.at(rec.line, f.head.names[i], "a control character")
		case f.head.names[i] == "" && strings.TrimSpace(c) != "":
			return f.at(rec.line, "", fmt.Sprintf("a value in column %d, which has no name", i+1))
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }
