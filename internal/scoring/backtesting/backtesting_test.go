package backtesting_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"telltale/internal/backtest"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
)

func TestPastMonthsAreJudgedByWhatClosedAfter(t *testing.T) {
	b := open(t)
	b.market(t, 600)
	req := backtesting.Request{Product: "Azure", From: month(t, "2026-01"), To: month(t, "2026-04"), Horizon: 30}
	rep, err := b.tester.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	var months []string
	for _, m := range rep.Months {
		months = append(months, fmt.Sprintf("%s %s %s %v", m.Name, m.After, m.Until, m.Fitted))
	}
	want := "2026-01 2026-01-31 2026-02-28 true; 2026-02 2026-02-28 2026-03-30 true; 2026-03 2026-03-31 2026-04-30 false; 2026-04 2026-04-30 2026-05-30 false"
	if got := strings.Join(months, "; "); got != want {
		t.Errorf("months\n%s, want\n%s", got, want)
	}
	all := rep.Clusters[len(rep.Clusters)-1]
	count := b.line(t, "SELECT countIf(outcome = 'won'), countIf(outcome != 'won') FROM opportunities")
	unknown := rep.Clusters[len(rep.Clusters)-2]
	if got := fmt.Sprintf("%d\t%d", all.Won+unknown.Won, all.Closed-all.Won+unknown.Closed-unknown.Won); got != count || all.Cases+unknown.Cases != 2400 {
		t.Errorf("judged %s of %s deals over %d cases", got, count, all.Cases+unknown.Cases)
	}
	act, educate := rep.Clusters[0], rep.Clusters[3]
	if act.Name != "Act Now" || educate.Name != "Educate" || act.LiftInterval.Low <= educate.LiftInterval.High {
		t.Errorf("Act Now %+v, Educate %+v", act, educate)
	}
	if all.Acted+all.Ignored != all.Closed || all.Acted <= all.Ignored {
		t.Errorf("%d acted on and %d not of %d closed", all.Acted, all.Ignored, all.Closed)
	}
	if rep.Overlay == nil || rep.Overlay.Fit <= 0 || rep.Overlay.Intent <= 0 || rep.Months[0].Accounts != 600 || rep.Months[0].Signals == 0 {
		t.Errorf("overlay %+v, first month %+v", rep.Overlay, rep.Months[0])
	}

	again, err := b.tester.Run(t.Context(), req)
	if err != nil || again.Version != rep.Version {
		t.Errorf("again it is %v, %v; first %s", again, err, rep.Version)
	}
	if got := b.line(t, "SELECT count(), any(version), any(from_month), any(to_month), any(horizon_days) FROM backtests"); got != "1\t"+rep.Version+"\t2026-01-01\t2026-04-01\t30" {
		t.Errorf("stored %s", got)
	}
	if got := b.line(t, "SELECT (SELECT count() FROM propensity_rows), (SELECT count() FROM scoring_runs WHERE state = 'published'), (SELECT count() FROM scoring_runs WHERE state = 'rehearsed')"); got != "0\t0\t8" {
		t.Errorf("rows left, runs published and rehearsed: %s", got)
	}
}

func TestWhatBecameKnownLaterCountsInHindsightOnly(t *testing.T) {
	b := open(t)
	b.market(t, 400)
	// A crawl of May found the news of January, and stronger.
	b.Do(t, `INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		SELECT concat('a', toString(number), '.example'), 'topic', 'migration', 'Azure', generateUUIDv4(), 1, 1, 1, '2026-01-10 00:00:00', '2026-05-20 00:00:00', '2026-05-20 00:00:00', 'press', 'https://p.example/', concat('n', toString(number)) FROM numbers(400)`)
	req := backtesting.Request{From: month(t, "2026-01"), To: month(t, "2026-02"), Horizon: 30}
	strict, err := b.tester.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	req.Hindsight = true
	later, err := b.tester.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if later.Months[0].Signals != strict.Months[0].Signals+400 || later.Version == strict.Version || !later.Hindsight {
		t.Errorf("%d signals counted for January by its end, %d in hindsight", strict.Months[0].Signals, later.Months[0].Signals)
	}
}

func TestAModelThatHasSeenTheOutcomesIsNamed(t *testing.T) {
	b := open(t)
	b.market(t, 300)
	seen := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	tester, err := backtesting.New(backtesting.Deps{DB: b, Now: func() time.Time { return now }, Scorer: func(context.Context, time.Time) (backtesting.Rehearser, time.Time, error) {
		s, err := scoring.New(scoring.Config{}, scoring.Deps{DB: b, Now: func() time.Time { return now }})
		return s, seen, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := tester.Run(t.Context(), backtesting.Request{From: month(t, "2026-01"), To: month(t, "2026-02"), Horizon: 30})
	if err != nil || !strings.Contains(rep.Seen, "2026-01") || !strings.Contains(rep.Seen, "2026-02-20") {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestALeakIsNamedAndNothingIsStored(t *testing.T) {
	b := open(t)
	b.market(t, 300)
	// Those that won show the portal of their supplier, dated before.
	b.Do(t, `INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url)
		SELECT concat('a', toString(toUInt32(substring(account_id, 2))), '.example'), 'technology', 'Heroku', '', generateUUIDv4(), 1, 1, 1, '2026-01-02 00:00:00', '2026-01-02 00:00:00', '2026-07-02 00:00:00', 'home', 'https://a.example/'
		FROM (SELECT DISTINCT account_id FROM opportunities WHERE outcome = 'won' AND closed BETWEEN '2026-03-01' AND '2026-03-30')`)
	_, err := b.tester.Run(t.Context(), backtesting.Request{From: month(t, "2026-02"), To: month(t, "2026-02"), Horizon: 30})
	if !errors.Is(err, backtest.ErrLeak) || !strings.Contains(err.Error(), `"technology:Heroku" alone has an AUC of`) {
		t.Errorf("got %v", err)
	}
	if got := b.line(t, "SELECT count() FROM backtests"); got != "0" {
		t.Errorf("%s backtests are stored", got)
	}
}

func TestABacktestThatCannotBeIsToldInOneLine(t *testing.T) {
	b := open(t)
	refused := func(req backtesting.Request, want error, says string) {
		t.Helper()
		if _, err := b.tester.Run(t.Context(), req); !errors.Is(err, want) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	refused(backtesting.Request{}, scoring.ErrNoAccounts, "import accounts first")
	b.Do(t, "INSERT INTO account_rows (account_id, known_from, name) VALUES ('X','2025-12-01 00:00:00','X')")
	refused(backtesting.Request{}, backtest.ErrLabels, "import opportunities first")
	b.market(t, 200)
	refused(backtesting.Request{Product: "Teleportation"}, backtest.ErrLabels, `backtest "Teleportation"`)
	refused(backtesting.Request{To: month(t, "2026-05"), Horizon: 60}, backtesting.ErrRequest, "the 60 days after the end of 2026-05 end on 2026-07-30, and it is 2026-07-10")
	refused(backtesting.Request{To: month(t, "2026-09")}, scoring.ErrNotBegun, "2026-09: it is 2026-07-10")
	refused(backtesting.Request{From: month(t, "2026-04"), To: month(t, "2026-03")}, backtesting.ErrRequest, "2026-04 lies after")
	refused(backtesting.Request{Horizon: 1000}, backtesting.ErrRequest, "1000 days")
	refused(backtesting.Request{From: month(t, "2025-10"), To: month(t, "2025-10")}, scoring.ErrNoAccounts, "2025-10-31")
	refused(backtesting.Request{From: month(t, "2025-12"), To: month(t, "2025-12"), Horizon: 30}, backtest.ErrLabels, "no opportunity closed within the horizon")
	b.Do(t, "INSERT INTO opportunity_rows SELECT account_id, product, created, ordinal, '2026-07-02 00:00:00', closed, 'lost', amount, acted_on FROM opportunities WHERE outcome = 'won'")
	refused(backtesting.Request{From: month(t, "2026-01"), To: month(t, "2026-04"), Horizon: 30}, backtest.ErrLabels, "no positives")
}

func TestWithoutMonthsGivenTheYearUpToTheLastHorizonIsJudged(t *testing.T) {
	b := open(t)
	b.market(t, 300)
	rep, err := b.tester.Run(t.Context(), backtesting.Request{Horizon: 30, MaxAccounts: 150})
	if err != nil {
		t.Fatal(err)
	}
	// Accounts are known since December: its end is the first that can be judged; June's window has not ended.
	if first, last := rep.Months[0].Name, rep.Months[len(rep.Months)-1].Name; first != "2025-12" || last != "2026-05" || len(rep.Months) != 6 {
		t.Errorf("judged %s to %s", first, last)
	}
	if all := rep.Clusters[len(rep.Clusters)-1]; rep.Share != 0.5 || all.Cases == 0 {
		t.Errorf("half of the accounts were to be drawn: share %v, %d cases", rep.Share, all.Cases)
	}
}
