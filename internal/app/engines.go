package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"telltale/internal/intent/support"
	"telltale/internal/queue"
	natsd "telltale/internal/queue/embedded"
	"telltale/internal/store"
)

// Settings are everything a role may be told.
type Settings struct {
	Common
	Listeners
	Network
	Crawl
	Extraction
	// relaxedSync lets the embedded queue of a demo or evaluation, whose loss costs nothing, sync lazily.
	relaxedSync bool
	parts       *parts
}

// engines are the queue and the store of this process, each embedded or a client of a server.
type engines struct {
	server *natsd.Server
	queue  *queue.Queue
	store  *store.Store
	// aloneSince is when this process opened an embedded store, by the wall clock; zero where others may reach the store.
	aloneSince time.Time
}

// openQueue connects to the queue, starting the embedded server where no URL is given.
func (e *engines) openQueue(ctx context.Context, env *Env, s *Settings) error {
	cfg := queue.Config{
		URL: s.NATSURL, Token: s.NATSToken, Name: crawlerName(s), Logger: env.Log, Registerer: env.Registry,
		Consume: queue.Consume{DrainTimeout: s.DrainTimeout, AckWait: s.AckWait},
	}
	if s.NATSURL == "" {
		e.server = natsd.New(natsd.Config{
			Dir: filepath.Join(s.DataDir, "queue"), Listen: s.NATSListen, Token: s.NATSToken, Logger: env.Log, RelaxedSync: s.relaxedSync,
		})
		if err := e.server.Start(ctx); err != nil {
			return asInput(err)
		}
		cfg.Server = e.server
	} else if s.NATSListen != "" {
		return inputf("--nats-listen opens the embedded queue; with --nats-url there is none")
	}
	q, err := queue.Open(ctx, cfg)
	if err != nil {
		return asInput(err)
	}
	e.queue = q
	env.Health.Add("queue", q.Ping)
	return nil
}

// openStore opens the store, embedded where no URL is given, and brings its schema up to date.
func (e *engines) openStore(ctx context.Context, env *Env, s *Settings) error {
	if s.ClickHouseURL != "" && s.StoreListen != "" {
		return inputf("--store-listen opens the embedded store; with --clickhouse-url there is none")
	}
	makeToken := s.StoreListen != "" && s.StoreToken == ""
	if makeToken {
		s.StoreToken = rand.Text()
	}
	memory, err := s.storeMemory()
	if err != nil {
		return err
	}
	st, err := store.New(store.Config{
		URL: s.ClickHouseURL, Database: s.Database, DataDir: filepath.Join(s.DataDir, "store"), Library: s.CHDBLibrary, MaxMemory: memory,
		Listen: s.StoreListen, Token: s.StoreToken, ListenWrite: s.StoreWritable, Logger: env.Log, Registerer: env.Registry, Clock: env.Now,
	})
	if err != nil {
		return asInput(err)
	}
	if err := st.Open(ctx); err != nil {
		return asInput(err)
	}
	e.store = st
	if s.ClickHouseURL == "" {
		e.aloneSince = time.Now()
	}
	if makeToken {
		fmt.Fprintf(env.Err, "store token, made for this run (--store-token sets one): %s\n", s.StoreToken)
	}
	env.Health.Add("store", st.Ping)
	if err := st.Migrate(ctx); err != nil {
		return asInput(fmt.Errorf("bring the store's schema up to date: %w", err))
	}
	if err := st.SeedCalendar(ctx, support.Default()); err != nil {
		return fmt.Errorf("load the end-of-support calendar: %w", err)
	}
	return nil
}

// openEngines opens both, or neither.
func openEngines(ctx context.Context, env *Env, s *Settings) (*engines, error) {
	e := &engines{}
	if err := e.open(ctx, env, s, true); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// close stops what was opened, in reverse: clients before their servers.
func (e *engines) close() error {
	var errs []error
	if e.queue != nil {
		errs = append(errs, e.queue.Close())
	}
	if e.server != nil {
		errs = append(errs, e.server.Stop())
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	return errors.Join(errs...)
}
