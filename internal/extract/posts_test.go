package extract_test

import (
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// everyBlock finds a topic in each block of the page's own, under the block's own name.
func everyBlock() extract.Rule {
	return extract.Rule{Name: "blocks", Prose: true, Match: func(doc *document.Document) (out []signals.Signal) {
		for i := range doc.Blocks {
			if b := &doc.Blocks[i]; doc.Own(b) && b.Role != document.RoleTitle {
				out = append(out, signals.Signal{Kind: signals.KindTopic, Name: b.Text, Product: "Azure", Strength: 0.5, Confidence: 0.8, Sign: 1, Evidence: b.Text, Offset: b.Offset})
			}
		}
		return out
	}}
}

const twoPosts = `<!doctype html><title>Pumps - Forum</title><body><div id="p7" class="post bg1"><time datetime="2026-02-01T09:00:00Z"></time><div class="content">We move our pumps.</div><div class="signature">Pumps for ever</div></div>
<div id="p8" class="post bg2"><time datetime="2026-08-01T09:00:00Z"></time><div class="content"><blockquote>We move our pumps.</blockquote>We have moved them.</div></div><p>Imprint</p>`

func TestWhatAPostSaysIsOfThePostsDayAndSaidOnce(t *testing.T) {
	b := setup(t, func(c *extract.Config) { c.Rules = []extract.Rule{everyBlock()} })
	p := page("/forum/viewtopic.php?t=1", twoPosts)
	p.Kind = pages.KindForum
	b.e.Handle(t.Context(), deliver(p))
	got := map[string]string{}
	for _, s := range b.store.signals {
		day := "undated"
		if s.Dated {
			day = s.ObservedAt.Format(time.DateOnly)
		}
		if got[s.Name] != "" {
			t.Errorf("%q twice", s.Name)
		}
		got[s.Name] = day
	}
	if len(got) != 3 || got["We move our pumps."] != "2026-02-01" || got["We have moved them."] != "2026-08-01" || got["Imprint"] == "" {
		t.Errorf("signals %v of a page of kind %s", got, b.store.records[0].Kind)
	}
}
