package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// importChunk is how many accounts' rows are compared at a time.
const importChunk = 5_000

// importer says how rows of one kind are compared with what is known and written.
type importer[T any] struct {
	table string
	// current names the query that reads what is known of accounts.
	current string
	account func(*T) string
	// key is what two versions of one row share; same whether they say the same.
	key     func(*T) string
	same    func(known, given *T) bool
	columns func(rows []T) []column
}

// run writes the rows that are new or differ from the latest version, under known: importing a file
// twice, or after half of it was written, changes nothing more.
func (im importer[T]) run(ctx context.Context, s *Store, rows []T, known time.Time) (Imported, error) {
	done := Imported{Rows: len(rows)}
	byAccount := map[string][]int{}
	for i := range rows {
		id := im.account(&rows[i])
		byAccount[id] = append(byAccount[id], i)
	}
	ids := make([]string, 0, len(byAccount))
	for id := range byAccount {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(ids, importChunk) {
		var stored []T
		if err := s.Select(ctx, &stored, text(im.current), Params{"accounts": chunk}); err != nil {
			return done, fmt.Errorf("import %s: %w", im.table, err)
		}
		latest := make(map[string]*T, len(stored))
		for i := range stored {
			latest[im.key(&stored[i])] = &stored[i]
		}
		var changed []T
		for _, id := range chunk {
			for _, i := range byAccount[id] {
				if before, has := latest[im.key(&rows[i])]; !has || !im.same(before, &rows[i]) {
					changed = append(changed, rows[i])
				}
			}
		}
		for block := range slices.Chunk(changed, maxBlockRows) {
			columns := append(im.columns(block), project("known_from", block, func(*T) time.Time { return known }))
			if err := s.insertBlock(ctx, im.table, len(block), columns); err != nil {
				return done, fmt.Errorf("import %s: %w", im.table, err)
			}
		}
		done.Written += len(changed)
	}
	return done, nil
}

func always[T any](*T, *T) bool { return true }

// ImportFit stores fit scores from outside or from a model, known since known.
func (s *Store) ImportFit(ctx context.Context, rows []FitScore, known time.Time) (Imported, error) {
	return fitImporter().run(ctx, s, dated(rows), known)
}

// dated gives scores without a first day the epoch's.
func dated(rows []FitScore) []FitScore {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].ValidFrom = epochOr(rows[i].ValidFrom)
	}
	return rows
}

func fitImporter() importer[FitScore] {
	type R = FitScore
	return importer[R]{
		table: "fit_score_rows", current: "import_fit",
		account: func(r *R) string { return r.AccountID },
		key: func(r *R) string {
			return fmt.Sprint(r.AccountID, "\x00", r.Product, "\x00", r.ValidFrom.Unix(), r.Model)
		},
		same: func(a, b *R) bool {
			return a.Score == b.Score && a.Imported == b.Imported && equalTo(a.Probability, b.Probability)
		},
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
				project("valid_from", rows, func(r *R) time.Time { return r.ValidFrom }),
				project("model", rows, func(r *R) string { return r.Model }),
				project("imported", rows, func(r *R) bool { return r.Imported }),
				project("score", rows, func(r *R) float32 { return r.Score }),
				project("probability", rows, func(r *R) *float64 { return r.Probability }),
			}
		},
	}
}

// ImportSubscriptions stores subscriptions, known since known.
func (s *Store) ImportSubscriptions(ctx context.Context, rows []Subscription, known time.Time) (Imported, error) {
	type R = Subscription
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Start, rows[i].End = epochOr(rows[i].Start), dayOrNil(rows[i].End)
	}
	return importer[R]{
		table: "subscription_rows", current: "import_subscriptions",
		account: func(r *R) string { return r.AccountID },
		key: func(r *R) string {
			return fmt.Sprint(r.AccountID, "\x00", r.Product, "\x00", r.SKU, "\x00", r.Start.Unix(), r.AgreementID)
		},
		same: func(a, b *R) bool {
			return sameDay(a.End, b.End) && equalTo(a.Seats, b.Seats) && equalTo(a.AnnualRevenue, b.AnnualRevenue) && a.Program == b.Program
		},
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
				project("sku", rows, func(r *R) string { return r.SKU }),
				project("start", rows, func(r *R) time.Time { return r.Start }),
				project("agreement_id", rows, func(r *R) string { return r.AgreementID }),
				project("end", rows, func(r *R) *time.Time { return r.End }),
				project("seats", rows, func(r *R) *uint32 { return r.Seats }),
				project("annual_revenue", rows, func(r *R) *string { return decimalOrNil(r.AnnualRevenue) }),
				project("program", rows, func(r *R) string { return r.Program }),
			}
		},
	}.run(ctx, s, rows, known)
}

// ImportTransactions stores sales, known since known. Equal sales of one call stay as many as they are.
func (s *Store) ImportTransactions(ctx context.Context, rows []Transaction, known time.Time) (Imported, error) {
	type R = Transaction
	rows = slices.Clone(rows)
	seen := map[Transaction]uint32{}
	for i := range rows {
		rows[i].Date, rows[i].Ordinal = epochOr(rows[i].Date), 0
		key := rows[i]
		rows[i].Ordinal = seen[key]
		seen[key]++
	}
	return importer[R]{
		table: "transaction_rows", current: "import_transactions",
		account: func(r *R) string { return r.AccountID },
		key: func(r *R) string {
			return fmt.Sprint(r.AccountID, "\x00", r.Product, "\x00", r.Date.Unix(), " ", r.Amount, " ", r.Ordinal)
		},
		same: always[R],
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
				project("date", rows, func(r *R) time.Time { return r.Date }),
				project("amount", rows, func(r *R) string { return Cents(r.Amount).decimal() }),
				project("ordinal", rows, func(r *R) uint32 { return r.Ordinal }),
			}
		},
	}.run(ctx, s, rows, known)
}

// ImportOpportunities stores sales opportunities, known since known.
func (s *Store) ImportOpportunities(ctx context.Context, rows []Opportunity, known time.Time) (Imported, error) {
	type R = Opportunity
	type slot struct {
		account, product string
		created          time.Time
	}
	rows = slices.Clone(rows)
	seen := map[slot]uint32{}
	for i := range rows {
		r := &rows[i]
		r.Closed = dayOrNil(r.Closed)
		if r.Created.IsZero() && r.Closed != nil {
			r.Created = *r.Closed
		}
		r.Created = epochOr(r.Created)
		at := slot{r.AccountID, r.Product, r.Created}
		r.Ordinal = seen[at]
		seen[at]++
	}
	return importer[R]{
		table: "opportunity_rows", current: "import_opportunities",
		account: func(r *R) string { return r.AccountID },
		key: func(r *R) string {
			return fmt.Sprint(r.AccountID, "\x00", r.Product, "\x00", r.Created.Unix(), " ", r.Ordinal)
		},
		same: func(a, b *R) bool {
			return sameDay(a.Closed, b.Closed) && a.Outcome == b.Outcome && equalTo(a.Amount, b.Amount) && equalTo(a.ActedOn, b.ActedOn)
		},
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
				project("created", rows, func(r *R) time.Time { return r.Created }),
				project("ordinal", rows, func(r *R) uint32 { return r.Ordinal }),
				project("closed", rows, func(r *R) *time.Time { return r.Closed }),
				project("outcome", rows, func(r *R) string { return r.Outcome }),
				project("amount", rows, func(r *R) *string { return decimalOrNil(r.Amount) }),
				project("acted_on", rows, func(r *R) *bool { return r.ActedOn }),
			}
		},
	}.run(ctx, s, rows, known)
}

// ImportBestCustomers stores the positives of the look-alike, known since known.
func (s *Store) ImportBestCustomers(ctx context.Context, rows []BestCustomer, known time.Time) (Imported, error) {
	type R = BestCustomer
	return importer[R]{
		table: "best_customers", current: "import_best_customers",
		account: func(r *R) string { return r.AccountID },
		key:     func(r *R) string { return r.AccountID + "\x00" + r.Product },
		same:    always[R],
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
			}
		},
	}.run(ctx, s, rows, known)
}

// ImportLicences stores licences of on-premises products, known since known.
func (s *Store) ImportLicences(ctx context.Context, rows []Licence, known time.Time) (Imported, error) {
	type R = Licence
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Seen = epochOr(rows[i].Seen)
	}
	return importer[R]{
		table: "licences", current: "import_licences",
		account: func(r *R) string { return r.AccountID },
		key:     func(r *R) string { return fmt.Sprint(r.AccountID, "\x00", r.Product, "\x00", r.Seen.Unix()) },
		same:    func(a, b *R) bool { return a.Quantity == b.Quantity },
		columns: func(rows []R) []column {
			return []column{
				project("account_id", rows, func(r *R) string { return r.AccountID }),
				project("product", rows, func(r *R) string { return r.Product }),
				project("seen", rows, func(r *R) time.Time { return r.Seen }),
				project("quantity", rows, func(r *R) uint32 { return r.Quantity }),
			}
		},
	}.run(ctx, s, rows, known)
}
