package fitting_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"telltale/internal/fit"
	"telltale/internal/fit/lookalike"
	"telltale/internal/scoring/fitting"
	"telltale/internal/store"
)

func TestWonAndLostOpportunitiesTrainAModelThatScoresEveryAccount(t *testing.T) {
	s := open(t)
	s.market(t, 900)
	s.deals(t, 700)
	rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities})
	if rep.Rows != 700 || rep.Tested.Metrics.AUC < 0.65 || !rep.Verdict.Promoted || rep.Split.By != lookalike.ByTime {
		t.Errorf("report %+v", rep)
	}
	f := feature(rep.Model, "owns Surface")
	if f == nil || f.Points[1] <= f.Points[0]+1000 {
		t.Errorf("what an account has weighs %+v", f)
	}
	if f := feature(rep.Model, "industry"); f == nil || len(f.Levels) != 2 {
		t.Errorf("industry is %+v", f)
	}
	if feature(rep.Model, "founded") == nil {
		t.Error("an attribute of accounts.csv is no feature")
	}

	scored, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", AsOf: quarter})
	if err != nil {
		t.Fatal(err)
	}
	if scored.Accounts != 900 || scored.Written != 900 || scored.Version != rep.Version {
		t.Errorf("scored %+v", scored)
	}
	if n := scored.Bands[fit.High] + scored.Bands[fit.Medium] + scored.Bands[fit.Low] + scored.Bands[fit.VeryLow]; n != 900 {
		t.Errorf("bands %+v", scored.Bands)
	}
	got := s.Lines(t, `SELECT model, valid_from, imported, count(), round(avg(score)), min(probability) > 0, max(probability) < 1 FROM fit_scores WHERE product = 'Azure' GROUP BY ALL`)
	want := rep.Version + "\t2026-09-30\tfalse\t900\t50\t1\t1"
	if len(got) != 1 || got[0] != want {
		t.Errorf("stored %q, want %q", got, want)
	}

	again, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", AsOf: quarter})
	if err != nil || again.Written != 0 {
		t.Errorf("scoring again wrote %d rows (%v)", again.Written, err)
	}
}

func TestBestCustomersAreLookedAlike(t *testing.T) {
	s := open(t)
	s.market(t, 800)
	var best []store.BestCustomer
	for i := range 800 {
		if buys(i) && i%2 == 0 {
			best = append(best, store.BestCustomer{AccountID: accountID(i), Product: "Azure"})
		}
	}
	if _, err := s.ImportBestCustomers(t.Context(), best, day(2026, 2, 1)); err != nil {
		t.Fatal(err)
	}
	rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Customers})
	if rep.Won != len(best) || rep.Rows != 800 || rep.Split.By != lookalike.ByAccount {
		t.Errorf("%d positives of %d rows, split by %s", rep.Won, rep.Rows, rep.Split.By)
	}
	if want := float64(len(best)) / 800; rep.BaseRate < want-1e-9 || rep.BaseRate > want+1e-9 || !strings.Contains(rep.BaseFrom, "best customers") {
		t.Errorf("base rate %v from %q, want %v", rep.BaseRate, rep.BaseFrom, want)
	}
	s.deals(t, 400)
	if rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Customers}); !strings.Contains(rep.BaseFrom, "opportunities were won") {
		t.Errorf("with a known win rate, the base rate is from %q", rep.BaseFrom)
	}
	if rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Customers, BaseRate: 0.02}); rep.BaseRate != 0.02 {
		t.Errorf("told a base rate, it is %v", rep.BaseRate)
	}
	// Fewer rows than accounts: the positives stay, the others are drawn and stand for all.
	rep = s.train(t, fitting.TrainRequest{Labels: lookalike.Customers, MaxRows: int64(len(best)) + 200, BaseRate: 0.05})
	if rep.Won != len(best) || rep.Rows > len(best)+300 {
		t.Errorf("of at most %d rows, %d were read", len(best)+200, rep.Rows)
	}
	scored, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure"})
	if err != nil || scored.Mean < 0.03 || scored.Mean > 0.08 {
		t.Errorf("mean probability %v (%v), want about the base rate of 0.05", scored.Mean, err)
	}
}

func TestCustomersThatStayedOrGrewStandInWhereNoneAreNamed(t *testing.T) {
	s := open(t)
	s.market(t, 300)
	seats := func(n uint32) *uint32 { return &n }
	year := day(2026, 3, 31)
	var subs []store.Subscription
	for i := range 90 {
		sub := store.Subscription{AccountID: accountID(i), Product: "Azure", SKU: "S", Start: day(2026, 8, 1)} // bought lately: not yet a best customer
		switch {
		case i < 20: // stayed
			sub.Start = day(2025, 3, 1)
		case i < 40: // grew
			sub.Start, sub.Seats = day(2026, 4, 1), seats(10)
			subs = append(subs, store.Subscription{AccountID: accountID(i), Product: "Azure", SKU: "T", Start: day(2026, 8, 1), Seats: seats(5)})
		case i < 60: // left
			sub.Start, sub.End = day(2024, 3, 1), &year
		}
		subs = append(subs, sub)
	}
	if _, err := s.ImportSubscriptions(t.Context(), subs, day(2026, 9, 1)); err != nil {
		t.Fatal(err)
	}
	var sales []store.Transaction
	for i := 200; i < 210; i++ { // bought in each of the last two years
		sales = append(sales, store.Transaction{AccountID: accountID(i), Product: "Azure", Date: day(2025, 1, 5), Amount: 100}, store.Transaction{AccountID: accountID(i), Product: "Azure", Date: day(2026, 1, 5), Amount: 100})
	}
	sales = append(sales, store.Transaction{AccountID: accountID(220), Product: "Azure", Date: day(2026, 1, 5), Amount: 1_000_000_00}) // large, once
	if _, err := s.ImportTransactions(t.Context(), sales, day(2026, 9, 1)); err != nil {
		t.Fatal(err)
	}
	if rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Customers}); rep.Won != 50 {
		t.Errorf("%d positives, want 20 that stayed, 20 that grew and 10 that bought each year", rep.Won)
	}
}

func TestOnlyWhatWasThereBeforeCounts(t *testing.T) {
	s := open(t)
	s.market(t, 400)
	s.deals(t, 400)
	var subs []store.Subscription
	for i := range 400 { // every winner gets it the day the deal is opened, as deals of bundles do
		if buys(i) {
			subs = append(subs, store.Subscription{AccountID: accountID(i), Product: "Security", Start: day(2026, 1, 5).AddDate(0, 0, i*150/400)})
		}
	}
	if _, err := s.ImportSubscriptions(t.Context(), subs, day(2026, 8, 1)); err != nil {
		t.Fatal(err)
	}
	rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities})
	if f := feature(rep.Model, "owns Security"); f != nil {
		t.Errorf("a subscription from the day on which a deal was opened counts: %+v", f)
	}
	// As of a day in spring, later deals are not there; as known before they were imported, none are.
	if rep := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities, AsOf: day(2026, 4, 30)}); rep.Rows > 300 || rep.Model.SeenUntil > "2026-04-30" {
		t.Errorf("as of April: %d rows, seen until %s", rep.Rows, rep.Model.SeenUntil)
	}
	_, err := s.fitter.Train(t.Context(), fitting.TrainRequest{Product: "Azure", Labels: lookalike.Opportunities, Kind: lookalike.Logistic, AsOf: quarter, KnownBy: day(2026, 7, 1)})
	if !errors.Is(err, lookalike.ErrLabels) {
		t.Errorf("as known in July: %v", err)
	}
}

func TestTechnologiesCountOnceACrawlHasSeenThem(t *testing.T) {
	s := open(t)
	s.market(t, 300)
	s.deals(t, 300)
	for _, name := range []string{"WordPress", "Microsoft Azure"} {
		s.Do(t, fmt.Sprintf(`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url)
			SELECT concat('a', toString(number), '.example'), 'technology', '%s', '', generateUUIDv4(), 1, 1, 1, '2026-02-01 00:00:00', '2026-02-01 00:00:00', '2026-02-01 00:00:00', 'home', concat('https://a', toString(number), '.example/')
			FROM numbers(300) WHERE number %% 4 = 0`, name))
	}
	s.Do(t, `INSERT INTO pages (domain, url, fetched_at, kind, status) SELECT concat('a', toString(number), '.example'), concat('https://a', toString(number), '.example/'), '2026-02-01 00:00:00', 'home', 200 FROM numbers(200)`)
	m := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities, DryRun: true}).Model
	if feature(m, "uses Microsoft Azure") != nil {
		t.Error("the product's own technology is a feature")
	}
	if f := feature(m, "uses WordPress"); f == nil || f.Level(1) != "uses WordPress: yes" {
		t.Errorf("the technology is %+v", f)
	}
	if got := s.Lines(t, "SELECT count() FROM models")[0]; got != "0" {
		t.Errorf("a dry run stored %s models", got)
	}
}

func TestAnImportedScoreWinsAndIsCounted(t *testing.T) {
	s := open(t)
	s.market(t, 300)
	s.deals(t, 300)
	s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities})
	if _, err := s.ImportFit(t.Context(), []store.FitScore{{AccountID: accountID(1), Product: "Azure", Model: "imported", Imported: true, Score: 99, ValidFrom: day(2026, 7, 1)}}, now); err != nil {
		t.Fatal(err)
	}
	scored, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", AsOf: quarter})
	if err != nil || scored.Imported != 1 {
		t.Fatalf("scored %+v, %v", scored, err)
	}
	if got := s.Lines(t, "SELECT score FROM fit_scores WHERE account_id = 'A0001'")[0]; got != "99" {
		t.Errorf("the score that holds is %s", got)
	}
}

func TestTheRegistryKeepsWhoWasChampionWhen(t *testing.T) {
	s := open(t)
	s.market(t, 300)
	s.deals(t, 300)
	first := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities, AsOf: day(2026, 6, 30)})
	now = now.AddDate(0, 0, 1)
	t.Cleanup(func() { now = now.AddDate(0, 0, -2) })
	second := s.train(t, fitting.TrainRequest{Labels: lookalike.Opportunities})
	if first.Version == second.Version {
		t.Fatal("both have one version")
	}
	if v := second.Verdict; v.Champion != first.Version || !v.Promoted {
		t.Errorf("verdict %+v", v)
	}
	states := func() string {
		return strings.Join(s.Lines(t, "SELECT version, state FROM model_states WHERE name = 'fit' ORDER BY created_at"), "|")
	}
	if got, want := states(), first.Version+"\tretired|"+second.Version+"\tchampion"; got != want {
		t.Errorf("states %q, want %q", got, want)
	}
	now = now.AddDate(0, 0, 1)
	if err := s.Promote(t.Context(), "Azure", first.Version, "the new one disappoints", now); err != nil { // a rollback
		t.Fatal(err)
	}
	if got, want := states(), first.Version+"\tchampion|"+second.Version+"\tretired"; got != want {
		t.Errorf("after the rollback %q, want %q", got, want)
	}
	scored, err := s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure"})
	if err != nil || scored.Version != first.Version {
		t.Errorf("scored by %s (%v), want the one rolled back to", scored.Version, err)
	}
	scored, err = s.fitter.Score(t.Context(), fitting.ScoreRequest{Product: "Azure", Version: second.Version})
	if err != nil || scored.Version != second.Version {
		t.Errorf("asked for %s: %s, %v", second.Version, scored.Version, err)
	}
}

func TestWhatCannotBeDoneIsToldInOneLine(t *testing.T) {
	s := open(t)
	score := func(req fitting.ScoreRequest) error { _, err := s.fitter.Score(t.Context(), req); return err }
	train := func(req fitting.TrainRequest) error { _, err := s.fitter.Train(t.Context(), req); return err }
	request := fitting.TrainRequest{Product: "Azure", Labels: lookalike.Customers, Kind: lookalike.Logistic}
	if err := train(request); !errors.Is(err, fitting.ErrNoAccounts) {
		t.Errorf("an empty store: %v", err)
	}
	s.market(t, 100)
	for _, c := range []struct {
		name string
		err  error
		is   error
		says string
	}{
		{"no champion", score(fitting.ScoreRequest{Product: "Azure"}), fitting.ErrNoModel, "train one first"},
		{"an unknown version", score(fitting.ScoreRequest{Product: "Azure", Version: "v9"}), fitting.ErrNoModel, `"v9"`},
		{"no product", score(fitting.ScoreRequest{}), fitting.ErrRequest, "no product"},
		{"the future", score(fitting.ScoreRequest{Product: "Azure", AsOf: now.AddDate(1, 0, 0)}), fitting.ErrRequest, "future"},
		{"no best customers", train(request), lookalike.ErrLabels, "no positives"},
		{"labels of another kind", train(fitting.TrainRequest{Product: "Azure", Labels: "stars"}), fitting.ErrRequest, `"stars"`},
		{"a base rate past 1", train(fitting.TrainRequest{Product: "Azure", Labels: lookalike.Customers, BaseRate: 1.5}), fitting.ErrRequest, strconv.Itoa(1)},
	} {
		if !errors.Is(c.err, c.is) || !strings.Contains(c.err.Error(), c.says) || strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%s: got %v", c.name, c.err)
		}
	}
	s.deals(t, 100)
	places := map[string]lookalike.Place{accountID(0): lookalike.Train}
	err := train(fitting.TrainRequest{Product: "Azure", Labels: lookalike.Opportunities, Kind: lookalike.Logistic, Places: places})
	if !errors.Is(err, fitting.ErrRequest) || !strings.Contains(err.Error(), "no line for account") {
		t.Errorf("a split that leaves accounts out: %v", err)
	}
}
