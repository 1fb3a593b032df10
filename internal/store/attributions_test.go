package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
	"telltale/internal/signals"
)

const item = "https://wire.example/news/1"

// decisions is the view attributions, a row a line.
func decisions(t *testing.T, s *Store, sql string) (lines []string) {
	t.Helper()
	must(t, s.Each(t.Context(), sql, nil, func(into func(...any) error) error {
		var line string
		err := into(&line)
		lines = append(lines, line)
		return err
	}))
	return lines
}

func matched(url, account string, at time.Time) signals.Attribution {
	a := signals.Attribution{URL: url, Domain: "wire.example", Watch: "Wire", ContentHash: "h1", Origin: signals.ByMatcher, Verdict: signals.Nobody, AccountID: account, KnownFrom: at, Version: "1"}
	if account != "" {
		a.Verdict, a.Confidence, a.Evidence, a.Why = signals.Attributed, 0.9, "Acme Ltd opens", "name"
	}
	return a
}

func quarantined(url string, at time.Time, ids ...string) signals.Attribution {
	a := matched(url, "", at)
	a.Verdict = signals.Quarantined
	for i, id := range ids {
		a.Candidates = append(a.Candidates, signals.Candidate{AccountID: id, Confidence: 0.5 - 0.1*float64(i), Evidence: "Target opens", Why: "name that is a common word"})
	}
	return a
}

// wireSignal is an event on the wire's item.
func wireSignal(domain, url string) signals.Signal {
	return signals.Signal{Domain: domain, Kind: signals.KindEvent, Name: "facility", Strength: 0.5, Confidence: 0.8, Sign: 1, ObservedAt: noon, Dated: true, DetectedAt: noon,
		Source: signals.SourceFeed, URL: url, Evidence: "Acme Ltd opens", ContentHash: "feed", ExtractorVersion: "1"}
}

func TestASignalOfAWireBelongsToWhomItsItemIsAttributed(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteSignals(t.Context(), []signals.Signal{wireSignal("wire.example", item), wireSignal("acme.example", item+"0")}))
	_, err := s.ImportAccounts(t.Context(), []domains.Account{{ID: "wire", Name: "Wire", Domains: []string{"wire.example"}, Employees: -1, AzurePotentialUSD: -1},
		{ID: "acme", Name: "Acme Ltd", Domains: []string{"acme.example"}, Employees: -1, AzurePotentialUSD: -1}}, noon)
	must(t, err)
	owner := func(want ...string) {
		t.Helper()
		if d := cmp.Diff(want, decisions(t, s, "SELECT concat(domain, ' ', account_id) FROM signals ORDER BY domain")); d != "" {
			t.Error(d)
		}
	}
	owner("acme.example acme", "wire.example wire")
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "", noon), matched(item+"0", "", noon)}))
	owner("acme.example acme", "wire.example ") // what another domain's visit read is not the wire's to decide
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "acme", noon.Add(time.Hour))}))
	owner("acme.example acme", "wire.example acme")
	_, err = s.ImportCorrections(t.Context(), []Correction{{URL: item}, {URL: item + "0", AccountID: "other"}}, noon.Add(2*time.Hour))
	must(t, err)
	owner("acme.example other", "wire.example ")
}

func TestADecisionIsWrittenOnceUntilItChanges(t *testing.T) {
	s := migrated(t)
	for i := range 3 {
		must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "acme", noon.Add(time.Duration(i)*time.Hour)), quarantined(item+"2", noon.Add(time.Duration(i)*time.Hour), "a", "b")}))
	}
	if n := count(t, s, "attribution_rows"); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "other", noon.Add(5*time.Hour)), quarantined(item+"2", noon.Add(5*time.Hour), "b", "a")}))
	want := []string{item + " attributed other matcher", item + "2 quarantined  matcher"}
	if d := cmp.Diff(want, decisions(t, s, "SELECT concat(url, ' ', verdict, ' ', account_id, ' ', origin) FROM attributions ORDER BY url")); d != "" {
		t.Error(d)
	}
	if n := count(t, s, "attribution_rows"); n != 4 {
		t.Errorf("%d rows after two changes, want 4: nothing is rewritten", n)
	}
}

func TestAFetchReadAgainReplacesItsOwnDecision(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "acme", noon)}))
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{quarantined(item, noon, "acme", "twin")}))
	must(t, s.Exec(t.Context(), "OPTIMIZE TABLE attribution_rows FINAL", nil))
	if n := count(t, s, "attribution_rows"); n != 1 {
		t.Errorf("%d rows", n)
	}
	if got := decisions(t, s, "SELECT verdict FROM attributions"); len(got) != 1 || got[0] != "quarantined" {
		t.Errorf("%v", got)
	}
}

func TestQuarantineHoldsCandidatesUntilAPersonDecides(t *testing.T) {
	s := migrated(t)
	other := quarantined(item+"2", noon, "c")
	other.ContentHash = "h2"
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{quarantined(item, noon, "a", "b"), other, matched(item+"3", "acme", noon)}))
	waiting := func(want ...string) {
		t.Helper()
		if d := cmp.Diff(want, decisions(t, s, "SELECT concat(url, ' ', account_id, ' ', toString(round(confidence, 2)), ' ', evidence, ' ', why) FROM quarantine ORDER BY url, confidence DESC")); d != "" {
			t.Error(d)
		}
	}
	const span = " Target opens name that is a common word"
	waiting(item+" a 0.5"+span, item+" b 0.4"+span, item+"2 c 0.5"+span)
	for i, want := range []Imported{{Rows: 2, Written: 2}, {Rows: 2}} {
		got, err := s.ImportCorrections(t.Context(), []Correction{{URL: item, AccountID: "b"}, {ContentHash: "h2"}}, noon.Add(time.Duration(i+1)*time.Hour))
		must(t, err)
		if got != want {
			t.Errorf("import %d: %+v, want %+v", i, got, want)
		}
	}
	waiting()
	must(t, s.WriteAttributions(t.Context(), []signals.Attribution{quarantined(item, noon.Add(9*time.Hour), "a")})) // later, and still no match for a person
	want := []string{item + " attributed b correction", item + "2 nobody  correction", item + "3 attributed acme matcher"}
	if d := cmp.Diff(want, decisions(t, s, "SELECT concat(url, ' ', verdict, ' ', account_id, ' ', origin) FROM attributions ORDER BY url")); d != "" {
		t.Error(d)
	}
	stand := map[string]string{}
	must(t, s.EachCorrection(t.Context(), func(target, account string) error { stand[target] = account; return nil }))
	if d := cmp.Diff(map[string]string{item: "b", "h2": ""}, stand); d != "" {
		t.Error(d)
	}
}

func TestNamesAreReadWithTheDomainsOwnedNow(t *testing.T) {
	s := migrated(t)
	before, err := s.NamesState(t.Context())
	must(t, err)
	a := domains.Account{ID: "a", Name: "Acme Ltd", Domains: []string{"acme.example", "acme.test"}, Country: "DE", Industry: "Retail", Employees: -1, AzurePotentialUSD: -1}
	b := domains.Account{ID: "b", Name: "Beta", Domains: []string{"beta.example"}, Employees: -1, AzurePotentialUSD: -1}
	_, err = s.ImportAccounts(t.Context(), []domains.Account{a, b}, noon)
	must(t, err)
	a.Domains = a.Domains[:1]
	_, err = s.ImportAccounts(t.Context(), []domains.Account{a}, noon.Add(time.Hour))
	must(t, err)
	var got []string
	must(t, s.EachName(t.Context(), func(a *domains.Account) error {
		got = append(got, fmt.Sprint(a.ID, a.Name, a.Country, a.Industry, a.Domains))
		return nil
	}))
	if d := cmp.Diff([]string{"aAcme LtdDERetail[acme.example]", "bBeta[beta.example]"}, got); d != "" {
		t.Error(d)
	}
	states := map[string]bool{before: true}
	for _, change := range []func() error{
		func() error { return nil },
		func() error {
			_, err := s.ImportCorrections(t.Context(), []Correction{{URL: item}}, noon)
			return err
		},
	} {
		must(t, change())
		state, err := s.NamesState(t.Context())
		must(t, err)
		if states[state] {
			t.Errorf("%q did not change", state)
		}
		states[state] = true
	}
}

func TestAnAttributionThatIsInvalidIsNotStored(t *testing.T) {
	s := migrated(t)
	err := s.WriteAttributions(t.Context(), []signals.Attribution{matched(item, "acme", noon), {URL: item}})
	if !errors.Is(err, signals.ErrInvalid) || count(t, s, "attribution_rows") != 0 {
		t.Errorf("%v, %d rows", err, count(t, s, "attribution_rows"))
	}
}

func TestWhatPeopleWroteIntoTheFormerTableIsKept(t *testing.T) {
	s := open(t)
	all, err := loadMigrations(migrationFiles)
	must(t, err)
	must(t, s.createDatabase(t.Context()))
	for _, m := range all[:4] {
		must(t, s.apply(t.Context(), m))
	}
	must(t, s.Exec(t.Context(), `INSERT INTO attributions VALUES ('`+item+`', 'acme', 0.9, '1970-01-01 00:00:00', '2199-01-01 00:00:00', '2025-03-10 00:00:00'),
		('`+item+`', 'other', 0.4, '1970-01-01 00:00:00', '2199-01-01 00:00:00', '2025-03-10 00:00:00')`, nil))
	for range 2 { // as after a crash between the last statement and its record
		for _, statement := range all[4].statements {
			must(t, s.Exec(t.Context(), statement, nil))
		}
		must(t, s.WriteAttributions(t.Context(), []signals.Attribution{matched(item+"2", "beta", noon)}))
	}
	want := []string{item + " acme correction", item + "2 beta matcher"}
	if d := cmp.Diff(want, decisions(t, s, "SELECT concat(url, ' ', account_id, ' ', origin) FROM attributions ORDER BY url")); d != "" {
		t.Error(d)
	}
}
