package train

import (
	"math"

	"telltale/internal/signals/learned"
)

// corpus is a set of examples as sparse rows over the features that two of them share.
type corpus struct {
	rows []vector
	// buckets and idf are by column: the feature's place and its inverse document frequency.
	buckets []uint32
	idf     []float64
	// hints is the number of hints, which stand in the columns behind the features'; the last column is constant.
	hints int
}

// width is the number of columns.
func (c *corpus) width() int { return len(c.buckets) + c.hints + 1 }

// read makes the rows of the examples, hashed to the given number of bits. Features that only one example has teach
// nothing of the others; they are left out.
func read(examples []Example, bits int) *corpus {
	holders := make([]int32, 1<<bits)
	last := make([]int32, 1<<bits)
	f := &learned.Features{}
	for i := range examples {
		f.Read(examples[i].Text, bits)
		for _, block := range f.Buckets {
			for _, b := range block {
				if last[b] != int32(i)+1 {
					holders[b]++
				}
				last[b] = int32(i) + 1
			}
		}
	}
	c := &corpus{rows: make([]vector, len(examples))}
	column := make([]int32, 1<<bits)
	for b, n := range holders {
		if n >= 2 {
			c.buckets = append(c.buckets, uint32(b))
			c.idf = append(c.idf, math.Log(float64(len(examples)+1)/float64(n)))
			column[b] = int32(len(c.buckets))
		}
	}
	for i := range examples {
		c.hints = max(c.hints, len(examples[i].Hints))
	}
	for i := range examples {
		f.Read(examples[i].Text, bits)
		c.rows[i] = c.row(f, column, examples[i].Hints)
	}
	return c
}

func (c *corpus) row(f *learned.Features, column []int32, hints []float32) vector {
	var v vector
	for k, block := range f.Buckets {
		squares := 0.0
		for _, b := range block {
			if j := column[b]; j > 0 {
				squares += c.idf[j-1] * c.idf[j-1]
			}
		}
		scale := learned.Scale(k, squares)
		for _, b := range block {
			if j := column[b]; j > 0 {
				v.index = append(v.index, j-1)
				v.value = append(v.value, float32(c.idf[j-1]*scale))
			}
		}
	}
	for k, x := range hints {
		if x != 0 {
			v.index = append(v.index, int32(len(c.buckets)+k))
			v.value = append(v.value, x)
		}
	}
	v.index = append(v.index, int32(c.width()-1))
	v.value = append(v.value, 1)
	v.square()
	return v
}

// fit fits one class's weights on the given examples; nil where all of them are of one kind.
func (c *corpus) fit(on []int, positive func(i int) bool, o Options) []float64 {
	rows := make([]vector, len(on))
	n := 0
	for k, i := range on {
		rows[k] = c.rows[i]
		if positive(i) {
			n++
		}
	}
	if n == 0 || n == len(on) {
		return nil
	}
	return logistic(rows, func(k int) bool { return positive(on[k]) }, o.Cost, c.width(), o.Rounds, o.Seed)
}

func (c *corpus) logit(w []float64, i int) float64 {
	if w == nil {
		return never
	}
	return c.rows[i].dot(w)
}

// never is the logit of a class that the training side held no example of.
const never = -10.0
