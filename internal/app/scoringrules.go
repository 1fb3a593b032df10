package app

import (
	"io"
	"os"
	"time"

	"telltale/internal/intent/matrix"
	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
	"telltale/internal/scoring"
)

// ScoringRules are the flags of how intent is laid over fit.
type ScoringRules struct {
	Computed   bool   `name:"prefer-computed-fit" help:"Let computed fit scores win over imported ones."`
	Matrix     string `help:"YAML or JSON file of bands, cells and clusters, and of products that have their own; none means the built-in matrix." type:"path" placeholder:"FILE"`
	Segments   string `help:"YAML or JSON file of segments by head count and cloud potential, of which the first that fits counts; none means the built-in ones." type:"path" placeholder:"FILE"`
	Calendar   string `help:"YAML or JSON file of releases and when their support ends, for the end-of-support motion; none means the built-in calendar, or eos.yaml of --taxonomy where the command has one." type:"path" placeholder:"FILE"`
	FiscalYear string `name:"fiscal-year-start" help:"Month in which the fiscal year begins, by whose end renewals are told: 1 to 12, or its English name; none means July." placeholder:"MONTH"`
}

// config reads what the flags name; the calendar of a taxonomy directory holds where none is named.
func (r ScoringRules) config(taxonomyDir string) (cfg scoring.Config, err error) {
	cfg.PreferComputedFit = r.Computed
	if cfg.FiscalYearStart, err = fiscalMonth(r.FiscalYear); err != nil {
		return cfg, err
	}
	if cfg.Matrix, err = readRules("--matrix", r.Matrix, matrix.Default, matrix.Load); err != nil {
		return cfg, err
	}
	if cfg.Segments, err = readRules("--segments", r.Segments, segments.Default, segments.Load); err != nil {
		return cfg, err
	}
	if r.Calendar == "" {
		cfg.Calendar, err = supportCalendar(taxonomyDir)
		return cfg, err
	}
	cfg.Calendar, err = readRules("--calendar", r.Calendar, support.Default, support.Load)
	return cfg, err
}

// readRules reads the file that a flag names; without one the built-in rules hold.
func readRules[T any](flag, path string, builtin func() T, load func(io.Reader) (T, error)) (rules T, err error) {
	if path == "" {
		return builtin(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return rules, inputf("%s: %w", flag, err)
	}
	defer func() { _ = f.Close() }() // only read
	if rules, err = load(f); err != nil {
		return rules, inputf("%s %s: %w", flag, path, err)
	}
	return rules, nil
}

// fiscalMonth reads a month by its number or its English name; none is the scorer's to choose.
func fiscalMonth(text string) (time.Month, error) {
	if text == "" {
		return 0, nil
	}
	for _, layout := range [...]string{"1", "January", "Jan"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Month(), nil
		}
	}
	return 0, inputf("--fiscal-year-start %q: want 1 to 12, or a month's English name", text)
}
