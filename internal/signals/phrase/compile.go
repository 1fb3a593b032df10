package phrase

import (
	"fmt"
	"math/bits"
	"slices"
)

// Pattern is one phrase to look for.
type Pattern struct {
	// ID names the pattern in errors and in what it finds.
	ID   string
	Expr string
	// Aid marks a pattern that is only asked for beside others: it does not make a sentence worth a look.
	Aid bool
}

// Spec is what a Set is compiled from.
type Spec struct {
	// Classes are named expressions that patterns use as <name>.
	Classes map[string]string
	// Entities are the names that slots stand for.
	Entities []Entity
	Patterns []Pattern
	// Named lets Each visit every sentence that holds a name, whether a pattern may match there or not.
	Named bool
}

// Set is a compiled set of patterns and names: immutable, and safe for concurrent use.
type Set struct {
	vocab    *vocab
	slots    map[string]uint32
	entities []entity
	trie     map[edge]int32
	// verbs are the words that may follow a name at the head of a sentence.
	verbs    map[int32]bool
	leaves   map[int32][]int32
	patterns []automaton
	// byWord lists, per word, the patterns it is the rarest mandatory word of; bySlot those without one.
	byWord map[int32][]int32
	bySlot []int32
	starts map[int32]bool
	named  bool
}

// automaton is a position automaton (Glushkov): state i has read the token that tests[i] describes.
type automaton struct {
	id    string
	aid   bool
	tests []test
	// first and follow are bit sets of positions, last those that may end a match.
	first, last []uint64
	follow      [][]uint64
	slots       uint32
	longest     int
	anchored    bool
}

type test struct {
	op     op
	words  []uint64
	slots  uint32
	anchor bool
}

// maxPositions bounds one automaton.
const maxPositions = 768

// Compile builds a Set. Errors name the pattern or the entity and wrap ErrPattern.
func Compile(spec Spec) (*Set, error) {
	s := &Set{
		vocab: newVocab(), slots: map[string]uint32{}, trie: map[edge]int32{}, leaves: map[int32][]int32{},
		byWord: map[int32][]int32{}, starts: map[int32]bool{}, named: spec.Named,
	}
	if err := s.addEntities(spec); err != nil {
		return nil, err
	}
	asts := make([]*node, len(spec.Patterns))
	for i, p := range spec.Patterns {
		n, err := parse(p.Expr, spec.Classes)
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", p.ID, err)
		}
		asts[i] = n
		s.learn(n)
	}
	s.vocab.freeze()
	for i, p := range spec.Patterns {
		if err := s.addPattern(p, asts[i]); err != nil {
			return nil, fmt.Errorf("pattern %s: %w", p.ID, err)
		}
	}
	return s, nil
}

// learn puts a pattern's words into the vocabulary.
func (s *Set) learn(n *node) {
	for _, w := range n.words {
		s.vocab.add(w)
	}
	for _, k := range n.kids {
		s.learn(k)
	}
}

func (s *Set) addPattern(p Pattern, n *node) error {
	a := automaton{id: p.ID, aid: p.Aid}
	b := builder{set: s, a: &a}
	if anchors := countAnchors(n); anchors == 0 {
		markFirstSlot(n)
	}
	f, err := b.build(n)
	if err != nil {
		return err
	}
	if f.nullable {
		return fmt.Errorf("%w: it matches nothing at all", ErrPattern)
	}
	a.longest = len(a.tests)
	a.first, a.last = set(f.first, len(a.tests)), set(f.last, len(a.tests))
	a.follow = make([][]uint64, len(a.tests))
	for i := range a.follow {
		a.follow[i] = set(b.follow[i], len(a.tests))
	}
	s.index(&a, n)
	s.patterns = append(s.patterns, a)
	return nil
}

// index files a pattern under the words of its rarest mandatory element, or, where it has none, under its slots.
func (s *Set) index(a *automaton, n *node) {
	i := int32(len(s.patterns))
	rare := mandatory(n)
	if rare == nil {
		s.bySlot = append(s.bySlot, i)
		return
	}
	for _, w := range rare {
		id := s.vocab.add(w)
		if list := s.byWord[id]; len(list) > 0 && list[len(list)-1] == i {
			continue
		}
		s.byWord[id] = append(s.byWord[id], i)
		if !a.anchored && !a.aid {
			s.vocab.marks[id] |= markCue
		}
	}
}

func countAnchors(n *node) int {
	c := 0
	if n.op == opSlot && n.anchor {
		c++
	}
	for _, k := range n.kids {
		c += countAnchors(k)
	}
	return c
}

// markFirstSlot makes the first slot of each alternative the one that the match is about.
func markFirstSlot(n *node) bool {
	if n.op == opSlot {
		n.anchor = true
		return true
	}
	found := false
	for _, k := range n.kids {
		if markFirstSlot(k) {
			found = true
			if n.op != opAlt {
				return true
			}
		}
	}
	return found
}

type builder struct {
	set    *Set
	a      *automaton
	follow [][]int
}

type frag struct {
	nullable    bool
	first, last []int
}

func (b *builder) build(n *node) (frag, error) {
	switch n.op {
	case opSeq:
		return b.sequence(n)
	case opAlt:
		out := frag{}
		for _, k := range n.kids {
			f, err := b.build(k)
			if err != nil {
				return frag{}, err
			}
			out.nullable = out.nullable || f.nullable
			out.first, out.last = append(out.first, f.first...), append(out.last, f.last...)
		}
		return out, nil
	case opOpt:
		f, err := b.build(n.kids[0])
		f.nullable = true
		return f, err
	case opWords, opAny, opSlot, opNum, opCap:
	}
	return b.leaf(n)
}

func (b *builder) sequence(n *node) (frag, error) {
	out := frag{nullable: true}
	for _, k := range n.kids {
		f, err := b.build(k)
		if err != nil {
			return frag{}, err
		}
		for _, i := range out.last {
			b.follow[i] = append(b.follow[i], f.first...)
		}
		if out.nullable {
			out.first = append(slices.Clone(out.first), f.first...)
		}
		if f.nullable {
			out.last = append(slices.Clone(out.last), f.last...)
		} else {
			out.last = f.last
		}
		out.nullable = out.nullable && f.nullable
	}
	return out, nil
}

func (b *builder) leaf(n *node) (frag, error) {
	i := len(b.a.tests)
	if i == maxPositions {
		return frag{}, fmt.Errorf("%w: more than %d words long with its alternatives", ErrPattern, maxPositions)
	}
	t := test{op: n.op, anchor: n.anchor}
	last := int32(0)
	for _, w := range n.words {
		last = max(last, b.set.vocab.add(w))
	}
	if len(n.words) > 0 {
		t.words = make([]uint64, last>>6+1)
	}
	for _, w := range n.words {
		id := b.set.vocab.add(w)
		t.words[id>>6] |= 1 << (id & 63)
	}
	for _, s := range n.slot {
		bit, ok := b.set.slots[s]
		if !ok {
			return frag{}, fmt.Errorf("%w: no entity fills the slot {%s}", ErrPattern, s)
		}
		t.slots |= bit
	}
	if n.anchor {
		b.a.anchored = true
		b.a.slots |= t.slots
	}
	b.a.tests = append(b.a.tests, t)
	b.follow = append(b.follow, nil)
	return frag{first: []int{i}, last: []int{i}}, nil
}

func set(positions []int, n int) []uint64 {
	out := make([]uint64, (n+63)/64)
	for _, p := range positions {
		out[p/64] |= 1 << (p % 64)
	}
	return out
}

func each(bitsets []uint64, fn func(i int)) {
	for w, b := range bitsets {
		for b != 0 {
			fn(w*64 + bits.TrailingZeros64(b))
			b &= b - 1
		}
	}
}
