package extract_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/technology"
	"telltale/internal/work"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var fetched = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// memory is a store in memory that remembers the order of writes and fails when told to.
type memory struct {
	mu                    sync.Mutex
	signals               []signals.Signal
	attributions          []signals.Attribution
	texts                 []signals.Text
	failAttributions      error
	failTexts             error
	organisations         []signals.Organisation
	failOrganisations     error
	records               []pages.Record
	order                 []string
	failSignals, failPage error
}

func (m *memory) WriteSignals(_ context.Context, rows []signals.Signal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, "signals")
	if m.failSignals != nil {
		return m.failSignals
	}
	m.signals = append(m.signals, rows...)
	return nil
}

func (m *memory) WriteAttributions(_ context.Context, rows []signals.Attribution) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, "attributions")
	if m.failAttributions != nil {
		return m.failAttributions
	}
	m.attributions = append(m.attributions, rows...)
	return nil
}

func (m *memory) WriteTexts(_ context.Context, rows []signals.Text) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, "texts")
	if m.failTexts != nil {
		return m.failTexts
	}
	m.texts = append(m.texts, rows...)
	return nil
}

func (m *memory) WriteOrganisations(_ context.Context, rows []signals.Organisation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, "organisations")
	if m.failOrganisations != nil {
		return m.failOrganisations
	}
	m.organisations = append(m.organisations, rows...)
	return nil
}

func (m *memory) WritePages(_ context.Context, records []pages.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, "pages")
	if m.failPage != nil {
		return m.failPage
	}
	m.records = append(m.records, records...)
	return nil
}

// bundle is what every test of this package starts from.
type bundle struct {
	store    *memory
	registry *prometheus.Registry
	e        *extract.Extractor
}

// prose finds the word pumps in any text that is no chrome: a rule of prose for tests, with a span to quote.
func prose(name string) extract.Rule {
	return extract.Rule{Name: name, Prose: true, Match: func(doc *document.Document) []signals.Signal {
		for _, b := range doc.Blocks {
			if b.Role != document.RoleChrome && b.Role != document.RoleTitle {
				return []signals.Signal{{Kind: signals.KindTopic, Name: "migration", Product: "Azure", Strength: 0.5, Confidence: 0.8, Sign: 1, Evidence: b.Text, Offset: b.Offset}}
			}
		}
		return nil
	}}
}

func technologies(t testing.TB) extract.Rule {
	t.Helper()
	rules, err := technology.Curated()
	if err != nil {
		t.Fatal(err)
	}
	m, err := technology.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return extract.Rule{Name: "technology", Match: m.Signals}
}

func setup(t *testing.T, change func(*extract.Config)) *bundle {
	t.Helper()
	b := &bundle{store: &memory{}, registry: prometheus.NewRegistry()}
	cfg := extract.Config{Store: b.store, Rules: []extract.Rule{technologies(t), prose("topics")}, Feed: feed.Parse, Registerer: b.registry,
		Now: func() time.Time { return fetched }}
	if change != nil {
		change(&cfg)
	}
	e, err := extract.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.e = e
	return b
}

func page(path, body string) *pages.Page {
	return &pages.Page{VisitID: "v1", Domain: "acme.example", URL: "https://acme.example" + path, FinalURL: "https://acme.example" + path, Status: 200,
		Header: http.Header{"Content-Type": {"text/html"}, "Etag": {`"e1"`}, "Last-Modified": {"Fri, 20 Nov 2026 08:00:00 GMT"}}, FetchedAt: fetched,
		ContentHash: pages.Hash([]byte(body)), Body: []byte(body)}
}

func deliver(list ...*pages.Page) []work.Delivery[*pages.Page] {
	out := make([]work.Delivery[*pages.Page], len(list))
	for i, p := range list {
		out[i] = work.Delivery[*pages.Page]{Value: p, Attempt: 1}
	}
	return out
}

// metric sums the samples of a metric whose labels hold the given pairs; histograms count observations.
func (b *bundle) metric(t *testing.T, name string, labels map[string]string) float64 {
	t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			match := 0
			for _, l := range m.GetLabel() {
				if labels[l.GetName()] == l.GetValue() {
					match++
				}
			}
			if match == len(labels) {
				sum += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}
