package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"telltale/internal/crawl"
	"telltale/internal/document/feed"
	"telltale/internal/extract"
	"telltale/internal/queue"
)

// Role is one of the loops that a program runs.
type Role string

// The roles.
const (
	RoleCrawler      Role = "crawler"
	RoleSignalWorker Role = "signal-worker"
	RoleScheduler    Role = "scheduler"
	RoleWriter       Role = "writer"
)

// AllRoles are the roles of a service in one process.
func AllRoles() []Role { return []Role{RoleCrawler, RoleSignalWorker, RoleScheduler, RoleWriter} }

// ParseRoles reads a list such as "scheduler,writer"; "none" runs the engines only.
func ParseRoles(list string) ([]Role, error) {
	if list == "none" {
		return nil, nil
	}
	var roles []Role
	for name := range strings.SplitSeq(list, ",") {
		role := Role(strings.TrimSpace(name))
		if !slices.Contains(AllRoles(), role) {
			return nil, inputf("--roles %q: %q is no role; want none, or any of crawler, signal-worker, scheduler, writer", list, role)
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// runRoles opens what the roles need, runs them until ctx ends, drains and closes.
func runRoles(ctx context.Context, env *Env, s *Settings, roles []Role) error {
	e := &engines{}
	err := e.open(ctx, env, s, len(roles) == 0 || slices.ContainsFunc(roles, func(r Role) bool { return r != RoleCrawler }))
	if err == nil {
		err = e.run(ctx, env, s, roles)
	}
	return errors.Join(err, e.close())
}

// run runs the roles over open engines until ctx ends or one of them fails; a stop drains them all.
func (e *engines) run(ctx context.Context, env *Env, s *Settings, roles []Role) error {
	if err := s.prepare(ctx, env, roles); err != nil {
		return err
	}
	loops := make([]func(context.Context) error, len(roles))
	for i, role := range roles {
		var err error
		if loops[i], err = e.build(env, s, role); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.queue.Run(ctx) })
	for i, role := range roles {
		group.Go(func() error {
			if err := loops[i](ctx); err != nil && (ctx.Err() == nil || !errors.Is(err, context.Canceled)) {
				return fmt.Errorf("%s: %w", role, err)
			}
			return nil
		})
	}
	env.Log.Info("running", "roles", roles)
	err := group.Wait()
	env.Log.Info("stopped", "roles", roles)
	return err
}

// build makes one role ready to run.
func (e *engines) build(env *Env, s *Settings, role Role) (func(context.Context) error, error) {
	switch role {
	case RoleCrawler:
		return e.buildCrawler(env, s)
	case RoleSignalWorker:
		return e.buildSignalWorker(env, s)
	case RoleScheduler:
		scheduler, err := e.scheduler(env, s)
		if err != nil {
			return nil, err
		}
		return scheduler.Run, nil
	case RoleWriter:
		writer, err := crawl.NewWriter(crawl.WriterDeps{Store: scheduleStore{e.store}, MaxDelay: s.MaxDelay, Log: env.Log, Now: env.Now, Registry: env.Registry})
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			return e.queue.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 256, MaxWait: time.Second}, writer.Handle)
		}, nil
	}
	return nil, fmt.Errorf("unknown role %q", role)
}

func (e *engines) buildSignalWorker(env *Env, s *Settings) (func(context.Context) error, error) {
	book := newNameBook(e.store, env.Log)
	worker, err := extract.New(extract.Config{
		Store: e.store, Rules: s.parts.rules, Attribute: book.match, Feed: feed.Parse, Logger: env.Log, Now: env.Now, Registerer: env.Registry, PageDeadline: s.PageDeadline,
	})
	if err != nil {
		return nil, err
	}
	calendar, err := supportCalendar(s.Taxonomy)
	if err != nil {
		return nil, err
	}
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	opts := queue.BatchOptions{MaxBatch: s.BatchPages, MaxWait: s.BatchWait, Workers: workers}
	return func(ctx context.Context) error {
		if err := e.store.WriteCalendar(ctx, calendar); err != nil { // what signals are joined to is what the rules go by
			return err
		}
		if err := book.refresh(ctx); err != nil {
			return err
		}
		return book.during(ctx, func(ctx context.Context) error { return e.queue.ConsumePages(ctx, opts, worker.Handle) })
	}, nil
}

// crawlerName names this process in visits.
func crawlerName(s *Settings) string {
	if s.Crawler != "" {
		return s.Crawler
	}
	host, err := os.Hostname()
	if err != nil {
		host = "crawler"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}
