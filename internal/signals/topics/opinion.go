package topics

import (
	"fmt"
	"slices"

	"telltale/internal/document"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// addedConfidence scales the model's probability where it alone found a topic, whose words no rule knows.
const addedConfidence = 0.85

// shortText and shortAdd: as for events, a text of no known company of a sentence or two is somebody's question about it, and a wrong topic
// counts there as much as a missed one; elsewhere learned.Model.Add holds.
const (
	shortText = 400
	shortAdd  = 0.5
)

// sure is the rules' confidence from which they are right more often than the model thinks, on the pages of companies that it was not trained on.
const sure = 0.8

// maxTold is the most tokens of a sentence that the model alone may find a topic in.
const maxTold = 60

// opinion is a learned model, its classes and hints numbered as in the taxonomy.
type opinion struct {
	model *learned.Model
	// topic is, by the taxonomy's number of a topic, the model's class; hint is, by the model's hint, the matcher's. -1 where the other knows none:
	// users add topics of their own, which the model has no opinion on.
	topic, hint []int
	hints       hints
}

func newOpinion(m *Matcher, model *learned.Model) (*opinion, error) {
	o := &opinion{model: model, hints: newHints(m)}
	known := false
	for i := range m.taxonomy.Topics {
		k := model.Event(m.taxonomy.Topics[i].Name)
		o.topic = append(o.topic, k)
		known = known || k >= 0
	}
	names := m.HintNames()
	// A model of events shares some names of classes, but not the hints by kinds of names, which stand last.
	if !known || !slices.Contains(model.Hints, names[len(names)-1]) {
		return nil, fmt.Errorf("%w: it knows none of the taxonomy's topics", learned.ErrModel)
	}
	for _, name := range model.Hints {
		o.hint = append(o.hint, slices.Index(names, name))
	}
	return o, nil
}

// short reports one paragraph without an address.
func short(doc *document.Document) bool {
	return doc.URL == "" && doc.Domain == "" && len(doc.Blocks) == 1 && len(doc.Blocks[0].Text) <= shortText
}

// consult asks the model about every product that a sentence names: about what the rules found of it, and, where the sentence may be the
// account's own, whether there is something else to find.
func (w *work) consult(sen *phrase.Sentence) {
	may := w.mayAdd(sen)
	var asked [8]string
	products := asked[:0]
	for _, e := range sen.Entities {
		product := w.m.names[sen.Ref(e)].product
		if product == "" || slices.Contains(products, product) {
			continue
		}
		products = append(products, product)
		if may || slices.ContainsFunc(w.found, func(f find) bool { return f.product == product }) {
			w.think(sen, product)
			w.second(product)
		}
		if may {
			w.add(sen, e, product)
		}
	}
	w.found = slices.DeleteFunc(w.found, func(f find) bool { return f.confidence == 0 })
}

// mayAdd says, cheaply, whether the sentence may be the account's own.
func (w *work) mayAdd(sen *phrase.Sentence) bool {
	return !w.careers() && !w.page.Story && !w.customerPost() && len(sen.Tokens) <= maxTold && (len(w.page.Names) == 0 || w.speaksOwn() || w.ours())
}

// think forms the model's opinion on the sentence as one on the product.
func (w *work) think(sen *phrase.Sentence, product string) {
	o := w.m.opinion
	own := o.hints.of(w, sen, product)
	w.hints = slices.Grow(w.hints[:0], len(o.hint))[:len(o.hint)]
	for k, i := range o.hint {
		if w.hints[k] = 0; i >= 0 {
			w.hints[k] = own[i]
		}
	}
	w.masked = mask(w.masked[:0], w.m, sen, product)
	o.model.Read(string(w.masked), w.hints, &w.thought)
}

// second asks for a second opinion on what rules found of the product: half way to the model's probability; nothing is left below
// the veto, or half of it where the rules are sure.
func (w *work) second(product string) {
	for i := range w.found {
		f := &w.found[i]
		k := w.m.opinion.topic[w.m.number[f.topic]]
		if f.product != product || k < 0 {
			continue
		}
		veto := w.m.opinion.model.Veto
		if f.confidence >= sure {
			veto /= 2
		}
		if p := w.m.opinion.model.Probability(&w.thought, k, f.confidence); p < veto {
			f.confidence = 0
		} else {
			f.confidence = max(minConfidence, (f.confidence+p)/2)
		}
	}
}

// likeliest is the topic that the model holds likeliest, by its number, and how likely; -1 where the rules found it themselves.
func (w *work) likeliest(product string) (at int, best float64) {
	at = -1
	for i, k := range w.m.opinion.topic {
		if k < 0 {
			continue
		}
		if p := w.m.opinion.model.Probability(&w.thought, k, 0); p > best {
			at, best = i, p
		}
	}
	if at >= 0 && slices.ContainsFunc(w.found, func(f find) bool { return f.product == product && f.topic == &w.m.taxonomy.Topics[at] }) {
		at = -1
	}
	return at, best
}

// add files the likeliest topic of the product where the model holds it as likely as it asks for and nothing in the sentence says that it is
// somebody else's or advice. It takes the place of what the rules found and the model holds less likely.
func (w *work) add(sen *phrase.Sentence, e int, product string) {
	from := w.m.opinion.model.Add
	if w.short {
		from = min(from, shortAdd)
	}
	at, best := w.likeliest(product)
	if at < 0 || best < from {
		return
	}
	t := &w.m.taxonomy.Topics[at]
	n := len(sen.Tokens)
	span := phrase.Span{Start: 0, End: n}
	st := w.judged(sen, phrase.Span{Start: n - 1, End: n})
	if w.listed(sen, e) || notTheirs(t, st) {
		return
	}
	c := addedConfidence * best * w.subject(&Group{OwnBlock: true}, st)
	if len(w.page.Names) == 0 {
		c = max(c, minConfidence) // plain text has no page that could say whose it is
	}
	if c >= minConfidence {
		w.outvote(product, best)
		w.found = append(w.found, find{p: byModel, topic: t, anchor: e, product: product, span: span, confidence: c, strength: t.Strength})
	}
}

// outvote drops what the rules found of the product and the model holds less than half as likely as what it found itself.
func (w *work) outvote(product string, best float64) {
	for i := range w.found {
		f := &w.found[i]
		if k := w.m.opinion.topic[w.m.number[f.topic]]; f.product == product && k >= 0 && 2*w.m.opinion.model.Probability(&w.thought, k, f.confidence) < best {
			f.confidence = 0
		}
	}
}

// judged reads the sentence's cues and says how it stands to a span.
func (w *work) judged(sen *phrase.Sentence, span phrase.Span) phrase.Stance {
	w.m.voice.Read(sen, &w.reading)
	return w.reading.Judge(sen, span, &w.page)
}

// notTheirs reports a sentence that no topic is taken from unless a rule has read it closely. A denial is none: what the model finds in one is
// right nine times in ten ("can no longer", "does not keep up").
func notTheirs(t *Topic, st phrase.Stance) bool {
	return st.Story || st.Third || st.Vendor || st.Pitch || st.General || st.Untrue || st.Actor == phrase.ActorOther || past(t, st) || t.Denial == "" && st.Spurned
}
