package boost

import "telltale/internal/fit/features"

// table is a tree laid out for many rows: where to go next, by node and level. A tree has fewer nodes than a byte has values.
type table struct {
	features []int32
	next     [][features.MaxLevels]uint8
	leaves   []int64
}

func (t Tree) compile() *table {
	c := &table{features: make([]int32, len(t)), next: make([][features.MaxLevels]uint8, len(t)), leaves: make([]int64, len(t))}
	for at := range t {
		n := &t[at]
		c.features[at], c.leaves[at] = int32(n.Feature), n.Points
		if n.Feature < 0 {
			continue
		}
		for level := range c.next[at] {
			c.next[at][level] = uint8(n.Right)
			if n.Lower.Has(uint8(level)) {
				c.next[at][level] = uint8(n.Left)
			}
		}
	}
	return c
}

// points is what the tree says of a row.
func (c *table) points(x *features.Matrix, row int) int64 {
	at := 0
	for {
		f := c.features[at]
		if f < 0 {
			return c.leaves[at]
		}
		at = int(c.next[at][x.Columns[f][row]])
	}
}
