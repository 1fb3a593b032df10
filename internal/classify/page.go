package classify

import (
	"regexp"
	"strings"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// Bounds on how much text a page may have, in bytes, to be taken for parked or for an error in disguise.
const (
	maxParkedText = 1_500
	maxErrorText  = 3_000
)

// Page returns what a page is: by its status and body first, then structured data, address, the kind
// the crawler expected, and last its shape.
func Page(doc *document.Document) pages.Kind {
	if doc.Probe != nil || doc.Kind == pages.KindProbe {
		return pages.KindProbe
	}
	if doc.Status >= 400 {
		return pages.KindError
	}
	if k := byBody(doc); k != pages.KindOther {
		return k
	}
	text := textBytes(doc)
	switch {
	case isParked(doc, text):
		return pages.KindParked
	case isErrorPage(doc, text):
		return pages.KindError
	}
	return byContent(doc)
}

// byContent judges a page that is neither probe, error, feed nor parked.
func byContent(doc *document.Document) pages.Kind {
	host, segments := split(address(doc))
	path := byHost(host)
	if path == pages.KindOther {
		path = byPath(host, segments)
	}
	types := typesOf(doc)
	k := byTypes(types, path)
	switch about := path == pages.KindOther && saysAbout(segments); {
	case about && (k == pages.KindBlog || k == pages.KindOther):
		return pages.KindOther
	case k == pages.KindPress && !saysPress(segments) && editorial(doc, types):
		return pages.KindBlog
	case k != pages.KindOther:
		return k
	case doc.Kind != "" && doc.Kind != pages.KindOther && doc.Kind != pages.KindHome && doc.Kind != pages.KindFeed:
		return doc.Kind
	case len(segments) == 0:
		return pages.KindHome
	}
	return byShape(doc)
}

func address(doc *document.Document) string {
	if doc.FinalURL != "" {
		return doc.FinalURL
	}
	return doc.URL
}

// byBody recognises feeds and sitemaps by their root element, whatever they are served as.
func byBody(doc *document.Document) pages.Kind {
	head := strings.ToLower(string(doc.Body[:min(len(doc.Body), 1024)]))
	head = strings.TrimLeft(head, "\ufeff \t\r\n")
	if !strings.HasPrefix(head, "<") {
		if strings.HasPrefix(head, "{") && strings.Contains(head, "jsonfeed.org/version") {
			return pages.KindFeed
		}
		return pages.KindOther
	}
	root := rootElement(head)
	if _, local, ok := strings.Cut(root, ":"); ok {
		root = local
	}
	switch root {
	case "rss", "feed", "rdf", "channel":
		return pages.KindFeed
	case "urlset", "sitemapindex":
		return pages.KindSitemap
	}
	return pages.KindOther
}

// rootElement returns the name of the first element after prolog and comments.
func rootElement(head string) string {
	for {
		i := strings.IndexByte(head, '<')
		if i < 0 || i+1 >= len(head) {
			return ""
		}
		head = head[i+1:]
		switch {
		case strings.HasPrefix(head, "!--"):
			_, after, ok := strings.Cut(head, "-->")
			if !ok {
				return ""
			}
			head = after
		case head[0] == '?' || head[0] == '!':
		default:
			end := strings.IndexAny(head, " \t\r\n/>")
			if end < 0 {
				return ""
			}
			return head[:end]
		}
	}
}

// textBytes counts the text that is no chrome.
func textBytes(doc *document.Document) int {
	n := 0
	for i := range doc.Blocks {
		if doc.Blocks[i].Role != document.RoleChrome {
			n += len(doc.Blocks[i].Text)
		}
	}
	return n
}

// lander is the script with which registrars send a parked domain's visitors on.
var lander = regexp.MustCompile(`location(?:\.href)?\s*=\s*["']/lander["']|window\.park\s*=|parking-lander`)

func isParked(doc *document.Document, text int) bool {
	if text > maxParkedText {
		return false
	}
	for i := range doc.Scripts {
		s := &doc.Scripts[i]
		if host, _ := split(s.Src); s.Src != "" && isOrUnder(host, parkingHosts) {
			return true
		}
		if s.Text != "" && len(s.Text) < 4096 && lander.MatchString(s.Text) {
			return true
		}
	}
	if host, _ := split(doc.FinalURL); isOrUnder(host, parkingHosts) {
		return true
	}
	for i := range doc.Blocks {
		low := strings.ToLower(doc.Blocks[i].Text)
		for _, p := range parkedPhrases {
			if strings.Contains(low, p) {
				return true
			}
		}
	}
	return false
}

// isErrorPage recognises an error served with status 200: a short page whose title or heading says so.
func isErrorPage(doc *document.Document, text int) bool {
	if text > maxErrorText {
		return false
	}
	if saysError(doc.Title) {
		return true
	}
	for i := range doc.Blocks {
		if doc.Blocks[i].Role == document.RoleHeading {
			return saysError(doc.Blocks[i].Text)
		}
	}
	return false
}

// saysError reports a title that is an error message, or starts or ends with one beside the site's name.
func saysError(title string) bool {
	low := strings.ToLower(title)
	for part := range strings.FieldsFuncSeq(low, func(r rune) bool { return r == '|' || r == '–' || r == '—' || r == '·' || r == ':' || r == '!' }) {
		part = strings.Trim(part, " .-\u2026")
		for _, e := range errorTitles {
			if part == e || len(part) < len(e)+16 && (strings.HasPrefix(part, e+" ") || strings.HasSuffix(part, " "+e)) {
				return true
			}
		}
	}
	return false
}

var jsonType = regexp.MustCompile(`"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?([A-Za-z]{3,40})"`)

// byTypes reads the structured data's types; one advert makes a job page, several a careers page.
func byTypes(found map[string]int, path pages.Kind) pages.Kind {
	switch {
	case found["JobPosting"] == 1:
		return pages.KindJob
	case found["JobPosting"] > 1:
		return pages.KindCareers
	case found["DiscussionForumPosting"]+found["QAPage"] > 0:
		return pages.KindForum
	case path != pages.KindOther:
		return path
	case found["NewsArticle"]+found["PressRelease"] > 0:
		return pages.KindPress
	case found["BlogPosting"]+found["Article"]+found["TechArticle"]+found["Blog"] > 0:
		return pages.KindBlog
	case found["Product"] == 1 || found["SoftwareApplication"] == 1:
		return pages.KindProduct
	}
	return pages.KindOther
}

// typesOf counts the schema.org types of a page's structured data.
func typesOf(doc *document.Document) map[string]int {
	found := map[string]int{}
	for i := range doc.JSONLD {
		for _, m := range jsonType.FindAllStringSubmatch(doc.JSONLD[i].Text, 200) {
			found[m[1]]++
		}
	}
	return found
}

// byShape judges a page whose address says nothing: its generator, Open Graph type, date and title.
func byShape(doc *document.Document) pages.Kind {
	if Thread(address(doc)) {
		return pages.KindForum
	}
	generator := strings.ToLower(doc.Meta("generator"))
	for _, engine := range [...]string{"discourse", "phpbb", "vbulletin", "mybb", "xenforo", "flarum", "vanilla"} {
		if strings.Contains(generator, engine) {
			return pages.KindForum
		}
	}
	if k := byText(doc.Title); k == pages.KindLegal || k == pages.KindCareers || k == pages.KindPress {
		return k
	}
	if !doc.Published.IsZero() && (strings.EqualFold(doc.Meta("og:type"), "article") || doc.PublishedSource == "url" || doc.PublishedSource == "meta") {
		return pages.KindBlog
	}
	if !doc.Published.IsZero() && doc.PublishedPrecision >= document.PrecisionDay && proseBytes(doc) >= minProse {
		return pages.KindBlog
	}
	return pages.KindOther
}
