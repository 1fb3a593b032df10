package technology_test

import "testing"

func TestALinkCountsWhereTheTenantIsTheAccount(t *testing.T) {
	m := load(t, `{"T":{"cats":[1],"links":["^https://([\\w-]+)\\.vendor\\.example/","^https://jobs\\.vendor\\.example/\\?company=([\\w-]+)"]}}`)
	for name, c := range map[string]struct {
		link string
		want string
	}{
		"the account's label":           {"https://acme.vendor.example/jobs", "T  100 links"},
		"in a parameter":                {"https://jobs.vendor.example/?company=acme", "T  100 links"},
		"with something behind":         {"https://acme-careers.vendor.example/", "T  100 links"},
		"another company":               {"https://umbrella.vendor.example/", ""},
		"the vendor itself":             {"https://www.vendor.example/", ""},
		"a name that is only a letter":  {"https://a.vendor.example/", ""},
		"a name that merely holds ours": {"https://notacme.vendor.example/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(m.Match(parse(t, htmlPage(`<p>See <a href="`+c.link+`">here</a>`)))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
