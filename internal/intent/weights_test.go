package intent_test

import (
	"errors"
	"strings"
	"testing"

	"telltale/internal/intent"
)

func TestTheDefaultWeightsCoverEveryProductTopicAndEvent(t *testing.T) {
	w := intent.Default()
	products := []string{"Azure", "Copilot and AI", "Data Platform", "Dynamics 365", "Microsoft 365", "Power Platform", "Security", "Surface"}
	if got := strings.Join(w.Products(), ","); got != strings.Join(products, ",") {
		t.Errorf("products %s", got)
	}
	have := map[string]bool{}
	for _, r := range w.Rows {
		have[r.Kind+"|"+r.Name+"|"+r.Product] = true
	}
	topics := strings.Fields("evaluation migration renewal pain compliance hiring expansion end_of_support competitor_adopted competitor_dropped")
	for _, p := range products {
		for _, topic := range topics {
			if !have["topic|"+topic+"|"+p] {
				t.Errorf("no weight of topic %s for %s", topic, p)
			}
		}
		if !have["base|rate|"+p] || !have["breadth|sources|"+p] {
			t.Errorf("no base or breadth for %s", p)
		}
	}
	for _, e := range strings.Fields(`merger_acquisition investment funding leadership_change hiring layoff facility expansion
		partnership new_client product_launch award incident compliance legal rfp renewal`) {
		if !have["event|"+e+"|Security"] {
			t.Errorf("event %s weighs nothing for Security", e)
		}
	}
}

const rows = `weights:
  - {kind: topic, name: evaluation, points: 1000, half_life_days: 30, cap_points: 2000}
`

const small = `version: v1
products: [Azure, Surface]
` + rows

func TestOneLineStandsForEveryProduct(t *testing.T) {
	w, err := intent.Load(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	want := []intent.Weight{
		{Kind: "topic", Name: "evaluation", Product: "Azure", Points: 1000, HalfLifeDays: 30, CapPoints: 2000},
		{Kind: "topic", Name: "evaluation", Product: "Surface", Points: 1000, HalfLifeDays: 30, CapPoints: 2000},
	}
	if len(w.Rows) != 2 || w.Rows[0] != want[0] || w.Rows[1] != want[1] {
		t.Errorf("got %+v", w.Rows)
	}
}

func TestBadWeightsAreRefusedByName(t *testing.T) {
	for _, c := range []struct{ name, from, to, says string }{
		{"an unknown kind", "kind: topic", "kind: mood", "none of topic"},
		{"no name", "name: evaluation", "name: ''", "required"},
		{"points beyond ten logits", "points: 1000", "points: 10001", "points 10001"},
		{"a negative half-life", "half_life_days: 30", "half_life_days: -1", "half-life"},
		{"a half-life that is no number", "half_life_days: 30", "half_life_days: .nan", "half-life"},
		{"a negative cap", "cap_points: 2000", "cap_points: -5", "cap -5"},
		{"no version", "version: v1", "version: ''", "version"},
		{"no weights", rows, "weights: []", "1–20000 weights"},
		{"an unknown key", "points: 1000", "point: 1000", "point"},
		{"a weight that stands twice", "products: [Azure, Surface]", "products: [Azure, Azure]", "stands twice"},
		{"a base by another name", "kind: topic", "kind: base", `only base is "rate"`},
		{"a breadth by another name", "kind: topic", "kind: breadth", `only breadth is "sources"`},
		{"a product nothing weighs for", "kind: topic, name: evaluation", "kind: base, name: rate", "nothing weighs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := intent.Load(strings.NewReader(strings.Replace(small, c.from, c.to, 1)))
			if !errors.Is(err, intent.ErrWeights) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

func TestTheIDFollowsTheContentAndNotTheOrder(t *testing.T) {
	w := intent.Default()
	id := w.ID()
	w.Rows[0], w.Rows[5] = w.Rows[5], w.Rows[0]
	if w.ID() != id {
		t.Error("the order of rows changed the id")
	}
	w.Rows[0].Points++
	if w.ID() == id || !strings.HasPrefix(id, "default-3-") {
		t.Errorf("an edit kept the id %s", id)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add(`{"version":"x","weights":[{"kind":"topic"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		w, err := intent.Load(strings.NewReader(text))
		if err == nil && (w.Validate() != nil || w.ID() == "") {
			t.Fatal("loaded weights do not validate")
		}
	})
}
