package store

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent/support"
	"telltale/internal/signals"
)

// versioned is a signal that names a version.
func versioned(kind signals.Kind, name, version string) signals.Signal {
	s := oneSignal("/"+version, name, 0)
	s.Kind, s.Version = kind, version
	return s
}

func TestDetectedVersionsJoinTheEndOfSupportCalendar(t *testing.T) {
	s := migrated(t)
	must(t, s.SeedCalendar(t.Context(), support.Default()))
	must(t, s.WriteSignals(t.Context(), []signals.Signal{
		versioned(signals.KindTopic, "end_of_support", "Windows Server 2012 R2"),
		versioned(signals.KindTopic, "end_of_support", "SQL Server 2012; SQL Server 2014"),
		versioned(signals.KindTopic, "migration", "SQL Server 2016"), // no topic of the end of support
		versioned(signals.KindTechnology, "Microsoft IIS", "8.5"), versioned(signals.KindTechnology, "Microsoft IIS", "10.0"),
		versioned(signals.KindTechnology, "PHP", "7.4.33"), versioned(signals.KindTechnology, "PHP", "7.40"), versioned(signals.KindTechnology, "PHP", "8.3.1"),
		versioned(signals.KindTechnology, "Microsoft Exchange Server", "15.1.2507.39"), versioned(signals.KindTechnology, "PHP", ""),
		versioned(signals.KindTechnology, "Windows Server", "2012 R2"),
	}))
	want := []string{
		"technology Microsoft Exchange Server 15.1.2507.39 = Exchange Server 2016 | Exchange Server | 2016 | 2020-10-13 | 2025-10-14",
		"technology Microsoft IIS 8.5 = Windows Server 2012 R2 | Windows Server | 2012 R2 | 2018-10-09 | 2023-10-10",
		"technology PHP 7.4.33 = PHP 7.4 | PHP | 7.4 | - | 2022-11-28",
		"technology Windows Server 2012 R2 = Windows Server 2012 R2 | Windows Server | 2012 R2 | 2018-10-09 | 2023-10-10",
		"topic SQL Server 2012 = SQL Server 2012 | SQL Server | 2012 | 2017-07-11 | 2022-07-12",
		"topic SQL Server 2014 = SQL Server 2014 | SQL Server | 2014 | 2019-07-09 | 2024-07-09",
		"topic Windows Server 2012 R2 = Windows Server 2012 R2 | Windows Server | 2012 R2 | 2018-10-09 | 2023-10-10",
	}
	got := decisions(t, s, `SELECT concat(kind, ' ', named, ' = ', release, ' | ', product, ' | ', version, ' | ', ifNull(toString(mainstream_end), '-'), ' | ', toString(extended_end))
		FROM end_of_support_signals WHERE startsWith(source, 'https://') AND url != '' AND evidence != '' ORDER BY kind, named`)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheCalendarIsThatOfTheRulesWhichWasLoadedLast(t *testing.T) {
	s := migrated(t)
	own, err := support.Load(strings.NewReader("version: mine\nreleases: [{name: Fenwick 3, ends: 2040-01-01, products: [Azure]}]"))
	must(t, err)
	present := func(calendar string, releases int) {
		t.Helper()
		if got := decisions(t, s, "SELECT DISTINCT calendar FROM end_of_support"); len(got) != 1 || got[0] != calendar {
			t.Errorf("calendars %v, want %s", got, calendar)
		}
		if n := count(t, s, "end_of_support"); int(n) != releases {
			t.Errorf("%d releases, want %d", n, releases)
		}
	}
	builtin := support.Default()
	for range 2 { // a second load is none
		must(t, s.SeedCalendar(t.Context(), builtin))
		present(builtin.Version, len(builtin.Releases))
	}
	for range 2 {
		must(t, s.WriteCalendar(t.Context(), own))
		present("mine", 1)
	}
	must(t, s.SeedCalendar(t.Context(), builtin)) // another program starts, without a calendar of its own
	present("mine", 1)
	if n := count(t, s, "end_of_support_rows"); int(n) != len(builtin.Releases)+1 {
		t.Errorf("%d rows", n)
	}
	must(t, s.WriteCalendar(t.Context(), builtin))
	present(builtin.Version, len(builtin.Releases))
	must(t, s.WriteCalendar(t.Context(), support.Calendar{Version: "empty"}))
	present(builtin.Version, len(builtin.Releases))
}
