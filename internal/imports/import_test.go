package imports_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/domains"
	"telltale/internal/imports"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func ptr[T any](v T) *T { return &v }

func TestAccountsWithBOMCRLFAnyOrderAndAttributes(t *testing.T) {
	path := file(t, "accounts.csv", "\xef\xbb\xbfDomain,Account ID,Net Promoter,name,Employees,azure_potential_usd,country\r\n"+
		"https://WWW.Müller.de/about; contoso.com;contoso.com,A-1,62,\"Müller, \"\"Söhne\"\"\r\nGmbH\",300,12000.50,DE\r\n"+
		"fabrikam.example,A-2,,Fabrikam,,,\r\n")
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Accounts, path, imports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []domains.Account{
		{ID: "A-1", Name: "Müller, \"Söhne\"\nGmbH", Domains: []string{"xn--mller-kva.de", "contoso.com"}, Country: "DE", Employees: 300,
			AzurePotentialUSD: 12000.5, Attributes: map[string]string{"Net Promoter": "62"}},
		{ID: "A-2", Name: "Fabrikam", Domains: []string{"fabrikam.example"}, Employees: -1, AzurePotentialUSD: -1},
	}
	if d := cmp.Diff(want, s.accounts); d != "" {
		t.Error(d)
	}
	if rep.Rows != 2 || rep.Changed != 2 || rep.Rejected != 0 || !s.known.Equal(now) {
		t.Errorf("report %+v, known %s", rep, s.known)
	}
}

func TestTheOtherSixFiles(t *testing.T) {
	var s shelf
	im := importer(t, s.sinks(), nil)
	for kind, text := range map[imports.Kind]string{
		imports.Fit:           "score,product,account_id,valid_from,model\n75.5,azure,A-1,2026-01-01,lookalike\n0,Azure,A-2,,\n",
		imports.Subscriptions: "account_id,product,sku,seats,start,end,annual_revenue,program,agreement_id\nA-1,Azure,P1,25,2025-01-01,2026-01-01,1200.5,CSP,G1\nA-2,Azure,,,2025-01-01,,,,\n",
		imports.Transactions:  "account_id,product,date,amount\nA-1,Azure,2026-02-03,-10.00\nA-1,Azure,2026-02-03,-10\nA-2,Azure,2026-02-03,5\n",
		imports.Opportunities: "account_id,product,created,closed,outcome,amount,acted_on\nA-1,Azure,2026-01-02,2026-02-01,WON,99.99,yes\nA-1,Azure,2026-01-02,,open,,\n",
		imports.BestCustomers: "account_id,product\nA-1,Azure\nA-1,Azure\n",
		imports.Licences:      "account_id,product,quantity,seen\nA-1,SQL Server 2014,4,2026-01-01\nA-2,Windows 7,,\n",
	} {
		rep, err := im.Import(t.Context(), kind, file(t, string(kind)+".csv", text), imports.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if kind == imports.BestCustomers && (rep.Rows != 1 || rep.Repeated != 1) {
			t.Errorf("best customers: %+v", rep)
		}
	}
	for name, d := range map[string]string{
		"fit": cmp.Diff([]imports.FitScore{
			{AccountID: "A-1", Product: "Azure", Score: 75.5, ValidFrom: day("2026-01-01"), Model: "lookalike", Imported: true},
			{AccountID: "A-2", Product: "Azure", Model: "imported", Imported: true}}, s.fit),
		"subscriptions": cmp.Diff([]imports.Subscription{
			{AccountID: "A-1", Product: "Azure", SKU: "P1", Seats: ptr(uint32(25)), Start: day("2025-01-01"), End: ptr(day("2026-01-01")),
				AnnualRevenue: ptr(int64(120050)), Program: "CSP", AgreementID: "G1"},
			{AccountID: "A-2", Product: "Azure", Start: day("2025-01-01")}}, s.subs),
		"transactions": cmp.Diff([][]imports.Transaction{{
			{AccountID: "A-1", Product: "Azure", Date: day("2026-02-03"), Amount: -1000},
			{AccountID: "A-1", Product: "Azure", Date: day("2026-02-03"), Amount: -1000, Ordinal: 1},
			{AccountID: "A-2", Product: "Azure", Date: day("2026-02-03"), Amount: 500}}}, s.sales),
		"opportunities": cmp.Diff([]imports.Opportunity{
			{AccountID: "A-1", Product: "Azure", Created: day("2026-01-02"), Closed: ptr(day("2026-02-01")), Outcome: "won", Amount: ptr(int64(9999)), ActedOn: ptr(true)},
			{AccountID: "A-1", Product: "Azure", Created: day("2026-01-02"), Ordinal: 1, Outcome: "open"}}, s.opps),
		"best customers": cmp.Diff([]imports.BestCustomer{{AccountID: "A-1", Product: "Azure"}}, s.best),
		"licences": cmp.Diff([]imports.Licence{
			{AccountID: "A-1", Product: "SQL Server 2014", Quantity: 4, Seen: day("2026-01-01")},
			{AccountID: "A-2", Product: "Windows 7", Quantity: 1}}, s.licences),
	} {
		if d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestSkippedRowsAreSetAsideWithTheReason(t *testing.T) {
	text := "account_id,name,domain\nA-1,One,one.example\nA-2,Two,two\nA-1,Again,again.example\nA-3,Three,\"three.example\n\"\nA-4,Four,one.example\nA-5,Fi\"ve,five.example\nA-6,Six,six.example,more\n"
	path := file(t, "accounts.csv", text)
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Accounts, path, imports.Options{OnError: imports.Skip})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Rows != 2 || rep.Rejected != 5 || len(s.accounts) != 2 || rep.RejectsFile != path+".rejects.csv" {
		t.Errorf("report %+v", rep)
	}
	got, err := os.ReadFile(rep.RejectsFile)
	if err != nil {
		t.Fatal(err)
	}
	want := `line,column,reason,row
3,domain,"""two"" is no domain (such as contoso.com)","A-2,Two,two"
4,account_id,"""A-1"" stands on line 2 already","A-1,Again,again.example"
7,domain,"""one.example"" stands on line 2 already","A-4,Four,one.example"
8,,"byte 7: bare "" in non-quoted-field","A-5,Fi""ve,five.example"
9,,4 cells under a header of 3,"A-6,Six,six.example,more"
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 2 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

func TestOneBadRowMeansNothingIsImported(t *testing.T) {
	var b strings.Builder
	b.WriteString("account_id,product,date,amount\n")
	for i := range 50_000 {
		fmt.Fprintf(&b, "A-%d,Azure,2026-01-01,1\n", i)
	}
	b.WriteString("A-0,Azure,2026-01-01,one\nA-0,Azure,soon,1\n")
	path := file(t, "transactions.csv", b.String())
	var s shelf
	_, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Transactions, path, imports.Options{})
	want := "import transactions: " + path + ":50002: amount: \"one\" is no amount (such as 1234.50) (and 1 more bad row; nothing was imported)"
	if !errors.Is(err, imports.ErrInput) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if len(s.sales) != 0 {
		t.Error("something was stored")
	}
}

func TestAllSalesOfAnAccountAreStoredTogether(t *testing.T) {
	var b strings.Builder
	b.WriteString("account_id,product,date,amount\n")
	const rows, accounts = 450_000, 1000
	for i := range rows {
		fmt.Fprintf(&b, "A-%d,Azure,2026-01-01,1\n", i%accounts)
	}
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Transactions, file(t, "t.csv", b.String()), imports.Options{})
	if err != nil || rep.Rows != rows || rep.Changed != rows {
		t.Fatalf("%+v, %v", rep, err)
	}
	call := map[string]int{}
	for i, batch := range s.sales {
		highest := map[string]uint32{}
		for _, r := range batch {
			if c, ok := call[r.AccountID]; ok && c != i {
				t.Fatalf("%s is spread over calls %d and %d", r.AccountID, c, i)
			}
			call[r.AccountID] = i
			highest[r.AccountID] = max(highest[r.AccountID], r.Ordinal)
		}
		for id, n := range highest {
			if n != rows/accounts-1 {
				t.Fatalf("%s: highest ordinal %d", id, n)
			}
		}
	}
	if len(s.sales) != 3 || len(call) != accounts {
		t.Errorf("%d calls for %d accounts", len(s.sales), len(call))
	}
}

func TestAStoreThatFailsFailsTheImport(t *testing.T) {
	boom := errors.New("disk full")
	sinks := imports.Sinks{BestCustomers: func(context.Context, []imports.BestCustomer, time.Time) (int, error) { return 3, boom }}
	im := importer(t, sinks, nil)
	path := file(t, "best.csv", "account_id,product\nA,Azure\n")
	rep, err := im.Import(t.Context(), imports.BestCustomers, path, imports.Options{})
	if !errors.Is(err, boom) || errors.Is(err, imports.ErrInput) || rep.Changed != 3 {
		t.Errorf("%+v, %v", rep, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := im.Import(ctx, imports.BestCustomers, path, imports.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := im.Import(t.Context(), imports.Fit, path, imports.Options{}); err == nil {
		t.Error("a kind without a store was imported")
	}
}

func TestMetricsSayWhatWasImported(t *testing.T) {
	reg := prometheus.NewRegistry()
	var s shelf
	im := importer(t, s.sinks(), reg)
	good := file(t, "best.csv", "account_id,product\nA,Azure\nB,Azure\n,Azure\n")
	if _, err := im.Import(t.Context(), imports.BestCustomers, good, imports.Options{OnError: imports.Skip}); err != nil {
		t.Fatal(err)
	}
	_, _ = im.Import(t.Context(), imports.BestCustomers, good, imports.Options{})
	want := `
# HELP telltale_imports_changed_total Rows that were new or differed from what was known, by kind.
# TYPE telltale_imports_changed_total counter
telltale_imports_changed_total{kind="best-customers"} 2
# HELP telltale_imports_files_total Files by kind and outcome: ok, bad_input or failed.
# TYPE telltale_imports_files_total counter
telltale_imports_files_total{kind="best-customers",outcome="bad_input"} 1
telltale_imports_files_total{kind="best-customers",outcome="ok"} 1
# HELP telltale_imports_rejected_total Bad rows, set aside or the reason for importing nothing, by kind.
# TYPE telltale_imports_rejected_total counter
telltale_imports_rejected_total{kind="best-customers"} 2
# HELP telltale_imports_rows_total Good rows of imported files, by kind.
# TYPE telltale_imports_rows_total counter
telltale_imports_rows_total{kind="best-customers"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "telltale_imports_changed_total", "telltale_imports_files_total",
		"telltale_imports_rejected_total", "telltale_imports_rows_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg, "telltale_imports_seconds"); err != nil || n != 1 {
		t.Errorf("seconds: %d, %v", n, err)
	}
}
