package scoring_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/fit"
	"telltale/internal/intent/matrix"
	"telltale/internal/scoring"
)

func TestAProductWithBandsAndCellsOfItsOwnIsPlacedByThem(t *testing.T) {
	b := world(t)
	b.fit(t, "looker", "Microsoft 365", 80)
	m := matrix.Default()
	m.Version = "own"
	cells := map[fit.Rating]map[fit.Rating]string{}
	for f, row := range m.Cells {
		cells[f] = map[fit.Rating]string{}
		for i, cell := range row {
			cells[f][i] = cell
		}
	}
	cells[fit.Medium][fit.Low], cells[fit.High][fit.Low] = "B1", "B3"
	m.Products = map[string]matrix.Product{"Azure": {Bands: &fit.Bands{High: 95, Medium: 55, Low: 45}, Cells: cells}}
	s := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.Matrix = m })
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	// Of Azure 90 and 83.3 are Medium, 40 is Very Low and 60 with 50 stands in the cell that was moved; Microsoft 365 keeps the default's.
	want := []string{
		"bound\tAzure\tVery Low\tVery Low\tD4\tEducate", "looker\tAzure\tMedium\tLow\tB1\tEvaluate", "looker\tMicrosoft 365\tHigh\tLow\tB1\tEvaluate",
		"mover\tAzure\tMedium\tMedium\tA4\tAct Now", "quiet\tAzure\tVery Low\tUnknown\t\tUnknown",
	}
	got := b.Lines(t, "SELECT account_id, product, fit_rating, intent_rating, cell, cluster FROM propensity WHERE fit_rating != 'Unknown' ORDER BY account_id, product")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(b.Lines(t, "SELECT account_id, product, intent_rating FROM propensity ORDER BY 1, 2"), b.Lines(t, "SELECT account_id, product, rating FROM intent_scores ORDER BY 1, 2")); d != "" {
		t.Errorf("the ratings of both tables differ: %s", d)
	}
	m.Products = map[string]matrix.Product{"Teleportation": {Bands: &fit.Bands{High: 95, Medium: 55, Low: 45}}}
	if _, err := scoring.New(scoring.Config{Weights: weights(t), Matrix: m}, scoring.Deps{DB: b}); !errors.Is(err, scoring.ErrConfig) || !strings.Contains(err.Error(), `"Teleportation"`) {
		t.Errorf("a product nobody knows: %v", err)
	}
}
