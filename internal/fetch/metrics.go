package fetch

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what is fetched. Outcomes are status classes ("2xx") and the reasons of pages.FetchReason,
// so the number of series is small and fixed.
type metrics struct {
	// requests counts requests that were sent, robots.txt included; fetches counts calls of Fetch.
	requests, fetches *prometheus.CounterVec
	robots, charsets  *prometheus.CounterVec
	bytes, truncated  prometheus.Counter
	redirects, denied prometheus.Counter
	late, stale       prometheus.Counter
	inFlight          prometheus.Gauge

	dns, connect, tls, firstByte, wait prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "telltale_fetch_" + name, Help: help})
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_fetch_" + name, Help: help}, []string{label})
	}
	histogram := func(name, help string, start float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "telltale_fetch_" + name, Help: help, Buckets: prometheus.ExponentialBuckets(start, 2.5, 12),
		})
	}
	m := &metrics{
		requests:  vector("requests_total", "Requests sent, by status class or reason of failure.", "outcome"),
		fetches:   vector("fetches_total", "Fetches, by status class of the last hop or reason of failure.", "outcome"),
		robots:    vector("robots_fetches_total", "Reads of robots.txt, by what they gave.", "outcome"),
		charsets:  vector("charsets_total", "Bodies, by what they were written in (utf-8, utf-16, utf-7, legacy, broken, binary, none).", "charset"),
		bytes:     counter("body_bytes_total", "Bytes of bodies read, decoded."),
		truncated: counter("truncated_total", "Bodies cut at their cap, at a time limit or by a broken transfer."),
		redirects: counter("redirects_total", "Redirects that were followed."),
		denied:    counter("robots_denied_total", "Addresses that robots.txt kept us from, on any hop."),
		late:      counter("late_requests_total", "Requests whose lease had run out by the time they were written, as the process was frozen in between: at most one a freeze."),
		stale:     counter("stale_slots_total", "Requests that were not sent because their lease had run out while they were prepared."),
		inFlight:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "telltale_fetch_in_flight", Help: "Requests under way."}),
		dns:       histogram("dns_seconds", "Time to resolve a host, from cache or not.", 0.00001),
		connect:   histogram("connect_seconds", "Time to connect.", 0.0001),
		tls:       histogram("tls_seconds", "Time of the TLS handshake.", 0.0001),
		firstByte: histogram("first_byte_seconds", "Time from starting a request to its response's header.", 0.0001),
		wait:      histogram("politeness_wait_seconds", "Time a request waited for its turn.", 0.0001),
	}
	if reg == nil {
		return m, nil
	}
	var failed error
	for _, c := range []prometheus.Collector{
		m.requests, m.fetches, m.robots, m.charsets, m.bytes, m.truncated, m.redirects, m.denied, m.late, m.stale, m.inFlight, m.dns, m.connect, m.tls, m.firstByte, m.wait,
	} {
		failed = errors.Join(failed, reg.Register(c))
	}
	if failed != nil {
		return nil, fmt.Errorf("register metrics: %w", failed)
	}
	return m, nil
}

// statusClass is "2xx" and so on; anything that is no status is "other".
func statusClass(status int) string {
	switch status / 100 {
	case 1:
		return "1xx"
	case 2:
		return "2xx"
	case 3:
		return "3xx"
	case 4:
		return "4xx"
	case 5:
		return "5xx"
	}
	return "other"
}
