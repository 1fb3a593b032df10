package matrix_test

import (
	"errors"
	"strings"
	"testing"

	"telltale/internal/fit"
	"telltale/internal/intent/matrix"
)

func TestTheDefaultIsTheMatrixOfTheContract(t *testing.T) {
	m := matrix.Default()
	want := [4][4]string{{"A1", "A2", "B1", "B2"}, {"A3", "A4", "B3", "B4"}, {"C1", "C2", "D1", "D2"}, {"C3", "C4", "D3", "D4"}}
	names := map[byte]string{'A': "Act Now", 'B': "Evaluate", 'C': "Nurture", 'D': "Educate"}
	for r, f := range fit.Ratings() {
		for c, i := range fit.Ratings() {
			cell, cluster := m.Place(f, i)
			if cell != want[r][c] || cluster != names[cell[0]] {
				t.Errorf("fit %s, intent %s: got %s %s, want %s", f, i, cell, cluster, want[r][c])
			}
		}
	}
}

func TestWithoutBothRatingsThereIsNoCell(t *testing.T) {
	m := matrix.Default()
	for _, pair := range [][2]fit.Rating{{fit.Unknown, fit.High}, {fit.High, fit.Unknown}, {fit.Unknown, fit.Unknown}, {"", fit.Low}} {
		if cell, cluster := m.Place(pair[0], pair[1]); cell != "" || cluster != matrix.Unknown {
			t.Errorf("%v: got %q %q", pair, cell, cluster)
		}
	}
}

const whole = `version: v1
bands: {high: 75, medium: 55, low: 30}
cells:
  High: {High: A1, Medium: A2, Low: B1, Very Low: B2}
  Medium: {High: A3, Medium: A4, Low: B3, Very Low: B4}
  Low: {High: C1, Medium: C2, Low: D1, Very Low: D2}
  Very Low: {High: C3, Medium: C4, Low: D3, Very Low: D4}
clusters: {A: Act Now, B: Evaluate, C: Nurture, D: Educate}
`

func TestABadMatrixIsRefusedByName(t *testing.T) {
	for _, c := range []struct{ name, from, to, says string }{
		{"a hole", ", Very Low: B2}", "}", "hole at fit High, intent Very Low"},
		{"a missing row", "  Low: {High: C1, Medium: C2, Low: D1, Very Low: D2}\n", "", "hole at fit Low, intent High"},
		{"an overlap", "Medium: A4", "Medium: A3", "overlap: cell A3"},
		{"a cell that is no cell", "A4", "AA4", `cell "AA4"`},
		{"a letter without cluster", "D: Educate", "E: Educate", "letter D"},
		{"an unknown cluster", "B: Evaluate", "B: Ponder", `"Ponder"`},
		{"an unknown fit rating", "  Low: {High: C1", "  Lower: {High: C1", `"Lower"`},
		{"an unknown intent rating", "{High: C1", "{Higher: C1", `"Higher"`},
		{"bands that overlap", "medium: 55", "medium: 80", "bands overlap"},
		{"no version", "version: v1", "version: ''", "version is required"},
		{"an unknown key", "version: v1", "version: v1\nauthor: me", "author"},
		{"a doubled key", "version: v1", "version: v1\nversion: v2", "version"},
		{"no YAML", whole, "{", ""},
		{"too large", whole, "#" + strings.Repeat("x", 70_000), "over 65536 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(whole, c.from, c.to, 1)
			_, err := matrix.Load(strings.NewReader(text))
			if !errors.Is(err, matrix.ErrMatrix) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
	if _, err := matrix.Load(strings.NewReader(whole)); err != nil {
		t.Errorf("the whole matrix: %v", err)
	}
}

func TestAProductHasBandsAndCellsOfItsOwn(t *testing.T) {
	own := whole + `products:
  Azure: {bands: {high: 90, medium: 60, low: 20}}
  Surface:
    cells:
      High: {High: A1, Medium: A2, Low: A3, Very Low: A4}
      Medium: {High: B1, Medium: B2, Low: B3, Very Low: B4}
      Low: {High: C1, Medium: C2, Low: C3, Very Low: C4}
      Very Low: {High: D1, Medium: D2, Low: D3, Very Low: D4}
`
	m, err := matrix.Load(strings.NewReader(own))
	if err != nil {
		t.Fatal(err)
	}
	for product, want := range map[string]struct {
		rating  fit.Rating
		cluster string
	}{"Azure": {fit.Medium, matrix.Evaluate}, "Surface": {fit.High, matrix.ActNow}, "Security": {fit.High, matrix.Evaluate}} {
		if _, cluster := m.For(product).Place(fit.High, fit.Low); m.For(product).Bands.Rate(80) != want.rating || cluster != want.cluster {
			t.Errorf("%s: 80 is %s, high fit and low intent %s", product, m.For(product).Bands.Rate(80), cluster)
		}
	}
	for _, c := range []struct{ name, from, to, says string }{
		{"bands that overlap", "low: 20", "low: 70", "v1, product Azure: bands overlap or leave holes: low from 70"},
		{"bands with a hole", ", low: 20", "", "v1, product Azure: bands overlap or leave holes"},
		{"a hole", ", Very Low: A4", "", "v1, product Surface: hole at fit High, intent Very Low"},
		{"a cell that stands twice", "Low: A3", "Low: A1", "v1, product Surface: overlap: cell A1"},
		{"nothing", "{bands: {high: 90, medium: 60, low: 20}}", "{}", `product "Azure" has neither`},
		{"an unknown key", "{bands:", "{band: 1, bands:", "band"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := matrix.Load(strings.NewReader(strings.Replace(own, c.from, c.to, 1))); !errors.Is(err, matrix.ErrMatrix) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

func TestAnEditWithoutANewVersionChangesTheID(t *testing.T) {
	a, err := matrix.Load(strings.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	b, err := matrix.Load(strings.NewReader(strings.Replace(whole, "high: 75", "high: 80", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if a.ID() == b.ID() || !strings.HasPrefix(a.ID(), "v1-") {
		t.Errorf("ids %s and %s", a.ID(), b.ID())
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(whole)
	f.Add(whole + "products: {Azure: {bands: {high: 90, medium: 60, low: 20}}}\n")
	f.Add(`{"version":"x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := matrix.Load(strings.NewReader(text))
		if err == nil && m.Validate() != nil {
			t.Fatal("a loaded matrix does not validate")
		}
	})
}
