package store

import (
	"strings"
	"testing"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

// techRead is one read of the address that showed a technology, so many days after it was last seen.
type techRead struct {
	days      int
	unchanged bool
	failure   string
	kind      pages.Kind
}

// readsOf writes reads as the crawler's results do where nothing was extracted, and as the signal worker does where something was.
func readsOf(t *testing.T, s *Store, path string, reads []techRead) {
	t.Helper()
	for _, r := range reads {
		at := noon.AddDate(0, 0, r.days)
		kind := r.kind
		if kind == "" {
			kind = pages.KindHome
		}
		if !r.unchanged && r.failure == "" {
			must(t, s.WritePages(t.Context(), []pages.Record{{Domain: "a.example", URL: "https://a.example" + path, Kind: kind, FetchedAt: at, Status: 200, ContentHash: "other", VisitID: "v"}}))
			continue
		}
		status := 304
		if r.failure != "" {
			status = 503
		}
		must(t, s.WriteResults(t.Context(), []pages.Result{{Domain: "a.example", VisitID: "v", DueAt: at, FinishedAt: at, Outcome: pages.OutcomeOK,
			Reads: []pages.Read{{URL: "https://a.example" + path, FetchedAt: at, Status: status, Unchanged: r.unchanged, Error: r.failure, Kind: kind}}}}))
	}
}

func shownAt(path string, days int) signals.Signal {
	return oneSignal(path, "Shopify", days, func(x *signals.Signal) {
		x.Kind, x.Product, x.Source, x.Dated, x.ObservedAt = signals.KindTechnology, "", signals.SourceHome, false, x.DetectedAt
	})
}

func TestATechnologyIsRemovedOnlyWhenEveryAddressWasReadTwiceMoreWithoutIt(t *testing.T) {
	for name, c := range map[string]struct {
		reads map[string][]techRead
		// want is the day of removal, "" while it stands.
		want string
	}{
		"silence is no removal":                           {nil, ""},
		"one read without it is not enough":               {map[string][]techRead{"/": {{days: 5}}}, ""},
		"two reads without it are":                        {map[string][]techRead{"/": {{days: 5}, {days: 9}}}, "2025-03-15"},
		"unchanged means still there":                     {map[string][]techRead{"/": {{days: 5, unchanged: true}, {days: 9, unchanged: true}, {days: 12, unchanged: true}}}, ""},
		"unchanged since a read without it means gone":    {map[string][]techRead{"/": {{days: 5}, {days: 9, unchanged: true}}}, "2025-03-15"},
		"unchanged before a read without it counts not":   {map[string][]techRead{"/": {{days: 5, unchanged: true}, {days: 9}}}, ""},
		"then it takes a second":                          {map[string][]techRead{"/": {{days: 5, unchanged: true}, {days: 9}, {days: 12}}}, "2025-03-19"},
		"reads that fail say nothing":                     {map[string][]techRead{"/": {{days: 5, failure: "timeout"}, {days: 9, failure: "timeout"}, {days: 12}}}, ""},
		"an error page that says 200 is no read":          {map[string][]techRead{"/": {{days: 5, kind: pages.KindError}, {days: 9, kind: pages.KindError}}}, ""},
		"another address that shows it keeps it":          {map[string][]techRead{"/": {{days: 5}, {days: 9}}, "/shop": {{days: 9}}}, ""},
		"all of them without it, and the last one counts": {map[string][]techRead{"/": {{days: 5}, {days: 9}}, "/shop": {{days: 7}, {days: 9}}}, "2025-03-17"},
	} {
		t.Run(name, func(t *testing.T) {
			s := migrated(t)
			must(t, s.WriteSignals(t.Context(), []signals.Signal{shownAt("/", -3), shownAt("/", 0)}))
			for path := range c.reads {
				must(t, s.WriteSignals(t.Context(), []signals.Signal{shownAt(path, 0)}))
			}
			for path, reads := range c.reads {
				readsOf(t, s, path, reads)
			}
			got := decisions(t, s, "SELECT concat(technology, ' ', toString(toDate(first_seen)), ' ', toString(toDate(last_seen)), ' ', ifNull(toString(toDate(removed_at)), '')) FROM technologies")
			want := "Shopify 2025-03-07 2025-03-10 " + c.want
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
			}
		})
	}
}

func TestATechnologyThatComesBackStands(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{shownAt("/", 0)}))
	readsOf(t, s, "/", []techRead{{days: 5}, {days: 9}})
	if n := count(t, s, "technologies WHERE removed_at IS NOT NULL"); n != 1 {
		t.Fatalf("%d removed", n)
	}
	must(t, s.WriteSignals(t.Context(), []signals.Signal{shownAt("/", 14)}))
	readsOf(t, s, "/", []techRead{{days: 14}})
	if got := decisions(t, s, "SELECT concat(toString(toDate(first_seen)), ' ', toString(toDate(last_seen)), ' ', ifNull(toString(removed_at), 'stands')) FROM technologies"); len(got) != 1 || got[0] != "2025-03-10 2025-03-24 stands" {
		t.Errorf("%v", got)
	}
}

func TestATechnologyThatNewerRulesRetireIsNoTechnology(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{shownAt("/", 0), shownAt("/shop", 0)}))
	must(t, s.WritePages(t.Context(), []pages.Record{readOf("/", 0)}))
	again(t, s, noon.AddDate(0, 1, 0), []pages.Record{readOf("/", 0)}, nil)
	if got := decisions(t, s, "SELECT arrayStringConcat(urls, ' ') FROM technologies"); len(got) != 1 || got[0] != "https://a.example/shop" {
		t.Errorf("addresses %v", got)
	}
}
