package intent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// Calibration turns the logit of one product into the probability that an account with such evidence wins within the horizon that was trained on:
// 1/(1+e^−(Slope·logit+Offset)), the logit in whole units.
type Calibration struct {
	Product string  `json:"product"`
	Slope   float64 `json:"slope"`
	Offset  float64 `json:"offset"`
}

func (c Calibration) validate() error {
	if c.Product == "" || !(c.Slope > 0) || math.IsInf(c.Slope, 0) || math.IsNaN(c.Offset) || math.IsInf(c.Offset, 0) {
		return fmt.Errorf("calibration for %q of slope %v and offset %v: want a product, a finite slope above 0 and a finite offset", c.Product, c.Slope, c.Offset)
	}
	return nil
}

// Learned are the weights of one product that were learned from opportunities.
type Learned struct {
	// Version is a name and a hash of the content.
	Version string `json:"version"`
	Product string `json:"product"`
	// Base is the id of the weights, set by hand, that they were pulled to.
	Base string   `json:"base"`
	Rows []Weight `json:"rows"`
	// Calibration is nil where higher logits did not win more often on the months held out.
	Calibration *Calibration `json:"calibration,omitempty"`
	// SeenUntil is the last day, YYYY-MM-DD, of the outcomes that they were learned from.
	SeenUntil string `json:"seen_until"`
}

// ReadLearned reads learned weights as JSON of at most 4 MiB; unknown keys are errors. Errors wrap ErrWeights.
func ReadLearned(r io.Reader) (l Learned, err error) {
	if err := decodeJSON(r, &l); err != nil {
		return Learned{}, err
	}
	return l, l.Validate()
}

// ReadWeights reads a whole model as a run keeps it: JSON of at most 4 MiB; unknown keys are errors. Errors wrap ErrWeights.
func ReadWeights(r io.Reader) (w Weights, err error) {
	if err := decodeJSON(r, &w); err != nil {
		return Weights{}, err
	}
	w.sort()
	return w, w.Validate()
}

func decodeJSON(r io.Reader, dest any) error {
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return fmt.Errorf("%w: read: %w", ErrWeights, err)
	}
	if len(text) > maxConfig {
		return fmt.Errorf("%w: over %d bytes", ErrWeights, maxConfig)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(dest); err != nil {
		return fmt.Errorf("%w: %w", ErrWeights, err)
	}
	return nil
}

// Validate checks the rows as those of any weights, and that they are of the product. Errors wrap ErrWeights.
func (l *Learned) Validate() error {
	w := Weights{Version: l.Version, Rows: l.Rows}
	if l.Calibration != nil {
		w.Calibration = []Calibration{*l.Calibration}
	}
	if err := w.Validate(); err != nil {
		return err
	}
	if p := w.Products(); len(p) != 1 || p[0] != l.Product {
		return fmt.Errorf("%w %s: rows for %s, learned for %q", ErrWeights, l.Version, strings.Join(p, ", "), l.Product)
	}
	if _, err := time.Parse(time.DateOnly, l.SeenUntil); err != nil {
		return fmt.Errorf("%w %s: outcomes were seen up to %q: want a day", ErrWeights, l.Version, l.SeenUntil)
	}
	return nil
}

// With lays learned weights over these: what they name counts as learned, what they do not name (a topic that is newer) as before. Products that these
// weights do not have are passed over. The result does not depend on the order; without any, these weights are returned as they are.
func (w Weights) With(learned []Learned) Weights {
	type key struct{ kind, name, product string }
	have, rows := w.Products(), map[key]Weight{}
	for _, r := range w.Rows {
		rows[key{r.Kind, r.Name, r.Product}] = r
	}
	out := Weights{Version: w.Version + "-trained"}
	laid := false
	for i := range learned {
		l := &learned[i]
		if !slices.Contains(have, l.Product) {
			continue
		}
		laid = true
		for _, r := range l.Rows {
			rows[key{r.Kind, r.Name, r.Product}] = r
		}
		if l.Calibration != nil {
			out.Calibration = append(out.Calibration, *l.Calibration)
		}
	}
	if !laid {
		return w
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, r)
	}
	out.sort()
	return out
}
