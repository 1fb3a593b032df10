package topics

import (
	"cmp"
	"slices"
	"strings"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// minConfidence is what a hit needs to be reported.
const minConfidence = 0.4

// work is the state of one page being matched.
type work struct {
	m       *Matcher
	sc      *phrase.Scratch
	page    phrase.Page
	block   *document.Block
	reading phrase.Reading
	found   []find
	best    map[key]filed
	// own is whether the block speaks in the first person: 0 unknown, 1 yes, 2 no.
	own uint8
	// ad is the job advert that is read.
	ad advert
	// short marks a text on which the model may add more (see shortText); the rest is room for its opinion.
	short         bool
	hints, raised []float32
	masked        []byte
	thought       learned.Opinion
}

type key struct{ product, topic string }

// filed is a hit with the role of the job advert that it stands in, if any; title is set where it is the role's own line.
type filed struct {
	Hit
	role  string
	title bool
}

// byModel stands in a find for the pattern of a topic that only the model found.
const byModel = -1

// find is a pattern that matched in a sentence and passed what its context says, or what the model found (byModel).
type find struct {
	p, anchor            int
	topic                *Topic
	product              string
	span                 phrase.Span
	confidence, strength float64
}

// Match finds the topics of a page: the best hit for each product and topic, ordered by product and topic.
// Chrome (navigation, footer, forms) and, but on careers pages, headlines of other pages are never read. Job adverts in the
// structured data are read as pages of their own, but not those that are over, nor those of another company.
func (m *Matcher) Match(doc *document.Document) []Hit {
	w, _ := m.scratch.Get().(*work)
	defer m.scratch.Put(w)
	w.m, w.best, w.short = m, nil, short(doc)
	open, whole := adverts(doc)
	for i := range open {
		w.readAdvert(doc, &open[i])
	}
	if whole {
		w.readPage(doc, open)
	}
	hits := make([]Hit, 0, len(w.best))
	for _, h := range w.best {
		hits = append(hits, h.Hit)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(strings.Compare(a.Product, b.Product), strings.Compare(a.Topic, b.Topic))
	})
	w.block, w.best, w.page, w.ad = nil, nil, phrase.Page{}, advert{}
	return hits
}

// read reads the blocks that a page speaks in itself.
func (w *work) read(doc *document.Document) {
	for i := range doc.Blocks {
		w.block, w.own = &doc.Blocks[i], 0
		if (doc.Own(w.block) || w.block.Teaser && w.careers() && w.block.Role != document.RoleChrome) && w.page.Tells(w.block) && w.asks() {
			w.m.set.Each(w.sc, w.block.Text, w.sentence)
		}
	}
}

// Text finds the topics of plain text of no known company.
func (m *Matcher) Text(text, language string) []Hit {
	return m.Match(phrase.Plain(text, language))
}

func (w *work) sentence(sen *phrase.Sentence) bool {
	w.found = w.found[:0]
	sen.Mask(&w.page)
	read := false
	for _, c := range sen.Candidates() {
		p := int(c)
		if p >= w.m.voice.Base() {
			break
		}
		if !w.wants(&w.m.patterns[p]) {
			continue
		}
		for _, e := range sen.Entities {
			if !sen.Fits(p, e) || w.blocked(sen, p, e) {
				continue
			}
			spans := sen.Find(p, e)
			if len(spans) == 0 {
				continue
			}
			span := tightest(spans)
			if !read {
				w.m.voice.Read(sen, &w.reading)
				read = true
			}
			w.weigh(sen, p, e, span)
		}
	}
	if w.m.opinion != nil {
		w.consult(sen)
	}
	w.settle(sen)
	return true
}

// wants applies the kinds a group is limited to; on careers pages nothing but such groups counts.
func (w *work) wants(p *pattern) bool {
	if p.kinds != nil {
		return p.kinds[string(w.page.Kind)]
	}
	return !w.careers() || p.topic.Name == "hiring"
}

// careers reports a page of job adverts: what it lists are its adverts, and their titles count.
func (w *work) careers() bool {
	return w.page.Kind == pages.KindCareers || w.page.Kind == pages.KindJob
}

// blocked reports that the entity stands one or two words after a word that turns the pattern's meaning.
func (w *work) blocked(sen *phrase.Sentence, p, e int) bool {
	not := w.m.patterns[p].notAfter
	if not == nil {
		return false
	}
	for i := max(0, e-2); i < e; i++ {
		if sen.Tokens[i].Ent == 0 && not[strings.ToLower(sen.Word(i))] && (i != e-2 || sen.Tokens[e-1].Ent == 0) {
			return !w.reopened(sen, i+1, e)
		}
	}
	return false
}

// reopened reports a preposition after the blocking word that belongs to the entity: "away from it to Azure".
func (w *work) reopened(sen *phrase.Sentence, from, e int) bool {
	for i := from; i < e; i++ {
		switch strings.ToLower(sen.Word(i)) {
		case "to", "onto", "zu", "auf", "op", "naar", "till", "vers":
			return true
		}
	}
	return false
}

func tightest(spans []phrase.Span) phrase.Span {
	return slices.MinFunc(spans, func(a, b phrase.Span) int {
		return cmp.Or(cmp.Compare(a.End-a.Start, b.End-b.Start), cmp.Compare(a.Start, b.Start))
	})
}

// weigh judges one match by its context and keeps it if enough confidence is left.
func (w *work) weigh(sen *phrase.Sentence, p, e int, span phrase.Span) {
	pat := &w.m.patterns[p]
	st := w.reading.Judge(sen, span, &w.page)
	c := pat.group.Confidence
	if c == 0 {
		c = DefaultConfidence
	}
	s := pat.topic.Strength
	if pat.kinds != nil {
		f, g := w.advert(sen, e, st)
		c, s = c*f, s*g
	} else {
		c *= w.context(sen, pat, e, span, st)
		if w.careers() && c > 0 {
			f, _ := w.advert(sen, e, st)
			c *= min(1, f)
		}
	}
	if st.Hedged {
		s *= 0.7
	}
	if c < minConfidence {
		return
	}
	ref := sen.Ref(e)
	w.found = append(w.found, find{p: p, topic: pat.topic, anchor: e, product: w.m.names[ref].product, span: span, confidence: c, strength: s})
}

// context is the factor in 0–1 that the sentence's voice leaves of a match's confidence.
func (w *work) context(sen *phrase.Sentence, pat *pattern, e int, span phrase.Span, st phrase.Stance) float64 {
	if w.foreign(pat, span, st) || w.open(pat, st) || w.listed(sen, e) && (pat.group.Fallback || pat.topic.Name != "evaluation" || st.Actor != phrase.ActorOwn) {
		return 0
	}
	f := w.subject(pat.group, st)
	if st.Hedged {
		f *= 0.75
	}
	return f
}

// foreign reports that the match is not the account's intent of today: a vendor's, a customer's, denied, long past.
func (w *work) foreign(pat *pattern, span phrase.Span, st phrase.Stance) bool {
	if w.page.Story || st.Story || st.Third || st.Actor == phrase.ActorOther || w.customerPost() {
		return true
	}
	return st.Pitch && pat.group.Reader != "ok" || past(pat.topic, st) || st.Untrue || w.denied(pat, span, st)
}

// past reports that it was long ago, and that the topic takes no interest in that.
func past(t *Topic, st phrase.Stance) bool {
	return st.LongAgo || st.Old && t.Past != "ok"
}

// open reports that nobody means to do it: it is said of the world at large, or still being weighed.
func (w *work) open(pat *pattern, st phrase.Stance) bool {
	g := pat.group
	if st.Asked && len(w.page.Names) == 0 && pat.topic.Name != "evaluation" && g.Question != "ok" {
		return true
	}
	if g.OwnBlock {
		// plain text has no blocks of its own that could tell
		return st.General || len(w.page.Names) > 0 && !w.speaksOwn() && !w.ours()
	}
	if (st.General || st.Vendor) && g.Question != "ok" {
		return true
	}
	return st.Weighed && pat.topic.Weighable
}

// denied reports a denial that the topic does not allow; a group that is a mere fallback allows none.
func (w *work) denied(pat *pattern, span phrase.Span, st phrase.Stance) bool {
	switch {
	case pat.group.Fallback:
		return st.Negated || st.NegatedWithin || st.Spurned
	case pat.topic.Denial == "ignore":
		return false
	case pat.topic.Denial == "inside":
		return st.Spurned || w.reading.In(phrase.CueNegation, max(0, span.Start-4), span.Start)
	}
	return st.Negated || st.NegatedWithin || st.Spurned
}

func (w *work) subject(g *Group, st phrase.Stance) float64 {
	switch st.Actor {
	case phrase.ActorOwn:
		return 1
	case phrase.ActorNamed:
		return 0.85
	case phrase.ActorNobody, phrase.ActorOther:
	}
	switch {
	case g.OwnBlock, g.Reader == "ok":
		return 0.75
	case g.Question == "ok":
		return 0.8
	case w.speaksOwn():
		return 0.8
	case w.ours():
		return 0.7
	case g.Needs != "":
		return 0
	case st.Planned || g.Neutral == "ok":
		return 0.7
	case len(w.page.Names) == 0 && !g.Fallback: // plain text has no page that could say whose it is
		return 0.65
	}
	return 0
}
