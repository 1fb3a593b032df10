package document

import (
	"net/http"
	"strings"
)

// finish turns spans into strings, resolves addresses and reads the facts of the head.
func (w *walker) finish() {
	w.closeAnchor()
	w.flush()
	all := string(w.text.buf)
	d := w.doc
	d.Blocks = make([]Block, len(w.blocks))
	for i, b := range w.blocks {
		d.Blocks[i] = Block{Text: all[b.start:b.end], Offset: b.offset, Role: b.role, Comment: b.comment}
		if b.role == RoleTitle {
			d.Title = clip(d.Blocks[i].Text, maxTitle)
		}
	}
	w.markTeasers()
	w.finishLinks(all)
	w.readHead()
	d.times = w.times
}

func (w *walker) finishLinks(all string) {
	d := w.doc
	r := newResolver(d.FinalURL, w.base)
	kept := d.Links[:0]
	for i, l := range d.Links {
		if l.URL = r.link(l.URL); l.URL == "" {
			continue
		}
		if s := w.spans[i]; s.end > s.start {
			if text := strings.TrimSpace(strings.ToValidUTF8(all[s.start:s.end], "")); text != "" {
				l.Text = text
			}
		}
		if d.Canonical == "" && hasToken(l.Rel, "canonical") {
			d.Canonical = l.URL
		}
		kept = append(kept, l)
	}
	d.Links = kept
	for i := range d.Scripts {
		if s := &d.Scripts[i]; s.Src != "" {
			s.Src = r.script(s.Src)
		}
	}
}

// readHead takes description, fallback title and robots directives from the meta elements.
func (w *walker) readHead() {
	d := w.doc
	for i := range d.Metas {
		m := &d.Metas[i]
		switch {
		case m.Name == "description" && d.Description == "":
			d.Description = m.Content
		case metaDirectives(m.Name):
			d.read(m.Content, d.FetchedAt)
		}
	}
	if d.Description == "" {
		d.Description = d.Meta("og:description")
	}
	if d.Title == "" {
		d.Title = clip(d.Meta("og:title"), maxTitle)
	}
	if d.Title == "" {
		for _, b := range d.Blocks {
			if b.Role == RoleHeading {
				d.Title = clip(b.Text, maxTitle)
				break
			}
		}
	}
}

// readLinkHeader takes the canonical address from a Link header (RFC 8288), where the page has none.
func readLinkHeader(d *Document) {
	if d.Canonical != "" {
		return
	}
	for _, v := range d.Header.Values("Link") {
		for part := range strings.SplitSeq(v, ",") {
			target, params, ok := strings.Cut(part, ">")
			if !ok || !strings.Contains(strings.ToLower(params), `rel="canonical"`) {
				continue
			}
			target = strings.TrimPrefix(strings.TrimSpace(target), "<")
			if abs := newResolver(d.FinalURL, "").link(target); abs != "" {
				d.Canonical = abs
				return
			}
		}
	}
}

// hasToken reports a word in a list of words in lower case.
func hasToken(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// ContentType returns the media type of the page's header in lower case, without parameters.
func (d *Document) ContentType() string { return mediaType(d.Header) }

func mediaType(h http.Header) string {
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}
