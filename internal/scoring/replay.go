package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
)

// Replayed is what a run says against the same run done again from what is stored today.
type Replayed struct {
	Run RunInfo
	// Same rows are alike to the last point and signal; Missing are only in the run, Added only in the replay.
	Same, Different, Missing, Added int64
	// GoneSignals are signals that the run names and that are no longer stored, of GoneOf accounts; GoneAccounts and GoneFits are accounts and fit
	// scores of which the same is true. Retention or an erasure removed them. Touched names the first accounts concerned.
	GoneSignals, GoneOf, GoneAccounts, GoneFits int64
	Touched                                     []string
	// Moves are the first accounts and products that stand in another cell, with the reasons.
	Moves []Move
}

// Whole reports that the replay gives the run's rows, all of them and no others.
func (r *Replayed) Whole() bool { return r.Different == 0 && r.Missing == 0 && r.Added == 0 }

// Replay does a published run once more, unpublished, by its own times and rules (weights, matrix, segments, calendar, fiscal year, which fit wins), and
// compares the rows. What is published stays. Of this Scorer are the rules that the run does not keep (RunInfo.Kept) and how large its spans are. Errors
// wrap ErrNoRun where the run, its rows or one of its rules is no longer stored, and those of RunAt.
func (s *Scorer) Replay(ctx context.Context, id string, most int) (*Replayed, error) {
	out, err := s.replay(ctx, id, most)
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", id, err)
	}
	return out, nil
}

func (s *Scorer) replay(ctx context.Context, id string, most int) (*Replayed, error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(runs, func(r RunInfo) bool { return r.RunID == id })
	if i < 0 {
		return nil, ErrNoRun
	}
	out := &Replayed{Run: runs[i]}
	if state := out.Run.State; state != statePublished && state != stateSuperseded {
		return nil, fmt.Errorf("%w with rows: it is %s", ErrNoRun, state)
	}
	again := *s
	if err := s.dress(ctx, &again.cfg, &out.Run); err != nil {
		return nil, err
	}
	req := Request{Month: out.Run.Month, AsOf: out.Run.AsOf, KnownBy: out.Run.KnownBy}
	_, err = again.Rehearse(ctx, req, func(ctx context.Context, sum Summary) error { return s.compare(ctx, out, sum.RunID, most) })
	return out, err
}

// dress gives a configuration what a run was done by, by versions. Of a run that is older than the record of segments, calendar, fiscal year and preferred
// fit it keeps these as they are.
func (s *Scorer) dress(ctx context.Context, cfg *Config, run *RunInfo) error {
	var w intent.Weights // not over those of cfg, whose rows this scorer shares
	err := s.restore(ctx, "intent", run.IntentModel, func(text string) (string, error) {
		err := json.Unmarshal([]byte(text), &w)
		return w.ID(), err
	})
	if err != nil {
		return err
	}
	err = s.restore(ctx, "matrix", run.Matrix, func(text string) (id string, err error) {
		cfg.Matrix, err = matrix.Load(strings.NewReader(text))
		return cfg.Matrix.ID(), err
	})
	if err != nil {
		return err
	}
	cfg.Weights = w
	if run.Kept() {
		if err := s.dressRules(ctx, cfg, run); err != nil {
			return err
		}
	}
	return cfg.validate()
}

func (s *Scorer) dressRules(ctx context.Context, cfg *Config, run *RunInfo) error {
	var rules segments.Rules
	err := s.restore(ctx, "segments", run.Segments, func(text string) (string, error) {
		err := json.Unmarshal([]byte(text), &rules)
		return rules.ID(), err
	})
	if err != nil {
		return err
	}
	err = s.restore(ctx, "calendar", run.Calendar, func(text string) (id string, err error) {
		cfg.Calendar, err = support.Load(strings.NewReader(text))
		return cfg.Calendar.ID(), err
	})
	if err != nil {
		return err
	}
	cfg.Segments, cfg.FiscalYearStart, cfg.PreferComputedFit = rules, run.FiscalYearStart, run.ComputedFirst()
	return nil
}

// restore has the content of a version read, and holds the id of what was read to the version.
func (s *Scorer) restore(ctx context.Context, name, version string, read func(text string) (id string, err error)) error {
	text, err := s.content(ctx, name, version)
	if err != nil {
		return err
	}
	id, err := read(text)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", name, version, err)
	case id != version:
		return fmt.Errorf("%w that can be replayed: what is stored as its %s %s is %s", ErrNoRun, name, version, id)
	}
	return nil
}

func (s *Scorer) content(ctx context.Context, name, version string) (string, error) {
	text, err := s.sql.text("content", scope{})
	if err != nil {
		return "", err
	}
	content := ""
	err = s.deps.DB.Each(ctx, text, map[string]any{"name": name, "version": version}, func(into func(dest ...any) error) error { return into(&content) })
	if err == nil && content == "" {
		err = fmt.Errorf("%w that can be replayed: its %s %s is no longer stored", ErrNoRun, name, version)
	}
	return content, err
}

// compare reads both runs while the replay's rows stand.
func (s *Scorer) compare(ctx context.Context, out *Replayed, to string, most int) error {
	args := map[string]any{"month": day(out.Run.Month.Start()), "from": out.Run.RunID, "to": to}
	var touched string
	for _, q := range []struct {
		name string
		into []any
	}{
		{"replayed", []any{&out.Same, &out.Different, &out.Missing, &out.Added}},
		{"removed", []any{&out.GoneSignals, &out.GoneOf, &out.GoneAccounts, &out.GoneFits, &touched}},
	} {
		text, err := s.sql.text(q.name, scope{})
		if err != nil {
			return err
		}
		if err := s.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error { return into(q.into...) }); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	if err := json.Unmarshal([]byte(touched), &out.Touched); err != nil {
		return fmt.Errorf("removed: %w", err)
	}
	if out.Same+out.Different+out.Missing == 0 {
		return fmt.Errorf("%w with rows: retention has removed all of them", ErrNoRun)
	}
	var err error
	out.Moves, err = s.moves(ctx, "movers", out.Run.RunID, map[string]any{"from": plain(out.Run.RunID), "to": plain(to), "most": fmt.Sprint(most)})
	return err
}
