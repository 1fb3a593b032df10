package app_test

import (
	"encoding/json"
	"testing"
	"time"
)

// advertPage is a page that a script draws: all it says stands in its structured data.
func advertPage(t *testing.T, company, until, description string) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"@context": "https://schema.org", "@type": "JobPosting", "title": "Security analyst (m/f/d)", "datePosted": "2026-03-14", "validThrough": until,
		"hiringOrganization": map[string]string{"@type": "Organization", "name": company}, "description": description,
	})
	if err != nil {
		t.Fatal(err)
	}
	return `<!doctype html><html lang="en"><title>Contoso</title><script type="application/ld+json">` + string(raw) + `</script><div id="app"></div>`
}

func TestInspectPageTellsWhomACompanyHires(t *testing.T) {
	const tasks = "<p>You triage alerts in Microsoft Sentinel.</p>"
	next, last := time.Now().AddDate(0, 1, 0).Format(time.DateOnly), time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	for name, c := range map[string]struct{ page, want string }{
		"an open advert":           {advertPage(t, "Contoso Ltd", next, tasks), "Security analyst (m/f/d) … You triage alerts in Microsoft Sentinel."},
		"one that is over":         {advertPage(t, "Contoso Ltd", last, tasks), ""},
		"another company's advert": {advertPage(t, "Fabrikam AG", next, tasks), ""},
		"a perk":                   {advertPage(t, "Contoso Ltd", next, "<h3>Benefits</h3><p>Training in Microsoft Sentinel.</p>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, c.page, "telltale", "inspect", "page", "--url", "https://careers.contoso.example/jobs/17").fine(t)
			var in struct {
				Kind    string `json:"kind"`
				Signals []struct {
					Name, Product, Evidence string
					ObservedAt              string `json:"observed_at"`
				} `json:"signals"`
			}
			if err := json.Unmarshal([]byte(a.out), &in); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, s := range in.Signals {
				if s.Name == "hiring" && s.Product == "Security" && s.ObservedAt == "2026-03-14T00:00:00Z" {
					got += s.Evidence
				}
			}
			if got != c.want || in.Kind != "job" || c.want == "" && len(in.Signals) > 0 {
				t.Errorf("it answers %s", a.out)
			}
		})
	}
}
