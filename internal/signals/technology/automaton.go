package technology

// automaton finds all literals in a text in one scan (Aho and Corasick, 1975), as a dense table over
// byte classes: bytes of no literal share class 0, and upper-case ASCII shares the class of its lower case.
type automaton struct {
	class  [256]uint8
	stride uint32
	// next holds, per state and class, the next state times stride; the top bit says that it has outputs.
	next []uint32
	// outputs holds, per state, the literals that end there.
	outputs [][]int32
}

const hasOutput = 1 << 31

// newAutomaton builds the table for literals in ASCII lower case, none empty.
func newAutomaton(literals []string) *automaton {
	a := &automaton{stride: 1}
	for _, l := range literals {
		for i := range len(l) {
			if a.class[l[i]] == 0 {
				a.class[l[i]] = uint8(a.stride)
				a.stride++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[lower(c)]
	}
	a.addState()
	for id, l := range literals {
		a.insert(l, int32(id))
	}
	a.link()
	return a
}

func (a *automaton) addState() uint32 {
	s := uint32(len(a.outputs))
	a.next = append(a.next, make([]uint32, a.stride)...)
	a.outputs = append(a.outputs, nil)
	return s
}

func (a *automaton) insert(l string, id int32) {
	s := uint32(0)
	for i := range len(l) {
		at := s*a.stride + uint32(a.class[l[i]])
		if a.next[at] == 0 {
			n := a.addState()
			a.next[at] = n
		}
		s = a.next[at]
	}
	a.outputs[s] = append(a.outputs[s], id)
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
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		a.outputs[s] = append(a.outputs[s], a.outputs[fail[s]]...)
		for c := range a.stride {
			at := s*a.stride + c
			if n := a.next[at]; n != 0 {
				fail[n] = a.next[fail[s]*a.stride+c]
				queue = append(queue, n)
			} else {
				a.next[at] = a.next[fail[s]*a.stride+c]
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

// scan marks every literal of the text in found.
func (a *automaton) scan(text []byte, found *hits) {
	s := uint32(0)
	for _, c := range text {
		n := a.next[s+uint32(a.class[c])]
		s = n &^ hasOutput
		if n != s {
			for _, id := range a.outputs[s/a.stride] {
				found.mark(id)
			}
		}
	}
}

// scanAt marks every literal of the text in found, and where it ends in at.
func (a *automaton) scanAt(text []byte, found *hits, at *places) {
	s := uint32(0)
	for i, c := range text {
		n := a.next[s+uint32(a.class[c])]
		s = n &^ hasOutput
		if n != s {
			for _, id := range a.outputs[s/a.stride] {
				if !found.has(id) {
					at.at[id] = at.at[id][:0]
				}
				found.mark(id)
				at.mark(id, i+1)
			}
		}
	}
}

// hits is a set of literals that is emptied in constant time.
type hits struct {
	epoch uint32
	seen  []uint32
	list  []int32
}

func (h *hits) reset() {
	h.list = h.list[:0]
	if h.epoch++; h.epoch == 0 {
		clear(h.seen)
		h.epoch = 1
	}
}

func (h *hits) mark(id int32) {
	if h.seen[id] != h.epoch {
		h.seen[id] = h.epoch
		h.list = append(h.list, id)
	}
}

func (h *hits) has(id int32) bool { return h.seen[id] == h.epoch }
