package phrase

import (
	"strings"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/urls"
)

// SameCompany reports whether a company that a page names, with the addresses it gives for it, is the one whose page it is: an
// address of it lies on the page's site, or its name goes with the domain's or with the site's name. A company without a name
// and an address is taken for the page's own.
func SameCompany(doc *document.Document, name string, addresses []string) bool {
	for _, a := range addresses {
		if u, err := urls.Canonicalize(a, doc.FinalURL); err == nil && urls.SameSite(u, doc.Domain) {
			return true
		}
	}
	words := companyWords(name)
	if len(words) == 0 {
		return name == "" && len(addresses) == 0
	}
	joined := strings.Join(words, "")
	for _, own := range ownNames(doc) {
		if akin(joined, words, own) {
			return true
		}
	}
	return false
}

// ownNames are the names a page's owner goes by, each as its words in one: the domain's label, the site's name, and what the
// structured data of an organisation on the site states. The title is left out: that of an agency's advert names its client.
func ownNames(doc *document.Document) []string {
	if len(doc.Company) > 0 {
		out := make([]string, 0, len(doc.Company))
		for _, name := range doc.Company {
			out = append(out, strings.Join(companyWords(name), ""))
		}
		return out
	}
	label, _, _ := strings.Cut(strings.TrimPrefix(doc.Domain, "www."), ".")
	out := []string{strings.ReplaceAll(fold(label), "-", "")}
	if site := doc.Meta("og:site_name"); site != "" && len(site) < 100 {
		out = append(out, strings.Join(companyWords(site), ""))
	}
	if o := doc.Organization(); o != nil && o.URL != "" {
		if u, err := urls.Canonicalize(o.URL, doc.FinalURL); err == nil && urls.SameSite(u, doc.Domain) {
			out = append(out, strings.Join(companyWords(o.Name), ""), strings.Join(companyWords(o.LegalName), ""))
		}
	}
	return out
}

// companyWords are the words of a company's name, in lower case, articles and legal forms left out.
func companyWords(name string) []string {
	var out []string
	for w := range strings.FieldsFuncSeq(fold(name), func(r rune) bool { return strings.ContainsRune(" -/()&,|·", r) }) {
		if w = strings.Trim(w, ".'\""); w != "" && !stop(w) && !corporate(w) && !legalForm(w) {
			out = append(out, w)
		}
	}
	return out
}

func legalForm(w string) bool {
	switch w {
	case "ag", "kg", "kgaa", "se", "ug", "ohg", "sas", "sarl", "sàrl", "sl", "slu", "srl", "spa", "oy", "as", "aps", "limited", "incorporated", "corporation", "mbh", "ev", "eg", "e.v", "s.l", "s.a.s", "b.v", "n.v", "co.kg", "group", "gruppe", "groupe", "grupo", "holding":
		return true
	}
	return false
}

// akin compares a company's name, in one word and in its words, with a name of the owner's: the same, its first words, a word
// of it, its initials, or the owner's name going on where the company's ends.
func akin(joined string, words []string, own string) bool {
	const telling = 4
	if own == "" {
		return false
	}
	if utf8.RuneCountInString(joined) >= telling && strings.HasPrefix(own, joined) {
		return true
	}
	first, initials := "", ""
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		first, initials = first+w, initials+string(r)
		if w == own || first == own {
			return true
		}
	}
	return len(words) >= 2 && initials == own
}
