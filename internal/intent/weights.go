// Package intent holds the rules that turn signals into intent: what each kind of signal is worth and for how
// long, how evidence adds up and saturates, how a percentile becomes a rating, and which motion follows. All
// points are whole thousandths of a logit, so that sums are exact in any order.
package intent

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the default weights are data
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"telltale/internal/intent/strict"
)

// The kinds of weight: the three of signals, the intercept, the breadth of independent sources, surges, and purchases.
const (
	KindTopic      = "topic"
	KindTechnology = "technology"
	KindEvent      = "event"
	// KindBase is the base rate of a product: its points stand in every logit.
	KindBase = "base"
	// KindBreadth gives its points for each independent source of favourable evidence beyond the first.
	KindBreadth = "breadth"
	// KindSurge gives its points, in full or in part, where an account has more favourable signals lately than it used to (SurgeStrength).
	KindSurge = "surge"
	// KindBought gives its points where an account has bought the product lately, fading with its half-life: what it says of it then is likelier about
	// the use of what it has than about a purchase.
	KindBought = "bought"
)

// The bounds of a weight: ten logits are odds of 22,000 to 1, and ten years outlive any signal's retention.
const (
	maxPoints   = 10_000
	maxHalfLife = 3650
	maxWeights  = 20_000
	maxConfig   = 4 << 20
)

// ErrWeights reports weights that cannot be used.
var ErrWeights = errors.New("intent weights")

// Weight is what one kind of evidence is worth for one product.
type Weight struct {
	// Kind is topic, technology, event, base, breadth, surge or bought; Name the signal's name; Product the cloud product.
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Product string `json:"product"`
	// Points are thousandths of a logit for a fresh signal of strength and confidence 1. A signal's own sign
	// multiplies them, so a negative weight speaks against the product whatever the signal's sign is.
	Points int64 `json:"points"`
	// HalfLifeDays is the age at which a signal counts half; 0 means that it does not fade.
	HalfLifeDays float64 `json:"half_life_days"`
	// CapPoints is the limit that the sum of one driver nears but never passes; 0 means none.
	CapPoints int64 `json:"cap_points"`
}

// Weights is a whole model of intent. It is immutable once loaded.
type Weights struct {
	// Version is the name its author gave it; non-empty.
	Version string   `json:"version"`
	Rows    []Weight `json:"rows"`
	// Calibration is by product; a product without has no probability. Weights set by hand have none.
	Calibration []Calibration `json:"calibration,omitempty"`
}

// file is the form in which weights are written by hand: one line may stand for several products.
type file struct {
	Version  string      `yaml:"version"`
	Products []string    `yaml:"products"`
	Weights  []fileEntry `yaml:"weights"`
}

type fileEntry struct {
	Kind         string   `yaml:"kind"`
	Name         string   `yaml:"name"`
	Products     []string `yaml:"products"`
	Points       int64    `yaml:"points"`
	HalfLifeDays float64  `yaml:"half_life_days"`
	CapPoints    int64    `yaml:"cap_points"`
}

//go:embed weights.yaml
var defaultYAML []byte

// Default is the built-in model: untrained, set by hand from what the field reports, so that the scorer stands alone.
func Default() Weights {
	w, err := Load(bytes.NewReader(defaultYAML))
	if err != nil {
		panic("intent: the built-in weights do not load: " + err.Error()) // a test loads them
	}
	return w
}

// Load reads weights from YAML or JSON, of at most 4 MiB: version, products, and weights of kind, name,
// products (left out: all), points, half_life_days, cap_points. Unknown and doubled keys are errors.
// Errors wrap ErrWeights.
func Load(r io.Reader) (Weights, error) {
	var f file
	if err := strict.Decode(r, maxConfig, &f); err != nil {
		return Weights{}, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	w := Weights{Version: f.Version}
	for _, e := range f.Weights {
		products := e.Products
		if len(products) == 0 {
			products = f.Products
		}
		for _, p := range products {
			w.Rows = append(w.Rows, Weight{Kind: e.Kind, Name: e.Name, Product: p,
				Points: e.Points, HalfLifeDays: e.HalfLifeDays, CapPoints: e.CapPoints})
		}
	}
	w.sort()
	return w, w.Validate()
}

func (w Weights) sort() {
	slices.SortFunc(w.Rows, func(a, b Weight) int {
		return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(w.Calibration, func(a, b Calibration) int { return cmp.Compare(a.Product, b.Product) })
}

// Validate checks ranges, that no weight stands twice and that the model weighs at least one signal of every
// product it names. Errors wrap ErrWeights.
func (w Weights) Validate() error {
	if w.Version == "" || len(w.Rows) == 0 || len(w.Rows) > maxWeights {
		return fmt.Errorf("%w: a version and 1–%d weights are required, got %d", ErrWeights, maxWeights, len(w.Rows))
	}
	type key struct{ kind, name, product string }
	seen := map[key]bool{}
	weighs := map[string]bool{}
	for _, r := range w.Rows {
		k := key{r.Kind, r.Name, r.Product}
		if err := r.validate(); err != nil {
			return fmt.Errorf("%w %s: %s %q for %q: %w", ErrWeights, w.Version, r.Kind, r.Name, r.Product, err)
		}
		if seen[k] {
			return fmt.Errorf("%w %s: %s %q for %q stands twice", ErrWeights, w.Version, r.Kind, r.Name, r.Product)
		}
		seen[k] = true
		weighs[r.Product] = weighs[r.Product] || r.Kind == KindTopic || r.Kind == KindTechnology || r.Kind == KindEvent
	}
	for _, p := range w.Products() {
		if !weighs[p] {
			return fmt.Errorf("%w %s: nothing weighs for %q", ErrWeights, w.Version, p)
		}
	}
	return w.calibrated(weighs)
}

// calibrated checks the calibrations: of products that are weighed, one each.
func (w Weights) calibrated(weighs map[string]bool) error {
	done := map[string]bool{}
	for _, c := range w.Calibration {
		if err := c.validate(); err != nil {
			return fmt.Errorf("%w %s: %w", ErrWeights, w.Version, err)
		}
		if !weighs[c.Product] || done[c.Product] {
			return fmt.Errorf("%w %s: calibrates %q, which it does not weigh, or twice", ErrWeights, w.Version, c.Product)
		}
		done[c.Product] = true
	}
	return nil
}

func (w Weight) validate() error {
	if err := w.validateName(); err != nil {
		return err
	}
	switch {
	case w.Name == "" || w.Product == "":
		return errors.New("name and product are required")
	case w.Points < -maxPoints || w.Points > maxPoints:
		return fmt.Errorf("points %d outside ±%d", w.Points, maxPoints)
	case !(w.HalfLifeDays >= 0 && w.HalfLifeDays <= maxHalfLife):
		return fmt.Errorf("half-life of %v days outside 0–%d", w.HalfLifeDays, maxHalfLife)
	case w.CapPoints < 0 || w.CapPoints > maxPoints:
		return fmt.Errorf("cap %d outside 0–%d", w.CapPoints, maxPoints)
	}
	return nil
}

// validateName checks the kind, and the name of those kinds that have but one.
func (w Weight) validateName() error {
	only := map[string]string{KindBase: BaseName, KindBreadth: BreadthName, KindSurge: SurgeName, KindBought: BoughtName}
	switch w.Kind {
	case KindTopic, KindTechnology, KindEvent:
		return nil
	case KindBase, KindBreadth, KindSurge, KindBought:
		if w.Name != only[w.Kind] {
			return fmt.Errorf("the only %s is %q", w.Kind, only[w.Kind])
		}
		if w.Kind == KindSurge && (w.HalfLifeDays != 0 || w.CapPoints != 0) {
			return errors.New("a surge has neither half-life nor cap")
		}
		if w.Kind == KindBought && w.CapPoints != 0 {
			return errors.New("a purchase has no cap")
		}
		return nil
	}
	return errors.New("kind is none of topic, technology, event, base, breadth, surge, bought")
}

// Products lists the products the model weighs, in order.
func (w Weights) Products() []string {
	var out []string
	for _, r := range w.Rows {
		out = append(out, r.Product)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ID is the version with the first 8 hex digits of its content's SHA-256, so that an edit without a new
// version is seen. The order of rows does not matter.
func (w Weights) ID() string {
	sorted := Weights{Version: w.Version, Rows: slices.Clone(w.Rows), Calibration: slices.Clone(w.Calibration)}
	sorted.sort()
	content, err := json.Marshal(sorted)
	if err != nil {
		panic("intent: " + err.Error()) // strings and finite numbers only, once validated
	}
	sum := sha256.Sum256(content)
	return w.Version + "-" + hex.EncodeToString(sum[:4])
}
