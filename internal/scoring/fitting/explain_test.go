package fitting_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"telltale/internal/fit/lookalike"
	"telltale/internal/scoring/fitting"
	"telltale/internal/store"
)

func TestAFitScoreIsExplainedToTheLastPoint(t *testing.T) {
	for _, kind := range []lookalike.Kind{lookalike.Logistic, lookalike.Trees} {
		t.Run(string(kind), func(t *testing.T) {
			s := open(t)
			s.market(t, 900)
			s.deals(t, 700)
			rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities, Kind: kind})
			if _, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", AsOf: quarter, Version: rep.Version}); err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{0, 1, 6, 899} {
				e, err := s.fitter.Explain(t.Context(), fitting.ExplainRequest{Account: accountID(n), Product: "Azure", Model: rep.Version, AsOf: now, KnownBy: now})
				if err != nil {
					t.Fatal(err)
				}
				sum := e.Base
				for _, p := range e.Points {
					sum += p.Points
				}
				// The rank explains the score too: half of those beside it stand below.
				rank := 100 * (float64(e.Ranked-e.Higher) - float64(e.Equal)/2) / float64(e.Ranked)
				if sum != e.Logit || e.Logit == 0 || e.Differs != "" || e.Imported || e.Kind != kind || e.ValidFrom != "2026-09-30" || e.Ranked != 900 ||
					math.Abs(rank-e.Score) > 1e-4 || *e.Probability != rep.Model.Probability(e.Logit) {
					t.Errorf("%s: %+v sums to %d, rank %v", accountID(n), e, sum, rank)
				}
				at := slices.IndexFunc(e.Points, func(p lookalike.Point) bool { return p.Feature == "owns Surface" })
				if at < 0 || owner(n) != (e.Points[at].Points > 0) {
					t.Errorf("%s: what it owns weighs %+v", accountID(n), e.Points)
				}
			}
		})
	}
}

func TestAFitScoreThatCannotBeExplainedSaysWhy(t *testing.T) {
	s := open(t)
	s.market(t, 300)
	s.deals(t, 300)
	rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities})
	if _, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", AsOf: quarter}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportFit(t.Context(), []store.FitScore{{AccountID: accountID(1), Product: "Azure", Model: "imported", Imported: true, Score: 70}}, quarter); err != nil {
		t.Fatal(err)
	}
	ask := func(n int, model string) (*fitting.Explanation, error) {
		return s.fitter.Explain(t.Context(), fitting.ExplainRequest{Account: accountID(n), Product: "Azure", Model: model, AsOf: now, KnownBy: now})
	}
	if e, err := ask(1, "imported"); err != nil || !e.Imported || e.Score != 70 || e.Probability != nil || len(e.Points) != 0 {
		t.Errorf("an imported score: %+v, %v", e, err)
	}
	if _, err := ask(1, "nosuch"); !errors.Is(err, fitting.ErrNoModel) {
		t.Errorf("a model without a score: %v", err)
	}
	s.Do(t, "DELETE FROM subscription_rows WHERE account_id = '"+accountID(0)+"'", "DELETE FROM account_rows WHERE account_id = '"+accountID(3)+"'")
	if e, err := ask(0, rep.Version); err != nil || e.Differs == "" || len(e.Points) == 0 {
		t.Errorf("after what it owned was erased: %+v, %v", e, err)
	}
	if e, err := ask(3, rep.Version); err != nil || e.Differs == "" || len(e.Points) != 0 {
		t.Errorf("after the account was erased: %+v, %v", e, err)
	}
}
