package phrase

import "strings"

// Actor says whose doing a match speaks of.
type Actor uint8

// The actors.
const (
	// ActorNobody: no subject is named, as in the passive.
	ActorNobody Actor = iota
	// ActorOwn: the account itself.
	ActorOwn
	// ActorNamed: a company by name, where the page does not say whether it is the account.
	ActorNamed
	// ActorOther: somebody else.
	ActorOther
)

// Stance is how a sentence stands to one match in it.
type Stance struct {
	Actor Actor
	// Negated: it is denied, outside of the match; NegatedWithin: a denial stands in the match. General: it is advice, a question or a remark on the trade.
	// Pitch: a vendor sells it. Story: a customer's supplier tells it.
	Negated, NegatedWithin, General, Pitch, Story bool
	// Hedged: it may happen. Weighed: whether to do it is still open. Planned: a plan, a date or work under way is named.
	// Old: it was long ago, by a year or by words; LongAgo: by words.
	Hedged, Weighed, Planned, Old, LongAgo bool
	// Foreign: a company named, or quoted, that is not the account. Aside: customers, readers or the trade
	// stand right before the match.
	Foreign, Aside bool
	// Ours: the account is named, or speaks, somewhere in the sentence; Named: it is named. Quoted: another company's
	// people speak. Spurned: a word such as "instead of" stands right before what the match is about.
	Ours, Named, Quoted, Spurned bool
	// Asked: it is a question that whoever speaks asks of itself.
	Asked bool
	// Single: one person speaks of what they did, on the site of a company that the sentence does not name. Civic: public
	// life is spoken of: politics, crime, sport, culture.
	Single, Civic bool
	// Vendor: a software maker or an analyst is the subject. Third: it is the news of a neighbour, a client, of one who
	// is congratulated. Untrue: the sentence says that it is not so.
	Vendor, Third, Untrue bool
}

// Judge says how a sentence stands to the match at span.
func (r *Reading) Judge(sen *Sentence, span Span, page *Page) Stance {
	last := &sen.Tokens[len(sen.Tokens)-1]
	st := Stance{
		Actor:   r.actor(sen, span, page),
		Weighed: r.weighed(span),
		Pitch:   r.Has(CuePitch) || r.In(CueReader, span.Start-4, span.End+1),
		Story:   r.Has(CueStory),
		Hedged:  r.In(CueHedge, 0, span.End),
		Planned: r.Has(CuePlan) || r.Has(CueDoing),
		Vendor:  r.In(CueVendor, 0, span.End),
		Third:   r.In(CueThird, 0, span.Start+2),
		Untrue:  r.Has(CueUntrue),
		Civic:   r.Has(CueCivic),
	}
	st.Quoted = r.quotesOther(sen, page)
	st.Foreign = st.Quoted || st.Actor != ActorOwn && r.named(sen, span, page) == ActorOther
	st.Named = namesUs(sen, page)
	st.Ours = r.Has(CueOwn) || st.Named
	st.Single = !st.Named && r.single(sen, page)
	st.Aside = r.In(CueOther, span.Start-3, span.Start+1)
	st.Negated, st.NegatedWithin, st.Spurned = r.denied(sen, span), r.In(CueNegation, span.Start, span.End), r.spurned(span)
	st.Pitch = st.Pitch || r.In(CueHabit, span.Start-3, span.End) && !r.Has(CuePlan)
	st.Asked = last.Has(Question) && r.Has(CueOwn)
	st.General = r.general(span) || last.Has(Question) && !answered(st.Asked, page)
	st.LongAgo = r.Has(CueOld) && !r.Has(CueDoing)
	st.Old = st.LongAgo || oldYear(sen, page.Year) && !r.Has(CueDoing)
	return st
}

// general reports advice, a supposition, a remark on the trade or a date in a diary.
func (r *Reading) general(span Span) bool {
	return r.Has(CueOccasion) || r.In(CueGeneric, 0, span.End) || r.In(CueSuppose, max(0, span.Start-6), span.Start)
}

// denied reports a denial up to five words before it or four after, in the same clause.
func (r *Reading) denied(sen *Sentence, span Span) bool {
	for _, n := range r.spans[CueNegation] {
		switch {
		case n.End <= span.Start && span.Start-n.End <= 5 && !turns(sen, n.End, span.Start):
			return true
		case n.Start >= span.End && n.Start-span.End <= 4 && !turns(sen, span.End, n.Start+1) && !anew(sen, span.End, n.Start+1):
			return true
		}
	}
	return false
}

// spurned reports a word (instead of, against) that denies what stands right after it.
func (r *Reading) spurned(span Span) bool {
	for _, n := range r.spans[CueSpurned] {
		if n.End <= span.Start && span.Start-n.End <= 1 || n.Start >= span.Start && n.End < span.End && span.End-1-n.End <= 1 {
			return true
		}
	}
	return false
}

// weighed reports that the match follows at once on a word of weighing, with no new subject between.
func (r *Reading) weighed(span Span) bool {
	for _, w := range r.spans[CueWeigh] {
		if w.End <= span.Start+1 && span.Start-w.End <= 5 && !r.In(CueOwn, w.End, span.Start) {
			return true
		}
	}
	return false
}

// anew reports a comma, or a new subject, among the tokens from a to b-1.
func anew(sen *Sentence, a, b int) bool {
	for i := a; i < b && i < len(sen.Tokens); i++ {
		if sen.Tokens[i].Has(Comma) {
			return true
		}
		switch sen.Word(i) {
		case "our", "their", "its", "unser", "unsere", "notre", "nos", "nuestro", "nuestra", "vår", "våra", "onze":
			return true
		}
	}
	return false
}

// turns reports a break between clauses among the tokens from a to b-1.
func turns(sen *Sentence, a, b int) bool {
	for i := a; i < b && i < len(sen.Tokens); i++ {
		t := sen.Tokens[i]
		if t.Flags&Break != 0 {
			return true
		}
		switch sen.Word(i) {
		case "but", "so", "because", "although", "aber", "sondern", "deshalb", "weil", "mais", "pero", "sino", "men", "utan", "maar", "therefore", "hence":
			return true
		}
	}
	return false
}

// actor finds who acts: the nearest pronoun or noun before the match, a capitalised subject, or nobody.
func (r *Reading) actor(sen *Sentence, span Span, page *Page) Actor {
	own, other := r.lastBefore(CueOwn, span.Start+1), max(r.lastBefore(CueOther, span.Start+1), r.lastBefore(CueReader, span.Start+1))
	named := r.named(sen, span, page)
	switch {
	case r.quotesOther(sen, page):
		return ActorOther
	case own >= 0 && own > other:
		return ActorOwn
	case other >= 0 && other > own:
		// "Our customers" and "our clients" are somebody else, however near "our" is.
		return ActorOther
	case named != ActorNobody:
		return named
	case r.Has(CueOwn):
		return ActorOwn
	}
	return ActorNobody
}

// named looks for a capitalised subject before the match: the account's name, or another's.
func (r *Reading) named(sen *Sentence, span Span, page *Page) Actor {
	subject := false
	for i := range min(span.Start+1, len(sen.Tokens)) {
		t := sen.Tokens[i]
		if t.Flags&Upper == 0 || t.Ent != 0 {
			continue
		}
		if page.Is(sen.Word(i)) {
			return ActorOwn
		}
		subject = subject || r.heads(sen, i)
	}
	switch {
	case !subject:
		return ActorNobody
	case len(page.Names) > 0 && page.Named:
		return ActorOther
	}
	return ActorNamed
}

// heads reports that the capitalised word at i begins a subject: capitalised words follow it up to a verb.
func (r *Reading) heads(sen *Sentence, i int) bool {
	if r.In(CueOwn, i, i+1) || r.In(CuePlan, i, i+1) || common(sen, i) {
		return false
	}
	for j := i + 1; j < len(sen.Tokens) && j <= i+4; j++ {
		if r.In(CueSubject, j, j+1) {
			return true
		}
		if sen.Tokens[j].Flags&Upper == 0 {
			return false
		}
	}
	return false
}

// common reports that the capitalised word at i is no name: a word of the vocabulary or a plural at the start of
// a sentence, or a noun after its article, as German writes them.
func common(sen *Sentence, i int) bool {
	t := sen.Tokens[i]
	if i > 0 && !t.Has(First) {
		return articles(fold(sen.Word(i - 1)))
	}
	if i+1 < len(sen.Tokens) && sen.Tokens[i+1].Flags&Upper != 0 {
		return false
	}
	return t.Word != 0 || i+1 < len(sen.Tokens) && strings.HasSuffix(sen.Word(i), "s") && plural(fold(sen.Word(i+1)))
}

func articles(w string) bool {
	switch w {
	case "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "unser", "unsere",
		"unserer", "unserem", "unseren", "diese", "dieser", "dieses", "jede", "jeder", "alle", "beide", "neue", "neuer",
		"neues", "neuen", "im", "am", "zum", "zur", "vom", "beim", "ins":
		return true
	}
	return false
}

func plural(w string) bool {
	switch w {
	case "are", "have", "were", "will", "need", "do", "want", "can":
		return true
	}
	return false
}
