package extract

import (
	"errors"
	"net/http"
	"strings"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/pages"
)

// readItems reads each item of a feed as a dated text at its own address. A feed that cannot be read is
// counted; its page still counts as read.
func (r *reading) readItems(doc *document.Document, s *settler) {
	if r.e.cfg.Feed == nil {
		return
	}
	r.begin("feed")
	parsed, err := r.e.cfg.Feed(doc.Body, doc.Header, doc.FinalURL)
	r.e.metrics.feeds.WithLabelValues(feedOutcome(parsed, err)).Inc()
	if err != nil {
		r.e.metrics.items.WithLabelValues("unreadable").Inc()
		r.e.cfg.Logger.Debug("feed unreadable", "url", doc.URL, "error", err)
		return
	}
	for i := range parsed.Items[:min(len(parsed.Items), maxItems)] {
		item, err := itemDocument(doc, &parsed.Items[i])
		if err != nil || item.NoIndex {
			continue
		}
		r.e.metrics.items.WithLabelValues("read").Inc()
		if item.URL != doc.URL {
			r.items = append(r.items, item.URL)
		}
		if r.watch != "" {
			r.watched(item, s)
			continue
		}
		for j := range r.e.cfg.Rules {
			if rule := &r.e.cfg.Rules[j]; rule.Prose {
				r.apply(rule, item, s)
			}
		}
	}
}

// feedOutcome names how a feed was read, for its counter.
func feedOutcome(f *feed.Feed, err error) string {
	switch {
	case errors.Is(err, feed.ErrNotFeed):
		return "not_feed"
	case err != nil:
		return "malformed"
	case f.Repairs > 0:
		return "repaired"
	}
	return "whole"
}

// itemDocument makes a document of a feed item: its title, then its content or else its summary.
func itemDocument(of *document.Document, it *feed.Item) (*document.Document, error) {
	body, media := it.Content, "text/html; charset=utf-8"
	if body == "" {
		body, media = it.Summary, "text/plain; charset=utf-8"
	}
	if body != "" && media[5] == 'h' && !strings.Contains(body, "<") {
		body = "<p>" + body
	}
	address := it.URL
	if address == "" {
		address = of.URL
	}
	doc, err := document.Parse(&pages.Page{Domain: of.Domain, URL: address, FinalURL: address, Kind: of.Kind, Status: of.Status,
		Header: http.Header{"Content-Type": {media}}, FetchedAt: of.FetchedAt, ContentHash: of.ContentHash, Body: []byte(body)})
	if err != nil {
		return nil, err
	}
	doc.Title = it.Title
	if it.Title != "" {
		doc.Blocks = append([]document.Block{{Text: it.Title, Role: document.RoleTitle}}, doc.Blocks...)
	}
	if doc.Language == "" {
		doc.Language = of.Language
	}
	at := it.Published
	if at.IsZero() {
		at = it.Updated
	}
	doc.PublishAt(at, "feed")
	return doc, nil
}
