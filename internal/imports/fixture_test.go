package imports_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"telltale/internal/domains"
	"telltale/internal/imports"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("TELLTALE_TEST_IMPORT_AND_HANG"); dir != "" {
		importAndHang(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

var now = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)

// shelf keeps what was stored, call by call.
type shelf struct {
	accounts []domains.Account
	fit      []imports.FitScore
	subs     []imports.Subscription
	sales    [][]imports.Transaction
	opps     []imports.Opportunity
	best     []imports.BestCustomer
	licences []imports.Licence
	watch    []imports.WatchSource
	// corrections are rows of attributions.csv.
	corrections []imports.Correction
	known       time.Time
}

func keep[R any](to *[]R, s *shelf) imports.Sink[R] {
	return func(_ context.Context, rows []R, known time.Time) (int, error) {
		*to, s.known = append(*to, rows...), known
		return len(rows), nil
	}
}

func (s *shelf) sinks() imports.Sinks {
	return imports.Sinks{
		Accounts: keep(&s.accounts, s), Fit: keep(&s.fit, s), Subscriptions: keep(&s.subs, s), Opportunities: keep(&s.opps, s),
		BestCustomers: keep(&s.best, s), Licences: keep(&s.licences, s), Watch: keep(&s.watch, s), Attributions: keep(&s.corrections, s),
		Transactions: func(_ context.Context, rows []imports.Transaction, known time.Time) (int, error) {
			s.sales, s.known = append(s.sales, rows), known
			return len(rows), nil
		},
	}
}

func importer(t testing.TB, sinks imports.Sinks, reg prometheus.Registerer) *imports.Importer {
	t.Helper()
	im, err := imports.New(imports.Deps{Sinks: sinks, Products: []string{"Azure", "Microsoft 365"}, Now: func() time.Time { return now }, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// file writes a file named for its kind and returns its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
