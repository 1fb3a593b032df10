package store

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// fill puts domains on the schedule, due one second after another from noon on, and spread over all priorities.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	must(t, s.Exec(t.Context(), `INSERT INTO domain_rows (domain, version, priority, next_due, interval_s, failures, last_outcome, state)
SELECT concat('d', toString(number), '.example'), 1 + number, number % 4, {noon:DateTime64(3, 'UTC')} + toIntervalSecond(number), 3600, 0, '', 'active' FROM numbers({n:UInt64})`, Params{"noon": noon, "n": uint64(n)}))
	must(t, s.Exec(t.Context(), `INSERT INTO due_rows (priority, next_due, domain, url, version, sign)
SELECT priority, next_due, domain, '', version, 1 FROM domain_rows`, nil))
}

// rowsRead is how many rows the engine reads for a query of sql/.
func rowsRead(t testing.TB, s *Store, query string, params Params) int {
	t.Helper()
	body, err := s.conn.QueryFormat(t.Context(), "JSON", text(query), params.bindings()...)
	must(t, err)
	var answer struct {
		Statistics struct {
			RowsRead int `json:"rows_read"`
		} `json:"statistics"`
	}
	must(t, json.NewDecoder(body).Decode(&answer))
	must(t, body.Close())
	return answer.Statistics.RowsRead
}

func dueAt(t testing.TB, s *Store, now time.Time, limit int) []string {
	t.Helper()
	visits, err := s.Due(t.Context(), now, limit)
	must(t, err)
	names := make([]string, len(visits))
	for i, v := range visits {
		names[i] = v.ID
		for _, f := range v.Feeds {
			names[i] += " +" + f.URL
		}
	}
	return names
}

func TestAPollReadsOnlyWhatIsDue(t *testing.T) {
	s := migrated(t)
	fill(t, s, 200_000)
	const due, limit = 20, 500
	if got := dueAt(t, s, noon.Add((due-1)*time.Second), limit); len(got) != due {
		t.Fatalf("%d are due, want %d", len(got), due)
	}
	names := make([]string, due)
	for i := range names {
		names[i] = fmt.Sprintf("d%d.example", i)
	}
	few := rowsRead(t, s, "due", Params{"now": noon.Add((due - 1) * time.Second), "limit": uint32(limit)}) + rowsRead(t, s, "scheduled", ofDomains(names))
	if few > 20_000 {
		t.Errorf("%d rows were read for %d due domains of 200,000", few, due)
	}
	if all := rowsRead(t, s, "due", Params{"now": noon.AddDate(1, 0, 0), "limit": uint32(limit)}); all > 150_000 {
		t.Errorf("%d rows were read for the first %d of 200,000 due domains", all, limit)
	} else {
		t.Logf("%d due: %d rows read; all due: %d", due, few, all)
	}
}

func TestAnEntryThatLeadsNowhereIsCancelledOnceItIsOld(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 500, "a.example", "b.example")}, noon)
	must(t, err)
	young := s.nextVersion(0)
	entry := func(domain string, due time.Time, version uint64) dueEntry {
		return dueEntry{Domain: domain, NextDue: due, Version: version}
	}
	before := noon.Add(-time.Hour)
	must(t, s.writeEntries(t.Context(), []dueEntry{
		entry("a.example", noon, 8), entry("a.example", noon, 8), entry("nosuch.example", before, 5), entry("b.example", before, 6), entry("crash.example", before, young),
	}, 1))
	at := "@" + noon.Format(time.RFC3339)
	for round := range 2 {
		got := dueAt(t, s, noon, 10)
		slices.Sort(got) // a stale entry leads to its domain as well, earlier
		if diff := cmp.Diff([]string{"a.example" + at, "b.example" + at}, got); diff != "" {
			t.Errorf("round %d (-want +got)\n%s", round, diff)
		}
	}
	if got := dueAt(t, s, noon, 1); len(got) != 1 {
		t.Errorf("behind a young entry that leads nowhere, %v is due", got)
	}
	var left []dueEntry
	must(t, s.Select(t.Context(), &left, text("due"), Params{"now": noon, "limit": uint32(10)}))
	var names []string
	for _, e := range left {
		names = append(names, e.Domain)
	}
	if diff := cmp.Diff([]string{"crash.example", "a.example", "b.example"}, names); diff != "" {
		t.Errorf("entries (-want +got)\n%s", diff)
	}
	must(t, s.SetNextDue(t.Context(), []Next{{Domain: "a.example", DueAt: noon.Add(time.Hour)}, {Domain: "b.example", DueAt: noon.Add(time.Hour)}}))
	must(t, s.Exec(t.Context(), "OPTIMIZE TABLE due_rows FINAL", nil))
	if got := dueAt(t, s, noon, 10); len(got) != 0 {
		t.Errorf("due after they were moved: %v", got)
	}
}

func TestARowWhoseEntryIsMissingIsFound(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 500, "a.example")}, noon)
	must(t, err)
	must(t, s.SetFeeds(t.Context(), []Feed{{Domain: "a.example", URL: "https://a.example/feed", NextDue: noon.Add(-time.Minute)}}))
	must(t, s.Exec(t.Context(), "TRUNCATE TABLE due_rows SYNC", nil))
	want := []string{"a.example@2025-03-10T12:00:00Z +https://a.example/feed"}
	if diff := cmp.Diff(want, dueAt(t, s, noon, 10)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := count(t, s, "due_rows FINAL"); n != 2 {
		t.Errorf("%d entries after the repair, want 2", n)
	}
	s.repaired = time.Time{}
	if diff := cmp.Diff(want, dueAt(t, s, noon, 10)); diff != "" || count(t, s, "due_rows FINAL") != 2 {
		t.Errorf("a second repair finds something: %s", diff)
	}
}

func TestAChangeCountsHoweverFarTheClockOfItsWriterIsBehind(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 500, "a.example")}, noon)
	must(t, err)
	must(t, s.Exec(t.Context(), "INSERT INTO domain_rows SELECT * REPLACE (version + 3600000000000 AS version) FROM domain_rows", nil))
	must(t, s.SetNextDue(t.Context(), []Next{{Domain: "a.example", DueAt: noon.Add(time.Hour)}}))
	if got := dueAt(t, s, noon.Add(time.Hour), 10); len(got) != 1 || got[0] != "a.example@2025-03-10T13:00:00Z" {
		t.Errorf("due: %v", got)
	}
}

// upTo are the migrations up to a number.
func upTo(t *testing.T, last string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	must(t, err)
	for _, name := range names {
		if name <= "migrations/"+last+"~" {
			body, err := fs.ReadFile(migrationFiles, name)
			must(t, err)
			files[name] = &fstest.MapFile{Data: body}
		}
	}
	return files
}

func TestAScheduleOfBeforeKeepsItsDueTimes(t *testing.T) {
	s := open(t)
	must(t, s.migrate(t.Context(), upTo(t, "0003")))
	must(t, s.Exec(t.Context(), `INSERT INTO domain_rows (domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, state) VALUES
('a.example', 1, 0, '2025-03-10 11:00:00', 3600, 2, '2025-03-09 11:00:00', 'dead', 'active'), ('a.example', 2, 1, '2025-03-10 12:00:00', 3600, 2, '2025-03-09 11:00:00', 'dead', 'active'),
('gone.example', 3, 0, '2025-03-10 11:00:00', 0, 0, NULL, '', 'removed'), ('later.example', 4, 0, '2025-03-11 12:00:00', 0, 0, NULL, '', 'active')`, nil))
	all, err := loadMigrations(migrationFiles)
	must(t, err)
	for range 2 { // a migrator that was taken for dead may apply it again
		must(t, s.Migrate(t.Context()))
		must(t, s.apply(t.Context(), all[3]))
	}
	if diff := cmp.Diff([]string{"a.example@2025-03-10T12:00:00Z"}, dueAt(t, s, noon, 10)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got, err := s.Scheduled(t.Context(), []string{"a.example"})
	must(t, err)
	want := Scheduled{
		Domain: "a.example", Priority: 1, NextDue: noon, Interval: time.Hour, Failures: 2, LastVisit: noon.Add(-25 * time.Hour), LastOutcome: pages.OutcomeDead,
	}
	if diff := cmp.Diff(want, got["a.example"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := count(t, s, "due_rows FINAL"); n != 2 {
		t.Errorf("%d entries, want those of the two domains on the schedule", n)
	}
}
