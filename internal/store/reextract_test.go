package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

// oneSignal is a topic of a page, seen at a fetch so many days after noon.
func oneSignal(path, name string, days int, change ...func(*signals.Signal)) signals.Signal {
	s := signals.Signal{Domain: "a.example", Kind: signals.KindTopic, Name: name, Product: "Azure", Strength: 0.5, Confidence: 0.75, Sign: 1, ObservedAt: noon, Dated: true,
		DetectedAt: noon.AddDate(0, 0, days), Source: signals.SourceBlog, URL: "https://a.example" + path, Evidence: "we move to Azure", ContentHash: "h", ExtractorVersion: "1"}
	for _, c := range change {
		c(&s)
	}
	return s
}

func readOf(path string, days int, items ...string) pages.Record {
	return pages.Record{Domain: "a.example", URL: "https://a.example" + path, Kind: pages.KindBlog, FetchedAt: noon.AddDate(0, 0, days), Status: 200, ContentHash: "h",
		VisitID: "v", ExtractorVersion: "1", Items: items}
}

// again extracts reads again, as the rules of version 2 that find rows.
func again(t *testing.T, s *Store, replace time.Time, reads []pages.Record, rows []signals.Signal) (counts []string, changes []Change) {
	t.Helper()
	r := s.Reextract("2")
	for i := range rows {
		rows[i].ExtractorVersion = "2"
	}
	must(t, r.WriteSignals(t.Context(), rows))
	must(t, r.WritePages(t.Context(), reads))
	n, changes, err := r.Compare(t.Context(), 100)
	must(t, err)
	if !replace.IsZero() {
		must(t, r.Replace(t.Context(), replace))
	}
	must(t, r.Close(t.Context()))
	for _, c := range n {
		counts = append(counts, fmt.Sprintf("%s %s %d", c.Change, c.Kind, c.N))
	}
	for _, table := range []string{"reextract_signals", "reextract_reads", "reextract_changes"} {
		if left := count(t, s, table); left != 0 {
			t.Errorf("%d rows are left in %s", left, table)
		}
	}
	return counts, changes
}

func keysOf(changes []Change) (keys []string) {
	for _, c := range changes {
		keys = append(keys, c.Change+" "+c.Name+" "+c.URL)
	}
	return keys
}

const (
	statesNow = "SELECT concat(name, ' ', url, ' ', toString(confidence), ' ', evidence, ' ', extractor_version) FROM signals ORDER BY name, url"
	everyRow  = "SELECT concat(name, ' ', url, ' ', toString(confidence), ' ', evidence, ' ', toString(detected_at)) FROM signal_rows FINAL WHERE known_from <= '2025-06-01 00:00:00' ORDER BY ALL"
)

func TestADifferenceIsShownAndNothingIsWrittenBeforeItReplaces(t *testing.T) {
	s := migrated(t)
	surer := func(x *signals.Signal) { x.Confidence = 0.5 }
	moved := func(x *signals.Signal) { x.ObservedAt = noon.AddDate(0, 0, -3) }
	must(t, s.WriteSignals(t.Context(), []signals.Signal{
		oneSignal("/same", "migration", 0), oneSignal("/gone", "migration", 0), oneSignal("/less", "migration", 0), oneSignal("/moved", "migration", 0),
		oneSignal("/elsewhere", "migration", 0), oneSignal("/item", "renewal", 0), oneSignal("/part", "migration", 0), oneSignal("/part", "migration", 9),
	}))
	must(t, s.WritePages(t.Context(), []pages.Record{readOf("/same", 0), readOf("/gone", 0), readOf("/less", 0), readOf("/moved", 0), readOf("/feed", 0), readOf("/part", 0), readOf("/part", 9)}))
	reads := []pages.Record{readOf("/same", 0), readOf("/gone", 0), readOf("/less", 0), readOf("/moved", 0), readOf("/feed", 0, "https://a.example/item"), readOf("/part", 0)}
	found := func() []signals.Signal {
		return []signals.Signal{oneSignal("/same", "migration", 0), oneSignal("/less", "migration", 0, surer), oneSignal("/moved", "migration", 0, moved), oneSignal("/gone", "evaluation", 0)}
	}
	before, rows := decisions(t, s, statesNow), decisions(t, s, everyRow)
	counts, changes := again(t, s, time.Time{}, reads, found())
	if d := cmp.Diff([]string{"added topic 2", "changed topic 1", "kept topic 1", "removed topic 3", "same topic 1"}, counts); d != "" {
		t.Error(d)
	}
	want := []string{
		"added evaluation https://a.example/gone", "changed migration https://a.example/less", "changed migration https://a.example/moved",
		"kept migration https://a.example/part", "removed migration https://a.example/gone", "removed renewal https://a.example/item",
	}
	if d := cmp.Diff(want, keysOf(changes)); d != "" {
		t.Error(d)
	}
	less := changes[1]
	if less.WasConfidence != 0.75 || less.NowConfidence != 0.5 || less.WasEvidence != "we move to Azure" || less.NowSign != 1 {
		t.Errorf("%+v", less)
	}
	if changes[0].WasSign != 0 || changes[4].NowSign != 0 || !changes[2].NowObservedAt.Equal(noon.AddDate(0, 0, -3)) || !changes[2].WasObservedAt.Equal(noon) {
		t.Errorf("%+v\n%+v\n%+v", changes[0], changes[2], changes[4])
	}
	if d := cmp.Diff(before, decisions(t, s, statesNow)); d != "" {
		t.Errorf("showing it changed it: %s", d)
	}

	again(t, s, noon.AddDate(1, 0, 0), reads, found())
	now := []string{
		"evaluation https://a.example/gone 0.75 we move to Azure 2", "migration https://a.example/elsewhere 0.75 we move to Azure 1",
		"migration https://a.example/less 0.5 we move to Azure 2", "migration https://a.example/moved 0.75 we move to Azure 2",
		"migration https://a.example/part 0.75 we move to Azure 1", "migration https://a.example/same 0.75 we move to Azure 1",
	}
	for _, when := range []string{"before the merge", "after"} {
		if d := cmp.Diff(now, decisions(t, s, statesNow)); d != "" {
			t.Errorf("%s: %s", when, d)
		}
		if d := cmp.Diff(rows, decisions(t, s, everyRow)); d != "" {
			t.Errorf("%s, what was known before: %s", when, d)
		}
		for _, table := range []string{"signal_rows", "revision_rows", "pages"} {
			must(t, s.Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL", nil))
		}
	}
	if got := decisions(t, s, "SELECT concat(url, ' ', extractor_version) FROM pages FINAL WHERE extractor_version = '2' ORDER BY url, fetched_at"); len(got) != len(reads) {
		t.Errorf("reads of version 2: %v", got)
	}
	listed, err := s.SignalsOfDomain(t.Context(), "a.example", 100)
	must(t, err)
	if len(listed) != len(now) {
		t.Errorf("%d signals of the domain, want %d", len(listed), len(now))
	}
	counts, changes = again(t, s, time.Time{}, reads, found())
	if d := cmp.Diff([]string{"kept topic 1", "same topic 4"}, counts); d != "" || len(changes) != 1 {
		t.Errorf("once replaced, it differs still: %s, %v", d, keysOf(changes))
	}
}

func TestWhatIsReadInPartIsNotRetired(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{oneSignal("/p", "migration", 0), oneSignal("/p", "migration", 8)}))
	must(t, s.WritePages(t.Context(), []pages.Record{readOf("/p", 0), readOf("/p", 4), readOf("/p", 8)}))
	for name, c := range map[string]struct {
		days []int
		want string
	}{
		"the first fetch only":           {[]int{0}, "kept"},
		"the first and the last":         {[]int{0, 8}, "kept"}, // the one between may have shown it too
		"every fetch that was extracted": {[]int{0, 4, 8}, "removed"},
	} {
		var reads []pages.Record
		for _, d := range c.days {
			reads = append(reads, readOf("/p", d))
		}
		if _, changes := again(t, s, time.Time{}, reads, nil); len(changes) != 1 || changes[0].Change != c.want {
			t.Errorf("%s: %v, want %s", name, keysOf(changes), c.want)
		}
	}
}

func TestARetiredSignalComesBackWhenALaterFetchShowsIt(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{oneSignal("/p", "migration", 0)}))
	must(t, s.WritePages(t.Context(), []pages.Record{readOf("/p", 0)}))
	again(t, s, noon.AddDate(0, 0, 5), []pages.Record{readOf("/p", 0)}, nil)
	standing := func(when string, want uint64) {
		t.Helper()
		if n := count(t, s, "signals"); n != want {
			t.Errorf("%s: %d signals, want %d", when, n, want)
		}
	}
	standing("retired", 0)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{oneSignal("/p", "migration", 0)}))
	standing("delivered again, of the fetch that was read again", 0)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{oneSignal("/p", "migration", 9)}))
	standing("shown by a worker of the old rules", 0)
	newer := func(x *signals.Signal) { x.ExtractorVersion, x.Confidence = "2", 0.6 }
	for range 2 {
		must(t, s.WriteSignals(t.Context(), []signals.Signal{oneSignal("/p", "migration", 9, newer)}))
		standing("shown again", 1)
	}
	if n := count(t, s, "revision_rows FINAL"); n != 2 {
		t.Errorf("%d revisions, want 2", n)
	}
	if got := decisions(t, s, "SELECT toString(confidence) FROM signals"); len(got) != 1 || got[0] != "0.6" {
		t.Errorf("confidence %v", got)
	}
	_, changes := again(t, s, noon.AddDate(0, 0, 20), []pages.Record{readOf("/p", 0), readOf("/p", 9)}, nil)
	if len(changes) != 1 || changes[0].Change != "removed" {
		t.Errorf("%v", keysOf(changes))
	}
	standing("retired again", 0)
	again(t, s, noon.AddDate(0, 0, 30), []pages.Record{readOf("/p", 0)}, []signals.Signal{oneSignal("/p", "migration", 0)})
	standing("found by rules that are better still", 1)
}

func TestAReextractionOfTooMuchSaysSo(t *testing.T) {
	r := migrated(t).Reextract("2")
	if err := r.WriteTexts(t.Context(), make([]signals.Text, maxPending+1)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("texts: %v", err)
	}
	if err := r.WriteOrganisations(t.Context(), make([]signals.Organisation, maxPending+1)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("organisations: %v", err)
	}
	if err := r.WriteAttributions(t.Context(), make([]signals.Attribution, maxPending+1)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("decisions: %v", err)
	}
	if err := r.WriteSignals(t.Context(), []signals.Signal{{}}); !errors.Is(err, signals.ErrInvalid) {
		t.Errorf("signals: %v", err)
	}
}
