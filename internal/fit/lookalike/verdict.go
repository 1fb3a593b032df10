package lookalike

import (
	"fmt"

	"telltale/internal/fit/judge"
)

// Rule is the rule by which a champion is replaced, as it is printed.
const Rule = "A model of another kind becomes champion where the whole 95 % interval of its AUC less the champion's lies above 0 and its ECE is at " +
	"most 0.02 worse, on rows neither has seen. A refit of the champion's own kind does unless that whole interval lies below 0: newer rows beat better models."

// eceSlack is how much worse a challenger's calibration error may be.
const eceSlack = 0.02

// Verdict says whether a model becomes the champion, and why.
type Verdict struct {
	Promoted bool   `json:"promoted"`
	Why      string `json:"why"`
	// Champion is the version compared with, Against how; empty where there was none.
	Champion string `json:"champion,omitempty"`
	Against  string `json:"against,omitempty"`
	// Other is the champion's side of the comparison, Mine the challenger's on the same rows, Difference the interval of the AUC gained.
	Other      *Judged         `json:"other,omitempty"`
	Mine       *Judged         `json:"mine,omitempty"`
	Difference *judge.Interval `json:"difference,omitempty"`
}

// same is the verdict on a model that is the champion already.
func (v *Verdict) same() { v.Promoted, v.Why = true, "it is the champion already, to the last bit" }

// verdict compares a model with the champion on rows neither has seen. Where too few are newer than the champion, its recipe is trained on
// the same rows as the model, and that is compared.
func (b *bench) verdict(held *Model, tested Judged, champion *Model, test []int32) (Verdict, error) {
	if champion == nil {
		return Verdict{Promoted: true, Why: "there was no champion"}, nil
	}
	v := Verdict{Champion: champion.Version}
	other, rows := champion, b.newer(champion, test)
	v.Against = fmt.Sprintf("the champion itself, on %d rows from after its last label", len(rows))
	if rows == nil {
		if champion.Kind == held.Kind {
			v.Against = "nothing: no rows are newer than the champion's, and it is of the same kind"
			v.Promoted, v.Why = true, "a refit of the champion's own kind, on the rows that are known now"
			return v, nil
		}
		var err error
		if other, err = b.hold(champion.Kind); err != nil {
			return v, err
		}
		rows = test
		v.Against = fmt.Sprintf("the champion's kind (%s) trained on the same rows: too few are newer than the champion", champion.Kind)
	}
	mine, theirs := tested, Judged{}
	var err error
	if len(rows) != len(test) {
		if mine, err = b.judge(held, rows); err != nil {
			return v, err
		}
	}
	if theirs, err = b.judge(other, rows); err != nil {
		return v, err
	}
	gap, err := judge.Difference(b.cases(held, rows), b.cases(other, rows).Predicted, seed)
	if err != nil {
		return v, err
	}
	v.Mine, v.Other, v.Difference = &mine, &theirs, &gap
	v.decide(champion.Kind == held.Kind)
	return v, nil
}

func (v *Verdict) decide(refit bool) {
	range95 := fmt.Sprintf("its AUC less the champion's lies in %+.3f to %+.3f", v.Difference.Low, v.Difference.High)
	switch {
	case refit && v.Difference.High < 0:
		v.Why = "a refit that is worse: " + range95
	case refit:
		v.Promoted, v.Why = true, "a refit that is no worse: "+range95
	case !(v.Difference.Low > 0):
		v.Why = "not better beyond doubt: " + range95
	case v.Mine.Metrics.ECE > v.Other.Metrics.ECE+eceSlack:
		v.Why = fmt.Sprintf("it ranks better (%s) but is believed less: ECE %.3f against %.3f", range95, v.Mine.Metrics.ECE, v.Other.Metrics.ECE)
	default:
		v.Promoted, v.Why = true, "better beyond doubt: "+range95
	}
}

// newer lists the rows to test on from after the champion's last label; nil where they are too few to judge by.
func (b *bench) newer(champion *Model, test []int32) []int32 {
	if champion.SeenUntil == "" || champion.Labels != b.recipe.Labels {
		return nil
	}
	var rows []int32
	won := 0
	for _, r := range test {
		if date(b.data.Days[r]) > champion.SeenUntil {
			rows = append(rows, r)
			won += int(b.data.Won[r])
		}
	}
	if won < MinEach || len(rows)-won < MinEach {
		return nil
	}
	return rows
}
