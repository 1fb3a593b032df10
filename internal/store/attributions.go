package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"telltale/internal/domains"
	"telltale/internal/signals"
)

// urlChunk is how many addresses are asked for at a time: parameters travel in the head of a request.
const urlChunk = 500

// decidedRow is the matcher's latest decision about an address.
type decidedRow struct {
	URL            string   `ch:"url"`
	ContentHash    string   `ch:"content_hash"`
	Verdict        string   `ch:"verdict"`
	AccountID      string   `ch:"account_id"`
	CandidateIDs   []string `ch:"candidate_ids"`
	MatcherVersion string   `ch:"matcher_version"`
}

// WriteAttributions stores what the matcher decided about pages; it returns when all is durable. A decision that says what the
// one before said of the address writes nothing, so a page that is read again and again has one row. The same call may come
// any number of times. Errors wrap signals.ErrInvalid where one of them must not be stored, and then none is.
func (s *Store) WriteAttributions(ctx context.Context, rows []signals.Attribution) error {
	for i := range rows {
		if err := rows[i].Validate(); err != nil {
			return fmt.Errorf("write attributions: row %d: %w", i, err)
		}
	}
	for chunk := range slices.Chunk(rows, urlChunk) {
		news, err := s.undecided(ctx, chunk)
		if err != nil {
			return fmt.Errorf("write attributions: %w", err)
		}
		if len(news) == 0 {
			continue
		}
		if err := s.insertBlock(ctx, "attribution_rows", len(news), attributionColumns(news)); err != nil {
			return fmt.Errorf("write attributions: %w", err)
		}
	}
	return nil
}

// undecided are the decisions that differ from the latest about their address.
func (s *Store) undecided(ctx context.Context, rows []signals.Attribution) ([]signals.Attribution, error) {
	urls := make([]string, len(rows))
	for i := range rows {
		urls[i] = rows[i].URL
	}
	var stored []decidedRow
	if err := s.Select(ctx, &stored, text("decided"), Params{"urls": urls}); err != nil {
		return nil, err
	}
	latest := make(map[string]*decidedRow, len(stored))
	for i := range stored {
		latest[stored[i].URL] = &stored[i]
	}
	var news []signals.Attribution
	for i := range rows {
		if before := latest[rows[i].URL]; before == nil || !before.says(&rows[i]) {
			news = append(news, rows[i])
		}
	}
	return news, nil
}

func (d *decidedRow) says(a *signals.Attribution) bool {
	return d.ContentHash == a.ContentHash && d.Verdict == string(a.Verdict) && d.AccountID == a.AccountID && d.MatcherVersion == a.Version &&
		slices.EqualFunc(d.CandidateIDs, a.Candidates, func(id string, c signals.Candidate) bool { return id == c.AccountID })
}

func attributionColumns(rows []signals.Attribution) []column {
	type A = signals.Attribution
	return []column{
		project("url", rows, func(r *A) string { return r.URL }),
		project("content_hash", rows, func(r *A) string { return r.ContentHash }),
		project("origin", rows, func(r *A) string { return string(r.Origin) }),
		project("known_from", rows, func(r *A) time.Time { return r.KnownFrom }),
		project("domain", rows, func(r *A) string { return r.Domain }),
		project("watch", rows, func(r *A) string { return r.Watch }),
		project("verdict", rows, func(r *A) string { return string(r.Verdict) }),
		project("account_id", rows, func(r *A) string { return r.AccountID }),
		project("confidence", rows, func(r *A) float32 { return float32(r.Confidence) }),
		project("evidence", rows, func(r *A) string { return r.Evidence }),
		project("why", rows, func(r *A) string { return r.Why }),
		project("candidate_ids", rows, func(r *A) []string {
			return each(r.Candidates, func(c *signals.Candidate) string { return c.AccountID })
		}),
		project("candidate_confidences", rows, func(r *A) []float32 {
			return each(r.Candidates, func(c *signals.Candidate) float32 { return float32(c.Confidence) })
		}),
		project("candidate_evidence", rows, func(r *A) []string {
			return each(r.Candidates, func(c *signals.Candidate) string { return c.Evidence })
		}),
		project("candidate_reasons", rows, func(r *A) []string { return each(r.Candidates, func(c *signals.Candidate) string { return c.Why }) }),
		project("valid_from", rows, func(r *A) time.Time { return epochOr(r.ValidFrom) }),
		project("valid_to", rows, func(r *A) time.Time {
			if r.ValidTo.IsZero() {
				return endOfTime()
			}
			return r.ValidTo
		}),
		project("matcher_version", rows, func(r *A) string { return r.Version }),
	}
}

func each[T, V any](list []T, field func(*T) V) []V {
	out := make([]V, len(list))
	for i := range list {
		out[i] = field(&list[i])
	}
	return out
}

// Correction is a person's decision: the page at URL, or any page whose text has ContentHash, speaks of an account, or of
// nobody where AccountID is empty. One of URL and ContentHash is set.
type Correction struct {
	URL, ContentHash, AccountID string
	// ValidFrom and ValidTo bound when it holds; zero means always.
	ValidFrom, ValidTo time.Time
}

func (c *Correction) target() string {
	if c.URL != "" {
		return c.URL
	}
	return c.ContentHash
}

// ImportCorrections stores corrections, known since known, that differ from those that stand. They win over the matcher in every view at once
// and in what is extracted and scored from then on; nothing is rewritten.
func (s *Store) ImportCorrections(ctx context.Context, corrections []Correction, known time.Time) (Imported, error) {
	done := Imported{Rows: len(corrections)}
	for chunk := range slices.Chunk(corrections, urlChunk) {
		var stored []struct {
			Target    string `ch:"target"`
			AccountID string `ch:"account_id"`
		}
		if err := s.Select(ctx, &stored, text("import_attributions"), Params{"targets": each(chunk, (*Correction).target)}); err != nil {
			return done, fmt.Errorf("import attributions: %w", err)
		}
		latest := map[string]string{}
		for _, r := range stored {
			latest[r.Target] = r.AccountID
		}
		var rows []signals.Attribution
		for i := range chunk {
			c := &chunk[i]
			before, has := latest[c.target()]
			if has && before == c.AccountID && c.ValidFrom.IsZero() && c.ValidTo.IsZero() {
				continue
			}
			rows = append(rows, c.row(known))
		}
		if len(rows) == 0 {
			continue
		}
		if err := s.insertBlock(ctx, "attribution_rows", len(rows), attributionColumns(rows)); err != nil {
			return done, fmt.Errorf("import attributions: %w", err)
		}
		done.Written += len(rows)
	}
	return done, nil
}

func (c *Correction) row(known time.Time) signals.Attribution {
	a := signals.Attribution{
		URL: c.URL, ContentHash: c.ContentHash, Origin: signals.ByCorrection, Verdict: signals.Nobody, AccountID: c.AccountID, Confidence: 1,
		Why: "corrected by hand", KnownFrom: known, ValidFrom: c.ValidFrom, ValidTo: c.ValidTo,
	}
	if c.AccountID != "" {
		a.Verdict = signals.Attributed
	}
	return a
}

// EachCorrection calls do with every correction that stands: an address or a content hash, and the account, "" for nobody.
func (s *Store) EachCorrection(ctx context.Context, do func(target, accountID string) error) error {
	return s.Each(ctx, text("corrections"), nil, func(into func(dest ...any) error) error {
		var target, account string
		if err := into(&target, &account); err != nil {
			return err
		}
		return do(target, account)
	})
}

// EachName calls do with every account that is not deleted: ID, Name, Domains it owns now, Country and Industry. The account is
// good until do returns.
func (s *Store) EachName(ctx context.Context, do func(*domains.Account) error) error {
	return s.Each(ctx, text("names"), nil, func(into func(dest ...any) error) error {
		var a domains.Account
		if err := into(&a.ID, &a.Name, &a.Country, &a.Industry, &a.Domains); err != nil {
			return err
		}
		return do(&a)
	})
}

// NamesState is a text that changes whenever accounts, domains or corrections do.
func (s *Store) NamesState(ctx context.Context) (string, error) {
	var rows []struct {
		State string `ch:"state"`
	}
	if err := s.Select(ctx, &rows, text("names_changed"), nil); err != nil {
		return "", err
	}
	if len(rows) != 1 {
		return "", fmt.Errorf("state of names: %d rows", len(rows))
	}
	return rows[0].State, nil
}
