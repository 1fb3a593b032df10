package embedded

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the Engine's own; the store counts queries and inserts by outcome.
type metrics struct {
	wait     *prometheus.HistogramVec
	running  *prometheus.GaugeVec
	sessions *prometheus.CounterVec
	kills    prometheus.Counter
	requests *prometheus.CounterVec
	bytesIn  prometheus.Counter
	bytesOut prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telltale_store_engine_wait_seconds", Help: "Time a statement waited for a free place in the embedded engine.",
			Buckets: []float64{.0001, .001, .01, .1, 1, 10, 60},
		}, []string{"from"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "telltale_store_engine_running", Help: "Statements running in the embedded engine.",
		}, []string{"from"}),
		sessions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_engine_sessions_total", Help: "Sessions handed to statements, opened or used again.",
		}, []string{"how"}),
		kills: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_store_engine_cancelled_total", Help: "Statements stopped because their caller went away.",
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_store_engine_requests_total", Help: "Requests to the embedded engine, by HTTP status, from inside or outside.",
		}, []string{"from", "status"}),
		bytesIn: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_store_engine_insert_bytes_total", Help: "Bytes of INSERT data given to the embedded engine.",
		}),
		bytesOut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_store_engine_result_bytes_total", Help: "Bytes of results given by the embedded engine.",
		}),
	}
	for _, c := range []prometheus.Collector{m.wait, m.running, m.sessions, m.kills, m.requests, m.bytesIn, m.bytesOut} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
