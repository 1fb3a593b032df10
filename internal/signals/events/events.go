// Package events finds, in the text of a page, what has happened at a company: a merger, a new chief
// executive, a round of funding, an attack. The account must be the subject; somebody else's news, advice and
// denials do not count. The phrases stand in patterns.yaml; package phrase does the reading.
package events

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// Hit is one event found on a page.
type Hit struct {
	Event string
	// Strength and Confidence are in 0–1: how much it says, and how sure we are that it says it.
	Strength, Confidence float64
	// Amount is the sum of money named beside it; its zero value means none.
	Amount Amount
	// Evidence is the sentence, at most signals.MaxEvidence runes; Offset the byte offset of the block it
	// stands in, plus its own within the block's text.
	Evidence string
	Offset   int
	// Pattern names the event and the pattern that matched.
	Pattern string
}

// minConfidence is what a hit needs to be reported, baseConfidence a pattern's before its context is weighed.
const (
	minConfidence  = 0.4
	baseConfidence = 0.85
	// plainConfidence is that of a phrase which only plain text is read for.
	plainConfidence = 0.45
)

// Matcher finds events. It is immutable and safe for concurrent use.
type Matcher struct {
	lexicon *Lexicon
	set     *phrase.Set
	voice   *phrase.Voice
	rules   []rule
	hints   hints
	opinion *opinion
	scratch sync.Pool
	// brief makes, when first asked, the matcher of short texts, with the loose wording that pages are not read for and so do
	// not pay for; nil in that matcher and where there is none.
	brief func() *Matcher
}

type rule struct {
	id    string
	event int
	block bool
	// guard marks a block that counts only on the pages of a known account, plain a phrase that counts nowhere else than
	// there; loose one that counts in short texts only; object a phrase whose object is the account.
	guard, plain, loose, object bool
}

// New compiles a lexicon to a matcher by rules alone. Errors name the pattern and wrap phrase.ErrPattern.
func New(l *Lexicon) (*Matcher, error) { return NewWithOpinion(l, nil) }

// NewWithOpinion compiles a lexicon to a matcher that asks a learned model for a second opinion where the rules are weak; a nil
// model means rules alone. Errors are those of New; a model that was trained with other hints or knows none of the lexicon's
// events gives one that wraps learned.ErrModel.
func NewWithOpinion(l *Lexicon, model *learned.Model) (*Matcher, error) {
	m, err := compile(l.ForPages(), model)
	if err != nil || !l.hasLoose() {
		return m, err
	}
	m.brief = sync.OnceValue(func() *Matcher {
		brief, err := compile(l, model)
		if err != nil {
			return m // TestPagesAreNotReadForLooseWording holds that the loose wording compiles
		}
		return brief
	})
	return m, nil
}

func compile(l *Lexicon, model *learned.Model) (*Matcher, error) {
	voice, err := phrase.NewVoice()
	if err != nil {
		return nil, err
	}
	spec, rules := l.spec()
	voice.AddTo(&spec)
	set, err := phrase.Compile(spec)
	if err != nil {
		return nil, fmt.Errorf("compile the events: %w", err)
	}
	m := &Matcher{lexicon: l, set: set, voice: voice, rules: rules, hints: newHints(set, rules)}
	if model != nil {
		if m.opinion, err = newOpinion(m, model); err != nil {
			return nil, err
		}
	}
	m.scratch.New = func() any {
		return &work{sc: &phrase.Scratch{}, best: make([]Hit, len(l.Events)), found: make([]find, len(l.Events))}
	}
	return m, nil
}

// work is the state of one page being matched.
type work struct {
	m       *Matcher
	sc      *phrase.Scratch
	page    phrase.Page
	block   *document.Block
	reading phrase.Reading
	// own is whether the block speaks of the account: 0 unknown, 1 yes, 2 no.
	own uint8
	// short marks a text on which the model may add more (see shortText).
	short bool
	// best and found hold, per event, the page's best hit and the sentence's best match.
	best  []Hit
	found []find
	hints []float32
	think learned.Opinion
}

// find is a sentence's best match for one event; its rule is byModel where no rule found it.
type find struct {
	rule       int
	span       phrase.Span
	confidence float64
	blocked    bool
}

// Match finds the events of a page: the best hit for each event, in the lexicon's order.
// Chrome (navigation, footer, forms), headlines of other pages and legal pages are never read; careers pages
// tell of hiring only.
func (m *Matcher) Match(doc *document.Document) []Hit {
	if doc.Kind == pages.KindLegal || doc.Kind == pages.KindParked || doc.Kind == pages.KindError {
		return nil
	}
	if m.brief != nil && short(doc) {
		if brief := m.brief(); brief != m {
			return brief.Match(doc)
		}
	}
	w, _ := m.scratch.Get().(*work)
	defer m.scratch.Put(w)
	w.m, w.page, w.short = m, phrase.NewPage(doc), short(doc)
	clear(w.best)
	for i := range doc.Blocks {
		w.block, w.own = &doc.Blocks[i], 0
		if doc.Own(w.block) && w.page.Tells(w.block) {
			m.set.Each(w.sc, w.block.Text, w.sentence)
		}
	}
	w.block = nil
	return slices.DeleteFunc(slices.Clone(w.best), func(h Hit) bool { return h.Event == "" })
}

// Text finds the events of plain text of no known company.
func (m *Matcher) Text(text, language string) []Hit {
	return m.Match(phrase.Plain(text, language))
}

func (w *work) sentence(sen *phrase.Sentence) bool {
	clear(w.found)
	sen.Mask(&w.page)
	read := false
	for _, c := range sen.Candidates() {
		if int(c) >= w.m.voice.Base() {
			break
		}
		r := &w.m.rules[c]
		f := &w.found[r.event]
		if f.blocked || !w.wants(r) {
			continue
		}
		spans := sen.Find(int(c), -1)
		if len(spans) == 0 {
			continue
		}
		if r.block {
			f.blocked = true
			continue
		}
		span := tightest(spans)
		if !read {
			w.m.voice.Read(sen, &w.reading)
			read = true
		}
		if conf := w.confidence(sen, r, span); conf > f.confidence {
			*f = find{rule: int(c), span: span, confidence: conf}
		}
	}
	if w.m.opinion != nil {
		w.weigh(sen, read)
	}
	for i := range w.found {
		w.file(sen, i)
	}
	return true
}

func (w *work) wants(r *rule) bool {
	if known := len(w.page.Names) > 0; r.guard && !known || r.plain && known {
		return false
	}
	return w.wantsEvent(r.event)
}

// wantsEvent says whether a page of this kind may tell of an event: careers pages tell of hiring only.
func (w *work) wantsEvent(event int) bool {
	careers := w.page.Kind == pages.KindCareers || w.page.Kind == pages.KindJob
	return !careers || w.m.lexicon.Events[event].Name == "hiring"
}

func tightest(spans []phrase.Span) phrase.Span {
	return slices.MinFunc(spans, func(a, b phrase.Span) int { return (a.End - a.Start) - (b.End - b.Start) })
}

// confidence is what a match's context leaves of it.
func (w *work) confidence(sen *phrase.Sentence, r *rule, span phrase.Span) float64 {
	e := &w.m.lexicon.Events[r.event]
	st := w.reading.Judge(sen, span, &w.page)
	if r.plain {
		return w.told(sen, st)
	}
	switch {
	case others(e, st) || w.page.Story, st.General, st.Asked, st.Old, r.object && !w.picksUs(sen, span):
		return 0
	case w.elsewhere(sen, e, span, st):
		return 0
	case st.Negated, st.Untrue, st.NegatedWithin && e.Denial != "inside":
		return 0
	case w.reading.In(phrase.CueReader, span.Start-3, span.End):
		return 0
	}
	c := baseConfidence
	switch st.Actor {
	case phrase.ActorOwn:
	case phrase.ActorNamed:
		c *= 0.9 * w.attributed(e, st)
	case phrase.ActorNobody, phrase.ActorOther:
		c *= 0.75 * w.attributed(e, st)
	}
	if st.Hedged {
		c *= 0.75
	}
	if st.Weighed {
		c *= 0.8
	}
	return c * w.kind()
}

func (w *work) file(sen *phrase.Sentence, event int) {
	f := &w.found[event]
	if f.blocked || f.confidence < minConfidence || f.confidence <= w.best[event].Confidence {
		return
	}
	e := &w.m.lexicon.Events[event]
	quote, at := sen.Quote(f.span)
	w.best[event] = Hit{
		Event: e.Name, Strength: e.Strength, Confidence: f.confidence, Amount: amount(sen, f.span),
		Evidence: quote, Offset: w.block.Offset + at, Pattern: w.pattern(f),
	}
}

// pattern names what found it.
func (w *work) pattern(f *find) string {
	if f.rule == byModel {
		return "learned/" + w.m.opinion.model.Version
	}
	return strings.Clone(w.m.rules[f.rule].id)
}
