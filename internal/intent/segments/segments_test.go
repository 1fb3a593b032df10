package segments_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"telltale/internal/domains"
	"telltale/internal/intent/segments"
)

func TestSegmentsAtTheEdges(t *testing.T) {
	rules := segments.Default()
	for _, c := range []struct {
		name      string
		employees int64
		azure     float64
		want      string
	}{
		{"300 employees are top, user-based", 300, -1, segments.TopUserBased},
		{"299 are medium", 299, -1, segments.Medium},
		{"25 are medium", 25, -1, segments.Medium},
		{"24 are small", 24, -1, segments.Small},
		{"10 are small", 10, -1, segments.Small},
		{"9 are very small", 9, -1, segments.VerySmall},
		{"1 is very small", 1, -1, segments.VerySmall},
		{"none is unknown", 0, -1, segments.Unknown},
		{"an unknown head count is unknown", -1, -1, segments.Unknown},
		{"above 10,000 dollars is top, compute-based", 5, 10_000.01, segments.TopComputeBased},
		{"10,000 dollars is not above", 5, 10_000, segments.VerySmall},
		{"user-based comes before compute-based", 300, 50_000, segments.TopUserBased},
		{"compute-based needs no head count", -1, 50_000, segments.TopComputeBased},
		{"no number is no potential", 30, math.NaN(), segments.Medium},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rules.Of(domains.Account{Employees: c.employees, AzurePotentialUSD: c.azure}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRulesThatCannotBeUsedAreRefused(t *testing.T) {
	rule := func(rs ...segments.Rule) segments.Rules { return segments.Rules{Version: "v", Rules: rs} }
	for name, r := range map[string]segments.Rules{
		"no version":         {Rules: segments.Default().Rules},
		"no rule":            rule(),
		"no name":            rule(segments.Rule{EmployeesMin: 1}),
		"a reserved name":    rule(segments.Rule{Name: segments.Unknown, EmployeesMin: 1}),
		"a name taken twice": rule(segments.Rule{Name: "a", EmployeesMin: 9}, segments.Rule{Name: "a", EmployeesMin: 1}),
		"no bound":           rule(segments.Rule{Name: "a"}),
		"a negative bound":   rule(segments.Rule{Name: "a", EmployeesMin: -1}),
		"no number":          rule(segments.Rule{Name: "a", AzureAbove: math.NaN()}),
		"an endless bound":   rule(segments.Rule{Name: "a", AzureAbove: math.Inf(1)}),
		"a hidden rule":      rule(segments.Rule{Name: "a", EmployeesMin: 1}, segments.Rule{Name: "b", EmployeesMin: 10}),
	} {
		if err := r.Validate(); !errors.Is(err, segments.ErrRules) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := segments.Default().Validate(); err != nil {
		t.Error(err)
	}
	if names := segments.Default().Names(); len(names) != 6 || names[5] != segments.Unknown {
		t.Errorf("names %v", names)
	}
}

func TestAnEditOfTheRulesIsSeenInTheirID(t *testing.T) {
	a, b := segments.Default(), segments.Default()
	b.Rules[2].EmployeesMin = 26
	if a.ID() != segments.Default().ID() || a.ID() == b.ID() || !strings.HasPrefix(a.ID(), a.Version+"-") {
		t.Errorf("ids %s and %s", a.ID(), b.ID())
	}
}

func TestRulesAreReadFromAFile(t *testing.T) {
	got, err := segments.Load(strings.NewReader("version: own\nrules:\n  - {name: Large, employees_min: 30}\n  - {name: Cloudy, azure_above: 500}\n"))
	if err != nil || strings.Join(got.Names(), " ") != "Large Cloudy Unknown" || got.Of(domains.Account{Employees: 3, AzurePotentialUSD: 501}) != "Cloudy" {
		t.Errorf("%+v, %v", got, err)
	}
	for text, want := range map[string]string{
		"version: own\nrule: []\n": "rule",
		"version: own\n":           "at least one rule",
		"version: own\nrules: [{name: a, employees_min: many}]\n":        "many",
		"version: own\nrules: [{name: Unknown, employees_min: 1}]\n":     "reserved",
		"version: own\nversion: own\nrules: [{name: a, azure_above: 1}]": "version",
	} {
		if _, err := segments.Load(strings.NewReader(text)); !errors.Is(err, segments.ErrRules) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("version: own\nrules: [{name: Large, employees_min: 30}]\n")
	f.Add(`{"version":"x","rules":[{"name":"a","azure_above":1e308}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if rules, err := segments.Load(strings.NewReader(text)); err == nil && rules.Validate() != nil {
			t.Fatal("loaded rules do not validate")
		}
	})
}
