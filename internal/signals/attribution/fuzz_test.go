package attribution

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

func FuzzMatch(f *testing.F) {
	f.Add("Hartwell Hotels Ltd opens", "<p>LONDON, 3 March – Hartwell Hotels Ltd &amp; Co. opens. <a href=https://hartwell-hotels.example>x</a></p>", "Fuzz & Söhne AG")
	f.Add("", strings.Repeat("Next ", 200), "Next")
	f.Add("\xff", "<h1>About Contoso</h1><p>Contoso.", "contoso.com")
	accounts := books()
	f.Fuzz(func(t *testing.T, title, body, own string) {
		m := matcher(t, append(accounts[:len(accounts):len(accounts)], domains.Account{ID: "own", Name: own, Domains: []string{"own.example"}}))
		doc, err := document.Parse(&pages.Page{Domain: "wire.example", URL: "https://wire.example/1", FinalURL: "https://wire.example/1", Status: 200,
			Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte("<title>" + title + "</title>" + body)})
		if err != nil {
			return
		}
		got := m.Match(doc)
		if (got.Verdict == signals.Nobody) != (len(got.Candidates) == 0) || len(got.Candidates) > maxCandidates {
			t.Errorf("%s with %d candidates", got.Verdict, len(got.Candidates))
		}
		for _, c := range got.Candidates {
			if c.Confidence < 0 || c.Confidence > 1 || utf8.RuneCountInString(c.Evidence) > signals.MaxEvidence || c.AccountID == "" {
				t.Errorf("candidate %+v", c)
			}
		}
	})
}
