package scoring

import (
	"context"
	"fmt"
	"time"
)

// begin refuses a run that would count half a file, and makes it the only one of its month.
func (r *run) begin(ctx context.Context) error {
	if err := r.CheckImports(ctx, r.sum.KnownBy); err != nil {
		return err
	}
	return r.hold(ctx)
}

// halfImported is an import of which some rows may be stored and others not.
type halfImported struct {
	id, kind, file, state string
	started, heard        time.Time
	rows                  int64
}

// CheckImports reports a file that a run which knows what was known by a time would count half of: one whose import was cut off, until it is
// imported again or somebody settles it, or one whose import is under way. Errors wrap ErrUnfinished or ErrUnderWay where that is the cause.
func (s *Scorer) CheckImports(ctx context.Context, knownBy time.Time) error {
	text, err := s.sql.text("half_imported", scope{})
	if err != nil {
		return err
	}
	var all []halfImported
	err = s.deps.DB.Each(ctx, text, map[string]any{"known_by": stamp(knownBy)}, func(into func(dest ...any) error) error {
		var h halfImported
		err := into(&h.id, &h.kind, &h.file, &h.state, &h.started, &h.heard, &h.rows)
		all = append(all, h)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for unfinished imports: %w", err)
	}
	for _, h := range all { // those that were cut off first: waiting does not help them
		if !s.mayLive(&h) {
			return fmt.Errorf("%w: %s: import the file again, or let what is stored count with telltale imports forget %s%s", ErrUnfinished, h.text(), h.id, others(len(all)-1))
		}
	}
	if len(all) > 0 {
		h := &all[0]
		return fmt.Errorf("%w: %s, last heard of %s: wait for it, or, where it was cut off, import the file again, or let what is stored count with telltale imports forget %s%s",
			ErrUnderWay, h.text(), h.heard.UTC().Format(time.DateTime), h.id, others(len(all)-1))
	}
	return nil
}

// mayLive reports whether the process of an import may be at work: nobody can tell where others can reach the store.
func (s *Scorer) mayLive(h *halfImported) bool {
	return h.state == stateRunning && !h.heard.Before(s.deps.AloneSince)
}

func (h *halfImported) text() string {
	stored := "some rows may be stored"
	if h.rows > 0 {
		stored = fmt.Sprintf("at least %d rows stored", h.rows)
	}
	return fmt.Sprintf("%s from %s, begun %s, %s", h.kind, h.file, h.started.UTC().Format(time.DateTime), stored)
}

func others(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more: telltale imports)", n)
}
