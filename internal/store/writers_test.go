package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

var noon = time.Date(2025, 3, 10, 12, 0, 0, 0, time.UTC)

// someSignals makes n different signals of a few hundred domains.
func someSignals(n int) []signals.Signal {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]signals.Signal, n)
	for i := range rows {
		domain := fmt.Sprintf("company%d.example", i/20)
		rows[i] = signals.Signal{
			Domain: domain, Kind: signals.KindTopic, Name: "migration", Product: "Azure", Strength: 0.5, Confidence: 0.75, Sign: 1,
			ObservedAt: noon.Add(-time.Duration(i%900) * time.Hour), Dated: true, DetectedAt: noon, Source: signals.SourceBlog,
			URL: fmt.Sprintf("https://%s/blog/%d", domain, i), Evidence: strings.Repeat("we move our data centres to the cloud ", 1+r.IntN(4)),
			Offset: i, ContentHash: fmt.Sprintf("%032x", r.Uint64()), ExtractorVersion: "1",
		}
	}
	return rows
}

func count(t testing.TB, s *Store, of string) (n uint64) {
	t.Helper()
	must(t, s.conn.QueryRow(t.Context(), "SELECT count() FROM "+of).Scan(&n))
	return n
}

func TestPartitionsAreThoseOfClickHouse(t *testing.T) {
	s := open(t)
	must(t, s.createDatabase(t.Context()))
	for n := range 40 {
		domain := strings.Repeat("ab.ü", n)[:n]
		var want uint64
		must(t, s.conn.QueryRow(t.Context(), "SELECT sipHash64({d:String})", Params{"d": domain}.bindings()...).Scan(&want))
		if got := sipHash64(domain); got != want {
			t.Errorf("sipHash64(%q) = %d, ClickHouse says %d", domain, got, want)
		}
	}
}

func TestSignalsCountOnceHoweverOftenTheyCome(t *testing.T) {
	s := migrated(t)
	rows := someSignals(2000)
	for range 3 {
		must(t, s.WriteSignals(t.Context(), rows))
		slices.Reverse(rows)
	}
	must(t, s.WriteSignals(t.Context(), rows[:100]))
	check := func(when string) {
		if n := count(t, s, "signals"); n != 2000 {
			t.Errorf("%s the merge: %d signals, want 2000", when, n)
		}
		var distinct uint64
		must(t, s.conn.QueryRow(t.Context(), "SELECT uniqExact(signal_id) FROM signals").Scan(&distinct))
		if distinct != 2000 {
			t.Errorf("%s the merge: %d identities, want 2000", when, distinct)
		}
	}
	check("before")
	must(t, s.Exec(t.Context(), "OPTIMIZE TABLE signal_rows FINAL", nil))
	check("after")
	if n := count(t, s, "signal_rows"); n != 2000 {
		t.Errorf("%d rows are left after the merge, want 2000", n)
	}
}

func TestFirstDetectionIsKeptAndLastSeenMovesOn(t *testing.T) {
	s := migrated(t)
	first := someSignals(1)[0]
	later := first
	later.DetectedAt, later.ContentHash = noon.AddDate(0, 2, 0), "ffff"
	for _, order := range [][]signals.Signal{{later}, {first}, {later}} {
		must(t, s.WriteSignals(t.Context(), order))
	}
	got, err := s.SignalsOfDomain(t.Context(), first.Domain, 10)
	must(t, err)
	want := []StoredSignal{{
		SignalID: first.ID(), Domain: first.Domain, Kind: "topic", Name: "migration", Product: "Azure", Strength: 0.5, Confidence: 0.75, Sign: 1,
		ObservedAt: noon, Dated: true, DetectedAt: noon, LastSeen: later.DetectedAt, Source: "blog", URL: first.URL,
		Evidence: first.Evidence, ContentHash: "ffff", ExtractorVersion: "1",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEachInsertOfSignalsIsOneBlockIntoOnePartition(t *testing.T) {
	s := migrated(t)
	must(t, s.Exec(t.Context(), "SYSTEM STOP MERGES signal_rows", nil))
	must(t, s.WriteSignals(t.Context(), someSignals(5000)))
	var parts, partitionsUsed uint64
	must(t, s.conn.QueryRow(t.Context(), "SELECT count(), uniqExact(partition) FROM system.parts WHERE database = currentDatabase() AND table = 'signal_rows' AND active").Scan(&parts, &partitionsUsed))
	if parts != partitionsUsed || parts != partitions {
		t.Errorf("%d parts in %d partitions, want one part in each of %d", parts, partitionsUsed, partitions)
	}
}

func TestNoSignalIsStoredWhereOneIsInvalid(t *testing.T) {
	s := migrated(t)
	rows := someSignals(3)
	rows[2].Evidence = ""
	if err := s.WriteSignals(t.Context(), rows); err == nil {
		t.Error("a signal without evidence was taken")
	}
	if n := count(t, s, "signal_rows"); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
}

func TestWritingNothingIsNoInsert(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), nil))
	must(t, s.WritePages(t.Context(), nil))
	must(t, s.WriteResults(t.Context(), nil))
	must(t, s.SetNextDue(t.Context(), nil))
}

func TestPagesAndResultsCountOnceAndLeaveWhatIsKnown(t *testing.T) {
	s := migrated(t)
	page := pages.Record{
		Domain: "a.example", URL: "https://a.example/", Kind: pages.KindHome, FetchedAt: noon, Status: 200, ContentHash: "h1", ETag: `"e1"`,
		LastModified: "Mon, 10 Mar 2025 11:00:00 GMT", Bytes: 100, Title: "A", Language: "en", PublishedAt: noon, VisitID: "a.example@1", SimHash: 1 << 63, Signals: 2, ExtractorVersion: "1",
	}
	newer := page
	newer.FetchedAt, newer.ContentHash, newer.ETag = noon.AddDate(0, 1, 0), "h2", ""
	result := pages.Result{
		VisitID: "a.example@1", Domain: "a.example", DueAt: noon, StartedAt: noon, FinishedAt: noon.Add(time.Minute), Crawler: "c1",
		Outcome: pages.OutcomeOK, Published: 1, Unchanged: 1, Failed: 1, Bytes: 100, CrawlDelay: 1500 * time.Millisecond,
		Reads: []pages.Read{
			{URL: "https://a.example/", FetchedAt: noon.AddDate(0, 2, 0), Status: 304, Unchanged: true},
			{URL: "https://a.example/gone", FetchedAt: noon, Error: "timeout"},
		},
	}
	for range 2 {
		must(t, s.WritePages(t.Context(), []pages.Record{page, newer}))
		must(t, s.WriteResults(t.Context(), []pages.Result{result}))
	}
	for table, want := range map[string]uint64{"pages FINAL": 4, "visits FINAL": 1} {
		if n := count(t, s, table); n != want {
			t.Errorf("%s: %d rows, want %d", table, n, want)
		}
	}
	known, err := s.Known(t.Context(), []string{"a.example", "b.example"})
	must(t, err)
	want := map[string][]pages.Known{"a.example": {{URL: "https://a.example/", LastModified: page.LastModified, ContentHash: "h2", SimHash: 1 << 63, Kind: pages.KindHome}}}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var delay float32
	var bytes uint64
	must(t, s.conn.QueryRow(t.Context(), "SELECT crawl_delay_s, bytes FROM visits FINAL").Scan(&delay, &bytes))
	if delay != 1.5 || bytes != 100 {
		t.Errorf("delay %v, %d bytes", delay, bytes)
	}
}

func TestSignalIDsAreStoredAsTheyAre(t *testing.T) {
	s := migrated(t)
	row := someSignals(1)
	must(t, s.WriteSignals(t.Context(), row))
	var id string
	must(t, s.conn.QueryRow(t.Context(), "SELECT toString(signal_id) FROM signals").Scan(&id))
	if uuid.MustParse(id) != row[0].ID() {
		t.Errorf("stored %s, made %s", id, row[0].ID())
	}
}

func TestRowsWithoutTheirIdentityAreNotStored(t *testing.T) {
	s := migrated(t)
	for name, err := range map[string]error{
		"a page never read":     s.WritePages(t.Context(), []pages.Record{{Domain: "a.example", URL: "https://a.example/"}}),
		"a page of no domain":   s.WritePages(t.Context(), []pages.Record{{URL: "https://a.example/", FetchedAt: noon}}),
		"a result never due":    s.WriteResults(t.Context(), []pages.Result{{Domain: "a.example", VisitID: "x"}}),
		"a read without a time": s.WriteResults(t.Context(), []pages.Result{{Domain: "a.example", VisitID: "x", DueAt: noon, Reads: []pages.Read{{URL: "https://a.example/"}}}}),
	} {
		if !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := count(t, s, "pages") + count(t, s, "visits"); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
}
