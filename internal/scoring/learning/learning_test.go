package learning_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"telltale/internal/backtest"
	"telltale/internal/intent"
	"telltale/internal/intent/learn"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
	"telltale/internal/scoring/learning"
	"telltale/internal/scoring/registry"
)

// points of a weight of the report.
func points(t testing.TB, r *learning.Report, name string) int64 {
	t.Helper()
	for _, c := range r.Changes {
		if c.Name == name {
			return c.After
		}
	}
	t.Fatalf("no weight of %s in %+v", name, r.Changes)
	return 0
}

func TestTrainingFindsTheTrueWeightsAndTheNextRunUsesThemUntilTheyAreRolledBack(t *testing.T) {
	b := open(t)
	b.market(t, 700, false)
	ctx := t.Context()
	handModel, handScores := b.score(t)
	dry := spring(t, "Azure")
	dry.DryRun = true
	out, err := b.trainer(t).Train(ctx, dry)
	if err != nil {
		t.Fatal(err)
	}
	if n := b.line(t, "SELECT count() FROM models WHERE product != ''"); n != "0" || out.Reports[0].Stored {
		t.Errorf("a dry run stored %s models", n)
	}
	out, err = b.trainer(t).Train(ctx, spring(t, "Azure"))
	if err != nil {
		t.Fatal(err)
	}
	r := out.Reports[0]
	if r.Chosen.HalfLifeDays != 14 || points(t, r, "pain") < 1900 || points(t, r, "pain") > 3100 || points(t, r, "evaluation") > 300 || points(t, r, "recent") != 300 || points(t, r, "lately") != -1200 {
		t.Errorf("half-life %v days, %+v", r.Chosen.HalfLifeDays, r.Changes)
	}
	if !r.Verdict.Promoted || r.Verdict.Champion != "" || r.Verdict.Mine.Metrics.AUC <= r.Verdict.Other.Metrics.AUC || r.HeldOut != "2026-05" || len(r.Months) != 6 {
		t.Errorf("verdict %+v of %+v", r.Verdict, r)
	}
	// Every deal of an account that had said anything by the end of the month before it, and no other.
	if want := b.line(t, `SELECT count() FROM opportunities AS o INNER JOIN (SELECT concat('A', leftPad(substring(domain, 2, position(domain, '.') - 2), 4, '0')) AS account_id,
		min(observed_at) AS since FROM signal_rows GROUP BY account_id) AS s ON s.account_id = o.account_id WHERE toDate(s.since) <= toLastDayOfMonth(o.closed - INTERVAL 1 MONTH)`); fmt.Sprint(r.Won) != want {
		t.Errorf("%d rows won, want %s", r.Won, want)
	}

	model, scores := b.score(t)
	if model == handModel || !strings.HasPrefix(model, "hand-trained-") || scores == handScores {
		t.Errorf("a run after training used %s, before %s", model, handModel)
	}
	if w, err := learning.Stored(ctx, b, model); err != nil || w.ID() != model {
		t.Errorf("the weights that were used are found as %s, %v", w.ID(), err)
	}
	reg := registry.New(b, b.Store, func() time.Time { return now })
	if from, to, err := reg.Rollback(ctx, "intent", "Azure", "a test"); err != nil || from != r.Version || to != "" {
		t.Errorf("from %s to %q, %v", from, to, err)
	}
	if back, again := b.score(t); back != handModel || again != handScores {
		t.Errorf("rolled back, the run used %s and not %s, or other scores", back, handModel)
	}
	if _, err := reg.Promote(ctx, "intent", "Azure", r.Version, false); err != nil {
		t.Error(err)
	}
	if forth, again := b.score(t); forth != model || again != scores {
		t.Errorf("promoted again, the run used %s and not %s, or other scores", forth, model)
	}
}

func TestTheProbabilityOfATrainedProductIsWhatHappensAndOfTheOthersUnknown(t *testing.T) {
	b := open(t)
	b.market(t, 700, false)
	if _, err := b.trainer(t).Train(t.Context(), spring(t, "Azure")); err != nil {
		t.Fatal(err)
	}
	b.score(t)
	if got := b.line(t, "SELECT countIf(product = 'Azure' AND (intent_probability IS NULL) != (intent_score IS NULL)), countIf(product != 'Azure' AND intent_probability IS NOT NULL), countIf(intent_probability > 0 AND intent_probability < 1) > 400 FROM propensity"); got != "0\t0\ttrue" && got != "0\t0\t1" {
		t.Errorf("probabilities %s", got)
	}
	var expected, won float64
	text := b.line(t, `SELECT round(sum(p.intent_probability), 3), countIf(o.account_id != '') FROM propensity AS p
		LEFT JOIN (SELECT DISTINCT account_id, product FROM opportunities WHERE closed > '2026-05-31') AS o ON o.account_id = p.account_id AND o.product = p.product
		WHERE p.intent_probability IS NOT NULL`)
	if _, err := fmt.Sscan(text, &expected, &won); err != nil || math.Abs(expected/won-1) > 0.2 {
		t.Errorf("%.1f wins are expected, %.0f happened (%v)", expected, won, err)
	}
	s, err := scoring.New(scoring.Config{}, scoring.Deps{DB: b})
	if err != nil {
		t.Fatal(err)
	}
	account := b.line(t, "SELECT account_id FROM propensity WHERE product = 'Azure' AND intent_score IS NOT NULL ORDER BY intent_score DESC, account_id LIMIT 1")
	e, err := s.Explain(t.Context(), account, "Azure", month(t, "2026-05"))
	if err != nil || e.Probability == nil {
		t.Fatalf("%+v, %v", e, err)
	}
	w, _, err := learning.Weights(t.Context(), b, byHand(t), now)
	if err != nil || len(w.Calibration) != 1 {
		t.Fatalf("%+v, %v", w.Calibration, err)
	}
	c := w.Calibration[0]
	if want := 1 / (1 + math.Exp(-(c.Slope*float64(e.Logit)/1000 + c.Offset))); math.Abs(want-*e.Probability) > 1e-12 {
		t.Errorf("%v is explained of a logit of %d, want %v", *e.Probability, e.Logit, want)
	}
	if e, err = s.Explain(t.Context(), account, "Surface", month(t, "2026-05")); err != nil || e.Probability != nil {
		t.Errorf("untrained: %v, %v", e.Probability, err)
	}
}

func TestOutcomesOfChancePromoteNothing(t *testing.T) {
	b := open(t)
	b.market(t, 500, true)
	out, err := b.trainer(t).Train(t.Context(), spring(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Reports) != 1 || out.Reports[0].Verdict.Promoted || !strings.Contains(out.Reports[0].Verdict.Why, "not better beyond doubt") {
		t.Errorf("%+v", out.Reports[0].Verdict)
	}
	if len(out.Skipped) != 1 || out.Skipped[0].Product != "Surface" || !strings.Contains(out.Skipped[0].Why, "no positives") {
		t.Errorf("skipped %+v", out.Skipped)
	}
	if got := b.line(t, "SELECT product, state FROM model_states WHERE name = 'intent'"); got != "Azure\tchallenger" {
		t.Errorf("models %q", got)
	}
	if model, _ := b.score(t); model != byHand(t).ID() {
		t.Errorf("the run used %s", model)
	}
}

func TestAChampionGivesWayToNewerLearningOnlyByTheRule(t *testing.T) {
	b := open(t)
	b.market(t, 700, false)
	early := spring(t, "Azure")
	early.To = month(t, "2026-03")
	out, err := b.trainer(t).Train(t.Context(), early)
	if err != nil || !out.Reports[0].Verdict.Promoted {
		t.Fatalf("%+v, %v", out, err)
	}
	first := out.Reports[0].Version
	// May is held out, and the champion has seen outcomes of April only: it is compared itself, and is as good.
	if out, err = b.trainer(t).Train(t.Context(), spring(t, "Azure")); err != nil {
		t.Fatal(err)
	}
	if v := out.Reports[0].Verdict; v.Promoted || v.Champion != first || !strings.Contains(v.Against, "the champion itself") {
		t.Errorf("against a champion that has not seen: %+v", v)
	}
	// It has seen the outcomes of March, which is held out here.
	early.DryRun = true
	early.From = month(t, "2026-01")
	if out, err = b.trainer(t).Train(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	if v := out.Reports[0].Verdict; !v.Promoted || !strings.Contains(v.Against, "the weights set by hand") || !strings.Contains(v.Against, "has seen outcomes up to 2026-04-30") {
		t.Errorf("against a champion that has seen: %+v", v)
	}
}

func TestTrainingThatCannotBeIsToldInOneLineAndRegistersNothing(t *testing.T) {
	b := open(t)
	refused := func(req learning.Request, want error, says string) {
		t.Helper()
		if _, err := b.trainer(t).Train(t.Context(), req); !errors.Is(err, want) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	refused(spring(t, ""), scoring.ErrNoAccounts, "import accounts first")
	b.market(t, 300, true)
	refused(spring(t, "Teleportation"), learning.ErrProduct, `train "Teleportation"`)
	refused(spring(t, "Surface"), backtest.ErrLabels, "no opportunity has closed")
	short := spring(t, "Azure")
	short.From = month(t, "2026-04")
	refused(short, learn.ErrLabels, "2 months have ended")
	later := spring(t, "Azure")
	later.To, later.Horizon = month(t, "2026-06"), 90
	refused(later, backtesting.ErrRequest, "choose an earlier --to")
	// Those that won say so on a page that is dated before.
	b.Do(t, `INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		SELECT concat('a', toString(toUInt32(substring(account_id, 2))), '.example'), 'event', 'layoff', '', generateUUIDv4(), 1, 1, -1, closed - 30, closed - 30, closed - 30, 'press', concat('https://p.example/', account_id), concat('left ', account_id)
		FROM opportunities WHERE closed < '2026-02-01'`)
	leaky := spring(t, "Azure")
	leaky.To = month(t, "2026-02")
	b.Do(t, "INSERT INTO opportunity_rows SELECT account_id, product, created, ordinal, '2026-07-02 00:00:00', closed, 'lost', amount, acted_on FROM opportunities WHERE account_id NOT IN (SELECT account_id FROM opportunities WHERE closed < '2026-02-01')")
	b.Do(t, "INSERT INTO opportunity_rows SELECT DISTINCT account_id, product, toDate('2026-02-10'), 7, '2026-07-02 00:00:00', toDate('2026-02-10'), 'won', NULL, NULL FROM opportunities WHERE closed < '2026-02-01'")
	b.Do(t, "INSERT INTO opportunity_rows SELECT DISTINCT account_id, product, toDate('2026-03-10'), 8, '2026-07-02 00:00:00', toDate('2026-03-10'), 'won', NULL, NULL FROM opportunities WHERE closed < '2026-02-01'")
	refused(leaky, learn.ErrLeak, `"event:layoff" alone has an AUC of`)
	b.Do(t, "INSERT INTO opportunity_rows SELECT account_id, product, created, ordinal, '2026-07-03 00:00:00', closed, 'lost', amount, acted_on FROM opportunities")
	refused(spring(t, "Azure"), learn.ErrLabels, "no positives")
	refused(spring(t, ""), learn.ErrLabels, "nothing can be learned of any product: Azure: labels: no positives")
	if n := b.line(t, "SELECT count() FROM models"); n != "0" {
		t.Errorf("%s models are registered", n)
	}
	if _, err := learning.Stored(t.Context(), b, "none"); !errors.Is(err, learning.ErrNoWeights) {
		t.Errorf("weights that no run has used: %v", err)
	}
	if _, err := learning.New(learning.Deps{DB: b, Scorer: nil, ByHand: intent.Default()}); err == nil {
		t.Error("a trainer without a scorer")
	}
}
