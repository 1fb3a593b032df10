package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrNoRecord reports a file in which there is no WARC record.
var ErrNoRecord = errors.New("no WARC record")

// Check looks for the first record of a file. Errors wrap ErrNoRecord, with the offset at which one was looked for first,
// or are those of reading.
func Check(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := NewReader(f)
	var first error
	for ctx.Err() == nil {
		_, err := r.Next()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, io.EOF) && first != nil:
			return fmt.Errorf("%w: %w", ErrNoRecord, first)
		case errors.Is(err, io.EOF) && r.Torn():
			return fmt.Errorf("%w: offset 0: the file ends within it", ErrNoRecord)
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: offset 0: the file ends", ErrNoRecord)
		case !errors.Is(err, ErrDamaged):
			return fmt.Errorf("offset %d: %w", r.Offset(), err)
		case first == nil:
			first = err
		}
	}
	return ctx.Err()
}
