package extract_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/work"
)

const blogBody = `<html lang="en"><head><title>Pumps</title><meta property="article:published_time" content="2026-03-14T10:00:00Z">
<meta name="generator" content="WordPress 6.4.2"></head><body><nav>Menu</nav><article><h1>We move</h1>
<p>We are moving our pumps to Azure, said Jane Miller, CEO. Write to jane@acme.example or +49 30 1234567.</p></article></body></html>`

func TestAPageBecomesSignalsAndARecord(t *testing.T) {
	b := setup(t, nil)
	out := b.e.Handle(t.Context(), deliver(page("/blog/move", blogBody)))
	if len(out) != 1 || out[0].Verdict != work.VerdictDone {
		t.Fatalf("outcomes %+v", out)
	}
	if !slices.Equal(b.store.order, []string{"texts", "signals", "pages"}) {
		t.Errorf("writes in the order %v", b.store.order)
	}
	byName := map[string]signals.Signal{}
	for _, s := range b.store.signals {
		byName[s.Name] = s
	}
	topic := byName["migration"]
	if topic.Evidence != "We move" || !topic.Dated || !topic.ObservedAt.Equal(time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)) ||
		topic.Source != signals.SourceBlog || topic.URL != "https://acme.example/blog/move" || topic.Domain != "acme.example" ||
		!topic.DetectedAt.Equal(fetched) || topic.ExtractorVersion != extract.Version || topic.ContentHash == "" {
		t.Errorf("topic %+v", topic)
	}
	if wp := byName["WordPress"]; wp.Version != "6.4.2" || wp.Dated || wp.Evidence != "generator: WordPress 6.4.2" || wp.Kind != signals.KindTechnology {
		t.Errorf("WordPress %+v", wp)
	}
	if php := byName["PHP"]; php.Evidence == "" {
		t.Error("WordPress does not bring PHP")
	}
	r := b.store.records[0]
	if r.Kind != pages.KindBlog || r.ETag != `"e1"` || r.LastModified == "" || r.Title != "Pumps" || r.Language != "en" || r.VisitID != "v1" ||
		r.Signals != len(b.store.signals) || r.SimHash == 0 || r.Bytes != len(blogBody) || r.PublishedAt.IsZero() || r.Status != 200 {
		t.Errorf("record %+v", r)
	}
}

func TestEvidenceIsScrubbedBeforeItIsStored(t *testing.T) {
	b := setup(t, nil)
	b.e.Handle(t.Context(), deliver(page("/blog/x", strings.Replace(blogBody, "<h1>We move</h1>", "", 1))))
	for _, s := range b.store.signals {
		if s.Kind == signals.KindTopic && s.Evidence != "We are moving our pumps to Azure, said [name], CEO. Write to [email] or [phone]." {
			t.Errorf("evidence %q", s.Evidence)
		}
	}
}

func TestAFailingStoreBringsPagesBack(t *testing.T) {
	bare := page("/x/bare", "<nav>n</nav>")
	t.Run("signals that fail retry the pages that have some, and only those", func(t *testing.T) {
		b := setup(t, nil)
		b.store.failSignals = errors.New("disk full")
		out := b.e.Handle(t.Context(), deliver(page("/blog/move", blogBody), bare))
		if out[0].Verdict != work.VerdictRetry || !strings.Contains(out[0].Reason, "disk full") || out[1].Verdict != work.VerdictDone {
			t.Errorf("outcomes %+v", out)
		}
		if len(b.store.records) != 1 || b.store.records[0].URL != bare.URL {
			t.Errorf("a page's record was written before its signals: %+v", b.store.records)
		}
	})
	t.Run("records that fail retry all", func(t *testing.T) {
		b := setup(t, func(c *extract.Config) { c.RetryAfter = time.Minute })
		b.store.failPage = errors.New("disk full")
		for _, o := range b.e.Handle(t.Context(), deliver(page("/blog/move", blogBody), bare)) {
			if o.Verdict != work.VerdictRetry || o.After != time.Minute {
				t.Errorf("outcome %+v", o)
			}
		}
	})
	t.Run("a batch is written in parts of MaxBatch", func(t *testing.T) {
		b := setup(t, func(c *extract.Config) { c.MaxBatch = 1 })
		b.e.Handle(t.Context(), deliver(page("/blog/a", blogBody), page("/blog/b", blogBody)))
		if len(b.store.order) != 6 {
			t.Errorf("writes %v", b.store.order)
		}
	})
}

func TestOnePageCostsOnlyItself(t *testing.T) {
	bad := extract.Rule{Name: "bad", Prose: true, Match: func(d *document.Document) []signals.Signal {
		if strings.Contains(d.URL, "boom") {
			panic("index out of range")
		}
		return nil
	}}
	b := setup(t, func(c *extract.Config) { c.Rules = append(c.Rules, bad) })
	out := b.e.Handle(t.Context(), deliver(page("/blog/boom", blogBody), page("/blog/ok", blogBody), nil))
	if out[0].Verdict != work.VerdictDrop || !strings.Contains(out[0].Reason, "bad: index out of range") {
		t.Errorf("panic: %+v", out[0])
	}
	if out[1].Verdict != work.VerdictDone || out[2].Verdict != work.VerdictDrop {
		t.Errorf("others: %+v", out[1:])
	}
	if n := b.metric(t, "telltale_extract_panics_total", map[string]string{"rule": "bad"}); n != 1 {
		t.Errorf("%v panics counted", n)
	}
}

func TestAPageHasADeadline(t *testing.T) {
	release := make(chan struct{})
	slow := extract.Rule{Name: "slow", Match: func(*document.Document) []signals.Signal { <-release; return nil }}
	b := setup(t, func(c *extract.Config) { c.Rules, c.PageDeadline = []extract.Rule{slow}, time.Second }) // a busy machine may take long to reach the rule
	out := b.e.Handle(t.Context(), deliver(page("/blog/a", blogBody)))
	close(release)
	if out[0].Verdict != work.VerdictDrop || !strings.Contains(out[0].Reason, extract.ErrDeadline.Error()) || !strings.Contains(out[0].Reason, "in slow") {
		t.Errorf("outcome %+v", out[0])
	}
	if n := b.metric(t, "telltale_extract_overruns_total", map[string]string{"rule": "slow"}); n != 1 {
		t.Errorf("%v overruns counted", n)
	}
	if len(b.store.order) != 0 {
		t.Errorf("written of a page that was given up: %v", b.store.order)
	}
}

func TestAStoppedWorkerGivesItsPagesBack(t *testing.T) {
	b := setup(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if out := b.e.Handle(ctx, deliver(page("/blog/a", blogBody))); out[0].Verdict != work.VerdictRetry {
		t.Errorf("outcome %+v", out[0])
	}
}

func TestWhatAPageForbidsOrIsDecidesWhatIsRead(t *testing.T) {
	dns := &pages.Page{Domain: "acme.example", URL: "dns:acme.example", Kind: pages.KindProbe, FetchedAt: fetched,
		Probe: &pages.Probe{DNS: pages.DNSFacts{MX: []string{"0 acme-example.mail.protection.outlook.com."}}, TLS: &pages.TLSFacts{Issuer: "CN=R11,O=Let's Encrypt"},
			HTTP: &pages.HTTPFacts{Header: map[string][]string{"Cf-Ray": {"8a1b-FRA"}}}}}
	for _, c := range []struct {
		name string
		page *pages.Page
		want []string
	}{
		{"noindex gives nothing", page("/blog/a", `<meta name="robots" content="noindex">`+blogBody), nil},
		{"legal text is no intent, but its technology counts", page("/datenschutz", blogBody), []string{"PHP", "WordPress"}},
		{"an error page gives nothing", page("/blog/a", "<title>404</title>"+blogBody), nil},
		{"a probe gives records, certificate and headers", dns, []string{"Cloudflare http", "Let's Encrypt tls", "Microsoft 365 dns"}},
		{"a job advert speaks for careers", page("/careers/senior-azure-engineer", blogBody), []string{"PHP", "WordPress", "migration careers"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := setup(t, nil)
			if out := b.e.Handle(t.Context(), deliver(c.page)); out[0].Verdict != work.VerdictDone {
				t.Fatalf("outcome %+v", out)
			}
			var got []string
			for _, s := range b.store.signals {
				name := s.Name
				if s.Source != signals.SourceHome && (s.Kind != signals.KindTechnology || c.page.Probe != nil) {
					name += " " + string(s.Source)
				}
				got = append(got, name)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) || len(b.store.records) != 1 {
				t.Errorf("got %v and %d records, want %v", got, len(b.store.records), c.want)
			}
		})
	}
}

func TestAFeedIsReadItemByItem(t *testing.T) {
	p := page("/feed.xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>Acme</title><link>https://acme.example/</link>
<item><title>One</title><link>https://acme.example/blog/one</link><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate><description>We move our pumps to Azure.</description></item>
<item><title>Two</title><link>/blog/two</link><description>&lt;p&gt;We stay.&lt;/p&gt;</description></item></channel></rss>`)
	p.Header.Set("Content-Type", "application/rss+xml")
	b := setup(t, nil)
	b.e.Handle(t.Context(), deliver(p))
	if len(b.store.signals) != 2 {
		t.Fatalf("signals %+v", b.store.signals)
	}
	one, two := b.store.signals[0], b.store.signals[1]
	if one.URL != "https://acme.example/blog/one" || !one.Dated || one.ObservedAt.Month() != time.March || one.Source != signals.SourceFeed ||
		string(p.Body[one.Offset:one.Offset+7]) != "We move" {
		t.Errorf("first item %+v", one)
	}
	if two.URL != "https://acme.example/blog/two" || two.Dated || two.Evidence != "We stay." {
		t.Errorf("second item %+v", two)
	}
	if b.store.records[0].Kind != pages.KindFeed || b.metric(t, "telltale_extract_feed_items_total", map[string]string{"outcome": "read"}) != 2 {
		t.Errorf("record %+v", b.store.records[0])
	}
	broken := page("/feed.xml", "<rss")
	broken.Kind = pages.KindFeed
	if out := b.e.Handle(t.Context(), deliver(broken)); out[0].Verdict != work.VerdictDone {
		t.Errorf("a broken feed: %+v", out)
	}
}

func TestAStreamOnAnotherHostSpeaksForTheDomainInItsItemsAlone(t *testing.T) {
	b := setup(t, nil)
	p := page("/x", `<rss><channel><title>Acme on a network</title><item><title>One</title><link>https://social.example/@acme/1</link>
<description>We are moving our pumps to the cloud.</description></item></channel></rss>`)
	p.URL, p.FinalURL, p.Kind, p.SimHash = "https://social.example/@acme.rss", "https://social.example/@acme.rss", pages.KindSocial, 7
	p.Header.Set("Server", "nginx")
	p.Header.Set("X-Powered-By", "PHP/8.2")
	b.e.Handle(t.Context(), deliver(p))
	if len(b.store.signals) != 1 || b.store.signals[0].Source != signals.SourceSocial || b.store.signals[0].Domain != "acme.example" || b.store.signals[0].URL != "https://social.example/@acme/1" {
		t.Errorf("signals %+v", b.store.signals)
	}
	if r := b.store.records[0]; r.Kind != pages.KindSocial || r.SimHash != 7 {
		t.Errorf("record %+v", r)
	}
}

func TestEveryMetricMoves(t *testing.T) {
	b := setup(t, func(c *extract.Config) {
		c.Rules = append(c.Rules, prose("again"), extract.Rule{Name: "invalid", Match: func(*document.Document) []signals.Signal { return []signals.Signal{{}} }})
	})
	b.e.Handle(t.Context(), deliver(page("/blog/a", blogBody), page("/blog/b", `<meta name="robots" content="none">`)))
	for _, c := range []struct {
		name   string
		labels map[string]string
		want   float64
	}{
		{"telltale_extract_pages_total", map[string]string{"outcome": "done", "kind": "blog"}, 1},
		{"telltale_extract_pages_total", map[string]string{"outcome": "noindex"}, 1},
		{"telltale_extract_signals_total", map[string]string{"kind": "topic"}, 1},
		{"telltale_extract_signals_total", map[string]string{"kind": "technology"}, 2},
		{"telltale_extract_rejected_total", map[string]string{"reason": "duplicate"}, 1},
		{"telltale_extract_rejected_total", map[string]string{"reason": "invalid"}, 1},
		{"telltale_extract_rule_seconds", map[string]string{"rule": "technology"}, 1},
		{"telltale_extract_batch_pages", nil, 1},
	} {
		if got := b.metric(t, c.name, c.labels); got != c.want {
			t.Errorf("%s%v = %v, want %v", c.name, c.labels, got, c.want)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, cfg := range map[string]extract.Config{
		"a rule without a function": {Rules: []extract.Rule{{Name: "x"}}},
		"two rules of one name":     {Rules: []extract.Rule{prose("x"), prose("x")}},
		"a negative batch":          {MaxBatch: -1},
	} {
		if _, err := extract.New(cfg); !errors.Is(err, extract.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInspectAnswersForOnePage(t *testing.T) {
	b := setup(t, nil)
	in, err := b.e.Inspect(&pages.Page{URL: "https://www.acme.example/blog/move", Body: []byte(blogBody + `<a href="/careers">Jobs</a>`)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"blog","title":"Pumps","language":"en","published":"2026-03-14T10:00:00Z","published_source":"meta","published_precision":"time","published_zone":"Z","canonical":"","charset":"utf-8",` +
		`"links":[{"url":"https://www.acme.example/careers","kind":"careers"}],` +
		`"technologies":[{"name":"PHP","version":"","confidence":1,"evidence":"generator: WordPress 6.4.2"},{"name":"WordPress","version":"6.4.2","confidence":1,"evidence":"generator: WordPress 6.4.2"}],` +
		`"topics":[{"name":"migration","product":"Azure","sign":1,"evidence":"We move"}],"events":[],` +
		`"signals":[{"kind":"technology","name":"PHP","product":"","strength":1,"confidence":1,"sign":1,"evidence":"generator: WordPress 6.4.2"},` +
		`{"kind":"technology","name":"WordPress","product":"","strength":1,"confidence":1,"sign":1,"evidence":"generator: WordPress 6.4.2"},` +
		`{"kind":"topic","name":"migration","product":"Azure","strength":0.5,"confidence":0.8,"sign":1,"evidence":"We move","observed_at":"2026-03-14T10:00:00Z"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(b.store.order) != 0 {
		t.Error("Inspect wrote to the store")
	}
	if empty, err := b.e.Inspect(&pages.Page{}); err != nil || empty.Links == nil {
		t.Errorf("an empty page: %+v, %v", empty, err)
	}
}
