package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/signals"
)

// statedAt is what a page of acme.example states some days after noon.
func statedAt(path string, days int, o signals.Organisation) signals.Organisation {
	at := noon.AddDate(0, 0, days)
	o.Domain, o.URL, o.ContentHash, o.Home, o.ObservedAt, o.DetectedAt, o.ExtractorVersion = "acme.example", "https://acme.example"+path, "h"+path, path == "/", at, at, "1"
	return o
}

const shownOrganisation = `SELECT concat(name, '|', legal_name, '|', founded, '|', toString(employees_min), '-', toString(employees_max), '|', country, '|', region, '|', locality, '|',
	arrayStringConcat(same_as, ' '), '|', url, '|', content_hash, '|', toString(toDate(observed_at)), '|', toString(toDate(detected_at)), '|', toString(toDate(last_seen))) FROM organisations`

func TestWhatADomainStatesOfItsOrganisationCountsOnceHoweverOftenItComes(t *testing.T) {
	s := migrated(t)
	about := statedAt("/about", 0, signals.Organisation{Name: "Acme", LegalName: "Acme Pumps GmbH", EmployeesMin: 11, EmployeesMax: 50, Country: "DE", Region: "Sachsen", Locality: "Leipzig"})
	home := statedAt("/", 1, signals.Organisation{Name: "Acme Pumps", Founded: "1987", SameAs: []string{"https://www.wikidata.org/wiki/Q1", "https://register.example/1"}})
	want := []string{"Acme Pumps|Acme Pumps GmbH|1987|11-50|DE|Sachsen|Leipzig|https://www.wikidata.org/wiki/Q1 https://register.example/1|https://acme.example/|h/|2025-03-11|2025-03-11|2025-03-11"}
	must(t, s.WriteOrganisations(t.Context(), []signals.Organisation{about, home}))
	for _, when := range []string{"before a merge", "after"} {
		if d := cmp.Diff(want, decisions(t, s, shownOrganisation)); d != "" {
			t.Errorf("%s: %s", when, d)
		}
		must(t, s.WriteOrganisations(t.Context(), []signals.Organisation{home, about, home})) // delivered again, in other company
		if d := cmp.Diff(want, decisions(t, s, shownOrganisation)); d != "" {
			t.Errorf("%s, delivered again: %s", when, d)
		}
		must(t, s.Exec(t.Context(), "OPTIMIZE TABLE organisation_rows FINAL", nil))
	}
	if n := count(t, s, "organisation_rows"); n != 2 {
		t.Errorf("%d rows after a merge, want 2", n)
	}
}

func TestALaterStatementTakesThePlaceOfAnEarlierAndBothAreKept(t *testing.T) {
	s := migrated(t)
	for i, employees := range []int{50, 80, 50} {
		o := statedAt("/", i, signals.Organisation{Name: "Acme", EmployeesMin: employees, EmployeesMax: employees})
		must(t, s.WriteOrganisations(t.Context(), []signals.Organisation{o, statedAt("/blog", i, signals.Organisation{Name: "Acme", EmployeesMin: 1, EmployeesMax: 1})}))
	}
	if got := decisions(t, s, "SELECT concat(toString(employees_max), ' ', toString(toDate(observed_at)), ' ', toString(toDate(last_seen))) FROM organisations"); cmp.Diff([]string{"50 2025-03-10 2025-03-12"}, got) != "" {
		t.Errorf("now: %v", got)
	}
	asOf := "SELECT toString(argMax(employees_max, last_seen)) FROM organisation_rows FINAL WHERE home AND detected_at < toDateTime64('2025-03-12 00:00:00', 3, 'UTC') AND employees_max != 50"
	if got := decisions(t, s, asOf); cmp.Diff([]string{"80"}, got) != "" {
		t.Errorf("earlier: %v", got)
	}
}

func TestABatchOfOrganisationsIsOneBlockOrNone(t *testing.T) {
	s := migrated(t)
	var rows []signals.Organisation
	for i := range 300 {
		o := statedAt("/", 0, signals.Organisation{Name: "Acme", Country: "DE"})
		o.Domain = someSignals(301)[i].Domain
		rows = append(rows, o)
	}
	must(t, s.WriteOrganisations(t.Context(), rows))
	if n := count(t, s, "system.parts WHERE database = currentDatabase() AND table = 'organisation_rows' AND active"); n != 1 {
		t.Errorf("%d parts, want 1", n)
	}
	rows[299].URL = ""
	rows[0].Domain = "new.example"
	if err := s.WriteOrganisations(t.Context(), rows); !errors.Is(err, signals.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if n := count(t, s, "organisations WHERE domain = 'new.example'"); n != 0 {
		t.Error("a part of a bad batch is stored")
	}
	must(t, s.WriteOrganisations(t.Context(), nil))
}

func TestOrganisationsJoinSignalsByDomain(t *testing.T) {
	s := migrated(t)
	row := someSignals(1)
	must(t, s.WriteSignals(t.Context(), row))
	o := statedAt("/", 0, signals.Organisation{Name: "Acme", EmployeesMin: 300, EmployeesMax: 400})
	o.Domain = row[0].Domain
	must(t, s.WriteOrganisations(t.Context(), []signals.Organisation{o}))
	got := decisions(t, s, "SELECT concat(s.domain, ' ', toString(o.employees_min)) FROM signals AS s INNER JOIN organisations AS o ON o.domain = s.domain")
	if d := cmp.Diff([]string{row[0].Domain + " 300"}, got); d != "" {
		t.Error(d)
	}
}
