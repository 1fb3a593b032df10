package store

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what the store does for this process.
type metrics struct {
	queries       *prometheus.CounterVec
	querySeconds  *prometheus.HistogramVec
	insertRows    *prometheus.CounterVec
	insertBlocks  *prometheus.CounterVec
	insertErrors  *prometheus.CounterVec
	insertSeconds *prometheus.HistogramVec
	migrations    prometheus.Counter
	textsTotal    *prometheus.CounterVec
	revisions     *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	seconds := []float64{.001, .005, .02, .1, .5, 2, 10, 60}
	m := &metrics{
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_queries_total", Help: "Statements other than inserts, by kind and outcome (ok, cancelled, exception, unreachable).",
		}, []string{"kind", "outcome"}),
		querySeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telltale_store_query_seconds", Help: "Time of statements other than inserts, waiting included.", Buckets: seconds,
		}, []string{"kind"}),
		insertRows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_insert_rows_total", Help: "Rows acknowledged by ClickHouse.",
		}, []string{"table"}),
		insertBlocks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_insert_blocks_total", Help: "Blocks acknowledged by ClickHouse: one block goes into one partition.",
		}, []string{"table"}),
		insertErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_insert_errors_total", Help: "Blocks that failed.",
		}, []string{"table"}),
		insertSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telltale_store_insert_seconds", Help: "Time of one block's insert.", Buckets: seconds,
		}, []string{"table"}),
		migrations: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_store_migrations_total", Help: "Migrations applied by this process.",
		}),
		textsTotal: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_texts_total", Help: "Texts not seen before, by group: first of one, or copy.",
		}, []string{"group"}),
		revisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_revisions_total", Help: "Revised signals that a later fetch showed otherwise, by what it was: retired or changed.",
		}, []string{"was"}),
	}
	for _, c := range []prometheus.Collector{m.queries, m.querySeconds, m.insertRows, m.insertBlocks, m.insertErrors, m.insertSeconds, m.migrations, m.textsTotal, m.revisions} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) query(kind, outcome string, took time.Duration) {
	m.queries.WithLabelValues(kind, outcome).Inc()
	m.querySeconds.WithLabelValues(kind).Observe(took.Seconds())
}

func (m *metrics) insert(table string, rows int, took time.Duration, err error) {
	m.insertSeconds.WithLabelValues(table).Observe(took.Seconds())
	if err != nil {
		m.insertErrors.WithLabelValues(table).Inc()
		return
	}
	m.insertBlocks.WithLabelValues(table).Inc()
	m.insertRows.WithLabelValues(table).Add(float64(rows))
}

func (m *metrics) texts(fresh []textKeyRow) {
	for i := range fresh {
		r := &fresh[i]
		switch {
		case !r.itself():
		case r.key == r.group:
			m.textsTotal.WithLabelValues("first").Inc()
		default:
			m.textsTotal.WithLabelValues("copy").Inc()
		}
	}
}
