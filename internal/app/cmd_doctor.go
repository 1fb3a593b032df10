package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/domains"
	"telltale/internal/store"
	"telltale/internal/store/embedded"
)

// DoctorCommand checks what a program needs before it needs it.
type DoctorCommand struct {
	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *DoctorCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command: one line a check; the first that fails decides the exit code.
func (c *DoctorCommand) Run(ctx context.Context, env *Env) error {
	s := &Settings{Common: c.program.Common}
	e := &engines{}
	var failed []string
	check := func(what string, do func() (string, error)) {
		note, err := do()
		if err != nil {
			failed = append(failed, what)
			fmt.Fprintf(env.Out, "✗ %-16s %s\n", what, oneLine(err))
			return
		}
		fmt.Fprintf(env.Out, "✓ %-16s %s\n", what, note)
	}
	check("data directory", func() (string, error) { return s.DataDir, writable(s.DataDir) })
	if s.ClickHouseURL == "" {
		check("engine library", func() (string, error) { return embedded.FindLibrary(s.CHDBLibrary) })
	}
	check("store", func() (string, error) { return c.checkStore(ctx, env, s, e) })
	check("queue", func() (string, error) {
		if err := e.openQueue(ctx, env, s); err != nil {
			return "", err
		}
		streams, err := e.queue.Status(ctx)
		return fmt.Sprintf("%d streams", len(streams)), err
	})
	err := e.close()
	if len(failed) > 0 {
		return asInput(errors.Join(fmt.Errorf("doctor: %d checks failed: %s", len(failed), strings.Join(failed, ", ")), err))
	}
	return err
}

func (c *DoctorCommand) checkStore(ctx context.Context, env *Env, s *Settings, e *engines) (string, error) {
	if err := e.openStore(ctx, env, s); err != nil {
		return "", err
	}
	var version string
	var signals, domainsKnown uint64
	err := e.store.Each(ctx, "SELECT version(), (SELECT count() FROM signals), (SELECT count() FROM domains)", nil,
		func(into func(dest ...any) error) error { return into(&version, &signals, &domainsKnown) })
	return fmt.Sprintf("ClickHouse %s, %d domains, %d signals", version, domainsKnown, signals), err
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// ScheduleCommand shows when domains are due, and can make them due.
type ScheduleCommand struct {
	Domains []string `arg:"" optional:"" help:"Domains; none means those that are due next."`
	Now     bool     `help:"Make the domains due at once."`
	Limit   int      `help:"Domains to show." default:"50"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ScheduleCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ScheduleCommand) Run(ctx context.Context, env *Env) error {
	names := make([]string, len(c.Domains))
	for i, d := range c.Domains {
		name, err := domains.Normalize(d)
		if err != nil {
			return asInput(err)
		}
		names[i] = name
	}
	if c.Now && len(names) == 0 {
		return inputf("schedule --now: name the domains to visit at once")
	}
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		if c.Now {
			if err := dueNow(ctx, env, st, names); err != nil {
				return err
			}
		}
		return c.show(ctx, env, st, names)
	})
}

func dueNow(ctx context.Context, env *Env, st *store.Store, names []string) error {
	known, err := st.Scheduled(ctx, names)
	if err != nil {
		return err
	}
	var changes []store.Next
	for _, name := range names {
		row, ok := known[name]
		if !ok {
			return inputf("schedule: %s belongs to no account", name)
		}
		changes = append(changes, store.Next{Domain: name, DueAt: env.Now(), Interval: row.Interval, Failures: row.Failures})
	}
	return st.SetNextDue(ctx, changes)
}

func (c *ScheduleCommand) show(ctx context.Context, env *Env, st *store.Store, names []string) error {
	const query = `SELECT domain, priority, next_due, interval_s, failures, ifNull(last_visit, toDateTime64(0, 3, 'UTC')), last_outcome
FROM domains WHERE state != 'removed' AND (empty({names:Array(String)}) OR domain IN {names:Array(String)})
ORDER BY next_due, priority, domain LIMIT {limit:UInt32}`
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"domain", "priority", "next due", "interval", "failures", "last visit", "outcome"})
	err := st.Each(ctx, query, store.Params{"names": names, "limit": uint32(max(c.Limit, 1))}, func(into func(dest ...any) error) error {
		var domain, outcome string
		var priority uint8
		var due, last time.Time
		var interval uint32
		var failures uint16
		if err := into(&domain, &priority, &due, &interval, &failures, &last, &outcome); err != nil {
			return err
		}
		visited := "–"
		if last.Unix() > 0 {
			visited = last.UTC().Format(time.DateTime)
		}
		t.AppendRow(table.Row{domain, priority, due.UTC().Format(time.DateTime), time.Duration(interval) * time.Second, failures, visited, outcome})
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Out, t.Render())
	return nil
}
