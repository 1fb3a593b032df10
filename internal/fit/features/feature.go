package features

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
)

// MaxLevels is the most levels that a feature may have, "other" and "unknown" among them: a level is a byte.
const MaxLevels = 256

// The words of the levels that every feature of a kind has.
const (
	OtherLevel   = "other"
	UnknownLevel = "unknown"
)

// ErrFeature reports a feature that cannot be used, such as one read from a damaged file.
var ErrFeature = errors.New("feature")

// Feature says how a column becomes levels. A Number has a level below each edge, one from the last on, and unknown; a Word has one
// for each of Levels, other and unknown; a Flag has no, yes and unknown.
type Feature struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Edges rise; a value on an edge belongs above it.
	Edges []float64 `json:"edges,omitempty"`
	// Levels are the words that have a level of their own.
	Levels []string `json:"levels,omitempty"`
}

// Size is the number of levels.
func (f *Feature) Size() int {
	switch f.Kind {
	case Number:
		return len(f.Edges) + 2
	case Word:
		return len(f.Levels) + 2
	case Flag:
	}
	return 3
}

// Unknown is the level of a row without a value: the last one.
func (f *Feature) Unknown() int { return f.Size() - 1 }

// Validate checks that levels fit in a byte, edges rise and words differ. Errors wrap ErrFeature.
func (f *Feature) Validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w %q: %s", ErrFeature, f.Name, fmt.Sprintf(format, args...))
	}
	switch {
	case f.Name == "":
		return fail("has no name")
	case f.Kind != Number && f.Kind != Word && f.Kind != Flag:
		return fail("kind %q is none of number, word, flag", f.Kind)
	case f.Size() > MaxLevels:
		return fail("%d levels; at most %d", f.Size(), MaxLevels)
	case len(f.Edges) > 0 && f.Kind != Number, len(f.Levels) > 0 && f.Kind != Word:
		return fail("edges or levels of another kind")
	}
	if !rising(f.Edges) {
		return fail("edges do not rise")
	}
	seen := map[string]bool{}
	for _, w := range f.Levels {
		if w == "" || seen[w] {
			return fail("level %q is empty or stands twice", w)
		}
		seen[w] = true
	}
	return nil
}

func rising(edges []float64) bool {
	for i, e := range edges {
		if math.IsNaN(e) || math.IsInf(e, 0) || i > 0 && !(e > edges[i-1]) {
			return false
		}
	}
	return true
}

// Level writes a level as people read it: "employees 25 to under 300", "industry Retail", "uses WordPress: no".
func (f *Feature) Level(level int) string {
	switch {
	case level < 0 || level >= f.Size():
		return f.Name + " ?"
	case level == f.Unknown():
		return f.Name + " " + UnknownLevel
	case f.Kind == Flag:
		return f.Name + ": " + [...]string{"no", "yes"}[level]
	case f.Kind == Word && level == len(f.Levels):
		return f.Name + " " + OtherLevel
	case f.Kind == Word:
		return f.Name + " " + f.Levels[level]
	}
	return f.Name + " " + f.span(level)
}

func (f *Feature) span(level int) string {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case len(f.Edges) == 0:
		return "known"
	case level == 0:
		return "under " + text(f.Edges[0])
	case level == len(f.Edges):
		return text(f.Edges[level-1]) + " or more"
	}
	return text(f.Edges[level-1]) + " to under " + text(f.Edges[level])
}

// ofNumber is the level of a number.
func (f *Feature) ofNumber(v float64) uint8 {
	if math.IsNaN(v) {
		return uint8(f.Unknown())
	}
	return uint8(sort.Search(len(f.Edges), func(i int) bool { return f.Edges[i] > v }))
}

// Matrix holds rows as levels, a column of bytes a feature.
type Matrix struct {
	Rows    int
	Columns [][]uint8
	// Sizes are the numbers of levels, by feature.
	Sizes []int
}

// Encode turns a table into levels. A feature without a column is unknown in every row; a word that has no level is other.
func Encode(t *Table, fs []Feature) Matrix {
	at := map[Kind]map[string]int{Number: {}, Word: {}, Flag: {}}
	for i := range t.Columns {
		at[t.Columns[i].Kind][t.Columns[i].Name] = i
	}
	m := Matrix{Rows: t.Rows, Columns: make([][]uint8, len(fs)), Sizes: make([]int, len(fs))}
	for i := range fs {
		f := &fs[i]
		m.Sizes[i] = f.Size()
		kinds := []Kind{f.Kind}
		if f.Kind == Number {
			kinds = append(kinds, Word) // attributes come as text
		}
		for _, k := range kinds {
			if c, known := at[k][f.Name]; known && m.Columns[i] == nil {
				m.Columns[i] = f.encode(&t.Columns[c])
			}
		}
		if m.Columns[i] == nil {
			m.Columns[i] = slices.Repeat([]uint8{uint8(f.Unknown())}, t.Rows)
		}
	}
	return m
}

func (f *Feature) encode(c *Column) []uint8 {
	switch c.Kind {
	case Number:
		out := make([]uint8, len(c.Numbers))
		for i, v := range c.Numbers {
			out[i] = f.ofNumber(v)
		}
		return out
	case Flag:
		out := make([]uint8, len(c.Flags))
		for i, v := range c.Flags {
			if v < 0 {
				v = int8(f.Unknown())
			}
			out[i] = uint8(v)
		}
		return out
	case Word:
	}
	return f.encodeWords(c)
}

func (f *Feature) encodeWords(c *Column) []uint8 {
	levels := make([]uint8, len(c.Words))
	other := uint8(f.Unknown())
	if f.Kind == Word {
		other = uint8(len(f.Levels))
	}
	own := make(map[string]uint8, len(f.Levels))
	for i, w := range f.Levels {
		own[w] = uint8(i)
	}
	for i, w := range c.Words {
		levels[i] = other
		if f.Kind == Word {
			if l, has := own[w]; has {
				levels[i] = l
			}
		} else if v, ok := parse(w); ok {
			levels[i] = f.ofNumber(v)
		}
	}
	out := make([]uint8, len(c.Codes))
	for i, code := range c.Codes {
		switch code {
		case unknown:
			out[i] = uint8(f.Unknown())
		case beyond:
			out[i] = other
		default:
			out[i] = levels[code]
		}
	}
	return out
}

// Pick copies some rows, in the order given.
func (m *Matrix) Pick(rows []int32) Matrix {
	out := Matrix{Rows: len(rows), Columns: make([][]uint8, len(m.Columns)), Sizes: m.Sizes}
	for f, col := range m.Columns {
		to := make([]uint8, len(rows))
		for i, r := range rows {
			to[i] = col[r]
		}
		out.Columns[f] = to
	}
	return out
}
