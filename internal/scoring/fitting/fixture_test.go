package fitting_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/domains"
	"telltale/internal/fit"
	"telltale/internal/fit/lookalike"
	"telltale/internal/scoring/fitting"
	"telltale/internal/store"
	"telltale/internal/store/schemadir"
	"telltale/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.Cleanup(schema.End)) }

// schema is what stores of tests begin with.
var schema schemadir.Schema

var (
	now     = time.Date(2026, 10, 2, 12, 0, 0, 0, time.UTC)
	quarter = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)
)

// shop is a real store with a fitter over it.
type shop struct {
	storetest.Bench
	fitter *fitting.Fitter
}

func open(t testing.TB) shop {
	t.Helper()
	var err error
	s := shop{Bench: storetest.Open(t, &schema)}
	s.fitter, err = fitting.New(fitting.Deps{DB: s, Registry: s.Store, Now: func() time.Time { return now }, Publish: s.publish})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s shop) publish(ctx context.Context, known time.Time, fill func(write func([]fit.Score) error) error) (int, error) {
	done, err := s.PublishFit(ctx, known, func(write func([]store.FitScore) error) error {
		return fill(func(scores []fit.Score) error { return write(stored(scores)) })
	})
	return done.Written, err
}

func stored(scores []fit.Score) []store.FitScore {
	rows := make([]store.FitScore, len(scores))
	for i, r := range scores {
		rows[i] = store.FitScore{AccountID: r.AccountID, Product: r.Product, ValidFrom: r.ValidFrom, Model: r.Model, Score: float32(r.Value), Probability: &r.Probability}
	}
	return rows
}

func day(year, month, d int) time.Time {
	return time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
}

// accountID names the n-th account; buyer says whether it is of those that buy: a retailer with the other product.
func accountID(n int) string { return fmt.Sprintf("A%04d", n) }

func retail(n int) bool { return n%2 == 0 }
func owner(n int) bool  { return n%3 == 0 }

// buys decides by known odds whether the n-th account buys, always the same.
func buys(n int) bool {
	odds := 10
	if retail(n) {
		odds += 20
	}
	if owner(n) {
		odds += 40
	}
	return rand.New(rand.NewPCG(uint64(n), 77)).IntN(100) < odds
}

// market brings in accounts, each known since the start of the year; a third of them have Surface since 2024.
func (s shop) market(t testing.TB, n int) {
	t.Helper()
	var accounts []domains.Account
	var subs []store.Subscription
	for i := range n {
		a := domains.Account{ID: accountID(i), Name: accountID(i) + " Ltd", Domains: []string{fmt.Sprintf("a%d.example", i)}, Employees: int64(10 + i*37%400),
			AzurePotentialUSD: -1, Industry: "Farming", Attributes: map[string]string{"founded": fmt.Sprint(1950 + i*17%60), "note": fmt.Sprint("n", i%9)}}
		if retail(i) {
			a.Industry = "Retail"
		}
		accounts = append(accounts, a)
		if owner(i) {
			subs = append(subs, store.Subscription{AccountID: a.ID, Product: "Surface", Start: day(2024, 1, 1)})
		}
	}
	known := day(2026, 1, 1)
	if _, err := s.ImportAccounts(t.Context(), accounts, known); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportSubscriptions(t.Context(), subs, known); err != nil {
		t.Fatal(err)
	}
}

// deals brings in an opportunity of each account, opened and closed over the first half of the year.
func (s shop) deals(t testing.TB, n int) {
	t.Helper()
	var rows []store.Opportunity
	for i := range n {
		opened := day(2026, 1, 5).AddDate(0, 0, i*150/n)
		closed := opened.AddDate(0, 0, 20)
		o := store.Opportunity{AccountID: accountID(i), Product: "Azure", Created: opened, Closed: &closed, Outcome: "lost"}
		if buys(i) {
			o.Outcome = "won"
		}
		rows = append(rows, o)
	}
	if _, err := s.ImportOpportunities(t.Context(), rows, day(2026, 8, 1)); err != nil {
		t.Fatal(err)
	}
}

func (s shop) train(t testing.TB, req fitting.TrainRequest) *fitting.TrainReport {
	t.Helper()
	if req.Product == "" {
		req.Product = "Azure"
	}
	if req.Kind == "" {
		req.Kind = lookalike.Logistic
	}
	if req.AsOf.IsZero() {
		req.AsOf = quarter
	}
	rep, err := s.fitter.Train(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func feature(m *lookalike.Model, name string) *lookalike.Feature {
	for i := range m.Features {
		if m.Features[i].Name == name {
			return &m.Features[i]
		}
	}
	return nil
}
