package technology

import (
	"math"
	"slices"
	"strings"
)

// automaton finds all literals in a text in one scan (Aho and Corasick, 1975), as a dense table over
// byte classes: bytes of no literal share class 0, and upper-case ASCII shares the class of its lower case.
type automaton struct {
	class  [256]uint8
	stride uint32
	// narrow or wide holds, per state and class, the next state; narrow where the states have room in it, as a
	// table half as large is found in the cache more often.
	narrow []uint16
	wide   []uint32
	// first is the first state with outputs; all from there on have some.
	first    uint32
	outputs  [][]int32
	literals []string
}

// byFrequency lists bytes of markup, the commonest first: what the table holds for them lies side by side.
const byFrequency = " etaonisrlcdpmu-/h=\"gbf.wvy1<>0_2k:3;x54,86{}79()jz'|#q&+%*?![]@$\n"

// newAutomaton builds the table for literals in ASCII lower case, none empty.
func newAutomaton(literals []string) *automaton {
	a := &automaton{stride: 1, literals: literals}
	order := inOrder(literals)
	size := 1 // state of the root, and one for each byte of a literal that the one before it does not begin with
	var used byteSet
	before := ""
	for _, id := range order {
		l := literals[id]
		size += len(l) - shared(before, l)
		before = l
		for i := range len(l) {
			used.add(l[i])
		}
	}
	for i := range len(byFrequency) {
		a.addClass(byFrequency[i], &used)
	}
	for c := range 256 {
		a.addClass(byte(c), &used)
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[lower(c)]
	}
	a.outputs = make([][]int32, 0, size)
	a.wide = make([]uint32, 0, size*int(a.stride))
	a.addState()
	a.insertAll(order)
	a.link()
	a.arrange()
	return a
}

// inOrder returns the literals' numbers in the order of their bytes.
func inOrder(literals []string) []int {
	order := make([]int, len(literals))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(literals[i], literals[j]) })
	return order
}

// shared is the length of the beginning that two literals have in common.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (a *automaton) addClass(c byte, used *byteSet) {
	if used.has(c) && a.class[c] == 0 {
		a.class[c] = uint8(a.stride)
		a.stride++
	}
}

func (a *automaton) addState() uint32 {
	s := uint32(len(a.outputs))
	a.wide = a.wide[:len(a.wide)+int(a.stride)]
	a.outputs = append(a.outputs, nil)
	return s
}

// insertAll adds the literals breadth first, so that the states near the root lie side by side: a scan hardly leaves them. A state is a
// range of the literals in order, those that begin with what leads to it.
func (a *automaton) insertAll(order []int) {
	sorted := make([]string, len(order))
	for i, id := range order {
		sorted[i] = a.literals[id]
	}
	type part struct{ from, to int }
	level := []part{{0, len(order)}}
	for depth, state := 0, uint32(0); len(level) > 0; depth++ {
		var below []part
		for _, p := range level {
			i := p.from
			for ; i < p.to && len(sorted[i]) == depth; i++ {
				a.outputs[state] = append(a.outputs[state], int32(order[i]))
			}
			for i < p.to {
				from, c := i, sorted[i][depth]
				for i++; i < p.to && sorted[i][depth] == c; i++ {
				}
				a.wide[state*a.stride+uint32(a.class[c])] = a.addState()
				below = append(below, part{from, i})
			}
			state++
		}
		level = below
	}
}

// link fills in the failure transitions breadth first.
func (a *automaton) link() {
	fail := make([]uint32, len(a.outputs))
	queue := make([]uint32, 0, len(a.outputs))
	for c := range a.stride {
		if s := a.wide[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		if more := a.outputs[fail[s]]; len(more) > 0 {
			a.outputs[s] = append(a.outputs[s], more...)
		}
		row := a.wide[s*a.stride : (s+1)*a.stride]
		behind := a.wide[fail[s]*a.stride : (fail[s]+1)*a.stride]
		for c, n := range row {
			if n != 0 {
				fail[n] = behind[c]
				queue = append(queue, n)
			} else {
				row[c] = behind[c]
			}
		}
	}
}

// arrange numbers the states anew, those with outputs last, and narrows the table where it can.
func (a *automaton) arrange() {
	number := make([]uint32, len(a.outputs))
	outputs := make([][]int32, 0, len(a.outputs))
	for _, some := range [...]bool{false, true} {
		if some {
			a.first = uint32(len(outputs))
		}
		for s, list := range a.outputs {
			if len(list) > 0 == some {
				number[s] = uint32(len(outputs))
				outputs = append(outputs, list)
			}
		}
	}
	a.outputs = outputs
	if len(outputs) <= math.MaxUint16+1 {
		a.narrow = renumbered[uint16](a, number)
		a.wide = nil
	} else {
		a.wide = renumbered[uint32](a, number)
	}
}

func renumbered[T uint16 | uint32](a *automaton, number []uint32) []T {
	out := make([]T, len(a.wide))
	for s, n := range number {
		from, to := a.wide[uint32(s)*a.stride:], out[n*a.stride:]
		for c := range a.stride {
			to[c] = T(number[from[c]])
		}
	}
	return out
}

// lanes is how many stretches of a long text are scanned side by side: each step waits for memory, and the
// others' go on meanwhile.
const lanes = 4

// scan marks every literal of the text in found, with where it ends.
func (a *automaton) scan(text []byte, found *hits) {
	if a.narrow != nil {
		scan(a, a.narrow, text, found)
	} else {
		scan(a, a.wide, text, found)
	}
}

func scan[T uint16 | uint32](a *automaton, next []T, text []byte, found *hits) {
	size := len(text) / lanes
	if size < 4*maxLiteral {
		stretch(a, next, text, 0, 0, found)
		return
	}
	// The bytes before a lane's stretch bring its state to what one scan would have; what ends there is for the lane before.
	var s [lanes]uint32
	for l := 1; l < lanes; l++ {
		for _, c := range text[l*size-maxLiteral : l*size] {
			s[l] = uint32(next[s[l]*a.stride+uint32(a.class[c])])
		}
	}
	s0, s1, s2, s3, stride, first := s[0], s[1], s[2], s[3], a.stride, a.first
	t0, t1, t2, t3 := text[:size], text[size:2*size], text[2*size:3*size], text[3*size:4*size]
	for i := range size {
		s0, s1 = uint32(next[s0*stride+uint32(a.class[t0[i]])]), uint32(next[s1*stride+uint32(a.class[t1[i]])])
		s2, s3 = uint32(next[s2*stride+uint32(a.class[t2[i]])]), uint32(next[s3*stride+uint32(a.class[t3[i]])])
		if max(s0, s1, s2, s3) < first {
			continue
		}
		for l, n := range [lanes]uint32{s0, s1, s2, s3} {
			if n >= first {
				a.outputsOf(n, l*size+i+1, found)
			}
		}
	}
	stretch(a, next, text[lanes*size:], lanes*size, s3, found)
}

func (a *automaton) outputsOf(s uint32, end int, found *hits) {
	for _, id := range a.outputs[s] {
		found.mark(id, end)
	}
}

// stretch scans a text that begins at an offset, in the state that what is before it left.
func stretch[T uint16 | uint32](a *automaton, next []T, text []byte, offset int, s uint32, found *hits) {
	for i, c := range text {
		if s = uint32(next[s*a.stride+uint32(a.class[c])]); s >= a.first {
			a.outputsOf(s, offset+i+1, found)
		}
	}
}

// scanAs marks every literal of the text in found, with one place for all.
func (a *automaton) scanAs(text []byte, found *hits, place int) {
	s := uint32(0)
	for _, c := range text {
		k := s*a.stride + uint32(a.class[c])
		if a.narrow != nil {
			s = uint32(a.narrow[k])
		} else {
			s = a.wide[k]
		}
		if s >= a.first {
			a.outputsOf(s, place, found)
		}
	}
}

// maxPlaces bounds the places remembered of one literal; one that is in more places is no guide to any.
const maxPlaces = 1024

// hits is the set of literals found in a text, with the places where each ends. It is emptied in constant time.
type hits struct {
	epoch uint32
	seen  []uint32
	list  []int32
	at    [][]int32
}

func newHits(n int) hits { return hits{seen: make([]uint32, n), at: make([][]int32, n)} }

func (h *hits) reset() {
	h.list = h.list[:0]
	if h.epoch++; h.epoch == 0 {
		clear(h.seen)
		h.epoch = 1
	}
}

func (h *hits) mark(id int32, end int) {
	if h.seen[id] != h.epoch {
		h.seen[id] = h.epoch
		h.list = append(h.list, id)
		h.at[id] = h.at[id][:0]
	}
	if at := h.at[id]; len(at) <= maxPlaces {
		h.at[id] = append(at, int32(end))
	}
}

func (h *hits) has(id int32) bool { return h.seen[id] == h.epoch }

// overflowed reports a literal in more places than are remembered.
func (h *hits) overflowed(id int32) bool { return len(h.at[id]) > maxPlaces }
