package phrase

import "fmt"

// Entity is a name that fills a slot.
type Entity struct {
	// Alias is a pattern of words only: it is written out into every word sequence it stands for.
	Alias string
	Slot  string
	// Exact asks for a capital letter at the start of its first word, away from the start of a sentence
	// and from a title in capitals: for names that are words of the language (Surface, Teams, Slack).
	Exact bool
	// Before lists words of which one must stand just before the name; empty asks for none.
	Before []string
	// Ref is the caller's number for it.
	Ref int
}

type entity struct {
	slot   uint32
	exact  bool
	before map[int32]bool
	ref    int
}

type edge struct{ node, word int32 }

// maxSpellings bounds the word sequences of one alias.
const maxSpellings = 512

func (s *Set) addEntities(spec Spec) error {
	next := int32(1)
	s.verbs = map[int32]bool{}
	if len(spec.Entities) > 0 {
		for _, w := range headVerbs() {
			s.verbs[s.vocab.add(w)] = true
		}
	}
	for _, e := range spec.Entities {
		n, err := parse(e.Alias, spec.Classes)
		if err != nil {
			return fmt.Errorf("entity %q: %w", e.Alias, err)
		}
		seqs, err := spell(n)
		if err != nil {
			return fmt.Errorf("entity %q: %w", e.Alias, err)
		}
		if s.slots[e.Slot] == 0 {
			if len(s.slots) == 32 {
				return fmt.Errorf("entity %q: %w: more than 32 slots", e.Alias, ErrPattern)
			}
			s.slots[e.Slot] = 1 << len(s.slots)
		}
		ent := entity{slot: s.slots[e.Slot], exact: e.Exact, ref: e.Ref, before: map[int32]bool{}}
		for _, w := range e.Before {
			ent.before[s.vocab.add(fold(w))] = true
		}
		s.entities = append(s.entities, ent)
		for _, seq := range seqs {
			s.plant(seq, int32(len(s.entities)-1), &next)
		}
	}
	return nil
}

func (s *Set) plant(seq []string, ent int32, next *int32) {
	at := int32(0)
	for i, w := range seq {
		id := s.vocab.add(w)
		if i == 0 {
			s.vocab.marks[id] |= markEntity
			s.starts[id] = true
		}
		e := edge{at, id}
		if s.trie[e] == 0 {
			s.trie[e] = *next
			*next++
		}
		at = s.trie[e]
	}
	s.leaves[at] = append(s.leaves[at], ent)
}

// spell writes out every word sequence a pattern of words stands for.
func spell(n *node) ([][]string, error) {
	switch n.op {
	case opWords:
		out := make([][]string, 0, len(n.words))
		for _, w := range n.words {
			out = append(out, []string{w})
		}
		return out, nil
	case opSeq:
		return spellSequence(n)
	case opAlt:
		var out [][]string
		for _, k := range n.kids {
			seqs, err := spell(k)
			if err != nil {
				return nil, err
			}
			out = append(out, seqs...)
		}
		return out, nil
	case opOpt:
		seqs, err := spell(n.kids[0])
		return append(seqs, nil), err
	case opAny, opSlot, opNum, opCap:
	}
	return nil, fmt.Errorf("%w: a name holds words only, no gaps or slots", ErrPattern)
}

func spellSequence(n *node) ([][]string, error) {
	out := [][]string{nil}
	for _, k := range n.kids {
		seqs, err := spell(k)
		if err != nil {
			return nil, err
		}
		if len(out)*len(seqs) > maxSpellings {
			return nil, fmt.Errorf("%w: more than %d spellings", ErrPattern, maxSpellings)
		}
		grown := make([][]string, 0, len(out)*len(seqs))
		for _, a := range out {
			for _, b := range seqs {
				grown = append(grown, append(append([]string(nil), a...), b...))
			}
		}
		out = grown
	}
	return out, nil
}

// merge folds the names of a sentence into one token each, the longest first, leftmost first.
func (s *Set) merge(dst, tokens []Token, shouting bool) ([]Token, uint32) {
	var slots uint32
	for i := 0; i < len(tokens); {
		ent, n := s.name(tokens, i, shouting)
		if n == 0 {
			dst = append(dst, tokens[i])
			i++
			continue
		}
		t := tokens[i]
		t.End, t.Word, t.Ent = tokens[i+n-1].End, 0, ent+1
		t.Flags |= tokens[i+n-1].Flags & (Last | Question)
		slots |= s.entities[ent].slot
		dst = append(dst, t)
		i += n
	}
	return dst, slots
}

func (s *Set) name(tokens []Token, i int, shouting bool) (ent int32, n int) {
	at := int32(0)
	for j := i; j < len(tokens); j++ {
		next, ok := s.trie[edge{at, tokens[j].Word}]
		if !ok || tokens[j].Word == 0 {
			break
		}
		at = next
		for _, e := range s.leaves[at] {
			if s.entities[e].fits(tokens, i, shouting) || s.heads(&s.entities[e], tokens, i, j+1, shouting) {
				ent, n = e, j-i+1
				break
			}
		}
	}
	return ent, n
}

// heads reports that a name that is a word of the language begins a sentence, from token i to the one before next, and a verb in the
// third person follows it: "Slack is our standard", not "Slack off".
func (s *Set) heads(e *entity, tokens []Token, i, next int, shouting bool) bool {
	return e.exact && len(e.before) == 0 && !shouting && tokens[i].Has(First|Upper) && next < len(tokens) && s.verbs[tokens[next].Word]
}

// headVerbs are verbs that follow a name at the head of a sentence.
func headVerbs() []string {
	return []string{"is", "has", "will", "was", "ist", "wird", "hat", "est", "sera", "va", "es", "será", "är", "ska", "wordt", "replaces", "becomes", "costs", "keeps",
		"now", "did", "does", "gets", "got", "goes", "went", "moves", "joins", "wins", "won", "stays", "runs", "takes", "comes", "arrives", "leaves",
		"must", "may", "can", "licences", "licenses", "licence", "license", "subscription", "contract", "renewal", "trial", "pilot", "rollout", "migration", "bill", "add"}
}

func (e *entity) fits(tokens []Token, i int, shouting bool) bool {
	if len(e.before) > 0 && (i == 0 || !e.before[tokens[i-1].Word]) {
		return false
	}
	return !e.exact || tokens[i].Has(Upper) && !tokens[i].Has(First) && !shouting
}
