package store

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// versions are those of the schedule's rows, which are of the moment.
var versions = regexp.MustCompile(`"version":"?\d{19}"?`)

// moments are when rows were written.
var moments = regexp.MustCompile(`"(since|heard_at)":"[^"]*"`)

// TestQueriesAnswerAsBefore runs every query of sql/ that reads over one small store and compares the
// answer with a golden file.
func TestQueriesAnswerAsBefore(t *testing.T) {
	s := migrated(t, func(c *Config) { c.Database = "golden" })
	fixture(t, s)
	accounts := []string{"a", "b"}
	params := map[string]Params{
		"dictionary_tables": nil, "dictionary_columns": nil, "lock_age": nil,
		"column_types": {"table": "visits"},
		"due":          {"now": noon.Add(time.Hour), "limit": uint32(10)},
		"known":        {"domains": []string{"a.example", "b.example"}, "limit": uint32(2)},
		"scheduled":    {"domains": []string{"a.example"}, "all": false},
		"feeds":        {"domains": []string{"a.example"}, "all": false},
		"watched":      {},
		"schedule_list": {
			"kinds": []string{"domain", "feed", "watch"}, "all": true, "domains": []string{}, "urls": []string{}, "now": noon.Add(time.Hour), "failing": false, "limit": uint32(10),
		},
		"model_there":                {"name": "fit", "product": "Azure", "version": "v1"},
		"owned_domains":              {"account": "a"},
		"any_revision":               {"domains": []string{"company0.example"}},
		"revised_signals_of_domains": {"account": "a", "domains": []string{"company0.example"}, "limit": uint32(3)},
		"signals_of_domains":         {"account": "a", "domains": []string{"company0.example"}, "limit": uint32(3)},
		"import_accounts":            {"accounts": accounts},
		"import_domains":             {"accounts": accounts, "domains": []string{"company0.example"}},
		"import_fit":                 {"accounts": accounts},
		"import_subscriptions":       {"accounts": accounts}, "import_transactions": {"accounts": accounts}, "import_opportunities": {"accounts": accounts},
		"decided": {"urls": []string{item}}, "import_attributions": {"targets": []string{item}}, "corrections": nil, "names": nil,
		"import_best_customers": {"accounts": accounts}, "import_licences": {"accounts": accounts},
		"text_groups": {"keys": []uint64{1}, "hashes": []uint64{anyHash}, "distance": uint8(signals.CopyDistance), "seconds": uint32(whenever.Seconds())},
		"revisions":   {"domains": []string{"a.example", "company0.example"}},
		"import_list": nil, "import_standing": {"id": "i1"},
	}
	// These write, or answer with checksums or what changes by the moment; the tests of Migrate, of Due, of names, of calendars, of PublishFit, of the ledger of imports and of re-extraction are theirs.
	elsewhere := map[string]bool{"names_changed": true, "stages": true, "import_forget": true, "migrations_table": true, "lock_take": true, "applied": true, "due_repair": true,
		"end_of_support_seen": true, "end_of_support_present": true, "reextract_compare": true, "reextract_counts": true, "reextract_changes": true, "reextract_add": true, "reextract_revise": true, "reextract_pages": true}
	names, err := fs.Glob(sqlFiles, "sql/*.sql")
	must(t, err)
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".sql")
		p, reads := params[name]
		if !reads && !elsewhere[name] {
			t.Errorf("sql/%s.sql has no test", name)
		}
		if !reads || strings.HasPrefix(name, "dictionary") {
			continue // the data dictionary is the golden file of these
		}
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			body, err := s.conn.QueryFormat(t.Context(), "JSONEachRow", text(name), p.bindings()...)
			must(t, err)
			_, err = b.ReadFrom(body)
			must(t, err)
			must(t, body.Close())
			golden(t, "testdata/sql/"+name+".golden", moments.ReplaceAllString(versions.ReplaceAllString(b.String(), `"version":"…"`), `"$1":"…"`))
		})
	}
}

func fixture(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	must(t, s.WriteAttributions(ctx, []signals.Attribution{quarantined(item, noon, "a", "b"), matched(item, "a", noon.Add(time.Minute))}))
	_, err := s.ImportCorrections(ctx, []Correction{{URL: item, AccountID: "b"}, {ContentHash: "h9"}}, noon)
	must(t, err)
	for i, list := range [][]domains.Account{
		{accountOf("a", 500, "company0.example", "a.example"), accountOf("b", 5, "b.example"), accountOf("c", -1)},
		{accountOf("a", 501, "company0.example", "a.example"), accountOf("b", 5, "new.example")},
	} {
		_, err := s.ImportAccounts(ctx, list, noon.Add(time.Duration(i)*time.Minute))
		must(t, err)
	}
	_, err = s.ImportFit(ctx, []FitScore{{AccountID: "a", Product: "Azure", Score: 70.5, Model: "m", Probability: pointer(0.25)}}, noon)
	must(t, err)
	_, err = s.ImportSubscriptions(ctx, []Subscription{{AccountID: "a", Product: "Azure", Start: noon, AnnualRevenue: pointer(int64(-12345))}}, noon)
	must(t, err)
	_, err = s.ImportTransactions(ctx, []Transaction{{AccountID: "a", Product: "Azure", Date: noon, Amount: 1}, {AccountID: "a", Product: "Azure", Date: noon, Amount: 1}}, noon)
	must(t, err)
	_, err = s.ImportOpportunities(ctx, []Opportunity{{AccountID: "b", Product: "Azure", Closed: &noon, Outcome: "won", Amount: pointer(int64(99))}}, noon)
	must(t, err)
	_, err = s.ImportBestCustomers(ctx, []BestCustomer{{"b", "Azure"}}, noon)
	must(t, err)
	_, err = s.ImportLicences(ctx, []Licence{{"b", "Windows Server 2012", noon, 3}}, noon)
	must(t, err)
	must(t, s.NoteImport(ctx, ImportNote{ID: "i1", Kind: "fit", File: "fit.csv", State: "failed", Partial: true, StartedAt: noon, BeganAt: noon, FinishedAt: noon, Read: 3, Written: 2, Error: "why"}))
	must(t, s.RegisterModel(ctx, "Azure", "v1", "{}", "{}", noon))
	must(t, s.WriteSignals(ctx, someSignals(40)))
	must(t, s.WriteTexts(ctx, []signals.Text{textAt("a.example", "/", 1, anyHash, 0), textAt("b.example", "/", 2, turned(anyHash, 3), 0), textAt("c.example", "/", 3, ^uint64(anyHash), 0)}))
	for i, url := range []string{"https://a.example/", "https://a.example/blog", "https://a.example/old"} {
		must(t, s.WritePages(ctx, []pages.Record{{Domain: "a.example", URL: url, Kind: pages.KindBlog, FetchedAt: noon.Add(-time.Duration(i) * time.Hour), Status: 200, ContentHash: "h", ETag: "e"}}))
	}
	must(t, s.SetNextDue(ctx, []Next{{Domain: "company0.example", DueAt: noon.Add(-time.Hour), Interval: time.Hour, Failures: 1, LastVisit: noon, LastOutcome: pages.OutcomeOK, Address: "192.0.2.1"}}))
	must(t, s.SetFeeds(ctx, []Feed{{Domain: "a.example", URL: "https://a.example/feed", Source: pages.KindBlog, NextDue: noon.Add(30 * time.Minute), Interval: time.Hour, LastRead: noon, Items: 7}}))
	_, err = s.ImportWatch(ctx, []WatchSource{{Name: "Wire", Domain: "wire.example", URL: "https://wire.example/rss", Source: pages.KindPress, Floor: time.Hour}}, noon)
	must(t, err)
}
