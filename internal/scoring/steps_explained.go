package scoring

import (
	"context"
	"fmt"
	"time"

	"telltale/internal/intent"
)

// Steps lead from a logit to its score.
type Steps struct {
	// Probability is the calibrated one, 0–1; nil while the weights are not calibrated.
	Probability *float64
	// Ranked counts the accounts with evidence for the product in the run, Below and Equal those of a lower and of the same logit, the account
	// itself included. The score is 100 · (Below + Equal/2) / Ranked.
	Ranked, Below, Equal int64
	// Margin is the half width of the logit's 90 % interval in thousandths (intent.Margin); Low and High, 0–100, are the scores at its ends.
	Margin    int64
	Low, High float64
	// Freshest is the latest observation that counted; nil without evidence.
	Freshest *time.Time
}

// steps reads how the explained score follows from its logit; without evidence there is no step.
func (s *Scorer) steps(ctx context.Context, e *Explanation) error {
	if e.Signals == 0 {
		return nil
	}
	text, err := s.sql.text("steps", scope{})
	if err != nil {
		return err
	}
	drivers := make([]intent.Driver, len(e.Drivers))
	for i := range e.Drivers {
		drivers[i] = e.Drivers[i].Driver
	}
	st := &Steps{Margin: intent.Margin(drivers)}
	args := map[string]any{"month": day(e.Month.Start()), "run_id": e.RunID, "account": plain(e.AccountID), "product": plain(e.Product),
		"logit": fmt.Sprint(e.Logit), "low": fmt.Sprint(e.Logit - st.Margin), "high": fmt.Sprint(e.Logit + st.Margin)}
	return s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error {
		var low, high int64
		if err := into(&st.Ranked, &st.Below, &st.Equal, &low, &high, &st.Probability, &st.Freshest); err != nil {
			return err
		}
		if st.Ranked == 0 {
			return nil
		}
		st.Low, st.High = 50*float64(low)/float64(st.Ranked), 50*float64(high)/float64(st.Ranked)
		e.Steps = st
		return nil
	})
}
