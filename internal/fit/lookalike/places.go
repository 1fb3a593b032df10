package lookalike

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrPlaces reports a split that cannot be read.
var ErrPlaces = errors.New("split")

// Bounds of a split that is read.
const (
	maxPlaces      = 256 << 20 // bytes
	maxPlaceNumber = 10_000_000
)

// ReadPlaces reads which account is to train, tune or test on: CSV of at most 256 MiB with a header, its columns account_id and split, of
// which the words are train, tune (or val) and test; other columns are ignored. Errors wrap ErrPlaces and name the line.
func ReadPlaces(r io.Reader) (map[string]Place, error) {
	limited := &io.LimitedReader{R: r, N: maxPlaces}
	c := csv.NewReader(limited)
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: line 1: %w", ErrPlaces, err)
	}
	account, split := slices.Index(head, "account_id"), slices.Index(head, "split")
	if account < 0 || split < 0 {
		return nil, fmt.Errorf("%w: line 1: the columns account_id and split are required", ErrPlaces)
	}
	out := map[string]Place{}
	for {
		cells, err := c.Read()
		switch {
		case errors.Is(err, io.EOF) && limited.N > 0:
			return out, nil
		case limited.N <= 0 || len(out) > maxPlaceNumber:
			return nil, fmt.Errorf("%w: more than %d bytes or %d accounts", ErrPlaces, maxPlaces, maxPlaceNumber)
		case err != nil:
			return nil, fmt.Errorf("%w: %w", ErrPlaces, err) // names the line
		}
		line, _ := c.FieldPos(0)
		place, ok := parsePlace(cells[split])
		if !ok || cells[account] == "" {
			return nil, fmt.Errorf("%w: line %d: account %q to %q: want an account_id, and train, tune or test", ErrPlaces, line, cells[account], cells[split])
		}
		id := strings.Clone(cells[account])
		if before, known := out[id]; known && before != place {
			return nil, fmt.Errorf("%w: line %d: account %q is on two sides", ErrPlaces, line, id)
		}
		out[id] = place
	}
}

func parsePlace(word string) (Place, bool) {
	switch word {
	case "train":
		return Train, true
	case "tune", "val":
		return Tune, true
	case "test":
		return Test, true
	}
	return Out, false
}
