package topics

import (
	"slices"

	"telltale/internal/document"
	"telltale/internal/signals/phrase"
)

// settle resolves the finds of one sentence against each other and files what is left.
func (w *work) settle(sen *phrase.Sentence) {
	for i := range w.found {
		f := &w.found[i]
		if f.p == byModel {
			w.file(sen, f, f.product)
			continue
		}
		pat := &w.m.patterns[f.p]
		if w.yields(f, pat.group) || pat.group.Implicit && w.namesAnother(sen, f.product) || pat.group.Fallback && w.outdone(f, pat) {
			continue
		}
		if slot := w.m.names[sen.Ref(f.anchor)].slot; slot == slotStandard || slot == slotResidency {
			if w.fileNamed(sen, f) {
				continue
			}
		}
		w.file(sen, f, f.product)
	}
}

// yields reports that another topic takes the find's place.
func (w *work) yields(f *find, g *Group) bool {
	for i := range w.found {
		o := &w.found[i]
		if o.p == byModel {
			continue
		}
		if w.m.patterns[o.p].group.Fallback && !g.Fallback {
			continue
		}
		t := w.m.patterns[o.p].topic.Name
		if slices.Contains(g.YieldsTo, t) && o.product == f.product || slices.Contains(g.Unless, t) && o.anchor == f.anchor {
			return true
		}
	}
	return false
}

// namesAnother reports that the sentence names a product, or a rival of one, other than the implied one.
func (w *work) namesAnother(sen *phrase.Sentence, product string) bool {
	for _, i := range sen.Entities {
		if n := w.m.names[sen.Ref(i)]; n.slot <= slotLegacy && n.product != product {
			return true
		}
	}
	return false
}

// outdone reports that the sentence says the same topic of something plainer than "the cloud".
func (w *work) outdone(f *find, pat *pattern) bool {
	for i := range w.found {
		if w.found[i].p == byModel {
			continue
		}
		if o := &w.m.patterns[w.found[i].p]; !o.group.Fallback && (o.topic == pat.topic || w.found[i].product == f.product) {
			return true
		}
	}
	return false
}

// fileNamed files a rule's find under the products that the sentence names, where it names any.
func (w *work) fileNamed(sen *phrase.Sentence, f *find) bool {
	named := false
	for _, i := range sen.Entities {
		if n := w.m.names[sen.Ref(i)]; n.slot == slotProduct {
			named = true
			w.file(sen, f, n.product)
		}
	}
	return named
}

func (w *work) file(sen *phrase.Sentence, f *find, product string) {
	k := key{product, f.topic.Name}
	quote, at := sen.QuoteWithin(f.span, w.ad.room())
	h := filed{Hit: Hit{
		Product: product, Topic: f.topic.Name, Sign: f.topic.Sign,
		Strength: f.strength, Confidence: f.confidence, Evidence: quote, Offset: w.block.Offset + at, Pattern: w.pattern(f),
	}, role: w.ad.role, title: w.block.Role == document.RoleTitle || w.block.Role == document.RoleHeading}
	w.ad.asks(k, &h)
	if old, ok := w.best[k]; ok && old.weight() >= h.weight() {
		return
	}
	if w.best == nil {
		w.best = map[key]filed{}
	}
	w.best[k] = h
}

// pattern names what found it.
func (w *work) pattern(f *find) string {
	if f.p == byModel {
		return "learned/" + w.m.opinion.model.Version
	}
	return w.m.patterns[f.p].id
}

func (h *filed) weight() float64 { return h.Confidence * h.Strength }
