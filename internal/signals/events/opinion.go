package events

import (
	"fmt"
	"slices"

	"telltale/internal/document"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// byModel stands in a find for the rule of an event that only the model found.
const byModel = -1

// addedConfidence scales the model's probability where it alone found an event, whose words no rule knows.
const addedConfidence = 0.85

// shortText and shortAdd say from what probability on the model alone adds an event to a text of no known company of at most
// shortText bytes. Model.Add is for the web, where sentences of no event are the rule and a wrong one counts five times; who asks
// about a sentence or two asks for its news, and there a wrong one counts as much as a missed one. It holds where no rule found
// anything: beside a rule's event a second one in the same sentence is rare.
const (
	shortText = 400
	shortAdd  = 0.5
)

// short reports such a text: one paragraph without an address.
func short(doc *document.Document) bool {
	return doc.URL == "" && doc.Domain == "" && len(doc.Blocks) == 1 && len(doc.Blocks[0].Text) <= shortText
}

// opinion is a learned model, its events numbered as in the lexicon.
type opinion struct {
	model *learned.Model
	// event is, by the lexicon's number of an event, the model's; -1 where it knows none.
	event []int
}

func newOpinion(m *Matcher, model *learned.Model) (*opinion, error) {
	if !slices.Equal(model.Hints, m.HintNames()) {
		return nil, fmt.Errorf("%w: it was trained with other hints than these rules give; train it again", learned.ErrModel)
	}
	o := &opinion{model: model}
	known := false
	for i := range m.lexicon.Events {
		k := model.Event(m.lexicon.Events[i].Name)
		o.event = append(o.event, k)
		known = known || k >= 0
	}
	if !known {
		return nil, fmt.Errorf("%w: it knows none of the lexicon's events", learned.ErrModel)
	}
	return o, nil
}

// weigh asks the model about a sentence in which a rule found something, or which may tell of the account in words that
// no rule knows. read says that the sentence's cues are read.
func (w *work) weigh(sen *phrase.Sentence, read bool) {
	doubt := slices.ContainsFunc(w.found, func(f find) bool { return !f.blocked && f.confidence >= minConfidence })
	add := w.mayAdd()
	if !doubt && !add {
		return
	}
	if !read {
		w.m.voice.Read(sen, &w.reading)
	}
	o := w.m.opinion
	from := o.model.Add
	if w.short && !doubt {
		from = min(from, shortAdd)
	}
	begin, end := sen.Tokens[0].Start, sen.Tokens[len(sen.Tokens)-1].End
	o.model.Read(sen.Text[begin:end], w.hint(sen), &w.think)
	for i := range w.found {
		f := &w.found[i]
		switch {
		case o.event[i] < 0 || f.blocked:
		case f.confidence >= minConfidence:
			w.second(f, i)
		case add && f.confidence == 0 && w.wantsEvent(i):
			w.add(sen, i, from)
		}
	}
}

// second asks for a second opinion on what a rule found.
func (w *work) second(f *find, event int) {
	if !w.m.rules[f.rule].plain { // what only a newsreader's phrases find is beyond a model that learned from what companies write
		f.confidence = w.m.opinion.second(&w.think, event, f.confidence)
	}
}

// second is the confidence of a rule's event after the model was asked: half way to the model's probability, which a doubt
// lowers and a nod raises; 0 below the veto.
func (o *opinion) second(think *learned.Opinion, event int, rules float64) float64 {
	p := o.model.Probability(think, o.event[event], rules)
	if p < o.model.Veto {
		return 0
	}
	return max(minConfidence, (rules+p)/2)
}

// mayAdd says, cheaply, whether the sentence may be the account's news: on plain text, in its news, and where it speaks of itself.
func (w *work) mayAdd() bool {
	return len(w.page.Names) == 0 || w.released() || w.speaksOwn()
}

// add claims an event that no rule found, where the model holds it as likely as from at least and nothing in the sentence says that it is
// somebody else's, long ago, advice or denied.
func (w *work) add(sen *phrase.Sentence, event int, from float64) {
	o := w.m.opinion
	p := o.model.Probability(&w.think, o.event[event], 0)
	if p < from {
		return
	}
	n := len(sen.Tokens)
	if n > maxTold || w.page.Journal && !w.page.Owner(sen) {
		return
	}
	st := w.reading.Judge(sen, phrase.Span{Start: n - 1, End: n}, &w.page)
	if others(&w.m.lexicon.Events[event], st) || w.page.Story || w.unfit(st) {
		return
	}
	c := addedConfidence * p * w.kind()
	if st.Actor != phrase.ActorOwn {
		c *= w.attributed(&w.m.lexicon.Events[event], st)
	}
	w.found[event] = find{rule: byModel, span: phrase.Span{Start: 0, End: n}, confidence: c}
}

// unfit reports a sentence that no event is taken from unless a rule has read it closely.
func (w *work) unfit(st phrase.Stance) bool {
	return st.General || st.Old || st.LongAgo || st.Untrue || st.Third || st.Weighed || st.Vendor || st.Civic ||
		w.reading.Has(phrase.CueNegation) || w.reading.Has(phrase.CueSuppose) || w.reading.Has(phrase.CuePitch) ||
		w.reading.Has(phrase.CueReader) || w.reading.Has(phrase.CueStory)
}
