package imports

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what was imported.
type metrics struct {
	files    *prometheus.CounterVec
	rows     *prometheus.CounterVec
	changed  *prometheus.CounterVec
	rejected *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		files: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_imports_files_total", Help: "Files by kind and outcome: ok, bad_input or failed.",
		}, []string{"kind", "outcome"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_imports_rows_total", Help: "Good rows of imported files, by kind.",
		}, []string{"kind"}),
		changed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_imports_changed_total", Help: "Rows that were new or differed from what was known, by kind.",
		}, []string{"kind"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_imports_rejected_total", Help: "Bad rows, set aside or the reason for importing nothing, by kind.",
		}, []string{"kind"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telltale_imports_seconds", Help: "Time of an import, by kind.", Buckets: []float64{.01, .1, 1, 10, 60, 600},
		}, []string{"kind"}),
	}
	for _, c := range []prometheus.Collector{m.files, m.rows, m.changed, m.rejected, m.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) imported(rep Report, err error) {
	kind, outcome := string(rep.Kind), "ok"
	switch {
	case errors.Is(err, ErrInput):
		outcome = "bad_input"
	case err != nil:
		outcome = "failed"
	}
	m.files.WithLabelValues(kind, outcome).Inc()
	m.rejected.WithLabelValues(kind).Add(float64(rep.Rejected))
	m.seconds.WithLabelValues(kind).Observe(rep.Took.Seconds())
	m.changed.WithLabelValues(kind).Add(float64(rep.Changed))
	if err == nil {
		m.rows.WithLabelValues(kind).Add(float64(rep.Rows))
	}
}
