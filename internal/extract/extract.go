// Package extract is the signal worker: it turns page messages into signals with evidence, and
// acknowledges a page only when its signals and then its record are durable.
package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/attribution"
)

// Version names the rules and the reading of pages; it is stored with every signal. Raise it when a
// change makes the same page give other signals.
const Version = "3"

// Store keeps what extraction finds; each call returns when its rows are durable, and may be repeated.
type Store interface {
	WriteSignals(ctx context.Context, rows []signals.Signal) error
	WriteAttributions(ctx context.Context, rows []signals.Attribution) error
	WriteOrganisations(ctx context.Context, rows []signals.Organisation) error
	WriteTexts(ctx context.Context, rows []signals.Text) error
	WritePages(ctx context.Context, records []pages.Record) error
}

// Rule reads a document and says what it gives away. It must be safe for concurrent use.
type Rule struct {
	// Name labels the rule in metrics and logs.
	Name string
	// Prose marks a rule that reads the text: it runs on each item of a feed, and not on legal pages.
	// Other rules run once on the page as it came.
	Prose bool
	// Match returns signals. What it leaves empty of domain, URL, source, times, content hash and
	// version is filled in from the document.
	Match func(doc *document.Document) []signals.Signal
}

// FeedParser reads a feed's body; feed.Parse is one.
type FeedParser func(body []byte, header http.Header, base string) (*feed.Feed, error)

// Config holds what an Extractor needs.
type Config struct {
	// Store is required by Handle; Inspect does without.
	Store Store
	// Rules run in this order.
	Rules []Rule
	// Attribute says whom a page or feed item of a watch list speaks of; nil leaves them unread. It must be safe for concurrent use.
	Attribute func(doc *document.Document) attribution.Result
	// Feed expands feeds; nil leaves them unread.
	Feed FeedParser
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
	// Logger is required to be set by programs; nil discards.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// MaxBatch is the number of pages written together, 0 means 256. More costs memory, fewer cost inserts.
	MaxBatch int
	// PageDeadline is the longest one page may take, 0 means 10 seconds; a page that takes longer is dropped.
	PageDeadline time.Duration
	// RetryAfter is the least wait after the store failed, 0 means the queue's own backoff.
	RetryAfter time.Duration
}

// Defaults and bounds.
const (
	defaultBatch    = 256
	defaultDeadline = 10 * time.Second
	maxItems        = 500
	maxSignals      = 2_000
)

// Extractor handles page messages. It holds no state between them and is safe for concurrent use.
type Extractor struct {
	cfg     Config
	metrics *metrics
}

// ErrConfig reports a Config that cannot work.
var ErrConfig = errors.New("bad extract configuration")

// New checks a Config and registers the metrics; it starts nothing. Errors wrap ErrConfig or say what could not be registered.
func New(cfg Config) (*Extractor, error) {
	seen := map[string]bool{}
	for _, r := range cfg.Rules {
		if r.Name == "" || r.Match == nil || seen[r.Name] {
			return nil, fmt.Errorf("%w: rule %q: a name of its own and a function are required", ErrConfig, r.Name)
		}
		seen[r.Name] = true
	}
	if cfg.MaxBatch < 0 || cfg.PageDeadline < 0 || cfg.RetryAfter < 0 {
		return nil, fmt.Errorf("%w: batch size and times must not be negative", ErrConfig)
	}
	if cfg.MaxBatch == 0 {
		cfg.MaxBatch = defaultBatch
	}
	if cfg.PageDeadline == 0 {
		cfg.PageDeadline = defaultDeadline
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, err
	}
	return &Extractor{cfg: cfg, metrics: m}, nil
}
