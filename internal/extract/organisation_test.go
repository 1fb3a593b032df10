package extract_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/work"
)

const stating = `<!doctype html><title>Acme</title><script type="application/ld+json">{"@type":"Organization","name":"Acme","url":"https://www.acme.example/","legalName":"Acme Pumps GmbH",
"telephone":"+49 341 1234567","email":"jane@acme.example","founder":{"@type":"Person","name":"Jane Roe"},"foundingDate":"1987","numberOfEmployees":"11-50",
"address":{"@type":"PostalAddress","streetAddress":"Hafenweg 1","addressLocality":"Leipzig","addressRegion":"Sachsen","addressCountry":"DE"},
"sameAs":["https://www.linkedin.com/company/acme","https://www.linkedin.com/in/jane-roe","https://wa.me/493411234567"]}</script><p>We make pumps.</p>`

func TestWhatAPageStatesOfItsOrganisationIsStoredWithoutPeopleOrTelephones(t *testing.T) {
	b := setup(t, nil)
	p := page("/about", stating)
	if out := b.e.Handle(t.Context(), deliver(p)); out[0].Verdict != work.VerdictDone {
		t.Fatalf("outcome %+v", out[0])
	}
	want := []signals.Organisation{{
		Domain: p.Domain, Name: "Acme", LegalName: "Acme Pumps GmbH", Founded: "1987", EmployeesMin: 11, EmployeesMax: 50, Country: "DE", Region: "Sachsen", Locality: "Leipzig",
		SameAs: []string{"https://www.linkedin.com/company/acme"}, URL: p.URL, ContentHash: p.ContentHash, ObservedAt: p.FetchedAt, DetectedAt: p.FetchedAt,
	}}
	want[0].ExtractorVersion = b.store.organisations[0].ExtractorVersion
	if d := cmp.Diff(want, b.store.organisations); d != "" || want[0].ExtractorVersion == "" {
		t.Error(d)
	}
	if at, after := slices.Index(b.store.order, "organisations"), slices.Index(b.store.order, "pages"); at < 0 || after < at {
		t.Errorf("order %v", b.store.order)
	}
}

func TestAPageComesAgainWhereItsOrganisationIsNotDurable(t *testing.T) {
	b := setup(t, nil)
	b.store.failOrganisations = errors.New("no room")
	out := b.e.Handle(t.Context(), deliver(page("/about", stating), page("/other", "<!doctype html><p>We make pumps.</p>")))
	if out[0].Verdict != work.VerdictRetry || out[1].Verdict != work.VerdictDone {
		t.Errorf("outcomes %+v", out)
	}
	if len(b.store.records) != 1 {
		t.Errorf("records %+v", b.store.records)
	}
}

func TestPagesOfOthersStateNothingOfTheDomainsOrganisation(t *testing.T) {
	for name, c := range map[string]struct {
		path, body string
		change     func(*pages.Page)
	}{
		"an agency's client":      {"/jobs/1", `<!doctype html><script type="application/ld+json">{"@type":"JobPosting","title":"Cook","hiringOrganization":{"@type":"Organization","name":"Soups","legalName":"Soups AG"}}</script><p>Cook`, nil},
		"a customer's story":      {"/customer-stories/soups", stating, nil},
		"a page of a watch list":  {"/news/1", stating, func(p *pages.Page) { p.Watch = "Wire" }},
		"an organisation by name": {"/about", `<!doctype html><script type="application/ld+json">{"@type":"Organization","name":"Acme"}</script><p>Acme`, nil},
		"one that is not indexed": {"/about", `<!doctype html><meta name="robots" content="noindex">` + stating, nil},
		"an error":                {"/about", stating, func(p *pages.Page) { p.Status = 404 }},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, nil)
			p := page(c.path, c.body)
			if c.change != nil {
				c.change(p)
			}
			if b.e.Handle(t.Context(), deliver(p)); len(b.store.organisations) != 0 {
				t.Errorf("stored %+v", b.store.organisations)
			}
		})
	}
}
