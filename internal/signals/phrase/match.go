package phrase

import "slices"

// Sentence is one sentence of a text, its names folded into one token each. It is valid until the next
// one is read.
type Sentence struct {
	// Text is the whole text; the tokens' offsets point into it.
	Text   string
	Tokens []Token
	// Entities are the indexes of the tokens that are names.
	Entities []int
	// Shouting reports that most words are capitalised, as in a title.
	Shouting bool
	// Index counts the text's sentences from 0.
	Index int

	set   *Set
	sc    *Scratch
	slots uint32
	tried []int32
}

// Span is where a pattern matched: tokens Start to End-1.
type Span struct{ Start, End int }

// Scratch is the working memory of one goroutine.
type Scratch struct {
	raw, merged []Token
	entities    []int
	marked      []uint32
	epoch       uint32
	cands       []int32
	states      [2][]uint64
	starts      [2][]int32
	spans       []Span
	sen         Sentence
	// steps counts the tokens that were read, and read again for each pattern that was tried: what time is linear in.
	steps int
}

// Each calls fn for every sentence of the text in which some pattern could match, until fn returns false.
// A text without any cue word costs one pass over it.
func (s *Set) Each(sc *Scratch, text string, fn func(*Sentence) bool) {
	var seen uint8
	sc.raw, seen = s.scan(sc.raw, text)
	if seen == 0 {
		return
	}
	index := 0
	for from := 0; from < len(sc.raw); index++ {
		to := from + 1
		for !sc.raw[to-1].Has(Last) {
			to++
		}
		if sen := s.sentence(sc, text, sc.raw[from:to]); sen != nil {
			sen.Index = index
			if !fn(sen) {
				return
			}
		}
		from = to
	}
}

func (s *Set) sentence(sc *Scratch, text string, tokens []Token) *Sentence {
	var marks uint8
	sc.steps += len(tokens)
	for i := range tokens {
		marks |= s.vocab.marks[tokens[i].Word]
	}
	if marks == 0 {
		return nil
	}
	shout := shouting(tokens)
	var slots uint32
	sc.merged, slots = s.merge(sc.merged[:0], tokens, shout)
	if slots == 0 && marks&markCue == 0 {
		return nil
	}
	sc.entities = sc.entities[:0]
	for i := range sc.merged {
		if sc.merged[i].Ent != 0 {
			sc.entities = append(sc.entities, i)
		}
	}
	sc.sen = Sentence{Text: text, Tokens: sc.merged, Entities: sc.entities, Shouting: shout, set: s, sc: sc, slots: slots}
	if !sc.sen.candidates() && (!s.named || slots == 0) {
		return nil
	}
	return &sc.sen
}

// shouting reports that of five longer words or more nearly all are capitalised, as in an English title;
// German prose capitalises its nouns only.
func shouting(tokens []Token) bool {
	long, upper := 0, 0
	for _, t := range tokens {
		if t.End-t.Start < 4 || t.Has(Number) {
			continue
		}
		long++
		if t.Has(Upper) {
			upper++
		}
	}
	return long >= 5 && 10*upper >= 9*long
}

// candidates gathers the patterns whose rarest mandatory word stands in the sentence.
func (sen *Sentence) candidates() bool {
	s, sc := sen.set, sen.sc
	if len(sc.marked) < len(s.patterns) {
		sc.marked = make([]uint32, len(s.patterns))
	}
	sc.epoch++
	sc.cands = sc.cands[:0]
	own := false
	take := func(p int32) {
		a := &s.patterns[p]
		if sc.marked[p] == sc.epoch || a.anchored && a.slots&sen.slots == 0 {
			return
		}
		sc.marked[p] = sc.epoch
		sc.cands = append(sc.cands, p)
		own = own || !a.aid
	}
	for i := range sen.Tokens {
		if w := sen.Tokens[i].Word; w != 0 {
			for _, p := range s.byWord[w] {
				take(p)
			}
		}
	}
	for _, p := range s.bySlot {
		take(p)
	}
	slices.Sort(sc.cands)
	sen.tried = sc.cands
	return own
}

// Candidates are the indexes, in Spec.Patterns, of the patterns that may match the sentence, ascending.
func (sen *Sentence) Candidates() []int32 { return sen.tried }

// Anchored reports whether pattern p has a slot that its match is about.
func (s *Set) Anchored(p int) bool { return s.patterns[p].anchored }

// Ref returns the caller's number of the entity that token i names, -1 for a plain word.
func (sen *Sentence) Ref(i int) int {
	if sen.Tokens[i].Ent == 0 {
		return -1
	}
	return sen.set.entities[sen.Tokens[i].Ent-1].ref
}

// Word returns token i as written.
func (sen *Sentence) Word(i int) string {
	return sen.Text[sen.Tokens[i].Start:sen.Tokens[i].End]
}

// Fits reports whether the entity at token i fills the slot that pattern p is about.
func (sen *Sentence) Fits(p, i int) bool {
	e := sen.Tokens[i].Ent
	return e != 0 && sen.set.patterns[p].slots&sen.set.entities[e-1].slot != 0
}

// Find returns where pattern p matches, for each end the latest beginning. For a pattern with a slot,
// anchor is the token whose entity fills it; otherwise anchor is -1. Time is linear in the sentence.
// The result is valid until the next call.
func (sen *Sentence) Find(p, anchor int) []Span {
	a := &sen.set.patterns[p]
	sc := sen.sc
	sc.prepare(len(a.tests))
	from, to := 0, len(sen.Tokens)
	if anchor >= 0 {
		from, to = max(0, anchor-a.longest), min(to, anchor+a.longest+1)
	}
	sc.steps += to - from
	cur, nxt := 0, 1
	for i := from; i < to; i++ {
		clear(sc.states[nxt])
		mayStart := anchor < 0 || i <= anchor
		sen.step(a, i, anchor, cur, nxt, mayStart)
		if end, ok := sc.accepted(a, nxt); ok && (anchor < 0 || i >= anchor) {
			sc.spans = append(sc.spans, Span{Start: int(end), End: i + 1})
		}
		cur, nxt = nxt, cur
	}
	return sc.spans
}

func (sc *Scratch) prepare(n int) {
	for k := range sc.states {
		if cap(sc.states[k]) < (n+63)/64 {
			sc.states[k] = make([]uint64, maxPositions/64)
		}
		sc.states[k] = sc.states[k][:(n+63)/64]
		clear(sc.states[k])
		if len(sc.starts[k]) < n {
			sc.starts[k] = make([]int32, maxPositions)
		}
	}
	sc.spans = sc.spans[:0]
}

// step moves every state over token i. A state keeps the latest start that leads to it; one that has
// read the anchor stands at a later token than it, so starts after the anchor are never taken.
func (sen *Sentence) step(a *automaton, i, anchor, cur, nxt int, mayStart bool) {
	sc := sen.sc
	enter := func(q int, start int32) {
		if !sen.passes(&a.tests[q], i, anchor) {
			return
		}
		bit := uint64(1) << (q % 64)
		if sc.states[nxt][q/64]&bit == 0 || sc.starts[nxt][q] < start {
			sc.states[nxt][q/64] |= bit
			sc.starts[nxt][q] = start
		}
	}
	each(sc.states[cur], func(p int) {
		start := sc.starts[cur][p]
		each(a.follow[p], func(q int) { enter(q, start) })
	})
	if mayStart {
		each(a.first, func(q int) { enter(q, int32(i)) })
	}
}

// passes tests token i. The anchor's slot takes the anchor only; other tests never take it, so that
// every match holds it once.
func (sen *Sentence) passes(t *test, i, anchor int) bool {
	tok := &sen.Tokens[i]
	if t.anchor && anchor >= 0 {
		return i == anchor && t.slots&sen.set.entities[tok.Ent-1].slot != 0
	}
	if i == anchor {
		return false
	}
	switch t.op {
	case opWords:
		w := int(tok.Word)
		return w != 0 && w>>6 < len(t.words) && t.words[w>>6]&(1<<(w&63)) != 0
	case opAny:
		return true
	case opSlot:
		return tok.Ent != 0 && t.slots&sen.set.entities[tok.Ent-1].slot != 0
	case opNum:
		return tok.Has(Number)
	case opCap:
		return tok.Ent != 0 || tok.Flags&Upper != 0
	case opSeq, opAlt, opOpt: // inner nodes are no tests
	}
	return false
}

func (sc *Scratch) accepted(a *automaton, k int) (start int32, ok bool) {
	start = -1
	for w := range a.last {
		both := a.last[w] & sc.states[k][w]
		each([]uint64{both}, func(q int) { start = max(start, sc.starts[k][w*64+q]) })
	}
	return start, start >= 0
}
