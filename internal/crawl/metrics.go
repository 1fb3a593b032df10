package crawl

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// visitMetrics count what visits do.
type visitMetrics struct {
	// visits by outcome, pages by kind and status class, reads without a page by what they were.
	visits, pages, published, reads, skipped *prometheus.CounterVec
	bytes, handedBack, failedPublish, near   prometheus.Counter
	inFlight                                 prometheus.Gauge
	seconds                                  prometheus.Histogram
	memory                                   *memoryGauge
}

func newVisitMetrics(reg prometheus.Registerer) (*visitMetrics, error) {
	m := &visitMetrics{
		visits:        counters("telltale_crawl_visits_total", "Visits that ended, by outcome.", "outcome"),
		pages:         counters("telltale_crawl_pages_total", "Answers read, by kind of page and class of status.", "kind", "status"),
		published:     counters("telltale_crawl_published_total", "Page messages published, by kind.", "kind"),
		reads:         counters("telltale_crawl_reads_total", "Fetches without a page message: unchanged, or the typed reason of the failure.", "result"),
		skipped:       counters("telltale_crawl_skipped_total", "Addresses left out, by reason: quota, budget, trap shapes, robots directives, duplicates.", "reason"),
		near:          counter("telltale_crawl_near_unchanged_total", "Page messages published whose text is all but the one known."),
		bytes:         counter("telltale_crawl_bytes_total", "Decoded bytes read."),
		handedBack:    counter("telltale_crawl_handed_back_total", "Visits handed back because the process stops."),
		failedPublish: counter("telltale_crawl_publish_failures_total", "Visits that come again because a message could not be published."),
		inFlight:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "telltale_crawl_visits_in_flight", Help: "Visits under way."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "telltale_crawl_visit_seconds", Help: "Duration of visits.", Buckets: prometheus.ExponentialBuckets(0.1, 3, 9),
		}),
	}
	m.memory = newMemoryGauge()
	perVisit := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "telltale_crawl_memory_per_visit_bytes", Help: "Live heap of the last collection and stacks, beyond what they were before the first visit, over the visits under way.",
	}, m.memory.perVisit)
	return m, register(reg, m.visits, m.pages, m.published, m.reads, m.skipped, m.bytes, m.near, m.handedBack, m.failedPublish, m.inFlight, m.seconds, perVisit)
}

func (m *visitMetrics) begin() {
	m.inFlight.Inc()
	m.memory.visits.Add(1)
}

func (m *visitMetrics) end() {
	m.inFlight.Dec()
	m.memory.visits.Add(-1)
}

// scheduleMetrics count what the scheduler does.
type scheduleMetrics struct {
	published, feeds, outstanding, full, failures prometheus.Counter
	lag, feedLag, leading                         prometheus.Gauge
}

func newScheduleMetrics(reg prometheus.Registerer) (*scheduleMetrics, error) {
	m := &scheduleMetrics{
		published:   counter("telltale_crawl_scheduler_published_total", "Visits published."),
		feeds:       counter("telltale_crawl_scheduler_feeds_total", "Feeds that published visits carry."),
		outstanding: counter("telltale_crawl_scheduler_outstanding_total", "Due domains that already had a visit outstanding."),
		full:        counter("telltale_crawl_scheduler_full_total", "Batches cut short because the stream of visits was full."),
		failures:    counter("telltale_crawl_scheduler_failures_total", "Ticks that failed."),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "telltale_crawl_scheduler_lag_seconds", Help: "How long the most overdue domain of the last batch had been due.",
		}),
		feedLag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "telltale_crawl_scheduler_feed_lag_seconds", Help: "How long the most overdue feed of the last batch had been due.",
		}),
		leading: prometheus.NewGauge(prometheus.GaugeOpts{Name: "telltale_crawl_scheduler_leading", Help: "1 while this process schedules."}),
	}
	return m, register(reg, m.published, m.feeds, m.outstanding, m.full, m.failures, m.lag, m.feedLag, m.leading)
}

// resultMetrics count what becomes of visit results.
type resultMetrics struct {
	results, feeds *prometheus.CounterVec
	retries        prometheus.Counter
	lag            prometheus.Histogram
}

func newResultMetrics(reg prometheus.Registerer) (*resultMetrics, error) {
	m := &resultMetrics{
		results: counters("telltale_crawl_results_total", "Visit results stored, by whether they moved the domain's schedule: moved, late, unknown, feeds (it was a visit of feeds only).", "effect"),
		feeds:   counters("telltale_crawl_feed_results_total", "What visits said of feeds, by what it did to their schedule: moved, found (put on it), known, late, unknown, over (the domain has its fill).", "effect"),
		retries: counter("telltale_crawl_result_retries_total", "Results that come again because the store was away."),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "telltale_crawl_result_lag_seconds", Help: "Time from the end of a visit until it is stored.", Buckets: prometheus.ExponentialBuckets(0.01, 5, 8),
		}),
	}
	return m, register(reg, m.results, m.feeds, m.retries, m.lag)
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// register registers all collectors; a nil registry keeps them to ourselves.
func register(reg prometheus.Registerer, all ...prometheus.Collector) error {
	if reg == nil {
		return nil
	}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	return nil
}
