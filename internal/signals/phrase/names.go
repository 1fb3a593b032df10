package phrase

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"telltale/internal/document"
)

// accountNames are the label of the registrable domain, its words, and the words of the site's name.
func accountNames(doc *document.Document) []string {
	if len(doc.Company) > 0 {
		return companyNames(doc.Company)
	}
	label, _, _ := strings.Cut(strings.TrimPrefix(doc.Domain, "www."), ".")
	if label == "" {
		return nil
	}
	names := []string{strings.ReplaceAll(label, "-", "")}
	names = append(names, significant(strings.Split(label, "-"))...)
	site := siteName(doc)
	if site == "" {
		return append(names, titleNames(doc.Title)...)
	}
	return append(names, significant(strings.Fields(strings.ToLower(site)))...)
}

// siteName is what the page says its site is called, empty where it does not say.
func siteName(doc *document.Document) string {
	for i := range doc.Metas {
		if m := &doc.Metas[i]; m.Name == "og:site_name" && len(m.Content) < 100 {
			return m.Content
		}
	}
	return ""
}

// ownerNames are the whole names of a site's owner, folded and each in one word: the label of its domain, and the site's name with and
// without its article.
func ownerNames(doc *document.Document) []string {
	label, _, _ := strings.Cut(strings.TrimPrefix(doc.Domain, "www."), ".")
	names := []string{strings.ReplaceAll(label, "-", "")}
	words := strings.FieldsFunc(fold(siteName(doc)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for len(words) > 0 {
		names = append(names, strings.Join(words, ""))
		if !article(words[0]) {
			break
		}
		words = words[1:]
	}
	return slices.DeleteFunc(names, func(n string) bool { return len(n) < 3 })
}

func article(w string) bool {
	switch w {
	case "the", "der", "die", "das", "le", "la", "les", "l", "el", "los", "las", "de", "het":
		return true
	}
	return false
}

// maxNameWords is the longest name of a site's owner, in words.
const maxNameWords = 6

// Owner reports that the whole name of the site's owner stands at the head of the sentence, behind an article at most.
func (p *Page) Owner(sen *Sentence) bool {
	for i := range min(2, len(sen.Tokens)) {
		run := ""
		for j := i; j < min(i+maxNameWords, len(sen.Tokens)) && sen.Tokens[j].Has(Upper); j++ {
			if run += fold(sen.Word(j)); slices.Contains(p.owners, run) {
				return true
			}
		}
		if !article(fold(sen.Word(i))) {
			return false
		}
	}
	return false
}

// companyNames are a company's names as accountNames has those of a domain: in one word, and their words.
func companyNames(list []string) []string {
	var joined, single []string
	for _, name := range list {
		words := significant(strings.FieldsFunc(fold(name), func(r rune) bool { return r == ' ' || r == '-' || r == '/' || r == '(' || r == ')' }))
		if len(words) > 0 {
			joined, single = append(joined, strings.Join(words, "")), append(single, words...)
		}
	}
	return append(joined, single...)
}

// titleNames are the words of a title's last part, where a site puts its name ("News | Fenwick").
func titleNames(title string) []string {
	for _, sep := range []string{" | ", " – ", " — ", " · ", " - "} {
		if i := strings.LastIndex(title, sep); i >= 0 {
			if last := strings.Fields(strings.ToLower(title[i+len(sep):])); len(last) <= 4 {
				return significant(last)
			}
		}
	}
	return nil
}

// significant keeps the words that can tell one company from another.
func significant(list []string) []string {
	out := list[:0:0]
	for _, w := range list {
		w = strings.Trim(w, ".,&")
		if len(w) >= 3 && !stop(w) && !corporate(w) && !trades(w) {
			out = append(out, w)
		}
	}
	return out
}

// trades are words that many company names share.
func trades(w string) bool {
	switch w {
	case "group", "gruppe", "groupe", "grupo", "holding", "company", "bank", "foods", "services", "systems", "solutions",
		"software", "consulting", "international", "global", "industries", "logistics", "energy", "health", "media",
		"partners", "engineering", "technologies", "technology", "tech", "digital", "insurance", "retail", "blog", "news",
		"press", "online", "web", "shop", "the", "und", "and":
		return true
	}
	return false
}

// Is reports whether a word is one of the account's names.
func (p *Page) Is(word string) bool {
	w := fold(word)
	if len(w) < 3 {
		return false
	}
	for i, n := range p.Names {
		if w == n || i == 0 && len(w) >= 4 && !trades(w) && strings.HasPrefix(n, w) {
			return true
		}
	}
	return false
}

// Mentions reports whether a text holds one of the account's names as a word, ignoring case; a cheap test.
func (p *Page) Mentions(text string) bool {
	for _, n := range p.Names {
		if len(n) >= 3 && holdsWord(text, n) {
			return true
		}
	}
	return false
}

// holdsWord looks for a lower-case needle that stands as a word, any case: no letter or digit touches it, but for a genitive's s.
func holdsWord(s, needle string) bool {
	c := needle[0]
	for i := 0; i+len(needle) <= len(s); i++ {
		if s[i]|0x20 != c && s[i] != c || !strings.EqualFold(s[i:i+len(needle)], needle) {
			continue
		}
		end := i + len(needle)
		if end < len(s) && s[end]|0x20 == 's' {
			end++
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[end:])
		if !ofWord(before) && !ofWord(after) {
			return true
		}
	}
	return false
}

func ofWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
