package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/sys/unix"
)

const accountsHeader = "account_id,name,domain\n"

func TestAccountsThatCannotBeAreToldWithLineAndColumn(t *testing.T) {
	_, store := newHub(t)
	for _, c := range []struct {
		name, text, says string
		kept             int
	}{
		{"an empty file", "", ": the file is empty", -1},
		{"a file that is not UTF-8", "account_id,name,domain,caf\xe9\n1,A,a.example,x\n", ":1: column 4", -1},
		{"a file without a required column", "account_id,name\n1,A\n", ":1: domain: required and missing", -1},
		{"a row that is not UTF-8", accountsHeader + "1,A,a1.example\n2,caf\xe9,b1.example\n", ":3: name: not UTF-8", 1},
		{"a doubled id", accountsHeader + "1,A,a2.example\n1,B,b2.example\n", `:3: account_id: "1" stands on line 2 already`, 1},
		{"a doubled domain", accountsHeader + "1,A,a3.example\n2,B,b3.example\n3,C,www.a3.example\n", `:4: domain: "a3.example" stands on line 2 already`, 2},
		{"a domain that is none", accountsHeader + "1,A,a4.example\n2,B,not a domain\n3,C,c4.example\n", `:3: domain: "not a domain" is no domain`, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, "accounts.csv", c.text)
			args := append([]string{"import", "accounts", path}, store...)
			ask(t, "", "telltale", args...).refused(t, "telltale", 2, path+c.says)
			skipped := ask(t, "", "telltale", append(args, "--on-error", "skip")...)
			if c.kept < 0 {
				skipped.refused(t, "telltale", 2, path+c.says)
				return
			}
			skipped.fine(t)
			if n := strings.Count(skipped.err, "\n"); n != 1 || !strings.Contains(skipped.err, "1 bad rows set aside in "+path+".rejects.csv") || !strings.Contains(skipped.err, c.says) {
				t.Errorf("it says %q", skipped.err)
			}
			if rows := strings.Count(c.text, "\n") - 1; rows != c.kept+1 || !strings.Contains(skipped.err, fmt.Sprintf("import accounts: %d rows", c.kept)) {
				t.Errorf("of %d rows it kept other than %d: %q", rows, c.kept, skipped.err)
			}
			rejects, err := os.ReadFile(path + ".rejects.csv")
			if err != nil || bytes.Count(rejects, []byte("\n")) != 2 {
				t.Errorf("the rejects file holds %q, %v", rejects, err)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "accounts.csv")
	ask(t, "", "telltale", append([]string{"import", "accounts", missing}, store...)...).refused(t, "telltale", 2, missing, "no such file")
	for _, domain := range []string{"a2.example", "b2.example", "a3.example"} {
		ask(t, "", "telltale", append([]string{"schedule", "--now", "not" + domain}, store...)...).refused(t, "telltale", 2, "not"+domain, "belongs to no account")
	}
}

func TestMonthsWithoutScoresAreNamed(t *testing.T) {
	_, store := newHub(t)
	ask(t, "", "telltale", append([]string{"export", "--month", "2026-01", "--out", t.TempDir()}, store...)...).refused(t, "telltale", 2, "2026-01", "no published scores")
	ask(t, "", "telltale", append([]string{"export", "--month", "soon"}, store...)...).refused(t, "telltale", 2, `"soon"`, "YYYY-MM")
	explain := append([]string{"explain", "--account", "1", "--product", "Azure", "--month", "2026-01"}, store...)
	ask(t, "", "intent-scorer", explain...).refused(t, "intent-scorer", 2, "2026-01", "Azure", "not scored")
	score := append([]string{"run", "--month", "2026-01"}, store...)
	ask(t, "", "intent-scorer", score...).refused(t, "intent-scorer", 2, "2026-01")
	for _, sql := range []string{"SELECT", "SELECT nothing", "SELECT * FROM nowhere", "SELECT 1 FORMAT Nonsense", "SELECT * FROM file('/etc/passwd')"} {
		ask(t, "", "telltale", append([]string{"query", sql}, store...)...).refused(t, "telltale", 2, "code: ")
	}
	ask(t, "", "telltale", append([]string{"query", "SELECT throwIf(1)"}, store...)...).refused(t, "telltale", 1, "code: 395")
}

func TestADataDirectoryInUseIsNamedWithItsHolder(t *testing.T) {
	f, _ := newHub(t)
	dir := f.path("hub")
	for _, args := range [][]string{{"up", "--roles", "none"}, {"query", "SELECT 1"}, {"queues"}, {"run", "--contact", "x", "--month", "2020-01", "--accounts", file(t, "a.csv", accountsHeader+"1,A,a.example\n"), "--out", t.TempDir()}} {
		t.Run(args[0], func(t *testing.T) {
			askApart(t, nil, "telltale", append(args, "--data-dir", dir)...).refused(t, "telltale", 2, dir, "in use")
		})
	}
}

func TestAPassWithoutFitScoresEndsBeforeItCrawls(t *testing.T) {
	pit := newTarpit(t)
	args := append([]string{"run", "--month", "2020-01", "--accounts", file(t, "accounts.csv", accountsHeader+"1,A,a.example\n"), "--data-dir", t.TempDir(), "--out", t.TempDir()}, pit.flags...)
	a := askApart(t, nil, "telltale", args...)
	imported, line, _ := strings.Cut(a.err, "\n")
	if !strings.HasPrefix(imported, "import accounts: 1 rows") || len(pit.caught) > 0 {
		t.Errorf("it made %d connections, and says %s", len(pit.caught), a.err)
	}
	answer{a.code, a.out, line}.refused(t, "telltale", 2, "--fit")
}

func TestPortsThatCannotBeOpenedAreNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dir := t.TempDir()
	askApart(t, nil, "telltale", "migrate", "--data-dir", dir).fine(t)
	for _, flag := range []string{"--nats-listen", "--store-listen", "--ops-listen"} {
		for address, says := range map[string]string{ln.Addr().String(): "address already in use", "127.0.0.1:99999": "99999"} {
			t.Run(flag+" "+says, func(t *testing.T) {
				askApart(t, nil, "telltale", "up", "--roles", "none", "--data-dir", dir, flag, address).refused(t, "telltale", 2, address[strings.LastIndex(address, ":")+1:], says)
			})
		}
	}
}

// fillStore imports accounts with a fit score each and scores a month.
func fillStore(t *testing.T, accounts int, store []string) {
	t.Helper()
	var list, fit strings.Builder
	list.WriteString(accountsHeader)
	fit.WriteString("account_id,product,score,valid_from\n")
	for i := range accounts {
		fmt.Fprintf(&list, "A-%05d,Company %d,c%d.example\n", i, i, i)
		fmt.Fprintf(&fit, "A-%05d,Azure,%d,2020-01-01\n", i, i%101)
	}
	for kind, text := range map[string]string{"accounts": list.String(), "fit": fit.String()} {
		ask(t, "", "telltale", append([]string{"import", kind, file(t, kind+".csv", text), "--as-if", "2026-10-31T00:00:00Z"}, store...)...).fine(t)
	}
	ask(t, "", "intent-scorer", append([]string{"run", "--month", month, "--as-if", "2026-11-01T00:00:00Z"}, store...)...).fine(t)
}

func TestAFullDiskLeavesNoFileHalfWritten(t *testing.T) {
	_, store := newHub(t)
	const accounts, products = 3000, 8
	fillStore(t, accounts, store)
	for _, limit := range []int{0, 1 << 10, 16 << 10, 64 << 10, 256 << 10} {
		t.Run(fmt.Sprintf("files of at most %d bytes", limit), func(t *testing.T) {
			out := t.TempDir()
			if err := os.WriteFile(filepath.Join(out, "propensity.csv"), []byte("what was there before\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			env := []string{limitVariable + "=" + strconv.Itoa(limit), "TMPDIR=" + t.TempDir()}
			askApart(t, env, "telltale", append([]string{"export", "--month", month, "--out", out}, store...)...).refused(t, "telltale", 1, "file too large", out)
			checkWhole(t, out, accounts*products, "what was there before\n")
		})
	}
	t.Run("files of any size", func(t *testing.T) {
		out := t.TempDir()
		askApart(t, nil, "telltale", append([]string{"export", "--month", month, "--out", out}, store...)...).fine(t)
		if files := checkWhole(t, out, accounts*products, ""); len(files) != 3 {
			t.Errorf("it wrote %q, want three files", files)
		}
	})
}

// checkWhole checks that a directory holds whole export files only, and returns their names.
func checkWhole(t *testing.T, dir string, rows int, before string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch e.Name() {
		case "report.html":
			if !bytes.HasSuffix(bytes.TrimSpace(body), []byte("</html>")) {
				t.Errorf("report.html ends in %q", body[max(0, len(body)-50):])
			}
		case "propensity.csv":
			if string(body) == before {
				break
			}
			if lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll(); err != nil || len(lines) != rows+1 {
				t.Errorf("propensity.csv has %d lines, %v", len(lines), err)
			}
		case "propensity.xlsx":
			book, err := excelize.OpenReader(bytes.NewReader(body))
			if err != nil {
				t.Errorf("propensity.xlsx: %v", err)
				break
			}
			if !slices.Contains(book.GetSheetList(), "Propensity model") {
				t.Errorf("propensity.xlsx has %q", book.GetSheetList())
			}
			_ = book.Close()
		default:
			t.Errorf("%s was left behind", e.Name())
		}
	}
	return names
}

func TestAFullDiskEndsAnImportAndLosesNothingThatWasThere(t *testing.T) {
	dir := t.TempDir()
	at := []string{"--data-dir", dir}
	first := file(t, "accounts.csv", accountsHeader+"1,A,a.example\n")
	askApart(t, nil, "telltale", append([]string{"import", "accounts", first}, at...)...).fine(t)
	var many strings.Builder
	many.WriteString(accountsHeader)
	for i := range 60_000 {
		fmt.Fprintf(&many, "B-%05d,Company %x of many,c%d.example\n", i, i*7919, i)
	}
	second := file(t, "more.csv", many.String())
	limit := []string{limitVariable + "=" + strconv.Itoa(200<<10)}
	full := askApart(t, limit, "telltale", append([]string{"import", "accounts", second}, at...)...)
	if log, line, ok := strings.Cut(strings.TrimSuffix(full.err, "\n"), "\n"); ok && strings.HasPrefix(log, `{"time":`) {
		full.err = line // the engine logs the write that was cut off, whoever asked for it
	}
	full.refused(t, "telltale", 1, "import accounts", "disk is full")
	count := append([]string{"query", "--format", "TSV", "SELECT count(), countIf(account_id = '1') FROM accounts"}, at...)
	if a := askApart(t, nil, "telltale", count...).fine(t); !strings.HasSuffix(a.out, "\t1\n") {
		t.Errorf("after the full disk there are %q accounts", a.out)
	}
	askApart(t, nil, "telltale", append([]string{"import", "accounts", second}, at...)...).fine(t)
	if a := askApart(t, nil, "telltale", count...).fine(t); a.out != "60000\t0\n" && a.out != "60001\t1\n" {
		t.Errorf("after the import was made again there are %q accounts", a.out)
	}
}

func TestAFullDiskAtTheStartIsBadInput(t *testing.T) {
	dir := t.TempDir()
	a := askApart(t, []string{limitVariable + "=0"}, "telltale", "query", "SELECT 1", "--data-dir", dir)
	a.refused(t, "telltale", 2, dir)
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Logf("only the limit on the size of files was tried: a file system of our own needs root: %v", err)
		return
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "full"), make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	askApart(t, nil, "telltale", "query", "SELECT 1", "--data-dir", dir).refused(t, "telltale", 2, dir)
	askApart(t, nil, "telltale", "up", "--roles", "none", "--data-dir", dir).refused(t, "telltale", 2, dir)
}
