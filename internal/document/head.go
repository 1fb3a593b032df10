package document

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// onMeta keeps a meta element under each of its names.
func (w *walker) onMeta() {
	attrs := w.readAttrs()
	content := collapse(attr(attrs, "content"), maxAttr)
	if charset := attr(attrs, "charset"); charset != "" && content == "" {
		w.addMeta("charset", charset)
	}
	seen := ""
	for _, key := range [...]string{"name", "property", "http-equiv", "itemprop"} {
		name := strings.ToLower(strings.TrimSpace(attr(attrs, key)))
		if name == "" || name == seen || content == "" {
			continue
		}
		seen = name
		w.addMeta(name, content)
	}
}

func (w *walker) addMeta(name, content string) {
	if len(w.doc.Metas) >= maxMetas {
		w.doc.Clipped = true
		return
	}
	w.doc.Metas = append(w.doc.Metas, Meta{Name: name, Content: content, Offset: w.pos})
}

// onScript opens a script; its text, if any, is the next token.
func (w *walker) onScript() {
	attrs := w.readAttrs()
	typ := strings.ToLower(strings.TrimSpace(attr(attrs, "type")))
	src := strings.TrimSpace(attr(attrs, "src"))
	w.raw = rawDrop
	if len(w.doc.Scripts)+len(w.doc.JSONLD) >= maxScripts {
		w.doc.Clipped = true
		return
	}
	if strings.HasPrefix(typ, "application/ld+json") {
		w.raw = rawJSONLD
		return
	}
	w.doc.Scripts = append(w.doc.Scripts, Script{Src: src, Type: typ, Offset: w.pos})
	if src == "" {
		w.raw = rawScript
	}
}

// onBase takes the first base element that has an address (HTML §4.2.3).
func (w *walker) onBase() {
	if href := strings.TrimSpace(attr(w.readAttrs(), "href")); href != "" && w.base == "" && len(href) <= maxAddress {
		w.base = href
	}
}

// onHTML takes the language of the document element.
func (w *walker) onHTML() {
	if w.doc.Language == "" {
		attrs := w.readAttrs()
		w.doc.Language = attr(attrs, "lang")
		if w.doc.Language == "" {
			w.doc.Language = attr(attrs, "xml:lang")
		}
	}
}

// onInput recognises the hidden state of ASP.NET, whose form wraps the whole page.
func (w *walker) onInput() {
	if name := attr(w.readAttrs(), "name"); name == "__VIEWSTATE" || name == "__EVENTTARGET" {
		w.stack.unform()
	}
}

// wrapsPage recognises forms that server frameworks put around the whole page.
func wrapsPage(attrs []attribute) bool {
	switch strings.ToLower(attr(attrs, "id")) {
	case "aspnetform", "form1", "mainform", "frm", "server-form", "wpform_main":
		return true
	}
	return strings.EqualFold(attr(attrs, "runat"), "server")
}

// chromeByAttrs reads the reason for chrome off a container's role, id and class.
func chromeByAttrs(tag atom.Atom, attrs []attribute) uint8 {
	if tag == atom.Body || tag == atom.Html || tag == atom.Main {
		return 0
	}
	c := uint8(0)
	for i := range attrs {
		switch attrs[i].key {
		case "role":
			c |= chromeByRole(attrs[i].val)
		case "id", "class":
			c |= chromeByNames(attrs[i].val)
		case "hidden":
			c |= chromeHidden
		case "aria-hidden":
			if attrs[i].val == "true" {
				c |= chromeHidden
			}
		case "style":
			if strings.Contains(strings.ReplaceAll(attrs[i].val, " ", ""), "display:none") {
				c |= chromeHidden
			}
		}
	}
	if tag == atom.Article {
		c &= chromeCookie | chromeHidden
	}
	return c
}

func chromeByRole(role string) uint8 {
	switch strings.ToLower(strings.TrimSpace(role)) {
	case "navigation", "menu", "menubar":
		return chromeNav
	case "banner":
		return chromeHeader
	case "contentinfo":
		return chromeFooter
	case "complementary":
		return chromeAside
	case "search", "form":
		return chromeForm
	case "dialog", "alertdialog":
		return chromeCookie
	}
	return 0
}

// cookieWords betray a consent banner anywhere in an id or class; their own products are among them.
var cookieWords = [...]string{"cookie", "consent", "gdpr", "onetrust", "usercentrics", "didomi", "borlabs", "cc-window", //nolint:gochecknoglobals // a table
	"iubenda", "trustarc", "termly", "quantcast", "klaro", "osano", "datenschutz-banner", "privacy-banner"}

// chromeByNames reads the words of an id or class attribute.
func chromeByNames(value string) uint8 {
	c := uint8(0)
	low := strings.ToLower(value)
	for _, w := range cookieWords {
		if strings.Contains(low, w) {
			c |= chromeCookie
			break
		}
	}
	for word := range strings.FieldsSeq(low) {
		switch word {
		case "nav", "navbar", "navigation", "main-nav", "site-nav", "menu", "main-menu", "breadcrumb", "breadcrumbs", "pagination", "topnav", "mobile-menu":
			c |= chromeNav
		case "header", "site-header", "page-header-bar", "masthead", "topbar", "top-bar":
			c |= chromeHeader
		case "footer", "site-footer", "page-footer", "colophon", "footer-wrapper":
			c |= chromeFooter
		case "sidebar", "widget-area", "related-posts", "related-articles", "share-buttons", "social-share":
			c |= chromeAside
		case "newsletter-form", "search-form", "searchform":
			c |= chromeForm
		}
	}
	return c
}

// readersWrite reports a container of comments by the first word of its id or of one of its classes. That comments are open stands on
// containers of everything.
func readersWrite(tag atom.Atom, attrs []attribute) bool {
	if tag == atom.Body || tag == atom.Html || tag == atom.Main {
		return false
	}
	for i := range attrs {
		if attrs[i].key != "id" && attrs[i].key != "class" || len(attrs[i].val) < len("comment") {
			continue
		}
		for word := range strings.FieldsSeq(attrs[i].val) {
			if ofComments(word) {
				return true
			}
		}
	}
	return false
}

func ofComments(word string) bool {
	first, rest := word, ""
	if i := strings.IndexAny(word, "-_"); i > 0 {
		first, rest = word[:i], word[i+1:]
	}
	switch first {
	case "comment", "comments", "Comment", "Comments", "commentlist", "commentList", "kommentar", "kommentare", "respond", "disqus", "wpdiscuz", "recentcomments":
		return rest != "open" && rest != "closed" && rest != "enabled" && rest != "on" && rest != "off"
	}
	return false
}

// onImage gives an anchor without text the image's alternative text.
func (w *walker) onImage() {
	if w.open.link == 0 || len(w.text.buf) > w.open.start {
		return
	}
	if l := &w.doc.Links[w.open.link-1]; l.Text == "" {
		l.Text = collapse(attr(w.readAttrs(), "alt"), maxLinkText)
	}
}
