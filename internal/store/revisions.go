package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"telltale/internal/signals"
)

// revision is what newer rules said last of a signal.
type revision struct {
	SignalID         uuid.UUID `ch:"signal_id"`
	KnownFrom        time.Time `ch:"known_from"`
	ReadAt           time.Time `ch:"read_at"`
	Retired          bool      `ch:"retired"`
	Version          string    `ch:"version"`
	Strength         float32   `ch:"strength"`
	Confidence       float32   `ch:"confidence"`
	Sign             int8      `ch:"sign"`
	Evidence         string    `ch:"evidence"`
	ExtractorVersion string    `ch:"extractor_version"`

	domain string
	offset int
}

// reviseShown brings revised signals up to what a later fetch shows: without it a retired signal would never come back, and a changed one
// would stay as the re-extraction left it. Stores that were never re-extracted have no revisions, and this is one look at an empty table.
func (s *Store) reviseShown(ctx context.Context, rows []signals.Signal) error {
	var names []string
	for i := range rows {
		if n := len(names); n == 0 || names[n-1] != rows[i].Domain {
			names = append(names, rows[i].Domain)
		}
	}
	slices.Sort(names)
	latest := map[uuid.UUID]*revision{}
	for chunk := range slices.Chunk(slices.Compact(names), urlChunk) {
		var stored []revision
		if err := s.Select(ctx, &stored, text("revisions"), Params{"domains": chunk}); err != nil {
			return fmt.Errorf("read revisions: %w", err)
		}
		for i := range stored {
			latest[stored[i].SignalID] = &stored[i]
		}
	}
	if len(latest) == 0 {
		return nil
	}
	fresh := shown(rows, latest)
	if len(fresh) == 0 {
		return nil
	}
	for i := range fresh {
		was := "changed"
		if latest[fresh[i].SignalID].Retired {
			was = "retired"
		}
		s.metrics.revisions.WithLabelValues(was).Inc()
	}
	return s.insertBlock(ctx, "revision_rows", len(fresh), revisionColumns(fresh))
}

// shown are the revisions that rows make of those that stand. Rows of older rules, and of fetches that the re-extraction
// has read, say nothing new.
func shown(rows []signals.Signal, latest map[uuid.UUID]*revision) []revision {
	order := make([]*signals.Signal, len(rows))
	for i := range rows {
		order[i] = &rows[i]
	}
	slices.SortStableFunc(order, func(a, b *signals.Signal) int { return a.DetectedAt.Compare(b.DetectedAt) })
	fresh := map[uuid.UUID]revision{}
	for _, row := range order {
		id := row.ID()
		was := latest[id]
		if was == nil || !row.DetectedAt.After(was.ReadAt) || olderRules(row.ExtractorVersion, was.ExtractorVersion) {
			continue
		}
		known := row.DetectedAt
		if !known.After(was.KnownFrom) {
			known = was.KnownFrom.Add(time.Millisecond)
		}
		now := revision{SignalID: id, KnownFrom: known, ReadAt: row.DetectedAt, Version: row.Version, Strength: float32(row.Strength), Confidence: float32(row.Confidence),
			Sign: row.Sign, Evidence: row.Evidence, ExtractorVersion: row.ExtractorVersion, domain: row.Domain, offset: row.Offset}
		delete(fresh, id)
		if !now.says(was) {
			fresh[id] = now
		}
	}
	out := make([]revision, 0, len(fresh))
	for _, r := range fresh {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b revision) int { return cmp.Compare(a.SignalID.String(), b.SignalID.String()) })
	return out
}

// says reports that two revisions say the same of their signal.
func (r *revision) says(other *revision) bool {
	return !r.Retired && !other.Retired && r.Version == other.Version && r.Strength == other.Strength && r.Confidence == other.Confidence &&
		r.Sign == other.Sign && r.Evidence == other.Evidence
}

// olderRules compares versions of the extractor: whole numbers by value, others as text.
func olderRules(a, b string) bool {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return x < y
	}
	return a < b
}

func revisionColumns(rows []revision) []column {
	type R = revision
	return []column{
		project("domain", rows, func(r *R) string { return r.domain }),
		project("signal_id", rows, func(r *R) uuid.UUID { return r.SignalID }),
		project("known_from", rows, func(r *R) time.Time { return r.KnownFrom }),
		project("read_at", rows, func(r *R) time.Time { return r.ReadAt }),
		project("retired", rows, func(r *R) bool { return r.Retired }),
		project("version", rows, func(r *R) string { return r.Version }),
		project("strength", rows, func(r *R) float32 { return r.Strength }),
		project("confidence", rows, func(r *R) float32 { return r.Confidence }),
		project("sign", rows, func(r *R) int8 { return r.Sign }),
		project("evidence", rows, func(r *R) string { return r.Evidence }),
		project("evidence_offset", rows, func(r *R) uint32 { return count32(r.offset) }),
		project("extractor_version", rows, func(r *R) string { return r.ExtractorVersion }),
	}
}
