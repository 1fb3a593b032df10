package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
)

func pointer[T any](v T) *T { return &v }

// TestImportingTwiceChangesNothing imports each kind of file, again, and with one row changed; between
// them it counts through the view, before and after a merge.
func TestImportingTwiceChangesNothing(t *testing.T) {
	s := migrated(t)
	jan := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		view, rows string
		count      uint64
		run        func(changed bool, known time.Time) (Imported, error)
		// adds is how many rows the changed file writes.
		adds int
	}{
		"fit": {"fit_scores", "fit_score_rows", 2, func(changed bool, known time.Time) (Imported, error) {
			rows := []FitScore{{AccountID: "a", Product: "Azure", Score: 70, Model: "imported", Imported: true}, {AccountID: "b", Product: "Azure", Score: 12.5, ValidFrom: jan}}
			if changed {
				rows[0].Score = 80
			}
			return s.ImportFit(t.Context(), rows, known)
		}, 1},
		"subscriptions": {"subscriptions", "subscription_rows", 2, func(changed bool, known time.Time) (Imported, error) {
			rows := []Subscription{{AccountID: "a", Product: "Azure", SKU: "x", Start: jan, Seats: pointer(uint32(5)), AnnualRevenue: pointer(int64(123456)), End: pointer(jan.AddDate(1, 0, 0))}, {AccountID: "a", Product: "Azure", SKU: "y", Start: jan}}
			if changed {
				rows[0].AnnualRevenue = pointer(int64(-5))
			}
			return s.ImportSubscriptions(t.Context(), rows, known)
		}, 1},
		"transactions": {"transactions", "transaction_rows", 3, func(changed bool, known time.Time) (Imported, error) {
			rows := []Transaction{{AccountID: "a", Product: "Azure", Date: jan, Amount: 1001}, {AccountID: "a", Product: "Azure", Date: jan, Amount: 1001}, {AccountID: "a", Product: "Azure", Date: jan, Amount: -99}}
			if changed {
				rows = append(rows, rows[0])
			}
			return s.ImportTransactions(t.Context(), rows, known)
		}, 1},
		"opportunities": {"opportunities", "opportunity_rows", 3, func(changed bool, known time.Time) (Imported, error) {
			rows := []Opportunity{{AccountID: "a", Product: "Azure", Created: jan, Outcome: "open"}, {AccountID: "a", Product: "Azure", Created: jan, Outcome: "lost", Closed: &jan, Amount: pointer(int64(7))}, {AccountID: "a", Product: "Surface", Closed: &jan, Outcome: "won"}}
			if changed {
				rows[0].Outcome, rows[0].Closed, rows[0].ActedOn = "won", &jan, pointer(true)
			}
			return s.ImportOpportunities(t.Context(), rows, known)
		}, 1},
		"best customers": {"(SELECT DISTINCT account_id, product FROM best_customers)", "best_customers", 2, func(changed bool, known time.Time) (Imported, error) {
			rows := []BestCustomer{{"a", "Azure"}, {"b", "Azure"}}
			if changed {
				rows = rows[:1]
			}
			return s.ImportBestCustomers(t.Context(), rows, known)
		}, 0},
		"licences": {"licences FINAL", "licences", 2, func(changed bool, known time.Time) (Imported, error) {
			rows := []Licence{{"a", "SQL Server 2014", jan, 10}, {"a", "SQL Server 2014", time.Time{}, 3}}
			if changed {
				rows[0].Quantity = 11
			}
			return s.ImportLicences(t.Context(), rows, known)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			written := func(changed bool, known time.Time) int {
				t.Helper()
				got, err := c.run(changed, known)
				must(t, err)
				return got.Written
			}
			if n := written(false, noon); n != int(c.count) {
				t.Errorf("the first import wrote %d rows, want %d", n, c.count)
			}
			if n := written(false, noon.Add(time.Hour)); n != 0 {
				t.Errorf("the same again wrote %d rows", n)
			}
			if n := count(t, s, c.view); n != c.count {
				t.Errorf("%d rows in the view, want %d", n, c.count)
			}
			if n := written(true, noon.Add(2*time.Hour)); n != c.adds {
				t.Errorf("one changed row wrote %d, want %d", n, c.adds)
			}
			before := count(t, s, c.view)
			must(t, s.Exec(t.Context(), "OPTIMIZE TABLE "+c.rows+" FINAL", nil))
			if after := count(t, s, c.view); after != before {
				t.Errorf("%d rows before the merge, %d after", before, after)
			}
		})
	}
}

func TestAnAccountComesBackAsItWasImported(t *testing.T) {
	s := migrated(t)
	want := domains.Account{
		ID: "7", Name: "Müller \"AG\"\n", Domains: []string{"b.example", "a.example"}, Country: "DE", Region: "EMEA", Industry: "Retail", Vertical: "Grocery",
		Partner: "P", Employees: 300, AzurePotentialUSD: 10_000.5, Attributes: map[string]string{"tier": "gold", "x'y": "\t"},
	}
	for i := range 2 {
		got, err := s.ImportAccounts(t.Context(), []domains.Account{want}, noon)
		must(t, err)
		if got.Rows != 1 || got.Written != 1-i {
			t.Errorf("import %d: %+v", i+1, got)
		}
	}
	if n := count(t, s, "account_rows"); n != 1 {
		t.Errorf("%d versions after importing twice, want 1", n)
	}
	got, ok, err := s.Account(t.Context(), "7")
	must(t, err)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, ok, err := s.Account(t.Context(), "8"); ok || err != nil {
		t.Errorf("an account that was never imported: %v, %v", ok, err)
	}
}

func TestDomainsThatMoveRewriteNothing(t *testing.T) {
	s := migrated(t)
	steps := []struct {
		known    time.Time
		accounts []domains.Account
		owners   map[string]string
		removed  []string
	}{
		{noon, []domains.Account{accountOf("a", 500, "one.example", "two.example"), accountOf("b", 5)}, map[string]string{"one.example": "a", "two.example": "a"}, nil},
		{noon.Add(time.Hour), []domains.Account{accountOf("a", 500, "two.example"), accountOf("b", 5, "one.example")}, map[string]string{"one.example": "b", "two.example": "a"}, nil},
		{noon.Add(2 * time.Hour), []domains.Account{accountOf("a", 500)}, map[string]string{"one.example": "b"}, []string{"two.example"}},
		{noon.Add(3 * time.Hour), []domains.Account{accountOf("a", 500, "two.example")}, map[string]string{"one.example": "b", "two.example": "a"}, nil},
	}
	for i, step := range steps {
		for range 2 {
			_, err := s.ImportAccounts(t.Context(), step.accounts, step.known)
			must(t, err)
		}
		var rows []struct {
			Domain  string `ch:"domain"`
			Account string `ch:"account_id"`
		}
		must(t, s.Select(t.Context(), &rows, "SELECT domain, account_id FROM domain_owners", nil))
		got := map[string]string{}
		for _, r := range rows {
			got[r.Domain] = r.Account
		}
		if diff := cmp.Diff(step.owners, got); diff != "" {
			t.Errorf("step %d: owners (-want +got)\n%s", i, diff)
		}
		scheduled, err := s.Scheduled(t.Context(), step.removed)
		must(t, err)
		for _, d := range step.removed {
			if !scheduled[d].Removed {
				t.Errorf("step %d: %s is still visited", i, d)
			}
		}
	}
	if n := count(t, s, "account_domains WHERE domain = 'one.example'"); n != 3 {
		t.Errorf("one.example has %d rows, want its first, its end and its new owner", n)
	}
}
