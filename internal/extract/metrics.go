package extract

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what the room does; each is read by a test.
type metrics struct {
	pages    *prometheus.CounterVec
	signals  *prometheus.CounterVec
	rejected *prometheus.CounterVec
	items    *prometheus.CounterVec
	feeds    *prometheus.CounterVec
	charsets *prometheus.CounterVec
	panics   *prometheus.CounterVec
	// overruns counts pages given up at PageDeadline.
	overruns *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	batch    prometheus.Histogram
	// attributed counts decisions about watch-list pages.
	attributed *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_pages_total",
			Help: "Pages handled, by what became of them (done, noindex, clipped, drop, retry) and kind."}, []string{"outcome", "kind"}),
		signals: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_signals_total",
			Help: "Signals written, by kind."}, []string{"kind"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_rejected_total",
			Help: "Signals a rule gave that were not written, by reason (invalid, duplicate)."}, []string{"reason"}),
		items: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_feed_items_total",
			Help: "Feed items read as texts of their own, and feeds that could not be read."}, []string{"outcome"}),
		feeds: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_feeds_total",
			Help: "Feeds read, by how: whole, repaired, not_feed (no format we know), malformed (unreadable after repair)."}, []string{"outcome"}),
		charsets: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_charsets_total",
			Help: "Bodies, by what they were written in when they came here (utf-8, utf-16, utf-7, legacy, broken, binary, none)."}, []string{"charset"}),
		attributed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_attributions_total",
			Help: "Pages and feed items of watch lists, by verdict (attributed, quarantined, nobody) and who decided (matcher, correction)."}, []string{"verdict", "origin"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_panics_total",
			Help: "Panics caught, by rule; each costs one page."}, []string{"rule"}),
		overruns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_extract_overruns_total",
			Help: "Pages given up because they took longer than the deadline, by what ran then; each goes to the dead letters."}, []string{"rule"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "telltale_extract_rule_seconds",
			Help: "Time one rule takes on one text.", Buckets: prometheus.ExponentialBuckets(20e-6, 4, 9)}, []string{"rule"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "telltale_extract_batch_pages",
			Help: "Pages in one batch.", Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.pages, m.signals, m.rejected, m.items, m.feeds, m.charsets, m.panics, m.overruns, m.seconds, m.batch, m.attributed} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register extract metrics: %w", err)
		}
	}
	return m, nil
}
