package fit_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"telltale/internal/fit"
)

func TestRatingsAtTheBandEdges(t *testing.T) {
	bands := fit.DefaultBands()
	for _, c := range []struct {
		name  string
		score float64
		want  fit.Rating
	}{
		{"the top is high", 100, fit.High},
		{"75 itself is high", 75, fit.High},
		{"just under 75 is medium", math.Nextafter(75, 0), fit.Medium},
		{"55 itself is medium", 55, fit.Medium},
		{"just under 55 is low", math.Nextafter(55, 0), fit.Low},
		{"30 itself is low", 30, fit.Low},
		{"just under 30 is very low", math.Nextafter(30, 0), fit.VeryLow},
		{"nought is very low", 0, fit.VeryLow},
		{"below nought is unknown", -0.001, fit.Unknown},
		{"above a hundred is unknown", 100.001, fit.Unknown},
		{"no number is unknown", math.NaN(), fit.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := bands.Rate(c.score); got != c.want {
				t.Errorf("Rate(%v) = %q, want %q", c.score, got, c.want)
			}
		})
	}
}

func TestRatingNeverFallsAsTheScoreGrows(t *testing.T) {
	rank := map[fit.Rating]int{fit.High: 3, fit.Medium: 2, fit.Low: 1, fit.VeryLow: 0}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(0, 100).Draw(t, "a"), rapid.Float64Range(0, 100).Draw(t, "b")
		bands := fit.DefaultBands()
		if a <= b && rank[bands.Rate(a)] > rank[bands.Rate(b)] {
			t.Fatalf("%v rates %s but %v rates %s", a, bands.Rate(a), b, bands.Rate(b))
		}
	})
}

func TestBandsThatOverlapOrLeaveHolesAreRefused(t *testing.T) {
	for name, b := range map[string]fit.Bands{
		"medium above high":    {High: 50, Medium: 60, Low: 30},
		"low equal to medium":  {High: 75, Medium: 30, Low: 30},
		"low at nought":        {High: 75, Medium: 55, Low: 0},
		"high above a hundred": {High: 101, Medium: 55, Low: 30},
		"no number":            {High: math.NaN(), Medium: 55, Low: 30},
	} {
		if err := b.Validate(); !errors.Is(err, fit.ErrBands) {
			t.Errorf("%s: got %v, want ErrBands", name, err)
		}
	}
	if err := fit.DefaultBands().Validate(); err != nil {
		t.Error(err)
	}
}

func TestTheScoreThatHolds(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 6, d, 0, 0, 0, 0, time.UTC) }
	score := func(value float64, valid, known int, imported bool, model string) fit.Score {
		return fit.Score{AccountID: "a", Product: "Azure", Value: value, ValidFrom: day(valid), KnownFrom: day(known), Imported: imported, Model: model}
	}
	for _, c := range []struct {
		name   string
		scores []fit.Score
		want   float64
		found  bool
	}{
		{"none", nil, 0, false},
		{"the later valid day wins", []fit.Score{score(10, 1, 1, true, "m"), score(20, 5, 5, true, "m")}, 20, true},
		{"an imported score wins over a later computed one", []fit.Score{score(10, 1, 1, true, "m"), score(20, 5, 5, false, "m")}, 10, true},
		{"a score not yet valid does not hold", []fit.Score{score(10, 1, 1, true, "m"), score(20, 16, 1, true, "m")}, 10, true},
		{"a score not yet known does not hold", []fit.Score{score(10, 1, 1, true, "m"), score(20, 1, 16, true, "m")}, 10, true},
		{"a correction wins over what it corrects", []fit.Score{score(10, 1, 1, true, "m"), score(20, 1, 3, true, "m")}, 20, true},
		{"equal in all but the name, the first name wins", []fit.Score{score(10, 1, 1, true, "b"), score(20, 1, 1, true, "a")}, 20, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := fit.Holding(c.scores, day(15), day(15))
			if ok != c.found || got.Value != c.want {
				t.Errorf("got %v %v, want %v %v", got.Value, ok, c.want, c.found)
			}
		})
	}
}

func TestScoresOutsideTheScaleAreRefused(t *testing.T) {
	for _, v := range []float64{-1, 100.5, math.NaN(), math.Inf(1)} {
		s := fit.Score{AccountID: "a", Product: "Azure", Value: v}
		if err := s.Validate(); !errors.Is(err, fit.ErrScore) {
			t.Errorf("%v: got %v, want ErrScore", v, err)
		}
	}
	if err := (fit.Score{Product: "Azure", Value: 5}).Validate(); err == nil {
		t.Error("a score without an account was accepted")
	}
	if err := (fit.Score{AccountID: "a", Product: "Azure", Value: 5}).Validate(); err != nil {
		t.Error(err)
	}
}
