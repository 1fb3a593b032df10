package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telltale/internal/intent/support"
)

func TestTheCalendarOfATaxonomyHoldsWhereNoneIsNamed(t *testing.T) {
	dir := t.TempDir()
	config := func(r ScoringRules, taxonomy string) (string, time.Month) {
		t.Helper()
		cfg, err := r.config(taxonomy)
		if err != nil {
			t.Fatal(err)
		}
		return cfg.Calendar.Version, cfg.FiscalYearStart
	}
	write := func(path, version string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte("version: "+version+"\nreleases: [{name: Hydra 3, ends: 2026-10-01, products: [Azure]}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	named := write(filepath.Join(t.TempDir(), "calendar.yaml"), "named")
	if got, month := config(ScoringRules{}, dir); got != support.Default().Version || month != 0 {
		t.Errorf("without a file: %s, %s", got, month)
	}
	write(filepath.Join(dir, calendarFile), "ours")
	if got, _ := config(ScoringRules{}, dir); got != "ours" {
		t.Errorf("with the taxonomy's: %s", got)
	}
	if got, month := config(ScoringRules{Calendar: named, FiscalYear: "apr"}, dir); got != "named" || month != time.April {
		t.Errorf("with one that is named: %s, %s", got, month)
	}
	if err := os.WriteFile(filepath.Join(dir, calendarFile), []byte("version: v\nreleases: [{name: X, ends: soon}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (ScoringRules{}).config(dir); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), calendarFile) || !strings.Contains(err.Error(), `"soon"`) {
		t.Errorf("a file that cannot be used: %v", err)
	}
	for text, want := range map[string]time.Month{"1": time.January, "07": time.July, "12": time.December, "October": time.October, "oct": time.October} {
		if got, err := fiscalMonth(text); err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "13", "-1", "1.5", "Octember", " "} {
		if got, err := fiscalMonth(text); !errors.Is(err, ErrInput) {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
}
