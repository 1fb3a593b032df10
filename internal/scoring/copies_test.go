package scoring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent"
	"telltale/internal/pages"
	"telltale/internal/scoring"
	"telltale/internal/signals"
)

const logits = "SELECT account_id, logit, signals FROM intent_scores WHERE product = 'Azure' AND signals > 0 ORDER BY account_id"

// texts links the texts at some addresses, each with its hash of words and its similarity hash.
func (b bridge) texts(t *testing.T, known string, rows ...signals.Text) {
	t.Helper()
	at, err := time.Parse(time.DateTime, known)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].StatedAt, rows[i].KnownFrom, rows[i].Words = at, at, 300
	}
	if err := b.WriteTexts(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

func textOf(domain string, id int, key, sim uint64) signals.Text {
	return signals.Text{Domain: domain, URL: fmt.Sprintf("https://%s/%d", domain, id), Key: key, SimHash: sim}
}

func TestCopiesOfOneTextCountOnceWhateverSpanEachQuotes(t *testing.T) {
	b := open(t)
	b.account(t, "acme", 30, "", "acme.example", "acme.test")
	b.account(t, "rival", 30, "", "rival.example")
	for _, id := range []string{"acme", "rival"} {
		b.fit(t, id, "Azure", 50)
	}
	on := func(domain string, id int, day string) sig {
		return sig{domain: domain, name: "migration", product: "Azure", id: id, observed: day + " 10:00:00"}
	}
	b.signals(t, on("acme.example", 1, "2026-06-29"), on("acme.test", 2, "2026-06-30"), // copies, near
		on("acme.example", 3, "2026-06-30"),  // another text
		on("rival.example", 4, "2026-06-30"), // the same text, but of another account: it counts for each
		sig{domain: "acme.test", name: "evaluation", product: "Azure", id: 2, observed: "2026-06-30 10:00:00", url: "https://acme.test/2"}) // and what else it says counts
	const same = 0x9e3779b97f4a7c15
	b.texts(t, "2026-06-30 12:00:00", textOf("acme.example", 1, 1, same), textOf("acme.test", 2, 2, same^0b101), textOf("acme.example", 3, 3, ^uint64(same)), textOf("rival.example", 4, 2, same^0b101))
	run := func(change ...func(*scoring.Config, *scoring.Deps)) []string {
		t.Helper()
		if _, err := scorer(t, b, change...).Run(t.Context(), june); err != nil {
			t.Fatal(err)
		}
		return b.Lines(t, logits)
	}
	// migration: once of the 29th (a day's decay, half in thirty) and once of the 30th; evaluation once.
	want := []string{"acme\t" + fmt.Sprint(-2000+977+1000+intent.Saturate(800, 1000)) + "\t3", "rival\t-1000\t1"}
	if d := cmp.Diff(want, run()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, run(func(c *scoring.Config, _ *scoring.Deps) { c.ShardAbove = 1 })); d != "" {
		t.Errorf("in shards: %s", d)
	}
	e, err := scorer(t, b).Explain(t.Context(), "acme", "Azure", june)
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, d := range e.Drivers {
		for _, s := range d.Signals {
			urls = append(urls, s.Name+" "+s.URL)
		}
	}
	if d := cmp.Diff([]string{"migration https://acme.example/3", "migration https://acme.example/1", "evaluation https://acme.test/2"}, urls); d != "" {
		t.Errorf("explained by the originals: %s", d)
	}
}

func TestWhatANewerRuleRetiresCountsInEarlierRunsAndNotInLaterOnes(t *testing.T) {
	b := open(t)
	b.account(t, "acme", 30, "", "acme.example")
	b.fit(t, "acme", "Azure", 50)
	stored := func(name string, confidence float64) signals.Signal {
		return signals.Signal{Domain: "acme.example", Kind: signals.KindTopic, Name: name, Product: "Azure", Strength: 1, Confidence: confidence, Sign: 1, ObservedAt: june.End().Add(-time.Hour), Dated: true,
			DetectedAt: june.End().Add(-time.Minute), Source: signals.SourceBlog, URL: "https://acme.example/" + name, Evidence: name, ContentHash: "h", ExtractorVersion: "1"}
	}
	if err := b.WriteSignals(t.Context(), []signals.Signal{stored("migration", 1), stored("end_of_support", 1)}); err != nil {
		t.Fatal(err)
	}
	run := func(knownBy time.Time) []string {
		t.Helper()
		if _, err := scorer(t, b).RunAt(t.Context(), scoring.Request{Month: june, KnownBy: knownBy}); err != nil {
			t.Fatal(err)
		}
		return b.Lines(t, everything)
	}
	first := run(now)
	replaced := now.Add(24 * time.Hour)
	reextract(t, b, replaced, []signals.Signal{stored("end_of_support", 0.5), stored("evaluation", 1)}, "migration", "end_of_support", "evaluation")
	if d := cmp.Diff(first, run(now)); d != "" {
		t.Errorf("the run of before, again: %s", d)
	}
	run(replaced.Add(time.Hour))
	if d := cmp.Diff([]string{fmt.Sprintf("acme\t%d\t2", -2000+250+intent.Saturate(800, 1000))}, b.Lines(t, logits)); d != "" {
		t.Errorf("the run of after: %s", d)
	}
}

// reextract replaces what is stored of some pages of acme.example by rows.
func reextract(t *testing.T, b bridge, at time.Time, rows []signals.Signal, names ...string) {
	t.Helper()
	r := b.Reextract("2")
	if err := r.WriteSignals(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	var reads []pages.Record
	for _, name := range names {
		reads = append(reads, pages.Record{Domain: "acme.example", URL: "https://acme.example/" + name, Kind: pages.KindBlog, FetchedAt: june.End().Add(-time.Minute), Status: 200})
	}
	if err := r.WritePages(t.Context(), reads); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Compare(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if err := r.Replace(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
