package scoring_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// TestAProductBoughtLatelySpeaksAgainstItsPurchase has six accounts say the same of Azure on the same day.
func TestAProductBoughtLatelySpeaksAgainstItsPurchase(t *testing.T) {
	b := open(t)
	w := weights(t)
	bought := intent.Weight{Kind: intent.KindBought, Name: intent.BoughtName, Product: "Azure", Points: -1200, HalfLifeDays: 60}
	w.Rows = append(w.Rows, bought)
	accounts := []string{"signed", "renewed", "uses", "other", "later", "silent"}
	for i, id := range accounts {
		b.account(t, id, 30, "", id+".example")
		b.fit(t, id, "Azure", 50)
		if id != "silent" {
			b.signals(t, sig{domain: id + ".example", name: "migration", product: "Azure", id: i + 1, observed: "2026-06-30 10:00:00"})
		}
	}
	subscription := func(account, product, start, known string) string {
		return fmt.Sprintf("INSERT INTO subscription_rows (account_id, product, sku, start, agreement_id, known_from) VALUES ('%s','%s','s','%s','%[3]s','%s 00:00:00')", account, product, start, known)
	}
	b.Do(t, subscription("signed", "Azure", "2026-06-20", "2026-06-20"), subscription("renewed", "Azure", "2024-01-01", "2024-01-01"),
		subscription("renewed", "Azure", "2026-05-01", "2026-05-01"), subscription("other", "Microsoft 365", "2026-06-20", "2026-06-20"),
		subscription("later", "Azure", "2026-06-20", "2026-08-01"), subscription("silent", "Azure", "2026-06-20", "2026-06-20"))
	for _, date := range []string{"2026-01-01", "2026-06-29"} {
		b.Do(t, fmt.Sprintf("INSERT INTO transaction_rows (account_id, product, date, amount, ordinal, known_from) VALUES ('uses','Azure','%s',100,1,'%[1]s 00:00:00')", date))
	}
	if _, err := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.Weights = w }).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	got := b.Lines(t, `SELECT account_id, arraySum(x -> if(x.1 = 'bought:lately', x.2, 0), drivers), logit = arraySum(drivers.points) FROM intent_scores WHERE product = 'Azure' ORDER BY account_id`)
	want := []string{"later\t0\t1", "other\t0\t1", fmt.Sprintf("renewed\t%d\t1", bought.BoughtPoints(60)), fmt.Sprintf("signed\t%d\t1", bought.BoughtPoints(10)),
		"silent\t0\t1", fmt.Sprintf("uses\t%d\t1", bought.BoughtPoints(180))}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	// What training reads of the same store: unlike the run, it has no row of those without evidence, and none speaks against them either.
	ages := map[string]int32{}
	err := scorer(t, b).Learn(t.Context(), scoring.Request{Month: june, AsOf: june.End(), KnownBy: now}, func(ctx context.Context, e *scoring.Evidence) error {
		return e.Each(ctx, "Azure", []intent.Weight{{Kind: "topic", Name: "migration", Product: "Azure"}}, scoring.Outcomes{After: "2026-06-30", Until: "2026-07-09", Keep: 1_000_000},
			func(c *scoring.Counted) error { ages[c.Account] = c.Bought; return nil })
	})
	if want := map[string]int32{"signed": 11, "renewed": 61, "uses": 181, "other": 0, "later": 0}; err != nil || !maps.Equal(ages, want) {
		t.Errorf("learned from ages %v, want %v (%v)", ages, want, err)
	}
	if bought.BoughtPoints(60) != -600 || bought.BoughtPoints(0) != -1200 {
		t.Errorf("a purchase is worth %d today and %d a half-life later", bought.BoughtPoints(0), bought.BoughtPoints(60))
	}
}
