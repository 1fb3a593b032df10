package document

import (
	"strings"

	"telltale/internal/document/jsonld"
	"telltale/internal/urls"
)

// Organization returns what the page's structured data states of the organisation on whose domain it stands; nil for nothing. It
// reads the data anew at each call.
func (d *Document) Organization() *jsonld.Organization {
	nodes := d.structured(`"legalName"`, `"numberOfEmployees"`, `"sameAs"`, `"foundingDate"`, `"address"`)
	return jsonld.OrganizationOf(nodes, func(url string) bool {
		canonical, err := urls.Canonicalize(url, d.FinalURL)
		return err == nil && url != "" && urls.SameSite(canonical, d.Domain)
	})
}

// Jobs returns the job adverts of the page's structured data, at most 100. It reads the data anew at each call.
func (d *Document) Jobs() []jsonld.Job { return jsonld.JobsOf(d.structured("JobPosting")) }

// structured reads the scripts that hold one of these words.
func (d *Document) structured(words ...string) []*jsonld.Node {
	var out []*jsonld.Node
	for i := range d.JSONLD {
		for _, w := range words {
			if strings.Contains(d.JSONLD[i].Text, w) || strings.Contains(d.JSONLD[i].Text, "&quot;") {
				out = append(out, jsonld.Parse(d.JSONLD[i].Text)...)
				break
			}
		}
	}
	return out
}
