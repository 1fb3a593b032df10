package learn

import "fmt"

// Rule is the rule by which learned weights replace those in use, as it is printed.
const Rule = "Learned weights become champion where, on the months held out, the whole 95 % interval of their log loss less that of the weights in use lies below 0 " +
	"and their lift at 10 % is no lower. A champion that has seen the outcomes of those months is not judged by them: newer learning must then beat the weights set by hand."

// decide applies the rule.
func (r *Result) decide() {
	gap := fmt.Sprintf("its log loss less that of the weights in use lies in %+.4f to %+.4f", r.Difference.Low, r.Difference.High)
	mine, used := r.Mine.Metrics.Lift, r.InUse.Metrics.Lift
	switch {
	case !(r.Difference.High < 0):
		r.Why = "not better beyond doubt: " + gap
	case mine < used:
		r.Why = fmt.Sprintf("its top tenth wins less often: lift %.2f against %.2f, though %s", mine, used, gap)
	default:
		r.Better, r.Why = true, fmt.Sprintf("better beyond doubt: %s, lift at 10 %% %.2f against %.2f", gap, mine, used)
	}
}
