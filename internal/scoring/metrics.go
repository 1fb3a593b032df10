package scoring

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what the scorer does.
type metrics struct {
	runs        *prometheus.CounterVec
	rows        *prometheus.CounterVec
	stepSeconds *prometheus.HistogramVec
	accounts    prometheus.Gauge
	signals     prometheus.Gauge
	takeovers   prometheus.Counter
	kept        prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_scoring_runs_total", Help: "Scoring runs by outcome: published, refused, busy or failed.",
		}, []string{"outcome"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "telltale_scoring_rows_total", Help: "Rows of published runs, by table.",
		}, []string{"table"}),
		stepSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telltale_scoring_step_seconds", Help: "Time of each step of a run; steps of shards count once a shard.",
			Buckets: []float64{.01, .05, .2, 1, 5, 20, 60, 300, 1200},
		}, []string{"step"}),
		accounts: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "telltale_scoring_accounts", Help: "Accounts of the latest published run.",
		}),
		signals: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "telltale_scoring_signals", Help: "Signals used by the latest published run.",
		}),
		takeovers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_scoring_takeovers_total", Help: "Runs found dead and cleared away.",
		}),
		kept: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telltale_scoring_steps_kept_total", Help: "Finished steps and spans taken over from runs that died.",
		}),
	}
	for _, c := range []prometheus.Collector{m.runs, m.rows, m.stepSeconds, m.accounts, m.signals, m.takeovers, m.kept} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) step(name string, began time.Time) {
	m.stepSeconds.WithLabelValues(name).Observe(time.Since(began).Seconds())
}

func (m *metrics) published(s Summary) {
	m.runs.WithLabelValues("published").Inc()
	m.rows.WithLabelValues("intent_scores").Add(float64(s.Rows))
	m.rows.WithLabelValues("propensity").Add(float64(s.Rows))
	m.accounts.Set(float64(s.Accounts))
	m.signals.Set(float64(s.Signals))
}
