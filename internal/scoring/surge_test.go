package scoring_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// TestASurgeStandsBesideTheScoreAndAFirstCrawlIsNone gives twelve accounts a baseline, one of them a surge, and one an old feed that was read for the
// first time a week ago; the points are those that the rules work out from the same counts.
func TestASurgeStandsBesideTheScoreAndAFirstCrawlIsNone(t *testing.T) {
	b := open(t)
	id := 0
	said := func(domain string, daysAgo int) sig {
		id++
		return sig{domain: domain, name: "migration", product: "Azure", id: id, observed: june.End().AddDate(0, 0, -daysAgo).Format(time.DateTime)}
	}
	counts, total, squared := map[string]int64{}, int64(0), int64(0)
	read := func(account string, daysAgo int) {
		b.account(t, account, 30, "", account+".example")
		b.fit(t, account, "Azure", 50)
		b.Do(t, fmt.Sprintf("INSERT INTO pages (domain, url, fetched_at, kind, status) VALUES ('%[1]s.example','https://%[1]s.example/','%[2]s','home',200)", account,
			june.End().AddDate(0, 0, -daysAgo).Format(time.DateTime)))
	}
	for i := range 12 {
		account := fmt.Sprintf("acc-%02d", i)
		read(account, 200)
		for k := range i % 4 {
			b.signals(t, said(account+".example", 30+7*k))
			counts[account]++
		}
		total, squared = total+int64(i%4), squared+int64(i%4)*int64(i%4)
	}
	for k := range 5 {
		b.signals(t, said("acc-00.example", 2+k), said("acc-03.example", 2+k))
	}
	read("fresh", 7)
	for k := range 12 {
		b.signals(t, said("fresh.example", 8+k))
	}
	w := weights(t)
	w.Rows = append(w.Rows, intent.Weight{Kind: intent.KindSurge, Name: intent.SurgeName, Product: "Azure", Points: 1000})
	sum, err := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.Weights = w }).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	// The rules' moments: twelve accounts of twelve weeks; the one read a week ago has no baseline.
	mean, n := float64(total)/12, float64(12)
	variance := float64(squared)/n - mean*mean
	shape := math.Max(math.Min(mean*mean/(variance-mean), 50), 0.05)
	if variance <= mean {
		shape = 50
	}
	prior := intent.SurgePrior{Shape: shape, Rate: shape / (mean / 12)}
	for account, recent := range map[string]int64{"acc-00": 5, "acc-03": 5, "acc-01": 0, "fresh": 0} {
		want := int64(math.RoundToEven(1000 * intent.SurgeStrength(intent.SurgeWindow{Recent: recent, Baseline: counts[account], RecentWeeks: 3, BaselineWeeks: 12}, prior)))
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
