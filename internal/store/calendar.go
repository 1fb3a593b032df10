package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"telltale/internal/intent/support"
)

// calendarRow is a release as it is stored.
type calendarRow struct {
	support.Release
	product, version string
	spellings        []string
}

// SeedCalendar stores a calendar unless it was stored before: whichever was loaded last stays the present one.
func (s *Store) SeedCalendar(ctx context.Context, c support.Calendar) error {
	return s.loadCalendar(ctx, c, "end_of_support_seen")
}

// WriteCalendar makes a calendar the present one of the view end_of_support; one that is already costs a look. The whole calendar
// is one block: it is there, or it is not.
func (s *Store) WriteCalendar(ctx context.Context, c support.Calendar) error {
	return s.loadCalendar(ctx, c, "end_of_support_present")
}

func (s *Store) loadCalendar(ctx context.Context, c support.Calendar, unless string) error {
	raw, err := json.Marshal(c) // the version and the releases; nothing else of it is exported
	if err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	sum := sha256.Sum256(raw)
	checksum := hex.EncodeToString(sum[:])
	var there []struct {
		Found bool `ch:"found"`
	}
	if err := s.Select(ctx, &there, text(unless), Params{"checksum": checksum}); err != nil || len(there) > 0 || len(c.Releases) == 0 {
		return err
	}
	rows := make([]calendarRow, len(c.Releases))
	for i, r := range c.Releases {
		rows[i] = calendarRow{Release: r, spellings: []string{}}
		rows[i].product, rows[i].version = r.Product()
		for _, name := range r.Spellings() {
			rows[i].spellings = append(rows[i].spellings, strings.TrimPrefix(strings.ToLower(name), "microsoft "))
		}
	}
	type R = calendarRow
	now := s.cfg.Clock()
	return s.insertBlock(ctx, "end_of_support_rows", len(rows), []column{
		project("checksum", rows, func(*R) string { return checksum }),
		project("release", rows, func(r *R) string { return r.Name }),
		project("calendar", rows, func(*R) string { return c.Version }),
		project("product", rows, func(r *R) string { return r.product }),
		project("version", rows, func(r *R) string { return r.version }),
		project("mainstream_end", rows, func(r *R) *time.Time { return orNil(r.Mainstream) }),
		project("extended_end", rows, func(r *R) time.Time { return r.Ends }),
		project("paid_end", rows, func(r *R) *time.Time { return orNil(r.PaidUntil) }),
		project("replaced_by", rows, func(r *R) []string { return append([]string{}, r.Products...) }),
		project("spellings", rows, func(r *R) []string { return r.spellings }),
		project("source", rows, func(r *R) string { return r.Source }),
		project("loaded_at", rows, func(*R) time.Time { return now }),
	})
}
