package imports

import (
	"errors"
	"fmt"
)

// ErrInput reports a file that cannot be imported as it is; the program should exit with code 2.
var ErrInput = errors.New("bad input")

// RowError is one bad row: where, and why.
type RowError struct {
	// File is the path as given; Line the line on which the row begins, from 1.
	File string
	Line int
	// Column is the header's name; empty where the whole row is meant.
	Column string
	Reason string
}

// Error writes "file:line: column: reason".
func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Column, e.Reason)
}

// Unwrap makes every row error an ErrInput.
func (e RowError) Unwrap() error { return ErrInput }

// RowsError reports a file of which nothing was imported because of bad rows.
type RowsError struct {
	// First holds the first bad rows, at most 20; Rejected counts all.
	First    []RowError
	Rejected int
}

// Error names the first bad row and counts the rest.
func (e *RowsError) Error() string {
	switch n := e.Rejected - 1; {
	case n <= 0:
		return e.First[0].Error() + " (nothing was imported)"
	case n == 1:
		return e.First[0].Error() + " (and 1 more bad row; nothing was imported)"
	default:
		return fmt.Sprintf("%s (and %d more bad rows; nothing was imported)", e.First[0].Error(), n)
	}
}

// Unwrap makes it an ErrInput.
func (e *RowsError) Unwrap() error { return ErrInput }

// fileError is a fault of a whole file, in words that need no more.
type fileError struct{ err error }

func (e *fileError) Error() string   { return e.err.Error() }
func (e *fileError) Unwrap() []error { return []error{e.err, ErrInput} }

func badFile(path, format string, args ...any) error {
	return &fileError{fmt.Errorf("%s: "+format, append([]any{path}, args...)...)}
}
