package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"telltale/internal/store/embedded"
)

// ErrUnreachable reports a store that does not answer.
var ErrUnreachable = errors.New("ClickHouse does not answer")

// Store reads and writes one database. Its methods are safe for concurrent use between Open and Close.
type Store struct {
	cfg     Config
	opt     *clickhouse.Options
	metrics *metrics
	engine  *embedded.Engine
	conn    driver.Conn
	server  *http.Server
	addr    net.Addr
	served  chan error

	mu      sync.Mutex
	columns map[string][]clickhouse.ColumnNameAndType
	version uint64
	// repaired is when rows without an entry on the schedule were last looked for; zero before the first poll.
	repaired time.Time
}

// New checks the configuration; nothing is opened before Open. Errors wrap ErrConfig.
func New(cfg Config) (*Store, error) {
	cfg, opt, err := cfg.normalize()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("store: metrics: %w", err)
	}
	s := &Store{cfg: cfg, opt: opt, metrics: m, columns: map[string][]clickhouse.ColumnNameAndType{}}
	if cfg.URL == "" {
		s.engine, err = embedded.New(embedded.Config{
			Dir: cfg.DataDir, Library: cfg.Library, MaxMemory: cfg.MaxMemory, MinFree: cfg.MinFree, MaxConcurrent: cfg.MaxConns,
			Logger: cfg.Logger, Registerer: cfg.Registerer,
		})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	return s, nil
}

// Open starts the embedded engine or reaches the server. Errors wrap ErrUnreachable,
// embedded.ErrInUse or embedded.ErrNoLibrary where these are the cause. Migrate comes next.
func (s *Store) Open(ctx context.Context) (err error) {
	if s.engine != nil {
		if err := s.engine.Open(ctx); err != nil {
			return fmt.Errorf("open store: %w", err)
		}
		s.opt.TransportFunc = inProcess(s.engine.Transport())
	}
	defer func() { //nolint:contextcheck // it must close however the caller fares
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.conn, err = clickhouse.Open(s.opt); err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	boot, err := s.bootstrap()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, boot.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.DialTimeout)
	defer cancel()
	if err := boot.Ping(ctx); err != nil {
		return fmt.Errorf("open store %s: %w: %w", s.where(), ErrUnreachable, err)
	}
	if s.cfg.Listen != "" && s.engine != nil {
		return s.listen(ctx)
	}
	return nil
}

// bootstrap opens a connection outside the store's database, which may not exist yet.
func (s *Store) bootstrap() (driver.Conn, error) {
	opt := *s.opt
	opt.Auth.Database = "system" // the one that is always there
	opt.MaxOpenConns, opt.MaxIdleConns = 1, 1
	conn, err := clickhouse.Open(&opt)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return conn, nil
}

func (s *Store) where() string {
	if s.cfg.URL != "" {
		return redact(s.cfg.URL)
	}
	return s.cfg.DataDir
}

// listen serves the embedded engine to other processes of this machine.
func (s *Store) listen(ctx context.Context) error {
	l, err := embedded.Listen(ctx, s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("open store to %s: %w", s.cfg.Listen, err)
	}
	s.addr = l.Addr()
	s.server = &http.Server{
		Handler:           s.engine.Handler(embedded.Access{Outside: true, Token: s.cfg.Token, Write: s.cfg.ListenWrite, Database: s.cfg.Database}),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	s.served = make(chan error, 1)
	go func() { s.served <- s.server.Serve(l) }()
	return nil
}

// ListenAddr is where the embedded engine listens; nil where it does not.
func (s *Store) ListenAddr() net.Addr { return s.addr }

// Database is the name of the store's database.
func (s *Store) Database() string { return s.cfg.Database }

// closeGrace is how long callers from outside may finish before they are cut off.
const closeGrace = 2 * time.Second

// Close ends every connection and stops the embedded engine; it waits for the statements that run. It is
// safe before Open and twice.
func (s *Store) Close() error {
	var errs []error
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		if err := s.server.Shutdown(ctx); err != nil {
			errs = append(errs, s.server.Close())
		}
		cancel()
		if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, fmt.Errorf("close store: %w", err))
		}
		s.server = nil
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
		s.conn = nil
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	return errors.Join(errs...)
}

// Params are values bound to {name:Type} in a statement, as ClickHouse writes them as text; strings need no quotes.
type Params map[string]any

// bindings turns Params into the driver's arguments.
func (p Params) bindings() []any {
	args := make([]any, 0, len(p))
	for name, value := range p {
		args = append(args, clickhouse.Named(name, value))
	}
	return args
}

// Exec runs a statement without a result. Errors of the engine are *clickhouse.Exception, in the chain.
func (s *Store) Exec(ctx context.Context, sql string, params Params) error {
	return s.observe("exec", func() error { return s.conn.Exec(ctx, sql, params.bindings()...) })
}

// Select reads all rows of a query into dest, a pointer to a slice of structs with `ch` tags.
func (s *Store) Select(ctx context.Context, dest any, sql string, params Params) error {
	return s.observe("select", func() error { return s.conn.Select(ctx, dest, sql, params.bindings()...) })
}

// Each reads the rows of a query one by one, however many they are; scan is called with a function that
// fills one row's columns, and an error of it ends the reading.
func (s *Store) Each(ctx context.Context, sql string, params Params, scan func(into func(dest ...any) error) error) error {
	return s.observe("select", func() (err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		rows, err := s.conn.Query(ctx, sql, params.bindings()...)
		if err != nil {
			return err
		}
		defer func() {
			cancel()
			err = errors.Join(err, ignoreCancelled(rows.Close()))
		}()
		for rows.Next() {
			if err := scan(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Query writes the result of a statement in a ClickHouse format (JSONEachRow, CSVWithNames, …) to w, as
// it comes. A FORMAT clause in the statement wins. Where it fails in the middle, w has a part, and the
// error says so. ClickHouse formats only over HTTP, so a clickhouse:// server is asked at its HTTP port.
func (s *Store) Query(ctx context.Context, sql, format string, w io.Writer) error {
	if rest, clause := embedded.SplitFormat(sql); clause != "" {
		sql, format = rest, clause
	}
	return s.observe("query", func() (err error) {
		conn := s.conn
		if s.opt.Protocol != clickhouse.HTTP {
			if conn, err = s.overHTTP(); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, conn.Close()) }()
		}
		body, err := conn.QueryFormat(ctx, format, sql)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, ignoreCancelled(body.Close())) }()
		_, err = io.Copy(w, body)
		return err
	})
}

// overHTTP opens the HTTP interface of a server that was named by its native one.
func (s *Store) overHTTP() (driver.Conn, error) {
	opt := *s.opt
	opt.Protocol, opt.MaxOpenConns, opt.MaxIdleConns, opt.Addr = clickhouse.HTTP, 1, 1, nil
	port := "8123"
	if opt.TLS != nil {
		port = "8443"
	}
	for _, a := range s.opt.Addr {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			host = a
		}
		opt.Addr = append(opt.Addr, net.JoinHostPort(host, port))
	}
	return clickhouse.Open(&opt)
}

// observe counts a statement by kind and outcome.
func (s *Store) observe(kind string, run func() error) error {
	began := time.Now()
	err := run()
	s.metrics.query(kind, outcome(err), time.Since(began))
	if err != nil {
		return fmt.Errorf("store: %s: %w", kind, err)
	}
	return nil
}

func outcome(err error) string {
	var x *clickhouse.Exception
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	case errors.As(err, &x):
		return "exception"
	}
	return "unreachable"
}
