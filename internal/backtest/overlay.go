package backtest

import (
	"fmt"

	"telltale/internal/fit/judge"
	"telltale/internal/fit/ridge"
)

// folds is how many parts the accounts are dealt to: the overlay that predicts an account was fitted without it.
const folds = 5

// Overlay is how fit and intent are laid over each other: a logistic regression of two figures, fitted on earlier months.
type Overlay struct {
	// Intercept, Fit (of a score of 100) and Intent (of a logit) are in logits.
	Intercept float64 `json:"intercept"`
	Fit       float64 `json:"fit"`
	Intent    float64 `json:"intent"`
	// Cases and Winners were fitted on.
	Cases   int `json:"cases"`
	Winners int `json:"winners"`
}

// priors: more fit and more intent never speak against a win; the slight pull to 0 keeps perfectly parted rows from running away.
func priors() []ridge.Prior { return []ridge.Prior{{L2: 1e-3, Sign: 1}, {L2: 1e-3, Sign: 1}} }

func overlayRow(c *Case) ridge.Row {
	return ridge.Row{At: []int32{0, 1}, Value: []float64{c.Fit / 100, c.Logit}, Won: c.won()}
}

// overlay fits on the cases of the trained months and predicts those of the judged months, each by a fit that has seen neither its month nor its
// account. nil where there are too few winners to fit.
func (d *Data) overlay(train, test []int) (*Overlay, []float64, error) {
	whole, err := d.fit(train, -1)
	if err != nil || whole == nil {
		return nil, nil, err
	}
	var parts [folds]*ridge.Model
	for k := range parts {
		if parts[k], err = d.fit(train, int32(k)); err != nil {
			return nil, nil, err
		}
		if parts[k] == nil {
			return nil, nil, nil
		}
	}
	predicted := make([]float64, len(test))
	for k, i := range test {
		r := overlayRow(&d.Cases[i])
		predicted[k] = judge.Sigmoid(parts[fold(d.Cases[i].Account)].Logit(&r))
	}
	o := &Overlay{Intercept: whole.Intercept, Fit: whole.Weights[0], Intent: whole.Weights[1], Cases: len(train)}
	for _, i := range train {
		o.Winners += int(d.Cases[i].won())
	}
	return o, predicted, nil
}

// minWinners is how many winners an overlay of two figures needs; with fewer nothing is fitted.
const minWinners = 10

func (d *Data) fit(train []int, without int32) (*ridge.Model, error) {
	var rows []ridge.Row
	won := 0
	for _, i := range train {
		if c := &d.Cases[i]; fold(c.Account) != without {
			rows = append(rows, overlayRow(c))
			won += int(c.won())
		}
	}
	if won < minWinners || won == len(rows) {
		return nil, nil
	}
	m, err := ridge.Fit(rows, priors())
	if err != nil {
		return nil, fmt.Errorf("lay intent over fit: %w", err)
	}
	return m, nil
}

// fold deals accounts by a hash of their numbers, so that neighbours are spread.
func fold(account int32) int32 {
	x := uint64(account)*0x9e3779b97f4a7c15 + 0x85ebca6b
	x ^= x >> 29
	return int32(x * 0xbf58476d1ce4e5b9 >> 40 % folds)
}
