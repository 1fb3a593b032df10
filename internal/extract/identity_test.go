package extract_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/signals"
)

// betweenTags are places where white space and comments say nothing.
var betweenTags = regexp.MustCompile(`>\s*<`)

// ids are the identities of what a page gives, in order.
func ids(rows []signals.Signal) (list []uuid.UUID) {
	for i := range rows {
		list = append(list, rows[i].ID())
	}
	slices.SortFunc(list, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(list)
}

// TestIdentitiesOutliveAnotherExtraction lays a page out anew, moves its spans, dates its fetch otherwise and lets rules of another
// version find it: what it says has the ids it had.
func TestIdentitiesOutliveAnotherExtraction(t *testing.T) {
	rule := technologies(t)
	before := extracted(t, rule, blogBody, 0, "1")
	if len(ids(before)) < 3 {
		t.Fatal("the page gives too little")
	}
	rapid.Check(t, func(rt *rapid.T) {
		gap := rapid.StringMatching(`[ \n\t]{0,8}(<!-- [a-z ]{0,20} -->)?[\n]{0,3}`)
		body := betweenTags.ReplaceAllStringFunc(blogBody, func(string) string { return ">" + gap.Draw(rt, "gap") + "<" })
		body = strings.ReplaceAll(body, "pumps to", "pumps"+rapid.StringMatching(`[ \n\t]{1,9}`).Draw(rt, "space")+"to")
		body = rapid.StringMatching(`(\n| |<!-- [a-z]* -->){0,4}`).Draw(rt, "head") + body
		days := rapid.IntRange(0, 400).Draw(rt, "days")
		version := fmt.Sprint(rapid.IntRange(1, 99).Draw(rt, "version"))
		after := extracted(rt, rule, body, days, version)
		if !slices.Equal(ids(before), ids(after)) {
			rt.Fatalf("%q gives\n%+v\nwant\n%+v", body, after, before)
		}
	})
}

// fataler is a test or a property under test.
type fataler interface{ Fatal(args ...any) }

// extracted are the signals that rules of a version find in a page fetched some days later.
func extracted(t fataler, technology extract.Rule, body string, days int, version string) []signals.Signal {
	store := &memory{}
	topics := prose("topics")
	find := topics.Match
	topics.Match = func(doc *document.Document) []signals.Signal {
		found := find(doc)
		for i := range found {
			found[i].ExtractorVersion = version
			found[i].Confidence = 0.5 + float64(days)/1000
		}
		return found
	}
	e, err := extract.New(extract.Config{Store: store, Rules: []extract.Rule{technology, topics}})
	if err != nil {
		t.Fatal(err)
	}
	p := page("/blog/move", body)
	p.FetchedAt = p.FetchedAt.AddDate(0, 0, days)
	e.Handle(context.Background(), deliver(p))
	return store.signals
}
