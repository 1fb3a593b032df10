// Package embedded runs a nats-server with JetStream inside this process, its state under one
// directory, so that one machine needs nothing installed (DESIGN §2).
//
// By default the server does not listen: clients of the same process connect through InProcessConn.
// The file store syncs every write to disk before it acknowledges it (server option sync_interval:
// always, https://docs.nats.io/running-a-nats-service/configuration#jetstream); the default of the
// server is two minutes.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// MaxPayload is the largest message the server takes, in bytes (DESIGN §2).
const MaxPayload = 4 << 20

// pollReady is how often Start looks whether the server has failed to come up.
const pollReady = 20 * time.Millisecond

// Errors a caller may want to tell apart; each is wrapped with the directory or the address.
var (
	// ErrInUse reports a data directory that another process holds.
	ErrInUse = errors.New("in use by another process")
	// ErrStore reports a store that cannot be opened, read or written (corrupt, full, no permission).
	ErrStore = errors.New("queue store failed")
)

// Config says where the embedded server keeps its state and whether it listens.
type Config struct {
	// Dir is the directory of the store; it is created where missing. Required.
	Dir string
	// Listen opens the server on host:port for other processes; empty means in-process only.
	// Port 0 picks a free port; see ClientURL.
	Listen string
	// Token is asked of every client, in-process ones too; empty means no authentication.
	Token string
	// MaxStore bounds the bytes the store may take; 0 means three quarters of the free disk.
	MaxStore int64
	// RelaxedSync lets the store sync every two minutes instead of at every write: many times faster on
	// slow disks, and a power cut loses up to two minutes of messages. For tests and measurements.
	RelaxedSync bool
	// StartTimeout bounds recovery of the store at start; 0 means 2 minutes.
	StartTimeout time.Duration
	// Logger takes the server's log; nil discards it.
	Logger *slog.Logger
}

// Server is an embedded nats-server. Its methods are safe for concurrent use.
type Server struct {
	cfg Config
	log *bridge

	mu   sync.Mutex
	srv  *server.Server
	lock *dirLock
}

// New returns a server that is not running; see Start.
func New(cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.StartTimeout <= 0 {
		cfg.StartTimeout = 2 * time.Minute
	}
	return &Server{cfg: cfg, log: newBridge(cfg.Logger)}
}

// Start opens the store and serves until Stop. Starting a running server does nothing.
// Errors name the directory and wrap ErrInUse or ErrStore where those apply.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv != nil {
		return nil
	}
	opts, err := s.options()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.cfg.Dir, 0o750); err != nil {
		return fmt.Errorf("create queue directory: %w: %w", ErrStore, err)
	}
	lock, err := lockDir(s.cfg.Dir)
	if err != nil {
		return fmt.Errorf("queue directory %s: %w", s.cfg.Dir, err)
	}
	if err := s.forgetTTLIndex(); err != nil {
		return errors.Join(fmt.Errorf("queue directory %s: %w", s.cfg.Dir, err), lock.release())
	}
	srv, err := s.serve(ctx, opts)
	if err != nil {
		return errors.Join(fmt.Errorf("start queue in %s: %w", s.cfg.Dir, err), lock.release())
	}
	s.srv, s.lock = srv, lock
	return nil
}

// serve starts a server and waits until it accepts clients or says why it cannot.
func (s *Server) serve(ctx context.Context, opts *server.Options) (*server.Server, error) {
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	s.log.reset()
	srv.SetLoggerV2(s.log, false, false, false)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.StartTimeout)
	defer cancel()
	started := make(chan struct{})
	go func() { defer close(started); srv.Start() }()
	if err := s.awaitReady(ctx, srv); err != nil {
		stopServer(srv, started)
		return nil, err
	}
	<-started
	if err := s.checkRecovered(srv); err != nil {
		stopServer(srv, started)
		return nil, err
	}
	return srv, nil
}

// awaitReady waits until srv accepts clients, has failed, or ctx is done.
func (s *Server) awaitReady(ctx context.Context, srv *server.Server) error {
	for !srv.ReadyForConnections(pollReady) || !srv.JetStreamEnabled() {
		if err := s.log.fault(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("not ready: %w", context.Cause(ctx))
		}
	}
	return nil
}

// checkRecovered refuses a store of which the server skipped a part: a stream that is on disk and
// not in memory would be created anew, empty, and its messages would be lost in silence.
func (s *Server) checkRecovered(srv *server.Server) error {
	if err := s.log.fault(); err != nil {
		return err
	}
	dirs, err := filepath.Glob(filepath.Join(s.cfg.Dir, server.JetStreamStoreDir, "*", "streams", "*"))
	if err != nil {
		return fmt.Errorf("look for streams: %w: %w", ErrStore, err)
	}
	info, err := srv.Jsz(&server.JSzOptions{Accounts: true, Streams: true})
	if err != nil {
		return fmt.Errorf("list recovered streams: %w: %w", ErrStore, err)
	}
	recovered := map[string]bool{}
	for _, a := range info.AccountDetails {
		for i := range a.Streams {
			recovered[a.Streams[i].Name] = true
		}
	}
	for _, d := range dirs {
		name := filepath.Base(d)
		if !strings.HasPrefix(name, ".") && !recovered[name] { // a dot marks left-overs of a deletion
			return fmt.Errorf("%w: stream %s is on disk and cannot be read; restore the directory from a backup, or move it away to begin empty", ErrStore, name)
		}
	}
	return nil
}

// options builds the server's options.
func (s *Server) options() (*server.Options, error) {
	o := &server.Options{
		ServerName:             "telltale",
		JetStream:              true,
		StoreDir:               s.cfg.Dir,
		JetStreamMaxStore:      s.cfg.MaxStore,
		SyncAlways:             !s.cfg.RelaxedSync,
		MaxPayload:             MaxPayload,
		Authorization:          s.cfg.Token,
		DontListen:             s.cfg.Listen == "",
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	}
	if s.cfg.Dir == "" {
		return nil, errors.New("start queue: no data directory given")
	}
	if s.cfg.Listen == "" {
		return o, nil
	}
	host, port, err := net.SplitHostPort(s.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address of the queue %q: %w", s.cfg.Listen, err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("listen address of the queue %q: port: %w", s.cfg.Listen, err)
	}
	o.Host, o.Port = host, int(n)
	if n == 0 {
		o.Port = server.RANDOM_PORT
	}
	if s.cfg.Token == "" && !isLoopback(host) {
		s.cfg.Logger.Warn("queue listens beyond this machine without a token", "listen", s.cfg.Listen)
	}
	return o, nil
}

// Stop shuts the server down and waits until its store is closed. It is safe before Start and twice.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil {
		return nil
	}
	stopServer(s.srv, nil)
	err := s.lock.release()
	s.srv, s.lock = nil, nil
	return err
}

// InProcessConn returns a connection to the running server without a socket
// (it makes Server an in-process provider for nats.go).
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	srv := s.srv
	s.mu.Unlock()
	if srv == nil {
		return nil, errors.New("queue server is not running")
	}
	return srv.InProcessConn()
}

// ClientURL is the address other processes connect to; empty where the server does not listen.
func (s *Server) ClientURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil || s.cfg.Listen == "" {
		return ""
	}
	return s.srv.ClientURL()
}

// Err reports why the running server can no longer store messages (disk full, permission lost,
// JetStream disabled); nil while it works. It wraps ErrStore.
func (s *Server) Err() error {
	if err := s.log.fault(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv != nil && !s.srv.JetStreamEnabled() {
		return fmt.Errorf("%w: JetStream is disabled", ErrStore)
	}
	return nil
}

func stopServer(srv *server.Server, started <-chan struct{}) {
	if started != nil {
		<-started
	}
	srv.Shutdown()
	srv.WaitForShutdown()
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
