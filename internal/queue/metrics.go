package queue

import (
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the queue moves. Label stream is the stream's name.
type metrics struct {
	published      *prometheus.CounterVec
	publishSeconds *prometheus.HistogramVec
	duplicates     *prometheus.CounterVec
	refused        *prometheus.CounterVec
	waits          *prometheus.CounterVec
	waitSeconds    *prometheus.CounterVec
	inflightBytes  prometheus.Gauge

	consumed    *prometheus.CounterVec
	redelivered *prometheus.CounterVec
	held        *prometheus.GaugeVec
	heartbeats  *prometheus.CounterVec
	ackSeconds  *prometheus.HistogramVec
	panics      *prometheus.CounterVec
	pullErrors  *prometheus.CounterVec

	dead     *prometheus.CounterVec
	swept    *prometheus.CounterVec
	replayed *prometheus.CounterVec

	messages   *prometheus.GaugeVec
	bytes      *prometheus.GaugeVec
	ackPending *prometheus.GaugeVec
	oldest     *prometheus.GaugeVec

	members    prometheus.Gauge
	owned      prometheus.Gauge
	rebalances prometheus.Counter
	pulls      *prometheus.CounterVec
	byPart     *prometheus.CounterVec
	waiting    prometheus.Gauge

	leases      *prometheus.CounterVec
	disconnects prometheus.Counter
}

const metricPrefix = "telltale_queue_"

// newMetrics makes the metrics and registers them. A second queue on one registry shares the first one's.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	r := &registrar{reg: reg}
	byStream := []string{"stream"}
	seconds := prometheus.ExponentialBuckets(0.0005, 4, 12) // 0.5 ms to 35 min
	m := &metrics{
		published:      r.counters("published_total", "Messages stored.", byStream...),
		publishSeconds: r.histograms("publish_seconds", "From sending a message to its acknowledgement, waits included.", seconds),
		duplicates:     r.counters("published_duplicates_total", "Messages the server had already, by message id.", byStream...),
		refused:        r.counters("publish_refused_total", "Messages not stored, by why: outstanding, full, too_large, error.", "stream", "why"),
		waits:          r.counters("publish_waits_total", "Publishes put off, by why: full, unavailable.", "stream", "why"),
		waitSeconds:    r.counters("publish_wait_seconds_total", "Time publishes were put off.", "stream", "why"),
		inflightBytes:  r.gauge("publish_inflight_bytes", "Bytes of pages sent and not acknowledged."),
		consumed:       r.counters("consumed_total", "Deliveries settled, by outcome: done, retry, dead, handed_back, unanswered.", "stream", "outcome"),
		redelivered:    r.counters("redelivered_total", "Deliveries that were not a message's first.", byStream...),
		held:           r.gauges("held_messages", "Messages delivered to this process and not settled."),
		heartbeats:     r.counters("heartbeats_total", "Signs of life sent for messages being handled.", byStream...),
		ackSeconds:     r.histograms("ack_seconds", "From delivery of a message to its settling.", seconds),
		panics:         r.counters("handler_panics_total", "Handlers that panicked.", byStream...),
		pullErrors:     r.counters("pull_errors_total", "Pull requests that failed.", byStream...),
		dead:           r.counters("dead_letters_total", "Dead letters written, by reason.", "stream", "reason"),
		swept:          r.counters("swept_total", "Messages the server had given up on, moved to the dead letters.", byStream...),
		replayed:       r.counters("replayed_total", "Dead letters put back on their stream.", byStream...),
		messages:       r.gauges("stream_messages", "Messages in a stream."),
		bytes:          r.gauges("stream_bytes", "Bytes in a stream."),
		ackPending:     r.gauges("stream_ack_pending", "Messages delivered to anybody and not settled."),
		oldest:         r.gauges("stream_oldest_seconds", "Age of the oldest message in a stream."),
		members:        r.gauge("crawlers", "Crawlers of the fleet that are alive, as this one last saw it; 0 where this process is none."),
		owned:          r.gauge("partitions_owned", "Partitions of visits this process pulls from."),
		rebalances:     r.counter("rebalances_total", "Times the partitions were dealt out anew because a crawler came or went."),
		pulls:          r.counters("visit_pulls_total", "Pull requests for visits that were answered, by result: visits, empty.", "result"),
		byPart:         r.counters("partition_visits_total", "Visits pulled, by partition (0 to 63).", "partition"),
		waiting:        r.gauge("waiting_visits", "Visits in hand that wait for others of their address to end."),
		leases:         r.counters("leases_total", "Lease operations, by result: acquired, held, renewed, lost, released.", "result"),
		disconnects:    r.counter("disconnects_total", "Lost connections to the server."),
	}
	return m, errors.Join(r.errs...)
}

// waited counts one publish put off by d.
func (m *metrics) waited(stream string, kind fault, d time.Duration) {
	why := "unavailable"
	if kind == faultFull {
		why = "full"
	}
	m.waits.WithLabelValues(stream, why).Inc()
	m.waitSeconds.WithLabelValues(stream, why).Add(d.Seconds())
}

// pulled counts one pull request for visits that gave n of them.
func (m *metrics) pulled(partition, n int) {
	if n == 0 {
		m.pulls.WithLabelValues("empty").Inc()
		return
	}
	m.pulls.WithLabelValues("visits").Inc()
	m.byPart.WithLabelValues(strconv.Itoa(partition)).Add(float64(n))
}

// stream sets the gauges of one stream.
func (m *metrics) stream(s *StreamStatus) {
	m.messages.WithLabelValues(s.Stream).Set(float64(s.Messages))
	m.bytes.WithLabelValues(s.Stream).Set(float64(s.Bytes))
	m.ackPending.WithLabelValues(s.Stream).Set(float64(s.AckPending))
	m.oldest.WithLabelValues(s.Stream).Set(s.OldestAge.Seconds())
}

// registrar makes collectors and collects what goes wrong.
type registrar struct {
	reg  prometheus.Registerer
	errs []error
}

// register registers c, or returns its twin that is registered already.
func register[C prometheus.Collector](r *registrar, c C) C {
	if r.reg == nil {
		return c
	}
	err := r.reg.Register(c)
	var dup prometheus.AlreadyRegisteredError
	if errors.As(err, &dup) {
		if twin, ok := dup.ExistingCollector.(C); ok {
			return twin
		}
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return c
}

func (r *registrar) counters(name, help string, labels ...string) *prometheus.CounterVec {
	return register(r, prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricPrefix + name, Help: help}, labels))
}

func (r *registrar) counter(name, help string) prometheus.Counter {
	return register(r, prometheus.NewCounter(prometheus.CounterOpts{Name: metricPrefix + name, Help: help}))
}

func (r *registrar) gauges(name, help string) *prometheus.GaugeVec {
	return register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: metricPrefix + name, Help: help}, []string{"stream"}))
}

func (r *registrar) gauge(name, help string) prometheus.Gauge {
	return register(r, prometheus.NewGauge(prometheus.GaugeOpts{Name: metricPrefix + name, Help: help}))
}

func (r *registrar) histograms(name, help string, buckets []float64) *prometheus.HistogramVec {
	return register(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: metricPrefix + name, Help: help, Buckets: buckets}, []string{"stream"}))
}
