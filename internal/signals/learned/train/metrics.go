package train

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Tally counts a class's right, wrong and missed claims.
type Tally struct{ Right, Wrong, Missed int }

// Add counts one sentence.
func (t *Tally) Add(claimed, truth bool) {
	switch {
	case claimed && truth:
		t.Right++
	case claimed:
		t.Wrong++
	case truth:
		t.Missed++
	}
}

// Precision is 0 where nothing was claimed.
func (t Tally) Precision() float64 { return share(t.Right, t.Right+t.Wrong) }

// Recall is 0 where nothing was to be found.
func (t Tally) Recall() float64 { return share(t.Right, t.Right+t.Missed) }

// F1 is the harmonic mean of precision and recall.
func (t Tally) F1() float64 { return share(2*t.Right, 2*t.Right+t.Wrong+t.Missed) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Interval is a 95 % interval, both ends in 0–1.
type Interval struct{ Low, High float64 }

// Wilson is the interval of a share.
func Wilson(n, of int) Interval {
	if of == 0 {
		return Interval{0, 1}
	}
	const z = 1.96
	p, m := share(n, of), float64(of)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{(mid - half) / (1 + z*z/m), (mid + half) / (1 + z*z/m)}
}

// F1Interval draws whole groups with replacement, 400 times by a fixed seed: the sentences of one document stand or
// fall together.
func F1Interval(groups []int, claimed, truth []bool) Interval {
	at := map[int]int{}
	var tallies []Tally
	for i, g := range groups {
		if _, ok := at[g]; !ok {
			at[g] = len(tallies)
			tallies = append(tallies, Tally{})
		}
		tallies[at[g]].Add(claimed[i], truth[i])
	}
	rng := rand.New(rand.NewPCG(7, 3))
	f1 := make([]float64, 400)
	for d := range f1 {
		var sum Tally
		for range tallies {
			t := tallies[rng.IntN(len(tallies))]
			sum.Right, sum.Wrong, sum.Missed = sum.Right+t.Right, sum.Wrong+t.Wrong, sum.Missed+t.Missed
		}
		f1[d] = sum.F1()
	}
	slices.Sort(f1)
	return Interval{f1[len(f1)/40], f1[len(f1)-1-len(f1)/40]}
}
