package features

import (
	"cmp"
	"math"
	"slices"
)

// Options say how finely columns are cut.
type Options struct {
	// Bins is the most quantile bins of a number; 0 means 10.
	Bins int
	// Words is the most words that have a level of their own; 0 means 30.
	Words int
	// Support is the fewest rows of a word, a flag or a bin that is not pooled; 0 means 10, or a two-thousandth of the rows if that is more.
	Support int
}

// numeric is the share of a column's values that must be numbers for it to be one.
const numeric = 0.95

func (o Options) withDefaults(rows int) Options {
	if o.Bins == 0 {
		o.Bins = 10
	}
	if o.Words == 0 {
		o.Words = 30
	}
	if o.Support == 0 {
		o.Support = max(10, rows/2000)
	}
	o.Bins, o.Words = min(max(o.Bins, 2), MaxLevels-2), min(max(o.Words, 1), MaxLevels-2)
	return o
}

// Learn makes features of the columns of some rows. A column that says the same of nearly all of them (fewer than two levels with
// support) gives none. The order of features is that of the columns.
func Learn(t *Table, rows []int32, o Options) []Feature {
	o = o.withDefaults(len(rows))
	var out []Feature
	for i := range t.Columns {
		c := &t.Columns[i]
		f := Feature{Name: c.Name, Kind: c.Kind}
		switch c.Kind {
		case Number:
			f.Edges = edges(tally(c.Numbers, rows), o)
		case Word:
			f.learnWords(c, rows, o)
		case Flag:
		}
		if f.speaks(c, rows, o.Support) {
			out = append(out, f)
		}
	}
	return out
}

// speaks reports whether at least two levels have support.
func (f *Feature) speaks(c *Column, rows []int32, support int) bool {
	var counts [MaxLevels]int
	encoded := f.encode(c)
	for _, r := range rows {
		counts[encoded[r]]++
	}
	levels := 0
	for _, n := range counts {
		if n >= support {
			levels++
		}
	}
	return levels >= 2
}

func (f *Feature) learnWords(c *Column, rows []int32, o Options) {
	counts := make([]int, len(c.Words))
	known, numbers := 0, 0
	parsed := make([]float64, len(c.Words))
	for i, w := range c.Words {
		v, ok := parse(w)
		if !ok {
			v = math.NaN()
		}
		parsed[i] = v
	}
	for _, r := range rows {
		code := c.Codes[r]
		if code == unknown {
			continue
		}
		known++
		if code >= 0 {
			counts[code]++
			if !math.IsNaN(parsed[code]) {
				numbers++
			}
		}
	}
	if known > 0 && float64(numbers) >= numeric*float64(known) {
		f.Kind, f.Edges = Number, edges(wordTally(parsed, counts), o)
		return
	}
	f.Levels = frequent(c.Words, counts, o)
}

// frequent lists the words with support, the most frequent first, then by name.
func frequent(words []string, counts []int, o Options) []string {
	order := make([]int, 0, len(words))
	for i, n := range counts {
		if n >= o.Support {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(words[a], words[b]))
	})
	var out []string
	for _, i := range order[:min(len(order), o.Words)] {
		out = append(out, words[i])
	}
	return out
}

// counted is a value and how many rows have it.
type counted struct {
	value float64
	rows  int
}

// tally counts the known values of some rows, in rising order.
func tally(values []float64, rows []int32) []counted {
	known := make([]float64, 0, len(rows))
	for _, r := range rows {
		if v := values[r]; !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	slices.Sort(known)
	var out []counted
	for _, v := range known {
		if n := len(out); n > 0 && out[n-1].value == v {
			out[n-1].rows++
		} else {
			out = append(out, counted{v, 1})
		}
	}
	return out
}

// wordTally counts numbers that came as words; 1 and 1.0 are one number.
func wordTally(parsed []float64, counts []int) []counted {
	var out []counted
	for i, v := range parsed {
		if !math.IsNaN(v) && counts[i] > 0 {
			out = append(out, counted{v, counts[i]})
		}
	}
	slices.SortFunc(out, func(a, b counted) int { return cmp.Compare(a.value, b.value) })
	merged := out[:0]
	for _, c := range out {
		if n := len(merged); n > 0 && merged[n-1].value == c.value {
			merged[n-1].rows += c.rows
		} else {
			merged = append(merged, c)
		}
	}
	return merged
}

// edges cuts counted values into bins of about equal rows. Each bin takes its share of what is left, so that a value that many
// rows have does not starve the others; where there are no more values than bins, each has its own, once it has support.
func edges(values []counted, o Options) []float64 {
	left := 0
	for _, c := range values {
		left += c.rows
	}
	var out []float64
	var sizes []int
	in, bins := 0, o.Bins
	for i, c := range values {
		in += c.rows
		share := left / max(bins, 1)
		if len(values) <= o.Bins {
			share = 0
		}
		if in < max(share, o.Support) || i+1 == len(values) || bins <= 1 {
			continue
		}
		out, sizes = append(out, values[i+1].value), append(sizes, in)
		left, in, bins = left-in, 0, bins-1
	}
	if len(out) > 0 && in < o.Support { // the last bin is too small to stand alone
		out = out[:len(sizes)-1]
	}
	return out
}
