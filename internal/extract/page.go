package extract

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// result is what one page came to.
type result struct {
	doc          *document.Document
	signals      []signals.Signal
	attributions []signals.Attribution
	texts        []signals.Text
	// organisations are what the page states of its own, at most one.
	organisations []signals.Organisation
	record        pages.Record
	// label is the outcome of a page that went well: done, noindex or clipped.
	label string
	err   error
	retry bool
}

// ErrDeadline reports a page that took longer than PageDeadline.
var ErrDeadline = errors.New("page took too long")

// ErrPanic reports a rule that panicked on a page.
var ErrPanic = errors.New("rule panicked")

func ctxEnded(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// reading is the work on one page; stop is set when nobody waits for it any more.
type reading struct {
	e    *Extractor
	stop atomic.Bool
	// stream is set for a feed of the domain on a host that is not its own: what that host runs on, and says of itself,
	// is not the domain's; its items are.
	stream bool
	// watch is the watch-list source the page was read for; empty for an account's page. attributions are whom such pages speak of.
	watch        string
	attributions []signals.Attribution
	// texts are those that rules of prose found something in; items are the addresses of feed items that were read.
	texts []signals.Text
	items []string
	// rule is the name of what runs, for the report of a panic or an overrun.
	rule atomic.Value
}

// begin says what runs now.
func (r *reading) begin(rule string) { r.rule.Store(rule) }

// running is what runs, or ran last.
func (r *reading) running() string {
	name, _ := r.rule.Load().(string)
	return name
}

// extract reads one page under its deadline. A page that overruns it is given up: its goroutine ends
// at the next rule, and rules are linear in a page that is bounded.
func (e *Extractor) extract(ctx context.Context, p *pages.Page) result {
	r := &reading{e: e}
	if p != nil {
		r.watch = p.Watch
	}
	r.begin("parse")
	done := make(chan result, 1)
	go func() { done <- r.run(p) }()
	timer := time.NewTimer(e.cfg.PageDeadline)
	defer timer.Stop()
	select {
	case res := <-done:
		return res
	case <-timer.C:
		r.stop.Store(true)
		rule := r.running()
		e.metrics.overruns.WithLabelValues(rule).Inc()
		return result{err: fmt.Errorf("extract %s: %w: more than %s, in %s", p.URL, ErrDeadline, e.cfg.PageDeadline, rule), record: pages.Record{Kind: p.Kind}}
	case <-ctx.Done():
		r.stop.Store(true)
		return result{err: ctx.Err(), record: pages.Record{Kind: p.Kind}}
	}
}

// run parses, classifies and applies the rules; a panic costs this page alone.
func (r *reading) run(p *pages.Page) (res result) {
	defer func() {
		if v := recover(); v != nil {
			r.e.metrics.panics.WithLabelValues(r.running()).Inc()
			url := ""
			if p != nil {
				url, res.record.Kind = p.URL, p.Kind
			}
			r.e.cfg.Logger.Error("rule panicked", "rule", r.running(), "url", url, "panic", v, "stack", string(debug.Stack()))
			res.err, res.signals, res.attributions, res.texts, res.organisations = fmt.Errorf("extract %s: %w: %s: %v", url, ErrPanic, r.running(), v), nil, nil, nil, nil
		}
	}()
	r.begin("parse")
	doc, err := document.Parse(p)
	if err != nil {
		return result{err: err}
	}
	r.e.metrics.charsets.WithLabelValues(string(doc.Charset)).Inc()
	r.begin("classify")
	if doc.Kind = classify.Page(doc); doc.Kind == pages.KindFeed && (p.Kind == pages.KindSocial || p.Kind == pages.KindForum) {
		doc.Kind, r.stream = p.Kind, true
	}
	if doc.Kind == pages.KindForum && !r.stream {
		doc.ReadPosts()
	}
	res = result{doc: doc, label: "done"}
	switch {
	case doc.NoIndex:
		res.label = "noindex"
	case doc.Clipped:
		res.label = "clipped"
	}
	if !doc.NoIndex {
		res.signals = r.signals(doc)
		res.attributions, res.texts = r.attributions, r.texts
		res.organisations = r.organisations(doc)
	}
	res.record = recordOf(p, doc, len(res.signals))
	res.record.Items = r.items
	if r.stream && doc.Kind == pages.KindForum {
		res.record.Kind = pages.KindFeed // a forum's feed is a feed to whoever reads it again
	}
	return res
}

// readable reports the kinds of page that can show anything of the company.
func readable(k pages.Kind) bool {
	return k != pages.KindError && k != pages.KindParked && k != pages.KindSitemap
}

// signals applies the rules to a document, and the rules of prose to the items of a feed.
func (r *reading) signals(doc *document.Document) []signals.Signal {
	if !readable(doc.Kind) {
		return nil
	}
	s := settler{e: r.e, page: doc, best: map[[16]byte]int{}}
	listing := doc.Kind == pages.KindFeed || r.stream
	if r.watch != "" {
		if listing {
			r.readItems(doc, &s)
		} else {
			r.watched(doc, &s)
		}
		return s.out
	}
	for i := range r.e.cfg.Rules {
		rule := &r.e.cfg.Rules[i]
		if r.stream || rule.Prose && (doc.Kind == pages.KindLegal || doc.Kind == pages.KindFeed || doc.Kind == pages.KindProbe) {
			continue
		}
		r.apply(rule, doc, &s)
	}
	if listing {
		r.readItems(doc, &s)
	}
	return s.out
}

// apply runs one rule on one text and settles what it found.
func (r *reading) apply(rule *Rule, doc *document.Document, s *settler) {
	if r.stop.Load() {
		return
	}
	r.begin(rule.Name)
	start := time.Now()
	found := rule.Match(doc)
	r.e.metrics.seconds.WithLabelValues(rule.Name).Observe(time.Since(start).Seconds())
	for i := range found {
		if s.add(&found[i], doc) && found[i].Kind != signals.KindTechnology {
			r.rests(doc)
		}
	}
}

func recordOf(p *pages.Page, doc *document.Document, n int) pages.Record {
	return pages.Record{
		Domain: p.Domain, URL: p.URL, Kind: doc.Kind, FetchedAt: p.FetchedAt, Status: p.Status, ContentHash: p.ContentHash,
		ETag: p.Header.Get("ETag"), LastModified: p.Header.Get("Last-Modified"), Bytes: len(p.Body), Title: doc.Title,
		Language: doc.Language, PublishedAt: doc.Published, VisitID: p.VisitID, SimHash: similarity(p, doc), Signals: n, ExtractorVersion: Version,
	}
}

// similarity is the page's similarity hash, made here where the crawler did not.
func similarity(p *pages.Page, doc *document.Document) uint64 {
	if p.SimHash != 0 {
		return p.SimHash
	}
	return document.SimHash(doc)
}
