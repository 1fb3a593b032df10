package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
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

// Replay does a published run once more, unpublished, with its as_of, known_by, weights and matrix, and compares the rows. What is published stays.
// Segments, calendar and fiscal year are this program's. Errors wrap ErrNoRun where the run, its rows or its weights are no longer stored, and those
// of RunAt.
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

// dress gives a configuration the weights and the matrix of a run, by their versions.
func (s *Scorer) dress(ctx context.Context, cfg *Config, run *RunInfo) error {
	weights, err := s.content(ctx, "intent", run.IntentModel)
	if err != nil {
		return err
	}
	var w intent.Weights
	if err := json.Unmarshal([]byte(weights), &w); err != nil {
		return fmt.Errorf("weights %s: %w", run.IntentModel, err)
	}
	cells, err := s.content(ctx, "matrix", run.Matrix)
	if err != nil {
		return err
	}
	m, err := matrix.Load(strings.NewReader(cells))
	if err != nil {
		return err
	}
	if w.ID() != run.IntentModel || m.ID() != run.Matrix {
		return fmt.Errorf("%w: the weights or the matrix stored under its versions are others: %s, %s", ErrNoRun, w.ID(), m.ID())
	}
	cfg.Weights, cfg.Matrix = w, m
	return cfg.validate()
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
