package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"telltale/internal/scoring"
	"telltale/internal/store/embedded"
)

// DoctorCommand checks what a program needs before it needs it.
type DoctorCommand struct {
	TechnologyFiles

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
	if len(c.Technologies) > 0 {
		check("technologies", c.checkTechnologies)
	}
	check("store", func() (string, error) { return c.checkStore(ctx, env, s, e) })
	if !slices.Contains(failed, "store") {
		check("imports", func() (string, error) { return checkImports(ctx, env, e) })
	}
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

// checkImports says what a monthly run would say; an import that is under way is no fault.
func checkImports(ctx context.Context, env *Env, e *engines) (string, error) {
	scorer, err := e.scorer(env)
	if err != nil {
		return "", err
	}
	err = scorer.CheckImports(ctx, env.Now())
	if errors.Is(err, scoring.ErrUnderWay) {
		return oneLine(err), nil
	}
	return "every file is whole", err
}

// checkTechnologies says what the rule files hold, and by name what of them is not evaluated.
func (c *DoctorCommand) checkTechnologies() (string, error) {
	m, err := technologyMatcher(c.Technologies, nil)
	if err != nil {
		return "", err
	}
	return m.Report().String(), nil
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
