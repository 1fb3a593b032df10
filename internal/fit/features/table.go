// Package features turns a plain table of what is known of accounts into bins: numbers in quantiles, words one by one with the
// rare ones pooled, flags, and "unknown" as a level of its own everywhere. A model weighs levels, never raw values, so that
// every weight can be read.
package features

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind says how a column is read.
type Kind string

// The kinds of a column. Words become numbers where nearly all of them are.
const (
	Number Kind = "number"
	Word   Kind = "word"
	Flag   Kind = "flag"
)

// MaxColumns and maxWords bound a table: columns in all, and different words of a column. Words beyond count as rare.
const (
	MaxColumns = 1024
	maxWords   = 1 << 16
	maxWord    = 200 // bytes of a word that are kept
)

// unknown marks a word or flag that is not known, beyond one that is known and was not kept.
const (
	unknown = -1
	beyond  = -2
)

// Column is one column of a table; the slice of its kind has a value a row.
type Column struct {
	Name string
	Kind Kind
	// Numbers are of a Number column; NaN is unknown.
	Numbers []float64
	// Codes are of a Word column, indexes of Words; negative where unknown or not kept.
	Codes []int32
	Words []string
	// Flags are of a Flag column: 0, 1, or −1 where unknown.
	Flags []int8

	index map[string]int32
}

// Table is what is known of the rows, column by column.
type Table struct {
	Rows    int
	Columns []Column
}

// Builder fills a table row by row. Columns appear with their first value; rows without one are unknown there.
type Builder struct {
	table Table
	index map[Kind]map[string]int
	left  int
}

// NewBuilder starts an empty table.
func NewBuilder() *Builder {
	return &Builder{index: map[Kind]map[string]int{Number: {}, Word: {}, Flag: {}}}
}

// Next begins a row.
func (b *Builder) Next() { b.table.Rows++ }

// Number sets a number of the row; one that is not finite is unknown.
func (b *Builder) Number(name string, v float64) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return
	}
	if c := b.column(name, Number); c != nil {
		c.Numbers = pad(c.Numbers, b.table.Rows, math.NaN())
		c.Numbers[b.table.Rows-1] = v
	}
}

// Word sets a word of the row; an empty one is unknown.
func (b *Builder) Word(name, word string) {
	if word = trimmed(word); word == "" {
		return
	}
	c := b.column(name, Word)
	if c == nil {
		return
	}
	code, known := c.index[word]
	if !known {
		code = beyond
		if len(c.Words) < maxWords {
			code = int32(len(c.Words))
			word = strings.Clone(word) // not the whole row it was cut from
			c.Words, c.index[word] = append(c.Words, word), code
		}
	}
	c.Codes = pad(c.Codes, b.table.Rows, unknown)
	c.Codes[b.table.Rows-1] = code
}

func trimmed(word string) string {
	word = strings.TrimSpace(word)
	if len(word) > maxWord {
		word = strings.ToValidUTF8(word[:maxWord], "")
	}
	return word
}

// Flag sets a flag of the row.
func (b *Builder) Flag(name string, yes bool) {
	if c := b.column(name, Flag); c != nil {
		c.Flags = pad(c.Flags, b.table.Rows, unknown)
		c.Flags[b.table.Rows-1] = 0
		if yes {
			c.Flags[b.table.Rows-1] = 1
		}
	}
}

// Left counts the columns that were left out because the table had as many as it may.
func (b *Builder) Left() int { return b.left }

func (b *Builder) column(name string, kind Kind) *Column {
	at, known := b.index[kind][name]
	if known && at < 0 {
		return nil
	}
	if !known {
		if at = len(b.table.Columns); at >= MaxColumns {
			if b.left++; b.left < MaxColumns { // names of columns are bounded too
				b.index[kind][name] = -1
			}
			return nil
		}
		b.index[kind][name] = at
		c := Column{Name: name, Kind: kind}
		if kind == Word {
			c.index = map[string]int32{}
		}
		b.table.Columns = append(b.table.Columns, c)
	}
	return &b.table.Columns[at]
}

// Table ends the filling, columns in the order of their names, however they came; the builder must not be used again.
func (b *Builder) Table() *Table {
	for i := range b.table.Columns {
		c := &b.table.Columns[i]
		c.index = nil
		switch c.Kind {
		case Number:
			c.Numbers = pad(c.Numbers, b.table.Rows, math.NaN())
		case Word:
			c.Codes = pad(c.Codes, b.table.Rows, unknown)
		case Flag:
			c.Flags = pad(c.Flags, b.table.Rows, unknown)
		}
	}
	slices.SortFunc(b.table.Columns, func(x, y Column) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Kind, y.Kind))
	})
	return &b.table
}

// pad lengthens a slice to n with a value, growing as append does.
func pad[T any](s []T, n int, with T) []T {
	for len(s) < n {
		s = append(s, with)
	}
	return s
}

// parse reads a word as a finite number.
func parse(word string) (float64, bool) {
	v, err := strconv.ParseFloat(word, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}
