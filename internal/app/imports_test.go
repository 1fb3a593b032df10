package app_test

import (
	"strings"
	"testing"
)

func TestAHalfImportedFileIsNotScoredUntilItIsSettled(t *testing.T) {
	data := []string{"--data-dir", t.TempDir(), "--as-if", "2026-07-10T11:00:00Z"}
	with := func(args ...string) []string { return append(args, data...) }
	accounts := file(t, "customers.csv", accountsHeader+"1,A,a.example\n")
	fit := file(t, "fit.csv", "account_id,product,score\n1,Azure,80\n")
	askApart(t, nil, "telltale", with("import", "accounts", accounts)...).fine(t)
	askApart(t, nil, "telltale", with("import", "fit", fit)...).fine(t)
	// What a process leaves that is killed in mid-file.
	const killed = `INSERT INTO import_rows (id, version, kind, file, state, partial, started_at, began_at, rows_written)
		VALUES ('cut-1', toUnixTimestamp64Nano(now64(9)), 'accounts', 'customers.csv', 'running', true, '2026-07-10 11:02:03', now64(9), 40000)`
	askApart(t, nil, "telltale", with("query", killed)...).fine(t)
	data[3] = "2026-07-10T12:00:00Z"

	says := "an import is unfinished: accounts from customers.csv, begun 2026-07-10 11:02:03, at least 40000 rows stored: import the file again, or let what is stored count with telltale imports forget cut-1"
	score := with("run", "--month", "2026-06")
	askApart(t, nil, "intent-scorer", score...).refused(t, "intent-scorer", 2, "score 2026-06: "+says)
	askApart(t, nil, "intent-scorer", with("train")...).refused(t, "intent-scorer", 2, "train: "+says)
	askApart(t, nil, "intent-scorer", with("fit", "train", "--product", "Azure")...).refused(t, "intent-scorer", 2, "fit train: "+says)
	askApart(t, nil, "intent-scorer", with("fit", "score", "--product", "Azure")...).refused(t, "intent-scorer", 2, "fit score: "+says)
	if a := askApart(t, nil, "telltale", with("doctor")...); a.code != 2 || !strings.Contains(a.out, "✗ imports          "+says) || !strings.Contains(a.err, "1 checks failed: imports") {
		t.Errorf("doctor: exit code %d, %s%s", a.code, a.err, a.out)
	}
	pass := with("run", "--month", "2026-06", "--contact", "https://a.example", "--accounts", file(t, "more.csv", accountsHeader+"2,B,b.example\n"), "--out", t.TempDir())
	if a := askApart(t, nil, "telltale", pass...); a.code != 2 || !strings.HasSuffix(a.err, "telltale: run: "+says+"\n") || strings.Contains(a.err, "crawl") {
		t.Errorf("a pass: exit code %d, %s", a.code, a.err)
	}
	if a := askApart(t, nil, "telltale", with("imports")...).fine(t); !strings.Contains(a.out, "unfinished") || strings.Count(a.out, "whole") != 3 {
		t.Errorf("imports: %s", a.out)
	}
	askApart(t, nil, "telltale", with("imports", "forget", "cut-2")...).refused(t, "telltale", 2, `imports forget: no such import: "cut-2"`)
	askApart(t, nil, "telltale", with("imports", "forget", "cut-1")...).fine(t)
	askApart(t, nil, "intent-scorer", score...).fine(t)
	if a := askApart(t, nil, "telltale", with("imports", "--json")...).fine(t); !strings.Contains(a.out, `"id":"cut-1","kind":"accounts","file":"customers.csv","state":"running"`) || !strings.Contains(a.out, `"settled":"by hand"`) {
		t.Errorf("imports --json: %s", a.out)
	}
	if a := askApart(t, nil, "telltale", with("doctor")...).fine(t); !strings.Contains(a.out, "✓ imports          every file is whole") {
		t.Errorf("doctor: %s", a.out)
	}
}
