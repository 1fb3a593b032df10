package extract

import (
	"strings"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// organisations returns what a page states of the organisation behind its domain, at most one. Pages of others' hosts, of watch
// lists and of no content state nothing of it, nor does a customer's story: the organisation there is the customer.
func (r *reading) organisations(doc *document.Document) []signals.Organisation {
	if r.watch != "" || r.stream || !readable(doc.Kind) || doc.Kind == pages.KindStory || r.stop.Load() {
		return nil
	}
	r.begin("organisation")
	found := doc.Organization()
	if found == nil {
		return nil
	}
	o := signals.Organisation{
		Domain: doc.Domain, Name: found.Name, LegalName: found.LegalName, Founded: found.Founded, EmployeesMin: found.EmployeesMin, EmployeesMax: found.EmployeesMax,
		URL: doc.URL, ContentHash: doc.ContentHash, Home: doc.Kind == pages.KindHome, ObservedAt: doc.FetchedAt, DetectedAt: doc.FetchedAt, ExtractorVersion: Version,
	}
	if a := found.Address; a != nil {
		o.Country, o.Region, o.Locality = a.Country, a.Region, a.Locality
	}
	for _, u := range found.SameAs {
		if !personal(u) {
			o.SameAs = append(o.SameAs, u)
		}
	}
	if err := o.Validate(); err != nil {
		r.e.metrics.rejected.WithLabelValues("organisation").Inc()
		return nil
	}
	return []signals.Organisation{o}
}

// personal reports the profile of a person, or a way to call one.
func personal(address string) bool {
	low := strings.ToLower(address)
	return strings.Contains(low, "linkedin.com/in/") || strings.Contains(low, "xing.com/profile/") || strings.Contains(low, "wa.me/") || strings.Contains(low, "api.whatsapp.com/")
}
