package app_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"telltale/internal/sampleweb"
)

// TestAWatchListItemEndsAsASignalOfItsAccountOrInQuarantine crawls the sample web's press wire, corrects what was decided and extracts again
// from the archive.
func TestAWatchListItemEndsAsASignalOfItsAccountOrInQuarantine(t *testing.T) {
	if raced && os.Getenv("TELLTALE_NIGHTLY") == "" {
		t.Skip("other passes over the sample web run under the race detector: make test runs this without it, make nightly with it")
	}
	f := newFleet(t, 40).asShipped()
	f.at(month)
	args := []string{"run", "--month", month, "--data-dir", f.path("one"), "--out", f.path("out"), "--warc", f.path("warc"), "--watch", f.path("inputs/watch.yaml")}
	for _, name := range []string{"accounts", "fit"} {
		args = append(args, "--"+name, f.path("inputs/"+name+".csv"))
	}
	f.mustCall("telltale", append(args, f.network...)...)
	truth := map[string]sampleweb.WireTruth{}
	for _, it := range f.web.TruthAt(f.now).Wire {
		truth[it.URL] = it
	}
	at := func(sql string) []string {
		return strings.FieldsFunc(f.query(sql, "--data-dir", f.path("one")), func(r rune) bool { return r == '\n' })
	}
	right := 0
	for _, line := range at("SELECT url, account_id FROM attributions WHERE verdict = 'attributed'") {
		url, account, _ := strings.Cut(line, "\t")
		if truth[url].AccountID != account {
			t.Errorf("%s %q is attributed to %s, not to %q", url, truth[url].Title, account, truth[url].AccountID)
		}
		right++
	}
	if right < 8 {
		t.Errorf("%d items are attributed", right)
	}
	attributed := at("SELECT url, account_id FROM signals WHERE domain = '" + sampleweb.WireDomain + "' AND account_id != '' GROUP BY url, account_id ORDER BY url")
	for _, line := range attributed {
		url, account, _ := strings.Cut(line, "\t")
		if truth[url].AccountID != account {
			t.Errorf("a signal of %s counts for %s", url, account)
		}
	}
	waiting := at("SELECT url, account_id FROM quarantine ORDER BY url, confidence DESC")
	if len(attributed) == 0 || len(waiting) == 0 {
		t.Fatalf("%d items with signals of accounts, %d candidates in quarantine", len(attributed), len(waiting))
	}
	if n := at("SELECT count() FROM signals WHERE kind = 'technology' AND domain = '" + sampleweb.WireDomain + "' AND url LIKE '%/news/%'"); n[0] != "0" {
		t.Errorf("%s technologies of the wire's site are signals of its items", n[0])
	}
	if n := at("SELECT count() FROM intent_score_rows WHERE signals > 0"); n[0] == "0" {
		t.Error("nothing was scored")
	}

	held, account, _ := strings.Cut(waiting[0], "\t")
	taken, _, _ := strings.Cut(attributed[0], "\t")
	path := f.path("corrections.csv")
	if err := os.WriteFile(path, []byte("url,account_id\n"+held+","+account+"\n"+taken+",\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.mustCall("telltale", "import", "attributions", path, "--data-dir", f.path("one"))
	check := func(when string) {
		t.Helper()
		if got := at("SELECT account_id FROM attributions WHERE url = '" + held + "'"); !slices.Equal(got, []string{account}) {
			t.Errorf("%s, %s is attributed to %v, want %s", when, held, got, account)
		}
		if got := at("SELECT url FROM quarantine WHERE url = '" + held + "'"); len(got) != 0 {
			t.Errorf("%s, %s still waits", when, held)
		}
		if got := at("SELECT DISTINCT account_id FROM signals WHERE url = '" + taken + "' AND account_id != ''"); len(got) != 0 {
			t.Errorf("%s, a signal of %s counts for %v", when, taken, got)
		}
	}
	check("after the correction")
	files, err := os.ReadDir(f.path("warc"))
	if err != nil {
		t.Fatal(err)
	}
	replay := []string{"replay", "--data-dir", f.path("one")}
	for _, file := range files {
		replay = append(replay, f.path("warc/"+file.Name()))
	}
	f.mustCall("telltale", replay...)
	check("after a replay")
	if got := at("SELECT url FROM attributions WHERE origin = 'matcher' AND verdict = 'attributed'"); len(got) != right-1 && len(got) != right {
		t.Errorf("after a replay %d items are attributed, before %d", len(got), right)
	}
}
