package technology

// automaton finds all literals in a text in one scan (Aho and Corasick, 1975), as a dense table over
// byte classes: bytes of no literal share class 0, and upper-case ASCII shares the class of its lower case.
type automaton struct {
	class  [256]uint8
	stride uint32
	// next holds, per state and class, the next state times stride; the top bit says that it has outputs.
	next []uint32
	// outputs holds, per state, the literals that end there.
	outputs  [][]int32
	literals []string
}

const hasOutput = 1 << 31

// byFrequency lists bytes of markup, the commonest first: what the table holds for them lies side by side.
const byFrequency = " etaonisrlcdpmu-/h=\"gbf.wvy1<>0_2k:3;x54,86{}79()jz'|#q&+%*?![]@$\n"

// newAutomaton builds the table for literals in ASCII lower case, none empty.
func newAutomaton(literals []string) *automaton {
	a := &automaton{stride: 1, literals: literals}
	size := 1
	var used byteSet
	for _, l := range literals {
		size += len(l)
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
	a.next = make([]uint32, 0, size*int(a.stride))
	a.addState()
	a.insertAll()
	a.link()
	return a
}

func (a *automaton) addClass(c byte, used *byteSet) {
	if used.has(c) && a.class[c] == 0 {
		a.class[c] = uint8(a.stride)
		a.stride++
	}
}

func (a *automaton) addState() uint32 {
	s := uint32(len(a.outputs))
	a.next = a.next[:len(a.next)+int(a.stride)]
	a.outputs = append(a.outputs, nil)
	return s
}

// insertAll adds the literals byte by byte, all at once, so that the states near the root lie side by side: a scan
// hardly leaves them.
func (a *automaton) insertAll() {
	at := make([]uint32, len(a.literals))
	for depth := 0; ; depth++ {
		longer := false
		for id, l := range a.literals {
			if depth >= len(l) {
				continue
			}
			longer = true
			k := at[id]*a.stride + uint32(a.class[l[depth]])
			if a.next[k] == 0 {
				n := a.addState()
				a.next[k] = n
			}
			if at[id] = a.next[k]; depth == len(l)-1 {
				a.outputs[at[id]] = append(a.outputs[at[id]], int32(id))
			}
		}
		if !longer {
			return
		}
	}
}

// link fills in the failure transitions breadth first, then turns states into offsets with flags.
func (a *automaton) link() {
	fail := make([]uint32, len(a.outputs))
	queue := make([]uint32, 0, len(a.outputs))
	for c := range a.stride {
		if s := a.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		if more := a.outputs[fail[s]]; len(more) > 0 {
			a.outputs[s] = append(a.outputs[s], more...)
		}
		row := a.next[s*a.stride : (s+1)*a.stride]
		behind := a.next[fail[s]*a.stride : (fail[s]+1)*a.stride]
		for c, n := range row {
			if n != 0 {
				fail[n] = behind[c]
				queue = append(queue, n)
			} else {
				row[c] = behind[c]
			}
		}
	}
	for i, s := range a.next {
		a.next[i] = s * a.stride
		if len(a.outputs[s]) > 0 {
			a.next[i] |= hasOutput
		}
	}
}

// lanes is how many stretches of a long text are scanned side by side: each step waits for memory, and the
// others' go on meanwhile.
const lanes = 4

// scan marks every literal of the text in found, with where it ends.
func (a *automaton) scan(text []byte, found *hits) {
	size := len(text) / lanes
	if size < 4*maxLiteral {
		a.stretch(text, 0, 0, found)
		return
	}
	// The first bytes of a lane before its stretch bring its state to what one scan would have; what ends there is the lane's before.
	var s [lanes]uint32
	for l := 1; l < lanes; l++ {
		for _, c := range text[l*size-maxLiteral : l*size] {
			s[l] = a.next[s[l]+uint32(a.class[c])] &^ hasOutput
		}
	}
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	t0, t1, t2, t3 := text[:size], text[size:2*size], text[2*size:3*size], text[3*size:4*size]
	for i := range size {
		n0, n1 := a.next[s0+uint32(a.class[t0[i]])], a.next[s1+uint32(a.class[t1[i]])]
		n2, n3 := a.next[s2+uint32(a.class[t2[i]])], a.next[s3+uint32(a.class[t3[i]])]
		s0, s1, s2, s3 = n0&^hasOutput, n1&^hasOutput, n2&^hasOutput, n3&^hasOutput
		if (n0|n1|n2|n3)&hasOutput == 0 {
			continue
		}
		for l, n := range [lanes]uint32{n0, n1, n2, n3} {
			if n&hasOutput != 0 {
				a.outputsOf(n&^hasOutput, l*size+i+1, found)
			}
		}
	}
	a.stretch(text[lanes*size:], lanes*size, s3, found)
}

func (a *automaton) outputsOf(s uint32, end int, found *hits) {
	for _, id := range a.outputs[s/a.stride] {
		found.mark(id, end)
	}
}

// stretch scans a text that begins at an offset, in the state that what is before it left.
func (a *automaton) stretch(text []byte, offset int, s uint32, found *hits) {
	for i, c := range text {
		n := a.next[s+uint32(a.class[c])]
		s = n &^ hasOutput
		if n != s {
			a.outputsOf(s, offset+i+1, found)
		}
	}
}

// scanAs marks every literal of the text in found, with one place for all.
func (a *automaton) scanAs(text []byte, found *hits, place int) {
	s := uint32(0)
	for _, c := range text {
		n := a.next[s+uint32(a.class[c])]
		s = n &^ hasOutput
		if n != s {
			for _, id := range a.outputs[s/a.stride] {
				found.mark(id, place)
			}
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
