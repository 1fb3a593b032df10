package fit

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrScore reports a score outside 0–100.
var ErrScore = errors.New("score outside 0–100")

// ImportedModel names the model of an imported score that came without a name.
const ImportedModel = "imported"

// Score is one version of an account's fit for a product.
type Score struct {
	AccountID, Product string
	// Value is 0–100.
	Value float64
	// Probability is calibrated, 0–1; negative where there is none, as for imported scores.
	Probability float64
	// Model names what gave the score; Imported reports that it came from outside.
	Model    string
	Imported bool
	// ValidFrom is the first day the score holds, KnownFrom the time since when we know it.
	ValidFrom, KnownFrom time.Time
}

// Validate checks that the score names its account and product and lies in 0–100.
func (s Score) Validate() error {
	if s.AccountID == "" || s.Product == "" {
		return fmt.Errorf("fit score: account %q, product %q: both are required", s.AccountID, s.Product)
	}
	if math.IsNaN(s.Value) || s.Value < 0 || s.Value > 100 {
		return fmt.Errorf("fit score of %s for %s: %v: %w", s.AccountID, s.Product, s.Value, ErrScore)
	}
	return nil
}

// Holding picks the score that holds at asOf as far as was known by knownBy: imported before computed,
// then the latest day it is valid from, then the latest knowledge, then the model's name. It reports false where none
// holds. The scorer's SQL follows the same order.
func Holding(scores []Score, asOf, knownBy time.Time) (Score, bool) {
	var best Score
	found := false
	for _, s := range scores {
		if s.ValidFrom.After(asOf) || s.KnownFrom.After(knownBy) {
			continue
		}
		if !found || before(s, best) {
			best, found = s, true
		}
	}
	return best, found
}

func before(a, b Score) bool {
	switch {
	case a.Imported != b.Imported:
		return a.Imported
	case !a.ValidFrom.Equal(b.ValidFrom):
		return a.ValidFrom.After(b.ValidFrom)
	case !a.KnownFrom.Equal(b.KnownFrom):
		return a.KnownFrom.After(b.KnownFrom)
	}
	return a.Model < b.Model
}
