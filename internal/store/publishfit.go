package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// fitStage begins the names of tables that fit scores are gathered in before readers see them.
const fitStage = "fit_score_stage_"

// PublishFit stores the fit scores that fill writes, those that are new or differ, known since known: readers see all of them or none. Where
// fill fails or the process dies nothing is stored; what a dead process left is dropped a day later.
func (s *Store) PublishFit(ctx context.Context, known time.Time, fill func(write func([]FitScore) error) error) (done Imported, err error) {
	if err := s.sweepStages(ctx); err != nil {
		return done, fmt.Errorf("publish fit scores: %w", err)
	}
	var chance [8]byte
	_, _ = rand.Read(chance[:]) // never fails (crypto/rand)
	stage := fitStage + hex.EncodeToString(chance[:])
	if err := s.Exec(ctx, "CREATE TABLE "+stage+" AS fit_score_rows", nil); err != nil {
		return done, fmt.Errorf("publish fit scores: %w", err)
	}
	defer func() {
		err = errors.Join(err, s.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+stage+" SYNC", nil))
		s.mu.Lock()
		delete(s.columns, stage)
		s.mu.Unlock()
	}()
	im := fitImporter()
	im.table = stage
	err = fill(func(rows []FitScore) error {
		n, err := im.run(ctx, s, dated(rows), known)
		done.Rows, done.Written = done.Rows+n.Rows, done.Written+n.Written
		return err
	})
	if err != nil {
		return Imported{}, err
	}
	if done.Written == 0 {
		return done, nil
	}
	// All parts become visible at once, as the engine commits them together.
	if err := s.Exec(ctx, "ALTER TABLE fit_score_rows ATTACH PARTITION ID 'all' FROM "+stage, nil); err != nil {
		return Imported{}, fmt.Errorf("publish fit scores: %w", err)
	}
	return done, nil
}

// sweepStages drops what dead processes left.
func (s *Store) sweepStages(ctx context.Context) error {
	var left []struct {
		Name string `ch:"name"`
	}
	if err := s.Select(ctx, &left, text("stages"), Params{"prefix": fitStage}); err != nil {
		return err
	}
	for _, t := range left {
		if err := s.Exec(ctx, "DROP TABLE IF EXISTS "+t.Name+" SYNC", nil); err != nil {
			return err
		}
	}
	return nil
}
