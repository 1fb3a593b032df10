package imports_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"telltale/internal/imports"
)

func TestBadFilesAreNamedWithLineColumnAndReason(t *testing.T) {
	const accounts, fit, sales, opps = "account_id,name,domain,employees\n", "account_id,product,score,valid_from\n", "account_id,product,date,amount\n", "account_id,product,created,closed,outcome,acted_on\n"
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		name string
		kind imports.Kind
		text string
		says string
	}{
		{"an empty file", imports.Accounts, "", ": the file is empty"},
		{"a byte order mark alone", imports.Accounts, "\xef\xbb\xbf", ": the file is empty"},
		{"a header alone", imports.Accounts, accounts, ": the file has a header and no rows"},
		{"UTF-16", imports.Accounts, "\xff\xfea\x00", "UTF-16"},
		{"a header that is not UTF-8", imports.Accounts, "account_id,name,domain,caf\xe9\n", ":1: column 4: the header is not plain UTF-8 text"},
		{"a cell that is not UTF-8", imports.Accounts, accounts + "1,caf\xe9,a.example,\n", ":2: name: not UTF-8"},
		{"a control character", imports.Accounts, accounts + "1,a\x00b,a.example,\n", ":2: name: a control character"},
		{"a missing column", imports.Accounts, "account_id,domain\n", ":1: name: required and missing from the header"},
		{"two missing columns", imports.Accounts, "domain\n", ":1: account_id, name: required and missing"},
		{"semicolons", imports.Accounts, "account_id;name;domain\n1;a;b.example\n", `separated by ";"`},
		{"carriage returns alone", imports.Accounts, "account_id,name,domain\r1,a,b.example\r", "lines end in CR alone"},
		{"a doubled column", imports.Accounts, "account_id,name,domain,Name\n", ":1: Name: stands twice, as columns 2 and 4"},
		{"too many columns", imports.Accounts, strings.Repeat("c,", 600) + "\n", "601 columns; at most 512"},
		{"an empty id", imports.Accounts, accounts + ",a,a.example,\n", ":2: account_id: is empty"},
		{"a long id", imports.Accounts, accounts + strings.Repeat("i", 129) + ",a,a.example,\n", ":2: account_id: 129 bytes"},
		{"an empty name", imports.Accounts, accounts + "1,  ,a.example,\n", ":2: name: is empty"},
		{"a long name", imports.Accounts, accounts + "1," + long + ",a.example,\n", ":2: name: 5000 bytes"},
		{"a domain that is none", imports.Accounts, accounts + "1,a,a.example;not a domain,\n", `:2: domain: "not a domain" is no domain`},
		{"a public suffix", imports.Accounts, accounts + "1,a,co.uk,\n", `:2: domain: "co.uk" is no domain`},
		{"an address", imports.Accounts, accounts + "1,a,10.0.0.1,\n", `:2: domain: "10.0.0.1" is no domain`},
		{"only separators", imports.Accounts, accounts + "1,a,; ;,\n", ":2: domain: 0 domains"},
		{"employees that are no number", imports.Accounts, accounts + "1,a,a.example,\"1,000\"\n", `:2: employees: "1,000" is no whole number`},
		{"negative employees", imports.Accounts, accounts + "1,a,a.example,-3\n", `:2: employees: "-3"`},
		{"a duplicate id", imports.Accounts, accounts + "1,a,a.example,\n2,b,b.example,\n1,c,c.example,\n", `:4: account_id: "1" stands on line 2 already`},
		{"a duplicate domain", imports.Accounts, accounts + "1,a,a.example,\n2,b,www.A.example,\n", `:3: domain: "a.example" stands on line 2 already`},
		{"too few cells", imports.Accounts, accounts + "1,a\n", ":2: 2 cells under a header of 4"},
		{"a value without a name", imports.Accounts, "account_id,name,domain,\n1,a,a.example,x\n", ":2: a value in column 4, which has no name"},
		{"a bare quote", imports.Accounts, accounts + "1,a\"b,a.example,\n", ":2: byte 4: bare"},
		{"an open quote", imports.Accounts, accounts + "1,\"a,a.example,\n2,b,b.example,\n", ":2: a quote that is opened here is not closed"},
		{"a record without end", imports.Accounts, accounts + "1,a,a.example,\n2,\"" + strings.Repeat("x\n", 1<<20), ":3: record over 1 MiB"},
		{"a long line", imports.Accounts, accounts + "1," + strings.Repeat("x", 1<<20+5) + ",a.example,\n", ":2: record over 1 MiB"},
		{"a score above 100", imports.Fit, fit + "1,Azure,100.5,\n", ":2: score: 100.5 is outside 0–100"},
		{"a score that is no number", imports.Fit, fit + "1,Azure,NaN,\n", `:2: score: "NaN" is no number`},
		{"a hexadecimal score", imports.Fit, fit + "1,Azure,0x1p4,\n", `:2: score: "0x1p4" is no number`},
		{"no score", imports.Fit, fit + "1,Azure,,\n", ":2: score: is empty"},
		{"a day that is none", imports.Fit, fit + "1,Azure,5,2026-02-30\n", `:2: valid_from: "2026-02-30" is no date`},
		{"a day written otherwise", imports.Fit, fit + "1,Azure,5,01/02/2026\n", `:2: valid_from: "01/02/2026" is no date`},
		{"a day before 1970", imports.Fit, fit + "1,Azure,5,1969-12-31\n", ":2: valid_from: 1969-12-31 is outside 1970-01-01–2149-06-06"},
		{"two scores for one thing", imports.Fit, fit + "1,Azure,5,\n1,azure,6,\n", ":3: says otherwise than line 2"},
		{"an amount with separators", imports.Transactions, sales + "1,Azure,2026-01-01,\"1,000\"\n", `:2: amount: "1,000" is no amount`},
		{"three decimals", imports.Transactions, sales + "1,Azure,2026-01-01,1.005\n", `:2: amount: "1.005" has more than two decimals`},
		{"an amount beyond the store", imports.Transactions, sales + "1,Azure,2026-01-01,99999999999999999\n", "too large an amount"},
		{"no amount", imports.Transactions, sales + "1,Azure,2026-01-01,\n", ":2: amount: is empty"},
		{"an unknown outcome", imports.Opportunities, opps + "1,Azure,2026-01-01,2026-01-02,maybe,\n", `:2: outcome: "maybe" is none of won, lost, open`},
		{"won but not closed", imports.Opportunities, opps + "1,Azure,2026-01-01,,won,\n", ":2: closed: is empty, but the outcome is won"},
		{"open without a day", imports.Opportunities, opps + "1,Azure,,,open,\n", ":2: created: is empty"},
		{"closed before created", imports.Opportunities, opps + "1,Azure,2026-01-02,2026-01-01,won,\n", ":2: closed: lies before created"},
		{"neither true nor false", imports.Opportunities, opps + "1,Azure,2026-01-01,2026-01-02,won,perhaps\n", `:2: acted_on: "perhaps"`},
		{"an end before its start", imports.Subscriptions, "account_id,product,start,end\n1,Azure,2026-01-02,2026-01-01\n", ":2: end: lies before start"},
		{"negative revenue", imports.Subscriptions, "account_id,product,start,annual_revenue\n1,Azure,2026-01-02,-1\n", ":2: annual_revenue: is negative"},
		{"too many licences", imports.Licences, "account_id,product,quantity\n1,Windows 7,4294967296\n", ":2: quantity:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, "in.csv", c.text)
			var s shelf
			_, err := importer(t, s.sinks(), nil).Import(t.Context(), c.kind, path, imports.Options{})
			if !errors.Is(err, imports.ErrInput) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v\nwant %s%s", err, path, c.says)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			if len(s.accounts)+len(s.fit)+len(s.subs)+len(s.sales)+len(s.opps)+len(s.licences) != 0 {
				t.Error("something was stored")
			}
		})
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	var s shelf
	im := importer(t, s.sinks(), nil)
	missing := filepath.Join(t.TempDir(), "none.csv")
	if _, err := im.Import(t.Context(), imports.Accounts, missing, imports.Options{}); !errors.Is(err, imports.ErrInput) || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := im.Import(t.Context(), imports.Accounts, t.TempDir(), imports.Options{}); !errors.Is(err, imports.ErrInput) || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := im.Import(t.Context(), "letters", missing, imports.Options{}); !errors.Is(err, imports.ErrInput) {
		t.Errorf("an unknown kind: %v", err)
	}
	path := file(t, "a.csv", "account_id,name,domain\n1,a,nope\n")
	if _, err := im.Import(t.Context(), imports.Accounts, path, imports.Options{OnError: imports.Skip}); !errors.Is(err, imports.ErrInput) {
		t.Errorf("every row bad: %v", err)
	}
	if _, err := os.Stat(path + ".rejects.csv"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("rejects of a failed import: %v", err)
	}
	good := file(t, "b.csv", "account_id,name,domain\n1,a,a.example\n2,b,nope\n")
	if _, err := im.Import(t.Context(), imports.Accounts, good, imports.Options{OnError: imports.Skip, RejectsPath: filepath.Join(t.TempDir(), "no", "dir.csv")}); err == nil || !strings.Contains(err.Error(), "rejects file") {
		t.Errorf("a rejects file that cannot be written: %v", err)
	}
	if len(s.accounts) != 0 {
		t.Error("something was stored")
	}
}

func TestWordsAsTheyAreTyped(t *testing.T) {
	for _, k := range imports.Kinds() {
		if got, err := imports.ParseKind(string(k)); err != nil || got != k {
			t.Errorf("%s: %v", k, err)
		}
	}
	if _, err := imports.ParseKind("account"); err == nil || !strings.Contains(err.Error(), "best-customers") {
		t.Errorf("got %v", err)
	}
	if o, err := imports.ParseOnError("skip"); err != nil || o != imports.Skip {
		t.Errorf("skip: %v", err)
	}
	if _, err := imports.ParseOnError("ignore"); err == nil {
		t.Error("ignore was taken")
	}
}

func TestAPipeIsReadAndUnknownThingsAreReported(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer w.Close()
		_, _ = w.WriteString("account_id,product,colour\nA,Azure,red\nB,Teleportation,blue\n")
	}()
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.BestCustomers, "/dev/fd/"+strconv.Itoa(int(r.Fd())), imports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.best) != 2 || len(rep.IgnoredColumns) != 1 || rep.IgnoredColumns[0] != "colour" || len(rep.UnknownProducts) != 1 || rep.UnknownProducts[0] != "Teleportation" {
		t.Errorf("%+v", rep)
	}
}

func FuzzImport(f *testing.F) {
	for i, seed := range []string{
		"account_id,name,domain\n1,a,a.example\n", "account_id,product,score\n1,Azure,50\n", "account_id,product,start,end\n1,Azure,2026-01-01,\n",
		"account_id,product,date,amount\n1,Azure,2026-01-01,-1.50\n", "account_id,product,closed,outcome\n1,Azure,2026-01-01,won\n",
		"account_id,product\n\"1\n\",Azure\n", "\xef\xbb\xbfaccount_id,product,quantity\r\n1,Windows 7,\"2\"\r\n",
	} {
		f.Add(i, seed)
	}
	f.Fuzz(func(t *testing.T, kind int, text string) {
		path := file(t, "in.csv", text)
		kinds := imports.Kinds()
		k := kinds[((kind%len(kinds))+len(kinds))%len(kinds)]
		var strict, lenient shelf
		rep, err := importer(t, strict.sinks(), nil).Import(t.Context(), k, path, imports.Options{})
		if err != nil && (!errors.Is(err, imports.ErrInput) || rep.Changed != 0) {
			t.Fatalf("not the file's fault, or half imported: %v", err)
		}
		second, errSkip := importer(t, lenient.sinks(), nil).Import(t.Context(), k, path, imports.Options{OnError: imports.Skip})
		if err == nil && (errSkip != nil || second.Rows != rep.Rows) {
			t.Fatalf("a good file: %d rows, and skipping %d, %v", rep.Rows, second.Rows, errSkip)
		}
		if errSkip == nil && second.Changed != second.Rows {
			t.Fatalf("%d rows, %d stored", second.Rows, second.Changed)
		}
	})
}
