package technology

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Skipped is a pattern that is not evaluated, and why.
type Skipped struct{ Technology, Field, Pattern, Reason string }

// Report says what a matcher holds, and what of its rules it does not evaluate.
type Report struct {
	Technologies, Patterns, Literals int
	// Unfiltered counts patterns without a mandatory literal, which run wherever their field or key is.
	Unfiltered int
	// NeedsScript counts, by field, the patterns that only a script engine or further requests could evaluate:
	// js, xhr, probe, dom properties. Those of js are read as far as inline scripts plainly assign the global they name.
	NeedsScript map[string]int
	// Skipped are the patterns that cannot be read, or have no equivalent here.
	Skipped []Skipped

	fields [fields]int
}

// ByField counts the patterns held by the field they read.
func (r *Report) ByField() map[string]int {
	out := map[string]int{}
	for f, n := range r.fields {
		if n > 0 {
			out[Field(f).String()] = n
		}
	}
	return out
}

func (r *Report) notEvaluated(field string, n int) {
	if n == 0 {
		return
	}
	if r.NeedsScript == nil {
		r.NeedsScript = map[string]int{}
	}
	r.NeedsScript[field] += n
}

// String is one line: what is loaded, what needs a script engine, and by name what is left out.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d technologies, %d patterns", r.Technologies, r.Patterns)
	total := 0
	var kinds []string
	for _, field := range slices.Sorted(maps.Keys(r.NeedsScript)) {
		total += r.NeedsScript[field]
		kinds = append(kinds, fmt.Sprintf("%s %d", field, r.NeedsScript[field]))
	}
	if total > 0 {
		fmt.Fprintf(&b, "; %d need a script engine (%s)", total, strings.Join(kinds, ", "))
		if n := r.fields[FieldJS]; n > 0 {
			fmt.Fprintf(&b, ", %d of them read from plain assignments", n)
		}
	}
	if len(r.Skipped) > 0 {
		var names []string
		for _, s := range r.Skipped {
			if n := len(names); n == 0 || names[n-1] != s.Technology+" "+s.Field {
				names = append(names, s.Technology+" "+s.Field)
			}
		}
		fmt.Fprintf(&b, "; %d cannot be read: %s", len(r.Skipped), strings.Join(names, ", "))
	}
	return b.String()
}
