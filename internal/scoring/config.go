package scoring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
)

// DefaultShardAbove is the number of accounts that are done together at most: some 400,000 signals, 100 MB.
const DefaultShardAbove = 40_000

// DefaultLease is how long a run may be silent before another takes it for dead.
const DefaultLease = 30 * time.Second

// maxCalendar bounds a calendar as a run keeps it, in bytes: it travels as a parameter, and a server takes 128 KiB of one in base64.
const maxCalendar = 90 << 10

// The coarse errors of a run; messages say what and where.
var (
	// ErrRunning reports that another run of the month is under way.
	ErrRunning = errors.New("another run of this month is under way")
	// ErrNotBegun reports a month that lies in the future.
	ErrNotBegun = errors.New("the month has not begun")
	// ErrTooOld reports a month whose scores the store would delete at once: it keeps them for keptMonths.
	ErrTooOld = errors.New("scores of the month are no longer kept")
	// ErrNoAccounts and ErrNoFit report that there is nothing to score, or nothing to lay intent over.
	ErrNoAccounts = errors.New("no accounts are known")
	ErrNoFit      = errors.New("no product has a fit score")
	// ErrUnfinished and ErrUnderWay report a file of which some rows may be stored and others not: its import was cut off, or has yet to end.
	ErrUnfinished = errors.New("an import is unfinished")
	ErrUnderWay   = errors.New("an import is under way")
	// ErrNotScored reports a month without a published run, or an account or product that is not in it.
	ErrNotScored = errors.New("not scored")
	// ErrConfig reports a configuration that cannot be used.
	ErrConfig = errors.New("scoring configuration")
)

// DB is the store as the scorer needs it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Exec runs a statement without a result.
	Exec(ctx context.Context, query string, args map[string]any) error
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
	// Insert writes rows of the named columns into a table, all or none of them; values are one slice a column.
	Insert(ctx context.Context, table string, columns []string, values []any) error
}

// Config is what a run does; its zero value means the built-in weights, matrix, segments and calendar.
type Config struct {
	// Weights, Matrix, Segments and Calendar are the rules; each is versioned.
	Weights  intent.Weights
	Matrix   matrix.Matrix
	Segments segments.Rules
	Calendar support.Calendar
	// FiscalYearStart is the month in which the fiscal year begins; 0 means July.
	FiscalYearStart time.Month
	// PreferComputedFit lets a computed fit score win over an imported one; off, the imported one wins.
	PreferComputedFit bool
	// ShardAbove is the number of accounts that a span of a run has at most, which bounds its memory; 0 means 40,000. Of fewer than eight times as many a span has an
	// eighth, but no less than a quarter of ShardAbove.
	ShardAbove int64
	// SliceAbove is the number of accounts above which what is known of them besides signals is gathered in slices of about so many; 0 means 12 times ShardAbove.
	SliceAbove int64
	// Workers is how many spans are done at a time, each on one thread of the store; 0 means as many as there are cores here, 8 at most.
	Workers int
	// KeepEvery is how often a run notes which steps are finished, for another to go on with where its process is killed; 0 means 1 s. Longer costs
	// less and loses more.
	KeepEvery time.Duration
	// Lease is how long a run may be silent before another takes it for dead; 0 means 30 s. Longer rides out slower stores.
	Lease time.Duration
}

// Deps are what a Scorer works with.
type Deps struct {
	DB  DB
	Log *slog.Logger
	// Now is the product's clock: what "now" means for as_of and known_by. Wall is the clock of leases; both default to time.Now.
	Now, Wall func() time.Time
	// AloneSince is when this process opened a store that no other process can reach (the embedded engine): a run or an
	// import last heard of before is dead, and need not be waited for. Zero where others can reach the store.
	AloneSince time.Time
	Registerer prometheus.Registerer
}

func (c Config) withDefaults() Config {
	if c.Weights.Version == "" {
		c.Weights = intent.Default()
	}
	if c.Matrix.Version == "" {
		c.Matrix = matrix.Default()
	}
	if c.Segments.Version == "" {
		c.Segments = segments.Default()
	}
	if c.Calendar.Version == "" {
		c.Calendar = support.Default()
	}
	if c.FiscalYearStart == 0 {
		c.FiscalYearStart = intent.DefaultFiscalYearStart
	}
	if c.ShardAbove == 0 {
		c.ShardAbove = DefaultShardAbove
	}
	if c.SliceAbove == 0 {
		c.SliceAbove = slicesOfShards * c.ShardAbove
	}
	if c.Workers == 0 {
		c.Workers = min(runtime.GOMAXPROCS(0), 8)
	}
	if c.KeepEvery == 0 {
		c.KeepEvery = DefaultKeepEvery
	}
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	return c
}

func (c Config) validate() error {
	if err := errors.Join(c.Weights.Validate(), c.Matrix.Validate(), c.Segments.Validate()); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	for _, product := range c.Matrix.Own() {
		if !slices.Contains(c.Weights.Products(), product) {
			return fmt.Errorf("%w: matrix %s: product %q is none of %s", ErrConfig, c.Matrix.Version, product, strings.Join(c.Weights.Products(), ", "))
		}
	}
	if n := len(c.Calendar.Content()); n > maxCalendar {
		return fmt.Errorf("%w: calendar %s: %d bytes as JSON: a run keeps %d at most", ErrConfig, c.Calendar.Version, n, maxCalendar)
	}
	if c.FiscalYearStart < time.January || c.FiscalYearStart > time.December {
		return fmt.Errorf("%w: fiscal year start %d: want 1–12", ErrConfig, c.FiscalYearStart)
	}
	if c.Lease < time.Second {
		return fmt.Errorf("%w: lease of %s: want a second or more", ErrConfig, c.Lease)
	}
	return nil
}

// Scorer runs and explains scores. Its methods are safe for concurrent use, by several processes too.
type Scorer struct {
	cfg     Config
	deps    Deps
	sql     statements
	metrics *metrics
}

// New checks the configuration; nothing is read or written before Run. Errors wrap ErrConfig.
func New(cfg Config, deps Deps) (*Scorer, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil {
		return nil, fmt.Errorf("%w: a store is required", ErrConfig)
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Wall == nil {
		deps.Wall = time.Now
	}
	if deps.Registerer == nil {
		deps.Registerer = prometheus.NewRegistry()
	}
	m, err := newMetrics(deps.Registerer)
	if err != nil {
		return nil, fmt.Errorf("scoring: metrics: %w", err)
	}
	sql, err := loadStatements()
	if err != nil {
		return nil, fmt.Errorf("scoring: %w", err)
	}
	return &Scorer{cfg: cfg, deps: deps, sql: sql, metrics: m}, nil
}
