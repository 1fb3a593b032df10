package learning_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/scoring/learning"
)

// habits brings in accounts that were first read in June 2025. Those of even numbers speak of pain every four days and always have; the others once a month, and now
// and then five times within two weeks. In some months an account buys. Who wins in the thirty days after a month's end is decided by these two alone, at
// logits of a burst and of a purchase today.
func (b bench) habits(t testing.TB, accounts int, burst, bought float64) {
	t.Helper()
	var who, where, fits, read, rows, deals, owned []string
	rng := rand.New(rand.NewPCG(8, 15))
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(day int) string { return first.AddDate(0, 0, day).Format(time.DateOnly) }
	for i := range accounts {
		who = append(who, fmt.Sprintf("('A%04d','2025-05-01 00:00:00','A%d Ltd','Retail',50)", i, i))
		where = append(where, fmt.Sprintf("('A%04d','a%d.example','1970-01-01 00:00:00','2199-01-01 00:00:00','2025-05-01 00:00:00',0)", i, i))
		fits = append(fits, fmt.Sprintf("('A%04d','Azure','2025-01-01','2025-05-01 00:00:00','imported',true,%d,NULL)", i, i%100))
		read = append(read, fmt.Sprintf("('a%d.example','https://a%d.example/','2025-06-01 00:00:00','home',200)", i, i))
		said := 0
		say := func(day int) {
			rows = append(rows, fmt.Sprintf("('a%d.example','topic','pain','Azure','00000000-0000-8000-8000-%06d%06d',1,1,1,'%[4]s','%[4]s','%[4]s','blog','https://a%[1]d.example/%[3]d','pain, part %[3]d')", i, i, said, at(day)))
			said++
		}
		for day := -110 + i%8/2; i%2 == 0 && day <= ends[len(ends)-1]; day += 4 {
			say(day)
		}
		last := -10_000
		for _, end := range ends {
			logit := -1.0
			if i%2 == 1 {
				say(end - 10 - rng.IntN(15))
				if rng.Float64() < 0.2 {
					logit += burst
					for range 5 {
						say(end - rng.IntN(14))
					}
				}
			}
			if rng.Float64() < 0.15 {
				last = end - rng.IntN(20)
				owned = append(owned, fmt.Sprintf("('A%04d','Azure','s','%[2]s','%[2]s','%[2]s 00:00:00')", i, at(last)))
			}
			logit += bought * math.Exp2(float64(last-end)/60)
			if rng.Float64() < 1/(1+math.Exp(-logit)) {
				day := at(end + 5 + rng.IntN(20))
				deals = append(deals, fmt.Sprintf("('A%04d','Azure','%[2]s',0,'2026-07-01 00:00:00','%[2]s','won',NULL,NULL)", i, day))
			}
		}
	}
	b.insert(t, "account_rows (account_id, known_from, name, industry, employees)", who)
	b.insert(t, "account_domains", where)
	b.insert(t, "fit_score_rows", fits)
	b.insert(t, "pages (domain, url, fetched_at, kind, status)", read)
	b.insert(t, "signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)", rows)
	b.insert(t, "opportunity_rows (account_id, product, created, ordinal, known_from, closed, outcome, amount, acted_on)", deals)
	b.insert(t, "subscription_rows (account_id, product, sku, start, agreement_id, known_from)", owned)
}

// logits are those that a run of May by some weights gives accounts with evidence, as of its end.
func (b bench) logits(t testing.TB, w intent.Weights) []string {
	t.Helper()
	s, err := scoring.New(scoring.Config{Weights: w}, scoring.Deps{DB: b, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	may := month(t, "2026-05")
	if _, err := s.RunAt(t.Context(), scoring.Request{Month: may, AsOf: may.End(), KnownBy: may.End()}); err != nil {
		t.Fatal(err)
	}
	return b.Lines(t, "SELECT account_id, logit FROM intent_scores WHERE product = 'Azure' AND signals > 0 ORDER BY account_id")
}

func TestSurgesAndPurchasesThatDecideAreLearnedScoredAndExplained(t *testing.T) {
	b := open(t)
	b.habits(t, 400, 3, -3)
	out, err := b.trainer(t).Train(t.Context(), spring(t, "Azure"))
	if err != nil {
		t.Fatal(err)
	}
	r := out.Reports[0]
	if surge, bought := points(t, r, "recent"), points(t, r, "lately"); !r.Verdict.Promoted || surge < 1500 || bought > -1800 {
		t.Errorf("a surge is worth %d, a purchase %d; %+v of %+v", surge, bought, r.Verdict, r.Changes)
	}
	learned, _, err := learning.Weights(t.Context(), b, byHand(t), now)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]intent.Weights{"by hand": byHand(t), "learned": learned} {
		seen, err := b.trainer(t).Points(t.Context(), spring(t, "Azure"), &w)
		if scored := b.logits(t, w); err != nil || len(seen) != 400 || !slices.Equal(scored, seen) {
			t.Errorf("%s: a run gives other logits than training sees (%v):\n%s\n%s", name, err, strings.Join(scored, "; "), strings.Join(seen, "; "))
		}
	}
	b.logits(t, learned)
	s, err := scoring.New(scoring.Config{}, scoring.Deps{DB: b})
	if err != nil {
		t.Fatal(err)
	}
	for driver, full := range map[string]int64{"surge:recent": points(t, r, "recent"), "bought:lately": points(t, r, "lately")} {
		account := b.line(t, fmt.Sprintf("SELECT account_id FROM intent_scores ARRAY JOIN drivers AS d WHERE product = 'Azure' AND d.name = '%s' ORDER BY abs(d.points) DESC, account_id LIMIT 1", driver))
		e, err := s.Explain(t.Context(), account, "Azure", month(t, "2026-05"))
		at := slices.IndexFunc(e.Drivers, func(d scoring.ExplainedDriver) bool { return d.Name == driver })
		if err != nil || at < 0 || float64(e.Drivers[at].Points)/float64(full) < 0.5 || e.Probability == nil {
			t.Errorf("%q of %q, in full %d: %+v, %v", driver, account, full, e.Drivers, err)
		}
	}
}

func TestSurgesAndPurchasesKeepTheirSignsWhereTheOutcomesSayOtherwise(t *testing.T) {
	b := open(t)
	b.habits(t, 400, -3, 3)
	out, err := b.trainer(t).Train(t.Context(), spring(t, "Azure"))
	if err != nil {
		t.Fatal(err)
	}
	if surge, bought := points(t, out.Reports[0], "recent"), points(t, out.Reports[0], "lately"); surge != 0 || bought != 0 {
		t.Errorf("a surge is worth %d, a purchase %d: want none of either", surge, bought)
	}
}
