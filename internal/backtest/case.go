// Package backtest judges what was recommended as of past months by what closed strictly after: how well fit, intent and both ranked, what
// each cluster and cell came to, how far probabilities can be believed and what drifted. It is pure: cases in, a result out.
package backtest

import (
	"errors"
	"fmt"
	"math"

	"telltale/internal/fit/judge"
)

// The coarse errors of a backtest; messages say which figure is at fault.
var (
	// ErrLabels reports that nothing closed, or one class only.
	ErrLabels = errors.New("labels")
	// ErrLeak reports a feature that tells the outcome by itself.
	ErrLeak = errors.New("leaking feature")
)

// Feature is one frozen figure of a case that is no score; a case without it has 0.
type Feature struct {
	// Name numbers the feature, Value is what it was.
	Name  int32
	Value float64
}

// Case is one account and product as of one month end, with what closed within the horizon after it.
type Case struct {
	// Month numbers the month ends from 0 in order of time, Account the accounts from 0.
	Month, Account int32
	// Fit and Intent are scores of 0–100, NaN where there is none; Logit is the intent score's, in logits.
	Fit, Intent, Logit float64
	// Cell and Cluster are what was recommended; empty and Unknown where it was not judged.
	Cell, Cluster string
	Features      []Feature
	// Won and Lost count the opportunities that closed; Acted those of them that a seller acted on, Ignored those that no seller did (of the
	// rest it is not known), ActedWon and IgnoredWon the won ones among these.
	Won, Lost, Acted, ActedWon, Ignored, IgnoredWon int
}

// judged reports whether the case was recommended anything.
func (c *Case) judged() bool { return c.Cell != "" && !math.IsNaN(c.Fit) && !math.IsNaN(c.Intent) }

// won is 1 where anything was won.
func (c *Case) won() uint8 {
	if c.Won > 0 {
		return 1
	}
	return 0
}

// Data are the cases of a backtest.
type Data struct {
	Cases []Case
	// Names are the features by number.
	Names []string
	// TrainMonths says how many of the first months are for fitting the overlay; the others are judged. 0 means that nothing is fitted.
	TrainMonths int32
	// Seed decides the draws of intervals and of shuffled outcomes.
	Seed uint64
}

// check refuses outcomes that nothing can be judged by.
func (d *Data) check() error {
	won, lost, judged, hit := 0, 0, 0, 0
	for i := range d.Cases {
		c := &d.Cases[i]
		won, lost = won+c.Won, lost+c.Lost
		if c.judged() && c.Month >= d.TrainMonths {
			judged, hit = judged+1, hit+int(c.won())
		}
	}
	switch {
	case won+lost == 0:
		return fmt.Errorf("%w: no opportunity closed within the horizon after any of the months: import opportunities, or choose other months or a longer horizon", ErrLabels)
	case won == 0:
		return fmt.Errorf("%w: no positives: none of the %d opportunities that closed were won", ErrLabels, lost)
	case judged == 0:
		return fmt.Errorf("%w: no account has both fit and intent in the months to judge", ErrLabels)
	case hit == 0 || hit == judged:
		return fmt.Errorf("%w: one class only: %d of the %d cases with a cell won in the months to judge", ErrLabels, hit, judged)
	}
	return nil
}

// picked are the judged cases of some months.
func (d *Data) picked(from, to int32) []int {
	var out []int
	for i := range d.Cases {
		if c := &d.Cases[i]; c.judged() && c.Month >= from && c.Month < to {
			out = append(out, i)
		}
	}
	return out
}

// cases are the judge's, of a score by case.
func (d *Data) cases(at []int, score func(*Case) float64) *judge.Cases {
	out := &judge.Cases{}
	number := map[int32]int32{}
	for _, i := range at {
		c := &d.Cases[i]
		group, known := number[c.Account]
		if !known {
			group = int32(len(number))
			number[c.Account] = group
		}
		out.Predicted, out.Won, out.Groups = append(out.Predicted, score(c)), append(out.Won, c.won()), append(out.Groups, group)
	}
	return out
}
