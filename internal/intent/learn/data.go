// Package learn fits the weights of intent to opportunities: what each kind of evidence was worth, pulled towards the weights that are there, held to the
// signs that are known, with the half-life that predicts best. What is learned is judged by the scorer's own arithmetic. It is pure.
package learn

import (
	"errors"
	"fmt"
	"math"

	"telltale/internal/fit/judge"
	"telltale/internal/intent"
)

// The coarse errors of learning; messages say which figure is at fault.
var (
	// ErrLabels reports rows without positives, of one class, or too few.
	ErrLabels = errors.New("labels")
	// ErrLeak reports evidence that tells the outcome by itself.
	ErrLeak = errors.New("leaking feature")
)

// MinWinners is how many winners each part of the months must have.
const MinWinners = 10

// Signal is one signal that counted for a row.
type Signal struct {
	// Driver numbers the kind of evidence in Data.Base.
	Driver int32
	// AgeDays is its age in calendar days, Value strength · confidence · sign, −1 to 1.
	AgeDays int32
	Value   float64
	// Family is the group of sources that it is from, by number.
	Family uint8
	// Era is when it was told of, as surges count it.
	Era intent.Era
}

// Row is an account as of a month's end that had evidence for the product.
type Row struct {
	Month, Account int32
	Signals        []Signal
	// RecentWeeks and BaselineWeeks are the weeks of a surge's two windows in which the account was watched (intent.SurgeExposure).
	RecentWeeks, BaselineWeeks float64
	// Bought counts the days since the account last bought the product, and one; 0 is never.
	Bought int32
	// Won is 1 where an opportunity closed as won within the horizon.
	Won uint8
}

// Watched are the accounts of a month that had a baseline, whether they had evidence or not, and for how many weeks in all.
type Watched struct {
	Accounts int64
	Weeks    float64
}

// Data are the rows of one product.
type Data struct {
	Rows []Row
	// Set is the present weights, which the learned ones are pulled to. Of surges and purchases is learned where they have any.
	Set
	// InUse are the weights that the learned ones are compared with; nil means those above. Their Base is as long, in the same order.
	InUse *Set
	// Months counts the months; the last quarter is held out, the quarter before tunes.
	Months int32
	// Watched are by month; a month without is one in which nobody was watched.
	Watched []Watched
}

// parts are the first months of the tuning and of the held-out part.
func (d *Data) parts() (tune, test int32) {
	quarter := max(d.Months/4, 1)
	return d.Months - 2*quarter, d.Months - quarter
}

// HeldOut is the first of the months that are held out, as Row.Month counts.
func (d *Data) HeldOut() int32 {
	_, test := d.parts()
	return test
}

// check refuses rows that nothing can be learned from.
func (d *Data) check() error {
	if d.Months < 3 {
		return fmt.Errorf("%w: %d months have ended: three or more are needed, to learn, to tune and to hold out", ErrLabels, d.Months)
	}
	tune, test := d.parts()
	var won, all [3]int
	for i := range d.Rows {
		r := &d.Rows[i]
		at := 0
		switch {
		case r.Month >= test:
			at = 2
		case r.Month >= tune:
			at = 1
		}
		won[at], all[at] = won[at]+int(r.Won), all[at]+1
	}
	if won[0]+won[1]+won[2] == 0 {
		return fmt.Errorf("%w: no positives: none of the %d accounts with evidence won within the horizon", ErrLabels, len(d.Rows))
	}
	for i, name := range [...]string{"to learn from", "to tune on", "held out"} {
		if won[i] < MinWinners || won[i] == all[i] {
			return fmt.Errorf("%w: %d of %d rows of the months %s won: at least %d, and some that did not, are needed in each part", ErrLabels, won[i], all[i], name, MinWinners)
		}
	}
	return nil
}

// clue is one kind of evidence by itself.
type clue struct {
	name string
	of   func(*Row) float64
}

// clues are all that is learned of but the breadth, which is no kind of evidence.
func (d *Data) clues() []clue {
	out := make([]clue, 0, len(d.Base)+2)
	for k := range d.Base {
		out = append(out, clue{d.Base[k].Kind + ":" + d.Base[k].Name, func(r *Row) (sum float64) {
			for _, s := range r.Signals {
				if int(s.Driver) == k {
					sum += s.Value
				}
			}
			return sum
		}})
	}
	if d.Surge != nil {
		priors := d.surgePriors(&d.Set, 0, d.Months)
		out = append(out, clue{d.Surge.Kind + ":" + d.Surge.Name, func(r *Row) float64 { return d.surge(r, priors[r.Month]) }})
	}
	if d.Bought != nil {
		out = append(out, clue{d.Bought.Kind + ":" + d.Bought.Name, d.bought})
	}
	return out
}

// leak refuses a kind of evidence that ranks the rows almost by itself. Errors wrap ErrLeak and name the worst.
func (d *Data) leak() error {
	worst, most := "", 0.0
	for _, clue := range d.clues() {
		low, high := math.Inf(1), math.Inf(-1)
		c := &judge.Cases{}
		for i := range d.Rows {
			x := clue.of(&d.Rows[i])
			low, high = min(low, x), max(high, x)
			c.Predicted, c.Won = append(c.Predicted, x), append(c.Won, d.Rows[i].Won)
		}
		if !(high > low) {
			continue
		}
		for i := range c.Predicted {
			c.Predicted[i] = (c.Predicted[i] - low) / (high - low)
		}
		m, err := judge.Measure(c)
		if err != nil {
			return err
		}
		if auc := max(m.AUC, 1-m.AUC); auc > most {
			worst, most = clue.name, auc
		}
	}
	if most > 0.9 {
		return fmt.Errorf("%w: %q alone has an AUC of %.3f (more than 0.9): it was likely written down after the outcome", ErrLeak, worst, most)
	}
	return nil
}
