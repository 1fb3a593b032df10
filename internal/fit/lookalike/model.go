package lookalike

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"telltale/internal/fit/boost"
	"telltale/internal/fit/features"
	"telltale/internal/fit/judge"
)

// format is the version of the record's shape.
const format = 1

// Bounds of a record that is read.
const (
	maxRecord = 16 << 20 // bytes
	maxPoints = 1_000_000_000
)

// Feature is a feature with what each of its levels is worth.
type Feature struct {
	features.Feature
	// Points are by level, in thousandths of a logit, centred on the training rows; none in a model of trees.
	Points []int64 `json:"points,omitempty"`
}

// Tuning is what the rows set apart for it decided.
type Tuning struct {
	// L2 is the penalty of a logistic regression, Trees the number of boosted trees.
	L2    float64 `json:"l2,omitempty"`
	Trees int     `json:"trees,omitempty"`
}

// Model scores accounts for a product. It is plain data; its JSON is the record that is stored.
type Model struct {
	Format  int    `json:"format"`
	Version string `json:"version"`
	Product string `json:"product"`
	Labels  Labels `json:"labels"`
	Kind    Kind   `json:"kind"`
	// AsOf is the last day of the data, SeenUntil the day of the last label; empty where labels are undated.
	AsOf      string `json:"as_of"`
	SeenUntil string `json:"seen_until,omitempty"`
	// Rows and Positives were trained on.
	Rows      int `json:"rows"`
	Positives int `json:"positives"`
	// Intercept and what the levels or trees add are whole thousandths of a logit, so that every score is an exact sum.
	Intercept   int64             `json:"intercept"`
	Features    []Feature         `json:"features"`
	Trees       []boost.Tree      `json:"trees,omitempty"`
	Calibration judge.Calibration `json:"calibration"`
	Tuning      Tuning            `json:"tuning"`
	// BaseRate is what the mean probability of all accounts was set to, and where that is from; 0 where labels set it.
	BaseRate     float64  `json:"base_rate,omitempty"`
	BaseRateFrom string   `json:"base_rate_from,omitempty"`
	Without      []string `json:"without,omitempty"`
}

// Plain lists the features without their points.
func (m *Model) Plain() []features.Feature {
	out := make([]features.Feature, len(m.Features))
	for i := range m.Features {
		out[i] = m.Features[i].Feature
	}
	return out
}

// Encode reads a table as the model's levels.
func (m *Model) Encode(t *features.Table) features.Matrix { return features.Encode(t, m.Plain()) }

// Points are the scores of all rows, in thousandths of a logit.
func (m *Model) Points(x *features.Matrix) []int64 {
	if m.Kind == Trees {
		b := boost.Model{Intercept: m.Intercept, Trees: m.Trees}
		return b.All(x)
	}
	out := make([]int64, x.Rows)
	for i := range out {
		out[i] = m.Intercept
	}
	for f := range m.Features {
		points := m.Features[f].Points
		for i, level := range x.Columns[f] {
			out[i] += points[level]
		}
	}
	return out
}

// Probability of a score, calibrated, 0–1.
func (m *Model) Probability(points int64) float64 { return m.Calibration.Probability(points) }

func (m *Model) predict(x *features.Matrix) []float64 {
	out := make([]float64, x.Rows)
	for i, p := range m.Points(x) {
		out[i] = m.Probability(p)
	}
	return out
}

// Point is what one feature of an account adds to its score.
type Point struct {
	Feature string `json:"feature"`
	// Level is what is known of the account there, in words.
	Level string `json:"level"`
	// Points are thousandths of a logit.
	Points int64 `json:"points"`
}

// Explain takes one row's score apart: base and all points sum to it exactly.
func (m *Model) Explain(x *features.Matrix, row int) (base int64, out []Point) {
	base = m.Intercept
	points := make([]int64, len(m.Features))
	if m.Kind == Trees {
		b := boost.Model{Intercept: m.Intercept, Trees: m.Trees}
		base, points = b.Explain(x, row)
	}
	for f := range m.Features {
		level := x.Columns[f][row]
		if m.Kind != Trees {
			points[f] = m.Features[f].Points[level]
		}
		out = append(out, Point{m.Features[f].Name, m.Features[f].Level(int(level)), points[f]})
	}
	return base, out
}

// seal sets the version, which follows from the content.
func (m *Model) seal() error {
	m.Version = ""
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrModel, err)
	}
	sum := sha256.Sum256(text)
	m.Version = string(m.Kind) + "-" + m.AsOf + "-" + hex.EncodeToString(sum[:4])
	return nil
}

// Read reads a record, of at most 16 MiB. Errors wrap ErrModel.
func Read(r io.Reader) (*Model, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if len(text) > maxRecord {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrModel, maxRecord)
	}
	var m Model
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &m, nil
}

// Validate checks that the model can score any row. Errors wrap ErrModel.
func (m *Model) Validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w %s: %s", ErrModel, m.Version, fmt.Sprintf(format, args...))
	}
	switch {
	case m.Format != format:
		return fail("format %d; this program reads %d", m.Format, format)
	case m.Kind != Logistic && m.Kind != Trees:
		return fail("kind %q is none of logistic, gbdt", m.Kind)
	case len(m.Features) == 0 || len(m.Features) > features.MaxColumns:
		return fail("%d features; want 1–%d", len(m.Features), features.MaxColumns)
	case !m.Calibration.Valid():
		return fail("its calibration is none")
	case !small(m.Intercept):
		return fail("an intercept of %d", m.Intercept)
	}
	sizes := make([]int, len(m.Features))
	for i := range m.Features {
		f := &m.Features[i]
		if err := f.Validate(); err != nil {
			return fail("%v", err)
		}
		sizes[i] = f.Size()
		if m.Kind == Logistic && len(f.Points) != f.Size() {
			return fail("%q has %d points for %d levels", f.Name, len(f.Points), f.Size())
		}
		for _, p := range f.Points {
			if !small(p) {
				return fail("%q has a level of %d points", f.Name, p)
			}
		}
	}
	if err := (&boost.Model{Trees: m.Trees}).Validate(sizes); err != nil {
		return fail("%v", err)
	}
	return nil
}

// small keeps sums of points far from overflowing.
func small(points int64) bool { return points >= -maxPoints && points <= maxPoints }

// thousandths rounds a logit.
func thousandths(logit float64) int64 { return int64(math.RoundToEven(1000 * logit)) }
