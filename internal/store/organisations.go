package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"telltale/internal/signals"
)

// WriteOrganisations stores what domains state of their organisations; it returns when all is durable. It is one block into one
// partition; the same statements may come any number of times and merge by identity. Errors wrap signals.ErrInvalid where one of
// them must not be stored, and then none is.
func (s *Store) WriteOrganisations(ctx context.Context, rows []signals.Organisation) error {
	for i := range rows {
		if err := rows[i].Validate(); err != nil {
			return fmt.Errorf("write organisations: row %d: %w", i, err)
		}
	}
	return insertParted(ctx, s, "organisation_rows", rows, func(*signals.Organisation) int { return 0 }, organisationColumns)
}

func organisationColumns(rows []signals.Organisation) []column {
	type O = signals.Organisation
	return []column{
		project("domain", rows, func(r *O) string { return r.Domain }),
		project("organisation_id", rows, func(r *O) uuid.UUID { return r.ID() }),
		project("name", rows, func(r *O) string { return r.Name }),
		project("legal_name", rows, func(r *O) string { return r.LegalName }),
		project("founded", rows, func(r *O) string { return r.Founded }),
		project("employees_min", rows, func(r *O) uint32 { return count32(r.EmployeesMin) }),
		project("employees_max", rows, func(r *O) uint32 { return count32(r.EmployeesMax) }),
		project("country", rows, func(r *O) string { return r.Country }),
		project("region", rows, func(r *O) string { return r.Region }),
		project("locality", rows, func(r *O) string { return r.Locality }),
		project("same_as", rows, func(r *O) []string { return append([]string{}, r.SameAs...) }),
		project("home", rows, func(r *O) bool { return r.Home }),
		project("url", rows, func(r *O) string { return r.URL }),
		project("content_hash", rows, func(r *O) string { return r.ContentHash }),
		project("observed_at", rows, func(r *O) time.Time { return r.ObservedAt }),
		project("detected_at", rows, func(r *O) time.Time { return r.DetectedAt }),
		project("last_seen", rows, func(r *O) time.Time { return r.DetectedAt }),
		project("extractor_version", rows, func(r *O) string { return r.ExtractorVersion }),
	}
}
