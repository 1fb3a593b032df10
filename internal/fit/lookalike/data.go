// Package lookalike trains, judges and reads the model of fit: which accounts look like the best customers of a product, or like those
// that bought when they were asked. It is pure: rows in, a model and what it is worth out.
package lookalike

import (
	"errors"
	"fmt"
	"time"

	"telltale/internal/fit/features"
)

// Labels says what a model learns from.
type Labels string

// Customers are the best existing customers against all other accounts, of which it is not known whether they would buy;
// Opportunities are those won against those lost.
const (
	Customers     Labels = "customers"
	Opportunities Labels = "opportunities"
)

// Kind is a kind of model.
type Kind string

// The kinds of model: logistic regression on bins, and gradient-boosted trees as its challenger.
const (
	Logistic Kind = "logistic"
	Trees    Kind = "gbdt"
)

// The coarse errors of training; messages say which figure is at fault.
var (
	// ErrLabels reports rows without positives, of one class, or too few.
	ErrLabels = errors.New("labels")
	// ErrLeak reports a feature that tells the outcome by itself.
	ErrLeak = errors.New("leaking feature")
	// ErrFeatures reports rows that have nothing in common to learn from.
	ErrFeatures = errors.New("features")
	// ErrModel reports a model that cannot be used, such as one read from a damaged row.
	ErrModel = errors.New("fit model")
)

// The fewest rows, and rows of each class, that a model is trained on.
const (
	MinRows = 50
	MinEach = 10
)

// Place is the part of the rows that a row belongs to.
type Place uint8

// Rows train, or tune and calibrate, or test; those that are Out would let an account stand on both sides of a split.
const (
	Train Place = iota
	Tune
	Test
	Out
)

// Data are labelled rows.
type Data struct {
	Table *features.Table
	// Won is 1 for positives.
	Won []uint8
	// Accounts name the account of each row: an account is never on two sides of a split.
	Accounts []string
	// Days are when the label came to be, in days since 1970; 0 where that is not known.
	Days []int32
	// Weights are how many accounts a row stands for; nil means one each. They set the base rate and weigh no row in training.
	Weights []float64
	// Places fix the split; nil means by time where the rows are dated, else by account.
	Places []Place
}

// Recipe says how a model is made. The same data and recipe give the same model.
type Recipe struct {
	Product  string
	Labels   Labels
	Kind     Kind
	Features features.Options
	// Without names columns that are left out.
	Without []string
	// Monotone is the known direction of numbers by name, for trees: +1 or −1.
	Monotone map[string]int8
	// BaseRate is the known share of accounts that would buy, 0–1; 0 means that the labels' own rate stands. BaseRateFrom says
	// where it is from.
	BaseRate     float64
	BaseRateFrom string
	// AsOf is the day up to which the data goes.
	AsOf time.Time
	// Workers is how many processors are used; 0 means all.
	Workers int
}

func (d *Data) check(r *Recipe) error {
	n := d.Table.Rows
	if len(d.Won) != n || len(d.Accounts) != n || len(d.Days) != n || d.Weights != nil && len(d.Weights) != n || d.Places != nil && len(d.Places) != n {
		return fmt.Errorf("%w: %d rows, %d outcomes, %d accounts, %d days", ErrLabels, n, len(d.Won), len(d.Accounts), len(d.Days))
	}
	won := count(d.Won)
	what := "best customers"
	if r.Labels == Opportunities {
		what = "won opportunities"
	}
	switch {
	case n == 0 || won == 0:
		return fmt.Errorf("%w: no positives: no %s of %q among %d rows", ErrLabels, what, r.Product, n)
	case won == n:
		return fmt.Errorf("%w: one class only: all %d rows of %q are %s", ErrLabels, n, r.Product, what)
	case n < MinRows || won < MinEach || n-won < MinEach:
		return fmt.Errorf("%w: too few rows of %q: %d, of which %d are %s; want at least %d, and %d of either class", ErrLabels,
			r.Product, n, won, what, MinRows, MinEach)
	}
	return nil
}

func count(won []uint8) (n int) {
	for _, y := range won {
		n += int(y)
	}
	return n
}

// without drops the columns that are left out. Errors wrap ErrFeatures where one is not there: a misspelt name would let it in.
func without(t *features.Table, names []string) (*features.Table, error) {
	if len(names) == 0 {
		return t, nil
	}
	out := &features.Table{Rows: t.Rows}
	found := map[string]bool{}
	drop := map[string]bool{}
	for _, n := range names {
		drop[n] = true
	}
	for _, c := range t.Columns {
		if found[c.Name] = true; !drop[c.Name] {
			out.Columns = append(out.Columns, c)
		}
	}
	for _, n := range names {
		if !found[n] {
			return nil, fmt.Errorf("%w: there is none called %q to leave out", ErrFeatures, n)
		}
	}
	return out, nil
}

func pick[T any](all []T, rows []int32) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = all[r]
	}
	return out
}
