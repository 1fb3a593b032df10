package intent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"telltale/internal/intent"
)

func base(t testing.TB) intent.Weights {
	t.Helper()
	w, err := intent.Load(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// surface are learned weights of a product of base.
func surface() intent.Learned {
	return intent.Learned{Version: "learned-1", Product: "Surface", Base: "v1-x", SeenUntil: "2026-05-30",
		Rows:        []intent.Weight{{Kind: "topic", Name: "evaluation", Product: "Surface", Points: 500, HalfLifeDays: 14}, {Kind: "base", Name: "rate", Product: "Surface", Points: -1500}},
		Calibration: &intent.Calibration{Product: "Surface", Slope: 0.9, Offset: -0.1}}
}

func TestLearnedWeightsAreLaidOverThoseSetByHand(t *testing.T) {
	w := base(t)
	azure := surface()
	azure.Product, azure.Calibration = "Azure", nil
	azure.Rows = []intent.Weight{{Kind: "event", Name: "rfp", Product: "Azure", Points: 90}}
	other := surface()
	other.Product = "Teleportation"
	got := w.With([]intent.Learned{surface(), azure, other})
	var rows []string
	for _, r := range got.Rows {
		rows = append(rows, fmt.Sprintf("%s %s %s %d", r.Product, r.Kind, r.Name, r.Points))
	}
	// What was not learned of Azure is worth what it was.
	want := []string{"Azure event rfp 90", "Azure topic evaluation 1000", "Surface base rate -1500", "Surface topic evaluation 500"}
	if !slices.Equal(rows, want) || got.Version != "v1-trained" || len(got.Calibration) != 1 || got.Validate() != nil {
		t.Errorf("%q, version %s, calibration %+v, %v", rows, got.Version, got.Calibration, got.Validate())
	}
	if again := w.With([]intent.Learned{other, azure, surface()}); again.ID() != got.ID() {
		t.Error("the order of what was learned makes other weights")
	}
	for _, none := range [][]intent.Learned{nil, {other}} {
		if w.With(none).ID() != w.ID() {
			t.Error("nothing learned makes other weights")
		}
	}
	changed := surface()
	changed.Calibration.Slope = 0.8
	if w.With([]intent.Learned{changed}).ID() == w.With([]intent.Learned{surface()}).ID() {
		t.Error("another calibration is the same model")
	}
}

func TestWeightsOfARunAreReadAgain(t *testing.T) {
	w := base(t).With([]intent.Learned{surface()})
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := intent.ReadWeights(bytes.NewReader(text)); err != nil || got.ID() != w.ID() || len(got.Calibration) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	l := surface()
	if text, err = json.Marshal(l); err != nil {
		t.Fatal(err)
	}
	if got, err := intent.ReadLearned(bytes.NewReader(text)); err != nil || got.Version != l.Version || *got.Calibration != *l.Calibration {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLearnedWeightsThatCannotBeUsedAreNamed(t *testing.T) {
	for says, change := range map[string]func(*intent.Learned){
		`learned for "Azure"`:                   func(l *intent.Learned) { l.Product = "Azure" },
		`outcomes were seen up to "yesterday"`:  func(l *intent.Learned) { l.SeenUntil = "yesterday" },
		`calibration for "Surface" of slope -1`: func(l *intent.Learned) { l.Calibration.Slope = -1 },
		`calibrates "Azure"`:                    func(l *intent.Learned) { l.Calibration.Product = "Azure" },
		"points 20000 outside":                  func(l *intent.Learned) { l.Rows[0].Points = 20_000 },
		"1–20000 weights are required":          func(l *intent.Learned) { l.Rows = nil },
	} {
		l := surface()
		change(&l)
		text, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := intent.ReadLearned(bytes.NewReader(text)); !errors.Is(err, intent.ErrWeights) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	for _, text := range []string{"", "{", `{"version":"v","colour":"red"}`, strings.Repeat(" ", 5<<20)} {
		if _, err := intent.ReadLearned(strings.NewReader(text)); !errors.Is(err, intent.ErrWeights) {
			t.Errorf("%.20q: %v", text, err)
		}
		if _, err := intent.ReadWeights(strings.NewReader(text)); !errors.Is(err, intent.ErrWeights) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func FuzzReadLearned(f *testing.F) {
	text, err := json.Marshal(surface())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := intent.ReadLearned(bytes.NewReader(text))
		if err != nil {
			return
		}
		if w := base(t).With([]intent.Learned{l}); w.Validate() != nil {
			t.Errorf("valid weights laid over valid ones: %v", w.Validate())
		}
	})
}
