package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"telltale/internal/signals"
)

// WriteSignals stores signals; it returns when all are durable. The same signals may come any number of
// times, in any company: they merge by identity. One that newer rules retired or changed and that a later fetch shows is
// revised again, known from that fetch. Errors wrap signals.ErrInvalid where one of them must
// not be stored, and then none is.
func (s *Store) WriteSignals(ctx context.Context, rows []signals.Signal) error {
	for i := range rows {
		if err := rows[i].Validate(); err != nil {
			return fmt.Errorf("write signals: row %d: %w", i, err)
		}
	}
	last, part := "", partitionOf("")
	partition := func(r *signals.Signal) int {
		if r.Domain != last { // a page's signals come together
			last, part = r.Domain, partitionOf(r.Domain)
		}
		return part
	}
	if err := insertParted(ctx, s, "signal_rows", rows, partition, signalColumns); err != nil {
		return err
	}
	return s.reviseShown(ctx, rows)
}

func signalColumns(rows []signals.Signal) []column {
	type S = signals.Signal
	return []column{
		project("domain", rows, func(r *S) string { return r.Domain }),
		project("kind", rows, func(r *S) string { return string(r.Kind) }),
		project("name", rows, func(r *S) string { return r.Name }),
		project("product", rows, func(r *S) string { return r.Product }),
		project("signal_id", rows, func(r *S) uuid.UUID { return r.ID() }),
		project("version", rows, func(r *S) string { return r.Version }),
		project("strength", rows, func(r *S) float32 { return float32(r.Strength) }),
		project("confidence", rows, func(r *S) float32 { return float32(r.Confidence) }),
		project("sign", rows, func(r *S) int8 { return r.Sign }),
		project("observed_at", rows, func(r *S) time.Time { return r.ObservedAt }),
		project("dated", rows, func(r *S) bool { return r.Dated }),
		project("detected_at", rows, func(r *S) time.Time { return r.DetectedAt }),
		project("last_seen", rows, func(r *S) time.Time { return r.DetectedAt }),
		project("source", rows, func(r *S) string { return string(r.Source) }),
		project("url", rows, func(r *S) string { return r.URL }),
		project("evidence", rows, func(r *S) string { return r.Evidence }),
		project("evidence_offset", rows, func(r *S) uint32 { return count32(r.Offset) }),
		project("content_hash", rows, func(r *S) string { return r.ContentHash }),
		project("extractor_version", rows, func(r *S) string { return r.ExtractorVersion }),
	}
}

// StoredSignal is a signal as it stands after merging, with the account that owns it now.
type StoredSignal struct {
	SignalID         uuid.UUID `ch:"signal_id"`
	AccountID        string    `ch:"account_id"`
	Domain           string    `ch:"domain"`
	Kind             string    `ch:"kind"`
	Name             string    `ch:"name"`
	Product          string    `ch:"product"`
	Version          string    `ch:"version"`
	Strength         float32   `ch:"strength"`
	Confidence       float32   `ch:"confidence"`
	Sign             int8      `ch:"sign"`
	ObservedAt       time.Time `ch:"observed_at"`
	Dated            bool      `ch:"dated"`
	DetectedAt       time.Time `ch:"detected_at"`
	LastSeen         time.Time `ch:"last_seen"`
	Source           string    `ch:"source"`
	URL              string    `ch:"url"`
	Evidence         string    `ch:"evidence"`
	EvidenceOffset   uint32    `ch:"evidence_offset"`
	ContentHash      string    `ch:"content_hash"`
	ExtractorVersion string    `ch:"extractor_version"`
}

// SignalsOf returns an account's signals on the domains it owns now, the latest observation first, at most limit.
func (s *Store) SignalsOf(ctx context.Context, accountID string, limit int) ([]StoredSignal, error) {
	var owned []struct {
		Domain string `ch:"domain"`
	}
	if err := s.Select(ctx, &owned, text("owned_domains"), Params{"account": accountID}); err != nil {
		return nil, err
	}
	if len(owned) == 0 {
		return nil, nil
	}
	names := make([]string, len(owned))
	for i, o := range owned {
		names[i] = o.Domain
	}
	return s.signalsOf(ctx, accountID, names, limit)
}

// SignalsOfDomain returns a domain's signals, the latest observation first, at most limit. AccountID is left empty.
func (s *Store) SignalsOfDomain(ctx context.Context, domain string, limit int) ([]StoredSignal, error) {
	return s.signalsOf(ctx, "", []string{domain}, limit)
}

func (s *Store) signalsOf(ctx context.Context, account string, names []string, limit int) ([]StoredSignal, error) {
	var revised []struct {
		Found bool `ch:"found"`
	}
	if err := s.Select(ctx, &revised, text("any_revision"), Params{"domains": names}); err != nil {
		return nil, err
	}
	query := "signals_of_domains"
	if len(revised) > 0 { // the join costs as much as all the rest, and few domains need it
		query = "revised_signals_of_domains"
	}
	var rows []StoredSignal
	err := s.Select(ctx, &rows, text(query), Params{"account": account, "domains": names, "limit": count32(limit)})
	return rows, err
}
