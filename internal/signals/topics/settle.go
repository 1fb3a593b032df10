package topics

import (
	"slices"
	"strings"

	"telltale/internal/document"
	"telltale/internal/signals/phrase"
)

// settle resolves the finds of one sentence against each other and files what is left.
func (w *work) settle(sen *phrase.Sentence) {
	for i := range w.found {
		f := &w.found[i]
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
	pat := &w.m.patterns[f.p]
	k := key{product, pat.topic.Name}
	old, ok := w.best[k]
	if ok && old.Confidence*old.Strength >= f.confidence*f.strength {
		return
	}
	if w.best == nil {
		w.best = map[key]Hit{}
	}
	quote, at := sen.Quote(f.span)
	w.best[k] = Hit{
		Product: product, Topic: pat.topic.Name, Sign: pat.topic.Sign,
		Strength: f.strength, Confidence: f.confidence, Evidence: quote, Offset: w.block.Offset + at, Pattern: pat.id,
	}
}

// advert weighs a product's mention in a job advert: confidence and strength factors in 0–2.
// Perks, everyday office skills and long lists of tools say nothing; what is merely nice to have says little.
func (w *work) advert(sen *phrase.Sentence, e int, st phrase.Stance) (confidence, strength float64) {
	low := strings.ToLower(sen.Text[sen.Tokens[0].Start:sen.Tokens[len(sen.Tokens)-1].End])
	if st.Negated || st.NegatedWithin || st.Spurned || w.listed(sen, e) || holdsAny(low, perks()) {
		return 0, 0
	}
	if w.m.names[sen.Ref(e)].product == "Microsoft 365" && holdsAny(low, officeSkills()) {
		return 0, 0
	}
	confidence, strength = 0.9, 1
	switch {
	case w.block.Role == document.RoleTitle || w.block.Role == document.RoleHeading:
		confidence, strength = 1.1, 1.7
	case holdsAny(low, optional()):
		confidence, strength = 0.6, 0.4
	}
	if w.rivalled(sen, e) {
		confidence *= 0.7
	}
	return confidence, strength
}

// rivalled reports that a rival of the product stands in the same sentence.
func (w *work) rivalled(sen *phrase.Sentence, e int) bool {
	product := w.m.names[sen.Ref(e)].product
	for _, i := range sen.Entities {
		if n := w.m.names[sen.Ref(i)]; n.slot == slotRival && n.product == product {
			return true
		}
	}
	return false
}

func holdsAny(s string, list []string) bool {
	for _, x := range list {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}

func perks() []string {
	return []string{
		"laptop of your choice", "your choice of", "you get a", "you will get", "we give you", "benefits", "perks", "equipment",
		"home office budget", "our tools", "tools we use", "we use ", "wir bieten", "wir nutzen", "wahlweise", "nach wahl", "ausstattung",
		"via teams", "on teams", "über teams", "per teams", "video call", "videocall", "interview",
	}
}

func officeSkills() []string {
	return []string{"word", "excel", "outlook", "powerpoint", "ms office", "office package", "office suite", "computer skills", "ms-office", "office applications"}
}

func optional() []string {
	return []string{
		"nice to have", "nice-to-have", "a plus", "bonus", "an advantage", "advantageous", "desirable", "ideally", "or similar",
		"or comparable", "or equivalent", "or another", "preferred but", "not essential", "von vorteil", "wünschenswert", "idealerweise", "oder ähnlich",
		"oder vergleichbar", "serait un plus", "un atout", "ou équivalent", "idéalement", "se valorará", "o similar", "meriterande", "eller liknande", "pluspunt", "of vergelijkbaar",
	}
}
