package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ErrClosed reports an Engine that is not open.
var ErrClosed = errors.New("the embedded engine is closed")

// maxIdle bounds the sessions kept for reuse.
const maxIdle = 32

// Engine is one embedded ClickHouse over one data directory.
type Engine struct {
	cfg     Config
	metrics *metrics

	lib     *library
	lock    *os.File
	places  chan struct{}
	outside chan struct{}
	// version and timezone answer the driver's hello.
	version, timezone, host string

	// admin kills statements; it also keeps the engine up while no other session is open.
	adminMu sync.Mutex
	admin   *session

	// cutOff is set when a write was cut off; failures counts those of before Open.
	cutOff   atomic.Bool
	failures uint64
	watched  chan struct{}
	unwatch  context.CancelFunc

	mu      sync.Mutex
	open    bool
	serial  int
	idle    map[string][]*session
	nIdle   int
	running sync.WaitGroup
}

// New prepares an Engine; nothing is touched before Open.
func New(cfg Config) (*Engine, error) {
	if cfg.Dir == "" {
		return nil, errors.New("embedded engine: no data directory")
	}
	cfg = cfg.withDefaults()
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("embedded engine: metrics: %w", err)
	}
	return &Engine{
		cfg: cfg, metrics: m,
		places:  make(chan struct{}, cfg.MaxConcurrent),
		outside: make(chan struct{}, cfg.MaxOutside),
		idle:    map[string][]*session{},
	}, nil
}

// Open loads the library, locks the directory and starts the engine. Errors wrap ErrNoLibrary or ErrInUse
// where these are the cause.
func (e *Engine) Open(ctx context.Context) (err error) {
	dir, err := filepath.Abs(e.cfg.Dir)
	if err != nil {
		return fmt.Errorf("open embedded engine: %w", err)
	}
	e.cfg.Dir = dir
	if e.cfg.BackupDir == "" {
		e.cfg.BackupDir = filepath.Join(dir, "backups")
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o750); err != nil {
		return fmt.Errorf("open embedded engine: %w", err)
	}
	if e.lock, err = lockDir(dir); err != nil {
		return fmt.Errorf("open embedded engine: %w", err)
	}
	defer func() {
		if err != nil {
			_ = e.lock.Close()
		}
	}()
	if e.lib, err = openLibrary(e.cfg.Library); err != nil {
		return fmt.Errorf("open embedded engine: %w", err)
	}
	return e.boot(ctx)
}

// boot opens the first session, which starts the engine with its server settings.
func (e *Engine) boot(ctx context.Context) error {
	config, err := writeUsers(e.cfg.Dir, e.cfg.MinFree)
	if err != nil {
		return fmt.Errorf("open embedded engine: %w", err)
	}
	admin, err := e.lib.open(
		"--path="+e.dataPath(),
		"--config-file="+config,
		"--backups.allowed_path="+e.cfg.BackupDir,
		"--max_server_memory_usage="+strconv.FormatInt(e.cfg.MaxMemory, 10),
		"--mark_cache_size="+strconv.FormatInt(e.cfg.MaxMemory/8, 10),
		"--uncompressed_cache_size=0",
		"--implicit_select=0",
	)
	if err != nil {
		return fmt.Errorf("open embedded engine at %s: %w (another directory may be open in this process, or the disk is full or not writable)", e.cfg.Dir, err)
	}
	var fields []string
	_, err = admin.exec("SELECT version(), timezone(), hostName()", "TSVRaw", nil, func(b []byte) error {
		fields = splitTabs(string(b))
		return nil
	})
	if err == nil && len(fields) != 3 {
		err = fmt.Errorf("unexpected greeting %q", fields)
	}
	if err != nil {
		admin.close()
		return fmt.Errorf("open embedded engine at %s: %w", e.cfg.Dir, err)
	}
	e.admin, e.version, e.timezone, e.host = admin, fields[0], fields[1], fields[2]
	if e.failures, err = e.writeFailures(); err != nil {
		admin.close()
		return fmt.Errorf("open embedded engine at %s: %w", e.cfg.Dir, err)
	}
	e.reportBroken()
	e.cutOff.Store(false)
	e.watch(ctx)
	e.mu.Lock()
	e.open = true
	e.mu.Unlock()
	return nil
}

func (e *Engine) dataPath() string { return filepath.Join(e.cfg.Dir, "data") }

// Close waits for the statements that run, stops the engine and frees the directory. It is safe before
// Open and twice. Callers cancel what they do not want to wait for.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.open {
		e.mu.Unlock()
		return nil
	}
	e.open = false
	e.mu.Unlock()
	e.running.Wait()
	e.unwatch()
	<-e.watched
	for _, kept := range e.idle {
		for _, s := range kept {
			s.close()
		}
	}
	clear(e.idle)
	e.admin.close()
	if err := e.lock.Close(); err != nil {
		return fmt.Errorf("close embedded engine: %w", err)
	}
	return nil
}

// enter waits for a place, in order of arrival; leave frees it.
func (e *Engine) enter(ctx context.Context, outside bool) (leave func(), err error) {
	began := time.Now()
	from := origin(outside)
	if err := e.begin(); err != nil {
		return nil, err
	}
	queues := []chan struct{}{e.places}
	if outside {
		queues = []chan struct{}{e.outside, e.places}
	}
	for i, q := range queues {
		select {
		case q <- struct{}{}:
		case <-ctx.Done():
			for _, held := range queues[:i] {
				<-held
			}
			e.running.Done()
			return nil, context.Cause(ctx)
		}
	}
	e.metrics.wait.WithLabelValues(from).Observe(time.Since(began).Seconds())
	e.metrics.running.WithLabelValues(from).Inc()
	return func() {
		e.metrics.running.WithLabelValues(from).Dec()
		for _, q := range queues {
			<-q
		}
		e.running.Done()
	}, nil
}

func (e *Engine) begin() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.open {
		return ErrClosed
	}
	e.running.Add(1)
	return nil
}

func origin(outside bool) string {
	if outside {
		return "outside"
	}
	return "inside"
}

// kill stops the statement of a session until done is closed; a statement that has not yet reached the
// engine is found at the next try.
func (e *Engine) kill(tag string, done <-chan struct{}) {
	e.metrics.kills.Inc()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		e.adminMu.Lock()
		_, err := e.admin.exec("KILL QUERY WHERE Settings['log_comment'] = '"+tag+"' ASYNC", "Null", nil, nil)
		e.adminMu.Unlock()
		if err != nil {
			e.cfg.Logger.Warn("could not stop a statement of the embedded engine", "error", err)
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}
