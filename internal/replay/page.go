package replay

import (
	"mime"
	"net/http"
	"strings"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// pageOf makes a page of an answer, or says why it gives none.
func (r *run) pageOf(x *pages.Exchange, ours bool) (page *pages.Page, skipped string) {
	if ours {
		return r.publishedPage(x)
	}
	url, err := urls.Canonicalize(x.URL, "")
	switch {
	case x.Status < 200 || x.Status > 299:
		return nil, SkipStatus
	case err != nil:
		return nil, SkipAddress
	case isRobots(url):
		return nil, SkipRobots
	case !readable(x):
		return nil, SkipType
	}
	domain := r.Domain
	if domain == "" {
		if domain, err = domains.Normalize(urls.Host(url)); err != nil {
			return nil, SkipAddress
		}
	}
	if !r.wanted(domain) {
		return nil, SkipUnwanted
	}
	page = &pages.Page{VisitID: "replay", Domain: domain, URL: url, FinalURL: url, Kind: pages.KindOther, FetchedAt: x.At}
	if skipped := r.fill(page, x); skipped != "" {
		return nil, skipped
	}
	return page, ofNoUse(page)
}

// publishedPage is the page that the crawl made of an answer.
func (r *run) publishedPage(x *pages.Exchange) (page *pages.Page, skipped string) {
	k := key(x.URL, x.At)
	page, ok := r.published[k]
	if !ok {
		return nil, SkipUnpublished
	}
	delete(r.published, k)
	hash := page.ContentHash
	if skipped := r.fill(page, x); skipped != "" {
		return nil, skipped
	}
	if page.ContentHash != hash {
		r.summary.Changed++
	}
	return page, ""
}

// fill puts an answer's status, header and body into its page.
func (r *run) fill(page *pages.Page, x *pages.Exchange) (skipped string) {
	body, truncated, err := r.Decode(x)
	switch {
	case err != nil:
		return SkipEncoding
	case len(body) == 0:
		return SkipEmpty
	}
	page.Status, page.Header, page.Body, page.Truncated, page.ContentHash = x.Status, x.Header, body, truncated, pages.Hash(body)
	return ""
}

// ofNoUse says why the crawler would not have published a page.
func ofNoUse(page *pages.Page) (skipped string) {
	doc, err := document.Parse(page)
	if err != nil {
		return SkipNoPage
	}
	switch kind := classify.Page(doc); {
	case kind == pages.KindError || kind == pages.KindParked || kind == pages.KindSitemap:
		return SkipNoPage
	case doc.NoIndex:
		return SkipNoIndex
	}
	return ""
}

func isRobots(url string) bool {
	_, rest := urls.Origin(url)
	return rest == "/robots.txt"
}

// readable reports an answer that may be a page, a feed or text, by its media type or, without one, by its look.
func readable(x *pages.Exchange) bool {
	media, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if media == "" && !x.Coded {
		media, _, _ = strings.Cut(http.DetectContentType(x.Body), ";")
	}
	switch media {
	case "text/html", "text/plain", "application/json", "application/feed+json":
		return true
	}
	return strings.HasSuffix(media, "xml") && !strings.HasPrefix(media, "image/")
}
