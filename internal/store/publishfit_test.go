package store

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestFitScoresOfAProductBecomeVisibleTogether(t *testing.T) {
	s := migrated(t)
	known := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	count := func(query string) uint64 {
		t.Helper()
		var rows []struct {
			N uint64 `ch:"n"`
		}
		if err := s.Select(t.Context(), &rows, query, nil); err != nil {
			t.Fatal(err)
		}
		return rows[0].N
	}
	visible := func() uint64 { return count("SELECT count() AS n FROM fit_scores") }
	stages := func() uint64 {
		return count("SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'fit_score_stage_')")
	}
	batch := func(from int) []FitScore {
		rows := make([]FitScore, 100)
		for i := range rows {
			rows[i] = FitScore{AccountID: fmt.Sprint("A", from+i), Product: "Azure", Model: "m", Score: float32(i)}
		}
		return rows
	}
	broken := errors.New("the engine stopped")
	for _, fails := range []bool{true, false} {
		done, err := s.PublishFit(t.Context(), known, func(write func([]FitScore) error) error {
			for from := 0; from < 300; from += 100 {
				if err := write(batch(from)); err != nil {
					return err
				}
				if n := visible(); n != 0 {
					t.Errorf("readers see %d scores of a product that is being scored", n)
				}
			}
			if fails {
				return broken
			}
			return nil
		})
		want := uint64(300)
		if fails {
			want = 0
		}
		if errors.Is(err, broken) != fails || done.Written != int(want) || visible() != want || stages() != 0 {
			t.Errorf("failing %v: %+v, %v; %d visible, %d stages", fails, done, err, visible(), stages())
		}
	}
	again, err := s.PublishFit(t.Context(), known.AddDate(0, 0, 1), func(write func([]FitScore) error) error { return write(batch(200)) })
	if err != nil || again.Written != 0 || visible() != 300 {
		t.Errorf("once more: %+v, %v", again, err)
	}
}
