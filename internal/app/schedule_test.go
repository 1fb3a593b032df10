package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

type place struct {
	Kind, Domain, URL, Watch, Source, Last, Outcome string
	NextDue                                         time.Time `json:"next_due"`
	IntervalS                                       float64   `json:"interval_s"`
	FloorS                                          float64   `json:"min_interval_s"`
	Failures                                        int
}

// schedule asks for places on the schedule.
func schedule(t *testing.T, store []string, args ...string) (places []place) {
	t.Helper()
	a := ask(t, "", "telltale", append(append([]string{"schedule", "--json"}, args...), store...)...).fine(t)
	if err := json.Unmarshal([]byte(a.out), &places); err != nil {
		t.Fatalf("%v in %q", err, a.out)
	}
	return places
}

func names(places []place) string {
	var all []string
	for _, p := range places {
		all = append(all, p.Kind+" "+p.Domain+p.URL)
	}
	return strings.Join(all, ", ")
}

const twoSources = `sources:
  - {name: Wire, url: "https://feeds.wire.example/rss", kind: press, min_interval: 1h}
  - {name: Forum, url: "https://forum.example/latest.rss", kind: forum}
`

func TestTheScheduleIsShownAndSet(t *testing.T) {
	_, store := newHub(t)
	ask(t, "", "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", "account_id,name,domain,employees\n1,A,a.example,500\n2,B,b.example,5\n")}, store...)...).fine(t)
	list := file(t, "watch.yaml", twoSources)
	for _, says := range []string{"import watch: 2 sources, 2 new, changed or gone\n", "import watch: 2 sources, 0 new, changed or gone\n"} {
		if a := ask(t, "", "telltale", append([]string{"import", "watch", list}, store...)...).fine(t); a.err != says {
			t.Errorf("it says %q, want %q", a.err, says)
		}
	}
	const wire = "watch wire.examplehttps://feeds.wire.example/rss"
	for _, c := range []struct {
		args string
		want string
	}{
		{"--due", "domain a.example, domain b.example, watch forum.examplehttps://forum.example/latest.rss, " + wire},
		{"--watched wire.example", wire},
		{"https://feeds.wire.example/rss", wire},
		{"--feeds a.example", ""},
		{"--failing", ""},
		{"--limit 1", "domain a.example"},
		{"--at 2035-01-02 --interval 48h a.example", "domain a.example"},
		{"--at 2035-01-03T00:00:00Z https://FEEDS.wire.example/rss", wire},
		{"--due", "domain b.example, watch forum.examplehttps://forum.example/latest.rss"},
		{"--interval 2h --watched wire.example", wire},
		{"--now forum.example", "watch forum.examplehttps://forum.example/latest.rss"},
	} {
		if got := names(schedule(t, store, strings.Fields(c.args)...)); got != c.want {
			t.Errorf("schedule %s shows %q, want %q", c.args, got, c.want)
		}
	}
	a := schedule(t, store, "a.example")[0]
	if a.NextDue.Format(time.DateOnly) != "2035-01-02" || a.IntervalS != 48*3600 {
		t.Errorf("a.example: %+v", a)
	}
	w := schedule(t, store, "wire.example")[0]
	if w.NextDue.Format(time.DateOnly) != "2035-01-03" || w.IntervalS != 7200 || w.FloorS != 3600 || w.Watch != "Wire" || w.Source != "press" {
		t.Errorf("the wire: %+v", w)
	}
	if out := ask(t, "", "telltale", append([]string{"schedule"}, store...)...).fine(t).out; !strings.Contains(out, "Wire: https://feeds.wire.example/rss") || !strings.Contains(out, "2035-01-02 00:00:00") || !strings.Contains(out, "FAILURES") {
		t.Errorf("the table:\n%s", out)
	}
	ask(t, "", "telltale", append([]string{"import", "watch", file(t, "watch.yaml", strings.SplitAfterN(twoSources, "\n", 3)[0]+strings.SplitAfterN(twoSources, "\n", 3)[1])}, store...)...).fine(t)
	if got := names(schedule(t, store, "--watched")); got != wire {
		t.Errorf("after a source left its list: %q", got)
	}
}

func TestWhatTheScheduleCannotDoIsTold(t *testing.T) {
	_, store := newHub(t)
	ask(t, "", "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", accountsHeader+"1,A,a.example\n")}, store...)...).fine(t)
	for _, c := range []struct {
		args string
		says []string
	}{
		{"nosuch.example", []string{"nosuch.example belongs to no account, and no watch list has a source on it"}},
		{"https://a.example/feed", []string{"https://a.example/feed is no feed on the schedule"}},
		{"--now a.example https://a.example/feed", []string{"https://a.example/feed is no feed"}},
		{"--now", []string{"--now", "name the domains or feeds"}},
		{"--interval 2h", []string{"--interval", "name the domains or feeds"}},
		{"--now --at 2030-01-01 a.example", []string{"--now and --at exclude each other"}},
		{"--at soon a.example", []string{`--at "soon"`, "RFC 3339"}},
		{"--interval 1s a.example", []string{"--interval 1s", "want 1m0s or more"}},
		{"--limit 0", []string{"--limit 0: want 1 or more"}},
		{"--now --feeds a.example", []string{"nothing on the schedule is both named and of the kind asked for"}},
		{"ftp://a.example/", []string{`"ftp://a.example/"`}},
		{"a_b", []string{`"a_b"`, "not a registrable domain"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			ask(t, "", "telltale", append(append([]string{"schedule"}, strings.Fields(c.args)...), store...)...).refused(t, "telltale", 2, c.says...)
		})
	}
	list := file(t, "watch.yaml", "sources:\n  - {name: A, url: \"https://x.com/a\", kind: social}\n")
	ask(t, "", "telltale", append([]string{"import", "watch", list}, store...)...).refused(t, "telltale", 2, list+":2: url: x.com allows no crawling")
}

// TestAnAccountImportedIntoARunningServiceHasItsVisitWithinTwoTicks imports into a service whose scheduler ticks every ten seconds.
func TestAnAccountImportedIntoARunningServiceHasItsVisitWithinTwoTicks(t *testing.T) {
	f, store := newHub(t, "--roles", "scheduler")
	began := time.Now()
	ask(t, "", "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", accountsHeader+"1,A,a.example\n")}, store...)...).fine(t)
	ask(t, "", "telltale", append([]string{"import", "watch", file(t, "watch.yaml", twoSources)}, store...)...).fine(t)
	f.eventually("the visits are published", func() bool {
		n, ok := f.left()
		return ok && n == 3
	})
	if took := time.Since(began); took > 25*time.Second { // two ticks, and what a busy machine takes for the imports
		t.Errorf("the visits were published after %v", took)
	}
	f.eventually("what is under way has a provisional due time", func() bool {
		places := schedule(t, store)
		return len(places) == 3 && !slices.ContainsFunc(places, func(p place) bool { return !p.NextDue.After(time.Now().Add(45 * time.Minute)) })
	})
}
