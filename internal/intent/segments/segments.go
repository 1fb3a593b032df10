// Package segments sorts accounts by size: an ordered, versioned list of rules of which the first that
// matches counts (DESIGN §4, Scores).
package segments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"telltale/internal/domains"
	"telltale/internal/intent/strict"
)

// The segments of DESIGN §4.
const (
	TopUserBased    = "Top Unmanaged user-based"
	TopComputeBased = "Top Unmanaged compute-based"
	Medium          = "Medium"
	Small           = "Small"
	VerySmall       = "Very Small"
	Unknown         = "Unknown"
)

// Rule admits an account to a segment where every bound it sets holds. An account whose figure is unknown
// fails a bound on that figure.
type Rule struct {
	Name string `json:"name" yaml:"name"`
	// EmployeesMin is the least head count, inclusive; 0 sets no bound.
	EmployeesMin int64 `json:"employees_min,omitempty" yaml:"employees_min,omitempty"`
	// AzureAbove is what the yearly cloud potential in US dollars must exceed; 0 sets no bound.
	AzureAbove float64 `json:"azure_above,omitempty" yaml:"azure_above,omitempty"`
}

// Rules is the list; the first rule that matches counts, and Unknown where none does.
type Rules struct {
	Version string `json:"version" yaml:"version"`
	Rules   []Rule `json:"rules" yaml:"rules"`
}

// ErrRules reports a list that cannot be used.
var ErrRules = errors.New("segments")

// Default is the list of DESIGN §4. Bounds are half-open: Medium is 25–299, Small 10–24, Very Small 1–9.
func Default() Rules {
	return Rules{Version: "segments-1", Rules: []Rule{
		{Name: TopUserBased, EmployeesMin: 300},
		{Name: TopComputeBased, AzureAbove: 10_000},
		{Name: Medium, EmployeesMin: 25},
		{Name: Small, EmployeesMin: 10},
		{Name: VerySmall, EmployeesMin: 1},
	}}
}

// maxConfig bounds a file of rules, in bytes.
const maxConfig = 64 << 10

// Load reads rules from YAML or JSON, of at most 64 KiB. Unknown and doubled keys are errors, as is whatever Validate refuses. Errors wrap ErrRules.
func Load(r io.Reader) (Rules, error) {
	var rules Rules
	if err := strict.Decode(r, maxConfig, &rules); err != nil {
		return Rules{}, fmt.Errorf("%w: %w", ErrRules, err)
	}
	if err := rules.Validate(); err != nil {
		return Rules{}, err
	}
	return rules, nil
}

// Validate checks that each rule is named once and sets a bound, and that none is hidden by an earlier one.
// Errors wrap ErrRules.
func (r Rules) Validate() error {
	if r.Version == "" || len(r.Rules) == 0 {
		return fmt.Errorf("%w: a version and at least one rule are required", ErrRules)
	}
	seen := map[string]bool{Unknown: true}
	for i, rule := range r.Rules {
		switch {
		case rule.Name == "" || seen[rule.Name]:
			return fmt.Errorf("%w: rule %d: name %q is empty, taken or reserved", ErrRules, i+1, rule.Name)
		case rule.EmployeesMin < 0 || rule.AzureAbove < 0:
			return fmt.Errorf("%w: %s: a bound is negative", ErrRules, rule.Name)
		case math.IsNaN(rule.AzureAbove) || math.IsInf(rule.AzureAbove, 0):
			return fmt.Errorf("%w: %s: a bound is no number", ErrRules, rule.Name)
		case rule.EmployeesMin == 0 && rule.AzureAbove == 0:
			return fmt.Errorf("%w: %s: no bound", ErrRules, rule.Name)
		}
		for _, earlier := range r.Rules[:i] {
			if earlier.EmployeesMin <= rule.EmployeesMin && earlier.AzureAbove <= rule.AzureAbove {
				return fmt.Errorf("%w: %s is hidden by %s, which stands before it and admits all it would", ErrRules, rule.Name, earlier.Name)
			}
		}
		seen[rule.Name] = true
	}
	return nil
}

// Of gives an account's segment.
func (r Rules) Of(a domains.Account) string {
	for _, rule := range r.Rules {
		if rule.EmployeesMin > 0 && a.Employees < rule.EmployeesMin {
			continue
		}
		if rule.AzureAbove > 0 && !(a.AzurePotentialUSD > rule.AzureAbove) {
			continue
		}
		return rule.Name
	}
	return Unknown
}

// ID is the version with the first 8 hex digits of its content's SHA-256, so that an edit without a new
// version is seen.
func (r Rules) ID() string {
	content, err := json.Marshal(r)
	if err != nil {
		panic("segments: " + err.Error()) // strings and finite numbers only, once validated
	}
	sum := sha256.Sum256(content)
	return r.Version + "-" + hex.EncodeToString(sum[:4])
}

// Names lists the segments in order, Unknown last.
func (r Rules) Names() []string {
	out := make([]string, 0, len(r.Rules)+1)
	for _, rule := range r.Rules {
		out = append(out, rule.Name)
	}
	return append(out, Unknown)
}
