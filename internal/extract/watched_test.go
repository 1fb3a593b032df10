package extract_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/attribution"
	"telltale/internal/signals/events"
	"telltale/internal/work"
)

const wireFeed = `<rss version="2.0"><channel><title>Wire</title><link>https://wire.example/</link><description>News</description><language>en</language>
<item><title>Hartwell Hotels Ltd acquires Old Mill Inn</title><link>https://wire.example/1</link><pubDate>Mon, 16 Nov 2026 08:00:00 GMT</pubDate>
<description>Hartwell Hotels Ltd has acquired Old Mill Inn, said Jane Miller, chief executive. Write to jane@wire.example.</description></item>
<item><title>Next acquires a rival</title><link>https://wire.example/2</link><pubDate>Mon, 16 Nov 2026 09:00:00 GMT</pubDate>
<description>Next has acquired a rival of many years, it said on Monday.</description></item>
<item><title>Unknown Catering acquires a rival</title><link>https://wire.example/3</link><pubDate>Mon, 16 Nov 2026 10:00:00 GMT</pubDate>
<description>Unknown Catering has acquired a rival of many years, it said on Monday.</description></item>
</channel></rss>`

func wireMatcher(t *testing.T, correct map[string]string) *attribution.Matcher {
	t.Helper()
	b := attribution.NewBuilder()
	for _, a := range []domains.Account{{ID: "hotels", Name: "Hartwell Hotels Ltd", Domains: []string{"hartwell.example"}}, {ID: "next", Name: "Next plc", Domains: []string{"next.example"}}} {
		if err := b.Add(&a); err != nil {
			t.Fatal(err)
		}
	}
	for target, id := range correct {
		b.Correct(target, id)
	}
	return b.Build()
}

func eventRule(t *testing.T) extract.Rule {
	t.Helper()
	lexicon, err := events.Default()
	if err != nil {
		t.Fatal(err)
	}
	m, err := events.New(lexicon)
	if err != nil {
		t.Fatal(err)
	}
	return extract.Rule{Name: "events", Prose: true, Match: func(doc *document.Document) (out []signals.Signal) {
		for _, h := range m.Match(doc) {
			out = append(out, signals.Signal{Kind: signals.KindEvent, Name: h.Event, Sign: 1, Strength: h.Strength, Confidence: h.Confidence, Evidence: h.Evidence, Offset: h.Offset})
		}
		return out
	}}
}

func watchSetup(t *testing.T, correct map[string]string) *bundle {
	t.Helper()
	m := wireMatcher(t, correct)
	return setup(t, func(c *extract.Config) { c.Rules, c.Attribute = []extract.Rule{technologies(t), eventRule(t)}, m.Match })
}

func wirePage() *pages.Page {
	p := page("/feed", wireFeed)
	p.Domain, p.URL, p.FinalURL, p.Kind, p.Watch = "wire.example", "https://wire.example/feed", "https://wire.example/feed", pages.KindFeed, "Wire"
	p.Header = map[string][]string{"Content-Type": {"application/rss+xml"}, "X-Powered-By": {"PHP/8.2"}}
	return p
}

func TestEachItemOfAWireIsAttributedBeforeItIsReadForItsAccount(t *testing.T) {
	b := watchSetup(t, nil)
	for range 2 { // delivered twice
		if out := b.e.Handle(t.Context(), deliver(wirePage())); out[0].Verdict != work.VerdictDone {
			t.Fatal(out[0])
		}
	}
	if !slices.Equal(b.store.order[:4], []string{"attributions", "texts", "signals", "pages"}) {
		t.Errorf("writes in the order %v", b.store.order)
	}
	first, again := b.store.attributions[:3], b.store.attributions[3:]
	if !slices.EqualFunc(first, again, func(a, b signals.Attribution) bool {
		return a.URL == b.URL && a.KnownFrom.Equal(b.KnownFrom) && a.ContentHash == b.ContentHash && a.AccountID == b.AccountID
	}) {
		t.Errorf("a redelivery decides otherwise: %+v, then %+v", first, again)
	}
	for i, want := range []signals.Attribution{
		{URL: "https://wire.example/1", Verdict: signals.Attributed, AccountID: "hotels"},
		{URL: "https://wire.example/2", Verdict: signals.Quarantined},
		{URL: "https://wire.example/3", Verdict: signals.Nobody},
	} {
		got := first[i]
		if got.URL != want.URL || got.Verdict != want.Verdict || got.AccountID != want.AccountID || got.Watch != "Wire" || got.Domain != "wire.example" ||
			!got.KnownFrom.Equal(fetched) || got.Validate() != nil || strings.Contains(got.Evidence, "jane") {
			t.Errorf("item %d: %+v", i, got)
		}
	}
	var found []string
	for _, s := range b.store.signals[:len(b.store.signals)/2] {
		found = append(found, s.Name+" "+s.URL)
		if s.Kind == signals.KindTechnology || s.Domain != "wire.example" {
			t.Errorf("what the wire's site runs on is a signal: %+v", s)
		}
	}
	if !slices.Equal(found, []string{"merger_acquisition https://wire.example/1", "merger_acquisition https://wire.example/2"}) {
		t.Errorf("signals %v", found)
	}
	if n := b.metric(t, "telltale_extract_attributions_total", map[string]string{"verdict": "quarantined", "origin": "matcher"}); n != 2 {
		t.Errorf("%v quarantined counted", n)
	}
}

func TestACorrectionIsReadForItsAccountWhenThePageIsExtractedAgain(t *testing.T) {
	b := watchSetup(t, map[string]string{"https://wire.example/2": "next", "https://wire.example/1": ""})
	b.e.Handle(t.Context(), deliver(wirePage()))
	if len(b.store.signals) != 1 || b.store.signals[0].URL != "https://wire.example/2" {
		t.Errorf("signals %+v", b.store.signals)
	}
	for _, a := range b.store.attributions {
		if a.Verdict == signals.Attributed {
			t.Errorf("the matcher speaks over a person: %+v", a)
		}
	}
	if n := b.metric(t, "telltale_extract_attributions_total", map[string]string{"origin": "correction"}); n != 2 {
		t.Errorf("%v corrections counted", n)
	}
}

func TestAttributionsThatFailBringTheirPagesBackAndNoOthers(t *testing.T) {
	b := watchSetup(t, nil)
	b.store.failAttributions = errors.New("disk full")
	out := b.e.Handle(t.Context(), deliver(wirePage(), page("/blog/move", blogBody)))
	if out[0].Verdict != work.VerdictRetry || !strings.Contains(out[0].Reason, "disk full") || out[1].Verdict != work.VerdictDone {
		t.Errorf("outcomes %+v", out)
	}
	if len(b.store.records) != 1 || slices.ContainsFunc(b.store.signals, func(s signals.Signal) bool { return s.Domain == "wire.example" }) {
		t.Errorf("records %+v", b.store.records)
	}
}
