// Package train fits the learned model of package learned on labelled sentences and measures it by
// cross-validation: rules alone, learned alone, both.
package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// ErrData reports training data that cannot be used; the message names the line.
var ErrData = errors.New("bad training data")

// The bounds of a file of examples: bytes of a line, and lines.
const (
	maxLine     = 64 << 10
	maxExamples = 200_000
)

// Example is one labelled sentence.
type Example struct {
	Text string `json:"text"`
	// Lang is its language, ISO 639-1; empty means unknown.
	Lang string `json:"lang,omitempty"`
	// Labels are the events that it tells of, whatever its modality; none where it tells of none.
	Labels []string `json:"labels"`
	// Modality says how it tells of them: fact, plan, may, denied or past; empty where there is no label.
	Modality string `json:"modality,omitempty"`
	// Group holds together what must not be on both sides of a split: a document, a theme.
	Group string `json:"group,omitempty"`
	// Doc is the document of sets labelled by others.
	Doc string `json:"doc,omitempty"`
	// Rules are the rules' confidences, 0–1, by class; set by the caller, never read from a file.
	Rules []float64 `json:"-"`
	// Hints are what the rules' vocabulary says of the sentence, all examples' in one order; set by the caller.
	Hints []float32 `json:"-"`
}

// Reportable says whether the sentence's events are to be reported: they are a fact, a plan or may come.
// Data without modality holds facts only.
func (e *Example) Reportable() bool { return e.Modality != "denied" && e.Modality != "past" }

// Has reports whether the sentence is labelled with a class.
func (e *Example) Has(class string) bool { return slices.Contains(e.Labels, class) }

// Modalities are the ways in which a sentence may tell of an event.
func Modalities() []string { return []string{"fact", "plan", "may", "denied", "past"} }

// Read reads examples from JSON lines; the lines that begin with # are comments (licence, source). Unknown keys are
// left alone. Errors wrap ErrData and name the line.
func Read(in io.Reader) ([]Example, error) {
	scan := bufio.NewScanner(in)
	scan.Buffer(make([]byte, 0, 4096), maxLine)
	var out []Example
	line := 0
	for scan.Scan() {
		line++
		b := scan.Bytes()
		if len(b) == 0 || b[0] == '#' {
			continue
		}
		var e Example
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrData, line, err)
		}
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrData, line, err)
		}
		if out = append(out, e); len(out) > maxExamples {
			return nil, fmt.Errorf("%w: line %d: more than %d examples", ErrData, line, maxExamples)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("%w: line %d: %w", ErrData, line+1, err)
	}
	return out, nil
}

func (e *Example) check() error {
	switch {
	case e.Text == "":
		return errors.New("no text")
	case !utf8.ValidString(e.Text):
		return errors.New("text is no UTF-8")
	case e.Modality != "" && !slices.Contains(Modalities(), e.Modality):
		return fmt.Errorf("no modality is called %q", e.Modality)
	}
	return nil
}
