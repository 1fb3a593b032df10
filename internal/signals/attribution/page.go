package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"telltale/internal/document"
)

// The bounds of what is read of a page.
const (
	maxText    = 256 << 10 // bytes of text
	maxLinks   = 2000
	maxGroups  = 64 // names that differ
	maxNames   = 64 // accounts of one name that are weighed
	contextEnd = 8 << 10
)

// group is all that a page says of one name.
type group struct {
	first uint32
	// key is the name as names are compared; words how many it has.
	key   string
	words int
	// Mentions by place: title as its subject, as an object and otherwise; heading; the lead's subject and otherwise; a paragraph
	// or heading about the company; the rest. torn are those that words around make another name of.
	titleLead, titleObject, title, heading, leadLead, lead, about, body, torn, running int
	forms                                                                              []string
	// written is the name as the page writes it.
	written string
	quote   quote
	// common is whether it is a word of the language: 0 not yet known, 1 yes, 2 no.
	common uint8
}

type quote struct {
	rank   int
	text   string
	offset int
}

func (g *group) clean() int {
	return g.titleLead + g.titleObject + g.title + g.heading + g.leadLead + g.lead + g.about + g.body
}

// inTitle reports a name in the title, but not as an object of it.
func (g *group) inTitle() bool { return g.titleLead+g.title > 0 }

// reading is one page being read.
type reading struct {
	m      *Matcher
	doc    *document.Document
	groups []group
	// linked are the accounts whose domains the page links to or writes out.
	linked map[uint32]string
	// lead is the number of the first paragraph, dateline where its news begins, place the country of its dateline.
	lead, dateline int
	place          uint8
	// countries and trades are those that the page speaks of, by bits; they are read when first asked for.
	countries map[uint8]bool
	trades    uint32
	known     bool
}

// read gathers names and links.
func (m *Matcher) read(doc *document.Document) *reading {
	r := &reading{m: m, doc: doc, linked: map[uint32]string{}, lead: -1}
	s, ok := m.scratchPool.Get().(*scratch)
	if !ok {
		s = &scratch{}
	}
	defer m.scratchPool.Put(s)
	r.findLead()
	left := maxText
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		if !doc.Own(b) || left <= 0 {
			continue
		}
		text := b.Text[:min(len(b.Text), left)]
		left -= len(text)
		found := m.scan(s, text)
		for j := range found {
			r.note(s, i, text, &found[j])
		}
		r.writtenDomains(text)
	}
	r.links()
	r.shorten()
	return r
}

// findLead finds the first paragraph, and in it the dateline's end.
func (r *reading) findLead() {
	for i := range r.doc.Blocks {
		b := &r.doc.Blocks[i]
		if !r.doc.Own(b) || len(b.Text) < 40 || b.Role != document.RoleParagraph && b.Role != document.RoleQuote {
			continue
		}
		r.lead = i
		head := b.Text[:min(len(b.Text), 160)]
		for _, dash := range [...]string{" – ", " — ", " -- ", " - ", "/ - ", ") – ", ": "} {
			at := strings.Index(head, dash)
			if at <= 0 || !dateline(head[:at]) {
				continue
			}
			r.dateline = at + len(dash)
			r.place = r.m.placeIn(head[:at])
			return
		}
		return
	}
}

// dateline reports text that is no sentence: it begins with a capital, and has a figure, a comma or few words.
func dateline(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return (unicode.IsUpper(first) || first == '(') && (strings.ContainsAny(s, "0123456789,(/") || len(strings.Fields(s)) <= 3)
}

// placeIn is the country of the first place that a text names; 0 where it names none.
func (m *Matcher) placeIn(text string) uint8 {
	list := split(nil, text)
	for i := range list {
		if id := m.placeAt(text, list, i); id != 0 {
			return id
		}
	}
	return 0
}

// placeAt is the country of the longest place that begins at the i-th word.
func (m *Matcher) placeAt(text string, list []word, i int) (id uint8) {
	if list[i].marks&markUpper == 0 {
		return 0
	}
	seq := uint64(0)
	for j := i; j < min(len(list), i+m.lex.longest); j++ {
		seq = follow(seq, m.hashOf(text, list[j]))
		if p := m.lex.places[seq]; p != 0 {
			id = p
		}
	}
	return id
}

// note files a mention under its name.
func (r *reading) note(s *scratch, block int, text string, f *mention) {
	g := r.group(s, text, f)
	if g == nil {
		return
	}
	b := &r.doc.Blocks[block]
	title := b.Role == document.RoleTitle
	if f.torn {
		g.torn++
		return
	}
	if !title || f.form != "" {
		g.running++
	}
	if f.form != "" {
		g.forms = append(g.forms, f.form)
	}
	rank := g.place(r, block, text, f)
	if rank > g.quote.rank {
		g.quote = quote{rank, quoteOf(text, f.start, f.end), b.Offset + f.start}
		g.written = text[f.start:f.bare]
	}
}

// group is that of a mention's name; nil where the page has too many.
func (r *reading) group(s *scratch, text string, f *mention) *group {
	for i := range r.groups {
		if r.groups[i].first == f.first {
			return &r.groups[i]
		}
	}
	if len(r.groups) == maxGroups {
		return nil
	}
	var parts []string
	for _, w := range s.words[f.from:f.to] {
		parts = append(parts, r.m.lex.word(text, w))
	}
	r.groups = append(r.groups, group{first: f.first, key: strings.Join(parts, " "), words: f.to - f.from})
	return &r.groups[len(r.groups)-1]
}

// place counts a mention by where it stands, and ranks it as a quotation.
func (g *group) place(r *reading, block int, text string, f *mention) int {
	b := &r.doc.Blocks[block]
	role := b.Role
	subject := f.lead && f.start < 60
	switch {
	case role == document.RoleTitle || role == document.RoleHeading && r.beforeLead(block):
		return g.inHeadline(f)
	case role == document.RoleHeading && aboutHead(text):
		g.about++
		return 3
	case role == document.RoleHeading:
		g.heading++
		return 2
	case block == r.lead && (subject || f.start >= r.dateline && f.start-r.dateline < 5):
		g.leadLead++
		return 6
	}
	return g.inText(r, block, text, f, subject)
}

func (g *group) inText(r *reading, block int, text string, f *mention, subject bool) int {
	switch {
	case block == r.lead && !f.object:
		g.lead++
		return 5
	case subject && (aboutHead(text) || block > 0 && aboutHead(r.doc.Blocks[block-1].Text)):
		g.about++
		return 3
	}
	g.body++
	return 1
}

func (g *group) inHeadline(f *mention) int {
	switch {
	case f.lead && !f.object && f.start <= 24: // behind "Update 1: ", but not behind the headline
		g.titleLead++
		return 8
	case f.object:
		g.titleObject++
		return 4
	}
	g.title++
	return 7
}

// beforeLead reports that a block stands before the first paragraph, as headlines do.
func (r *reading) beforeLead(block int) bool { return r.lead < 0 || block < r.lead }

// aboutHead reports a text that begins as the paragraph does in which a company describes itself.
func aboutHead(text string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(text, " \t-–"), " ")
	switch strings.ToLower(strings.TrimSuffix(first, ":")) {
	case "about", "über", "om", "over", "acerca", "informazioni":
		return len(text) < 120 || strings.HasPrefix(text, "About ")
	case "à":
		return strings.HasPrefix(strings.ToLower(text), "à propos")
	}
	return false
}

// shorten counts mentions of a name that is part of a longer name of the page to the longer: Hartwell is short there for Hartwell
// Hotels, unless it is written with a legal form.
func (r *reading) shorten() {
	for i := range r.groups {
		short := &r.groups[i]
		for j := range r.groups {
			long := &r.groups[j]
			if i == j || long.clean() == 0 || len(short.forms) > 0 || len(long.key) <= len(short.key) || !strings.Contains(" "+long.key+" ", " "+short.key+" ") {
				continue
			}
			long.body += short.clean()
			*short = group{first: short.first, key: short.key, words: short.words}
			break
		}
	}
}
