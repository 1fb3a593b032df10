package topics

import (
	"bytes"
	"html"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/document/jsonld"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/phrase"
)

const (
	// maxRole is the longest name of a role in evidence, in runes; between joins it to what is asked for.
	maxRole = 100
	between = " … "
)

// advert is what is known of the job advert that is read: its role, and by topic the surest sentence that is not the role's own line.
type advert struct {
	role  string
	asked map[key]filed
	// aside is set within a part that asks for nothing.
	aside bool
}

// room is how many runes of evidence the role leaves.
func (a *advert) room() int {
	if a.role == "" {
		return signals.MaxEvidence
	}
	return signals.MaxEvidence - utf8.RuneCountInString(a.role) - utf8.RuneCountInString(between)
}

// asks notes the skill beside the role.
func (a *advert) asks(k key, h *filed) {
	if a.role == "" || h.title {
		return
	}
	if old, ok := a.asked[k]; ok && old.role == h.role && old.weight() >= h.weight() {
		return
	}
	if a.asked == nil {
		a.asked = map[key]filed{}
	}
	a.asked[k] = *h
}

// adverts returns the adverts of the structured data that are the account's own and still open, and whether the page's text is to
// be read as well: not where some advert in it counts for nothing.
func adverts(doc *document.Document) (open []jsonld.Job, whole bool) {
	careers := doc.Kind == pages.KindCareers || doc.Kind == pages.KindJob
	if !careers && !statesJobs(doc) {
		return nil, true
	}
	today := doc.FetchedAt.UTC().Format(time.DateOnly)
	all := doc.Jobs()
	for i := range all {
		j := &all[i]
		if !ended(j.Until, today) && phrase.SameCompany(doc, j.Company, j.CompanyURLs) && !holdsAny(strings.ToLower(j.Description), forOthers()) {
			open = append(open, *j)
		}
	}
	if !careers {
		return open, true
	}
	if len(all) == 0 && (ended(doc.Meta("validthrough"), today) || doc.Kind == pages.KindJob && forClient(doc)) {
		return nil, false
	}
	return open, len(open) == len(all)
}

func statesJobs(doc *document.Document) bool {
	for i := range doc.JSONLD {
		if strings.Contains(doc.JSONLD[i].Text, "JobPosting") {
			return true
		}
	}
	return false
}

// forClient reports an advert that its own text says to be somebody else's.
func forClient(doc *document.Document) bool {
	for i := range doc.Blocks {
		if b := &doc.Blocks[i]; doc.Own(b) && holdsAny(strings.ToLower(b.Text), forOthers()) {
			return true
		}
	}
	return false
}

// ended reports a last day, month or year before today, both as in RFC 3339; an advert without one is open.
func ended(until, today string) bool {
	if i := strings.IndexAny(until, "T "); i >= 0 {
		until = until[:i]
	}
	switch len(until) {
	case len("2006"), len("2006-01"), len(time.DateOnly):
		return today > until && !strings.HasPrefix(today, until)
	}
	return false
}

// readAdvert reads an advert of the structured data as a page of its own.
func (w *work) readAdvert(doc *document.Document, j *jsonld.Job) {
	var body strings.Builder
	body.WriteString("<h1>" + html.EscapeString(j.Title) + "</h1><ul>")
	for _, s := range j.Skills {
		body.WriteString("<li>" + html.EscapeString(s) + "</li>")
	}
	body.WriteString("</ul>" + j.Description)
	ad, err := document.Parse(&pages.Page{Domain: doc.Domain, URL: doc.URL, FinalURL: doc.FinalURL, Kind: pages.KindJob, Status: doc.Status,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, FetchedAt: doc.FetchedAt, Body: []byte(body.String())})
	if err != nil {
		return
	}
	ad.Metas, ad.Company, ad.Language = doc.Metas, doc.Company, doc.Language
	rest := w.best
	w.page, w.best, w.ad = phrase.NewPage(ad), nil, advert{role: role(j.Title)}
	w.read(ad)
	w.compose(rest, posted(j.Posted, doc.FetchedAt), offsetOf(doc, j.Title))
}

// readPage reads the page itself; open are the adverts of its structured data.
func (w *work) readPage(doc *document.Document, open []jsonld.Job) {
	rest := w.best
	w.page, w.best, w.ad = phrase.NewPage(doc), nil, advert{}
	at := time.Time{}
	if w.page.Kind == pages.KindJob {
		w.ad.role = role(heading(doc))
		if at = posted(doc.Meta("dateposted"), doc.FetchedAt); len(open) == 1 {
			w.ad.role, at = role(open[0].Title), posted(open[0].Posted, doc.FetchedAt)
		}
	}
	w.read(doc)
	w.compose(rest, at, -1)
}

// compose shows role and skill in the evidence of what was read, dates it, and puts it with the rest: of two hits the stronger
// stays, of equals the later. An offset of 0 or more takes the place of the hits' own.
func (w *work) compose(rest map[key]filed, at time.Time, offset int) {
	for k, h := range w.best {
		switch skill, ok := w.ad.asked[k]; {
		case h.role == "" || strings.Contains(h.Evidence, h.role) && !h.title:
		case !h.title:
			h.Evidence = h.role + between + h.Evidence
		case ok && skill.role == h.role:
			h.Evidence = h.role + between + skill.Evidence
		}
		if h.ObservedAt = at; offset >= 0 {
			h.Offset = offset
		}
		if rest == nil {
			rest = map[key]filed{}
		}
		if old, ok := rest[k]; !ok || h.weight() > old.weight() || h.weight() == old.weight() && h.ObservedAt.After(old.ObservedAt) {
			rest[k] = h
		}
	}
	w.best = rest
}

// asks reports whether a block of an advert may ask for something, and follows its headings; other pages' blocks all count.
func (w *work) asks() bool {
	b := w.block
	if !w.careers() || b.Teaser {
		return true
	}
	label := b.Role == document.RoleHeading || b.Role == document.RoleTitle
	if !label && (b.Role == document.RoleListItem || len(b.Text) > 60 || strings.HasSuffix(b.Text, ".")) {
		return !w.ad.aside
	}
	isRole := w.section(b.Text, label)
	if label && w.page.Kind == pages.KindCareers {
		if w.ad.role = ""; isRole {
			w.ad.role = role(b.Text)
		}
	}
	return !w.ad.aside
}

// section begins a part of an advert, where its line is that of one, and reports whether it names a job.
func (w *work) section(line string, heading bool) (isRole bool) {
	low := strings.ToLower(line)
	isRole = holdsAny(low, occupations())
	switch {
	case !isRole && len(line) <= 80 && holdsAny(low, otherSections()):
		w.ad.aside = true
	case heading || strings.HasSuffix(line, ":"):
		w.ad.aside = false
	}
	return isRole
}

// heading is the line that names a job on its page.
func heading(doc *document.Document) string {
	for _, want := range [...]document.Role{document.RoleHeading, document.RoleTitle} {
		for i := range doc.Blocks {
			if b := &doc.Blocks[i]; b.Role == want && doc.Own(b) {
				return b.Text
			}
		}
	}
	return ""
}

// role cuts a role's name to what evidence has room for.
func role(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	for i := range name {
		if utf8.RuneCountInString(name[:i]) >= maxRole {
			return strings.TrimSpace(name[:i])
		}
	}
	return name
}

// posted reads the day an advert was posted; zero where it states none, or one that cannot be: before 1995, or two days past the fetch.
func posted(day string, fetched time.Time) time.Time {
	if i := strings.IndexAny(day, "T "); i >= 0 {
		day = day[:i]
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || at.Year() < 1995 || !fetched.IsZero() && at.After(fetched.AddDate(0, 0, 2)) {
		return time.Time{}
	}
	return at
}

// offsetOf is where in the body an advert's title stands, or else where the structured data begins.
func offsetOf(doc *document.Document, title string) int {
	if i := bytes.Index(doc.Body, []byte(title)); i >= 0 {
		return i
	}
	if len(doc.JSONLD) > 0 {
		return doc.JSONLD[0].Offset
	}
	return 0
}
