// Package sampleweb is the bundled web of companies: a seeded generator of companies under reserved
// names (RFC 2606, RFC 6761) and the DNS, TLS and HTTP servers that show them on loopback. It knows the
// truth: which technologies, topics and events each page shows and when, the latent intent behind them,
// and which opportunities were won. It is the oracle of tests and of the demo, so it imports no other
// package of this module, and its wording was written apart from the rules that are measured on it.
//
// The web has a past. Content has a date on which it appears, and some of it a date on which it goes;
// what the servers answer depends on the injected clock only.
package sampleweb

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultCompanies is the size of the web when Config names none.
const DefaultCompanies = 320

// The bounds of Config.Companies.
const (
	MinCompanies = 20
	MaxCompanies = 5000
)

// Products are the eight products that topics, fit scores and opportunities speak of.
func Products() []string {
	return []string{"Microsoft 365", "Azure", "Dynamics 365", "Surface", "Security", "Copilot and AI", "Power Platform", "Data Platform"}
}

// Config says which web to build.
type Config struct {
	// Seed selects the web; 0 means 1. The same seed, size and Eval give the same web, byte for byte.
	Seed uint64
	// Companies is clamped to MinCompanies…MaxCompanies; 0 means DefaultCompanies.
	Companies int
	// Now is the web's clock; nil means the end of the latest of Months. SetNow overrides it.
	Now func() time.Time
	// Logger receives one debug line per request and the servers' faults; nil discards them.
	Logger *slog.Logger
	// Eval words every topic, event and hard negative with the templates kept for evaluation.
	Eval bool
	// NoDelays makes slow hosts answer at once, rate-limited hosts never refuse and every Crawl-delay 0, for benches.
	NoDelays bool
}

// Web is a generated web. Everything but its clock and its request log is fixed at New.
type Web struct {
	cfg       Config
	prose     prose
	companies []*company
	wire      wire
	byHost    map[string]*company
	targets   map[string]*company
	now       atomic.Pointer[time.Time]
	log       requestLog
	servers   servers
	// huge is the padding of huge pages, made once.
	huge func() []byte
}

// New builds the web; it opens nothing.
func New(cfg Config) *Web {
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.Companies == 0 {
		cfg.Companies = DefaultCompanies
	}
	cfg.Companies = min(max(cfg.Companies, MinCompanies), MaxCompanies)
	if cfg.Now == nil {
		cfg.Now = epochEnd
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	set := "prose/work"
	if cfg.Eval {
		set = "prose/eval"
	}
	w := &Web{cfg: cfg, prose: loadProse("prose/shared", set), byHost: map[string]*company{}, targets: map[string]*company{}, huge: sync.OnceValue(hugeTable)}
	w.generate()
	return w
}

// SetNow stops the web's clock at t: what was published later does not exist, what was removed is gone.
// The zero time hands the clock back to Config.Now.
func (w *Web) SetNow(t time.Time) {
	if t.IsZero() {
		w.now.Store(nil)
		return
	}
	w.now.Store(&t)
}

// Now is the web's present.
func (w *Web) Now() time.Time {
	if t := w.now.Load(); t != nil {
		return *t
	}
	return w.cfg.Now()
}

// Months returns the months at whose ends the web is meant to be crawled, oldest first, as YYYY-MM.
func (w *Web) Months() []string {
	return []string{"2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"}
}

// MonthEnd returns the last second of a month written YYYY-MM, in UTC; the zero time where it is no month.
func MonthEnd(month string) time.Time {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 1, 0).Add(-time.Second)
}

// epochStart is the first instant of the web's history: no content is dated earlier.
func epochStart() time.Time { return time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC) }

// epochEnd is its last: no content is dated later.
func epochEnd() time.Time { return time.Date(2026, 10, 31, 23, 59, 59, 0, time.UTC) }

// historyMonths counts the months from epochStart to epochEnd.
const historyMonths = 15

// monthStart returns the first instant of the i-th month of the history.
func monthStart(i int) time.Time { return epochStart().AddDate(0, i, 0) }
