package scoring_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// surging brings in twelve accounts with a baseline, two of them with a surge, and one with an old feed that was read for the first time a week ago. It returns what
// accounts said in their baselines, and the sample of these.
func (b bridge) surging(t testing.TB) (counts map[string]int64, sample intent.SurgeSample) {
	t.Helper()
	id := 0
	said := func(domain string, daysAgo int) sig {
		id++
		return sig{domain: domain, name: "migration", product: "Azure", id: id, observed: june.End().AddDate(0, 0, -daysAgo).Format(time.DateTime)}
	}
	read := func(account string, daysAgo int) {
		b.account(t, account, 30, "", account+".example")
		b.fit(t, account, "Azure", 50)
		b.Do(t, fmt.Sprintf("INSERT INTO pages (domain, url, fetched_at, kind, status) VALUES ('%[1]s.example','https://%[1]s.example/','%[2]s','home',200)", account,
			june.End().AddDate(0, 0, -daysAgo).Format(time.DateTime)))
	}
	counts = map[string]int64{}
	sample = intent.SurgeSample{Accounts: 12, Weeks: 144} // the one read a week ago has no baseline
	for i := range int64(12) {
		account := fmt.Sprintf("acc-%02d", i)
		read(account, 200)
		for k := range i % 4 {
			b.signals(t, said(account+".example", int(30+7*k)))
			counts[account]++
		}
		sample.Said, sample.Squared = sample.Said+i%4, sample.Squared+(i%4)*(i%4)
	}
	for k := range 5 {
		b.signals(t, said("acc-00.example", 2+k), said("acc-03.example", 2+k))
	}
	read("fresh", 7)
	for k := range 12 {
		b.signals(t, said("fresh.example", 8+k))
	}
	return counts, sample
}

// surgeWeights are those of the tests, with a surge.
func surgeWeights(t testing.TB) intent.Weights {
	t.Helper()
	w := weights(t)
	w.Rows = append(w.Rows, intent.Weight{Kind: intent.KindSurge, Name: intent.SurgeName, Product: "Azure", Points: 1000})
	return w
}

// TestASurgeStandsBesideTheScoreAndAFirstCrawlIsNone holds the points to those that the rules work out from the same counts.
func TestASurgeStandsBesideTheScoreAndAFirstCrawlIsNone(t *testing.T) {
	b := open(t)
	counts, sample := b.surging(t)
	w, prior := surgeWeights(t), sample.Prior()
	sum, err := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.Weights = w }).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	for account, recent := range map[string]int64{"acc-00": 5, "acc-03": 5, "acc-01": 0, "fresh": 0} {
		want := w.Rows[len(w.Rows)-1].SurgePoints(intent.SurgeStrength(intent.SurgeWindow{Recent: recent, Baseline: counts[account], RecentWeeks: 3, BaselineWeeks: 12}, prior))
		got := b.Lines(t, fmt.Sprintf(`SELECT d.points, length(d.signal_ids) FROM intent_scores ARRAY JOIN drivers AS d WHERE account_id = '%s' AND d.name = 'surge:recent'`, account))
		points, ids, _ := strings.Cut(got[0], "\t")
		if p, _ := strconv.ParseInt(points, 10, 64); p != want || want > 0 && ids != "5" {
			t.Errorf("%s: a surge of %q points with %q signals; want %d", account, points, ids, want)
		}
		if recent == 5 && want == 0 {
			t.Errorf("%s is no surge to the rules: the test shows nothing", account)
		}
	}
	e, err := scorer(t, b).Explain(t.Context(), "acc-00", "Azure", june)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range e.Drivers {
		if d.Name == "surge:recent" && (len(d.Signals) != 5 || d.Missing != 0 || d.Raw != 0) {
			t.Errorf("the surge is explained by %d signals, %d missing, %d points of their own", len(d.Signals), d.Missing, d.Raw)
		}
	}
	if x := b.Lines(t, "SELECT count() FROM intent_scores WHERE signals > 0 AND logit != arraySum(drivers.points)"); x[0] != "0" || sum.Accounts != 13 {
		t.Errorf("%s logits of %d accounts are not the sums of their points", x[0], sum.Accounts)
	}
}

// TestWhatIsLearnedOfSurgesIsWhatARunScores takes the surges of a run from the rows that training reads of the same store.
func TestWhatIsLearnedOfSurgesIsWhatARunScores(t *testing.T) {
	b := open(t)
	b.surging(t)
	// What speaks of an account that was never read tells of no time that was watched.
	b.signals(t, sig{domain: "unread.example", name: "migration", product: "Azure", id: 901, observed: "2026-06-20 00:00:00"})
	b.account(t, "unread", 30, "", "unread.example")
	w := surgeWeights(t)
	surge := w.Rows[len(w.Rows)-1]
	s := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.Weights = w })
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	seen, sample := map[string]intent.SurgeWindow{}, intent.SurgeSample{}
	drivers := []intent.Weight{{Kind: "topic", Name: "migration", Product: "Azure"}}
	err := s.Learn(t.Context(), scoring.Request{Month: june, AsOf: june.End(), KnownBy: now}, func(ctx context.Context, e *scoring.Evidence) (err error) {
		if sample.Accounts, sample.Weeks, err = e.Watched(ctx, 1_000_000); err != nil {
			return err
		}
		return e.Each(ctx, "Azure", drivers, scoring.Outcomes{After: "2026-06-30", Until: "2026-07-09", Keep: 1_000_000}, func(c *scoring.Counted) error {
			x := intent.SurgeWindow{RecentWeeks: c.RecentWeeks, BaselineWeeks: c.BaselineWeeks}
			for _, era := range c.Eras {
				switch era {
				case intent.RecentEra:
					x.Recent++
				case intent.BaselineEra:
					x.Baseline++
				}
			}
			seen[c.Account] = x
			sample.Said, sample.Squared = sample.Said+x.Baseline, sample.Squared+x.Baseline*x.Baseline
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, account := range slices.Sorted(maps.Keys(seen)) {
		if points := surge.SurgePoints(intent.SurgeStrength(seen[account], sample.Prior())); points != 0 {
			want = append(want, fmt.Sprintf("%s\t%d", account, points))
		}
	}
	got = b.Lines(t, "SELECT account_id, d.points FROM intent_scores ARRAY JOIN drivers AS d WHERE product = 'Azure' AND d.name = 'surge:recent' AND d.points != 0 ORDER BY account_id")
	if len(want) != 2 || !slices.Equal(got, want) || sample.Accounts != 12 || sample.Weeks != 144 || seen["unread"] != (intent.SurgeWindow{}) {
		t.Errorf("scored %q, learned from %q; %+v, unread %+v", got, want, sample, seen["unread"])
	}
}
