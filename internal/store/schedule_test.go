package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

func accountOf(id string, employees int64, owned ...string) domains.Account {
	return domains.Account{ID: id, Name: "Company " + id, Domains: owned, Country: "DE", Employees: employees, AzurePotentialUSD: -1, Attributes: map[string]string{"tier": "x"}}
}

func TestTheMostUrgentVisitsAreDueFirst(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{
		accountOf("small", 5, "small.example"), accountOf("top", 500, "top.example"), accountOf("medium", 50, "medium.example"), accountOf("none", -1, "none.example"),
	}, noon)
	must(t, err)
	must(t, s.WritePages(t.Context(), []pages.Record{{Domain: "top.example", URL: "https://top.example/", Kind: pages.KindHome, FetchedAt: noon, Status: 200, ContentHash: "h", ETag: "e"}}))
	order := func(now time.Time, limit int) []string {
		visits, err := s.Due(t.Context(), now, limit)
		must(t, err)
		names := []string{}
		for _, v := range visits {
			names = append(names, fmt.Sprintf("%s %s %d known", v.ID, v.Interval, len(v.Known)))
		}
		return names
	}
	at := "@" + noon.Format(time.RFC3339)
	if diff := cmp.Diff([]string{"top.example" + at + " 0s 1 known", "medium.example" + at + " 0s 0 known", "small.example" + at + " 0s 0 known", "none.example" + at + " 0s 0 known"}, order(noon, 10)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := order(noon.Add(-time.Millisecond), 10); len(got) != 0 {
		t.Errorf("due before their time: %v", got)
	}
	if got := order(noon, 2); len(got) != 2 {
		t.Errorf("%d visits, want the limit of 2", len(got))
	}
	must(t, s.SetNextDue(t.Context(), []Next{
		{Domain: "top.example", DueAt: noon.Add(24 * time.Hour), Interval: 24 * time.Hour},
		{Domain: "nosuch.example", DueAt: noon},
	}))
	if got := order(noon, 10); len(got) != 3 {
		t.Errorf("due after one was put off: %v", got)
	}
	if got := order(noon.Add(24*time.Hour), 1); got[0] != "top.example@2025-03-11T12:00:00Z 24h0m0s 1 known" {
		t.Errorf("got %v", got)
	}
}

func TestAProvisionalDueTimeKeepsHowTheLastVisitEnded(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 500, "a.example")}, noon)
	must(t, err)
	must(t, s.SetNextDue(t.Context(), []Next{{Domain: "a.example", DueAt: noon.Add(time.Hour), Failures: 2, LastVisit: noon, LastOutcome: pages.OutcomeDead}}))
	must(t, s.SetNextDue(t.Context(), []Next{{Domain: "a.example", DueAt: noon.Add(2 * time.Hour), Interval: time.Hour, Failures: 2}}))
	check := func() {
		got, err := s.Scheduled(t.Context(), nil)
		must(t, err)
		want := map[string]Scheduled{"a.example": {
			Domain: "a.example", Priority: domains.PriorityTop, NextDue: noon.Add(2 * time.Hour), Interval: time.Hour, Failures: 2,
			LastVisit: noon, LastOutcome: pages.OutcomeDead,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	check()
	must(t, s.Exec(t.Context(), "OPTIMIZE TABLE domain_rows FINAL", nil))
	check()
}
