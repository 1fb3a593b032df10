package intent

import (
	"math"
	"strings"
)

// IntervalZ is how many standard errors an interval reaches to either side: 90 % of a normal distribution.
const IntervalZ = 1.645

// Margin is the half width of the 90 % interval of a logit, in thousandths, from the sampling of its signals.
//
// What was read of an account is a sample of what it says: each signal might as well not have been seen, or one more like it have been. Taken
// as a Poisson number of signals, the sum of a driver's points has the variance Σ points² (a compound Poisson sum: λ·E[X²]). Of a stored driver
// the sum and the number of signals are known, so that points²/n stands in for it, after saturation; by the delta method that is no less than the
// variance of n equal signals, and signals that differ much in size vary more. Drivers without signals of their own but the base rate, which
// is no sample, count as one. Whether the weights are right is not in it. The view intent_intervals computes the same.
func Margin(drivers []Driver) int64 {
	variance := 0.0
	for _, d := range drivers {
		if !strings.HasPrefix(d.Name, KindBase+":") {
			variance += float64(d.Points) * float64(d.Points) / float64(max(len(d.SignalIDs), 1))
		}
	}
	return int64(math.RoundToEven(IntervalZ * math.Sqrt(variance)))
}
