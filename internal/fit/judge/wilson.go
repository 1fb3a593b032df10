package judge

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Wilson is the 95 % score interval of a share of hits among cases (Wilson 1927); of no cases it is 0 to 1.
func Wilson(hits, cases int) Interval {
	if cases <= 0 {
		return Interval{0, 1}
	}
	const z = 1.959964
	n := float64(cases)
	p := float64(hits) / n
	mid, half, scale := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)), 1+z*z/n
	return Interval{max((mid-half)/scale, 0), min((mid+half)/scale, 1)}
}

func (c *Cases) logLoss() (sum float64) {
	for i, p := range c.Predicted {
		sum += loss(p, c.Won[i])
	}
	return sum / float64(len(c.Won))
}

// loss keeps probabilities 1e-9 away from 0 and 1: one that was certain and wrong is bad, not infinitely so.
func loss(p float64, won uint8) float64 {
	p = min(max(p, 1e-9), 1-1e-9)
	if won == 1 {
		return -math.Log(p)
	}
	return -math.Log1p(-p)
}

// Bin is one bin of a calibration table: cases of about equal predictions.
type Bin struct {
	// Cases and Won count the rows and the positives among them.
	Cases int `json:"cases"`
	Won   int `json:"won"`
	// Said is the mean prediction, Was the share that happened with its interval.
	Said     float64  `json:"said"`
	Was      float64  `json:"was"`
	Interval Interval `json:"interval"`
}

// Calibrate tables what was said against what happened, over at most ten bins of about equal rows, from the lowest prediction up; ties are not
// parted. Errors wrap ErrCases.
func Calibrate(c *Cases) ([]Bin, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	order := c.order()
	var out []Bin
	last := -1
	for i := 0; i < len(order); {
		j, p := i, c.Predicted[order[i]]
		won := 0
		for ; j < len(order) && c.Predicted[order[j]] == p; j++ {
			won += int(c.Won[order[j]])
		}
		if at := min(bins*(i+j)/(2*len(order)), bins-1); at != last {
			out, last = append(out, Bin{}), at
		}
		b := &out[len(out)-1]
		b.Cases, b.Won, b.Said = b.Cases+j-i, b.Won+won, b.Said+p*float64(j-i)
		i = j
	}
	for i := range out {
		b := &out[i]
		b.Said, b.Was, b.Interval = b.Said/float64(b.Cases), float64(b.Won)/float64(b.Cases), Wilson(b.Won, b.Cases)
	}
	return out, nil
}

// Chance gives the lift that the predictions have on outcomes dealt anew at random, Draws times: their mean, which is 1 but for noise, and the range of
// their middle 95 %, beyond which a lift is more than luck. The seed decides every deal. Errors wrap ErrCases.
func Chance(c *Cases, seed uint64) (mean float64, middle95 Interval, err error) {
	if err := c.check(); err != nil {
		return 0, Interval{}, err
	}
	order := c.order()
	dealt := Cases{Predicted: c.Predicted, Won: slices.Clone(c.Won), Groups: c.Groups}
	rng := rand.New(rand.NewPCG(seed, 0xdea1))
	lifts := make([]float64, Draws)
	for i := range lifts {
		rng.Shuffle(len(dealt.Won), func(a, b int) { dealt.Won[a], dealt.Won[b] = dealt.Won[b], dealt.Won[a] })
		lifts[i] = dealt.weighed(order, nil).Lift
		mean += lifts[i] / Draws
	}
	return mean, middle(lifts), nil
}
