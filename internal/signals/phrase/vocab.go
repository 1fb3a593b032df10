package phrase

// marks of a vocabulary word, gathered while a text is scanned.
const (
	markEntity uint8 = 1 << iota // begins an entity's name
	markCue                      // is the rarest mandatory word of a pattern that needs no entity
)

// vocab numbers the words that patterns and names are made of. It is an open-addressing table, as
// looking up every word of a page is most of the cost of a page that says nothing.
type vocab struct {
	words []string
	marks []uint8
	table []int32
	ids   map[string]int32
}

func newVocab() *vocab {
	return &vocab{words: []string{""}, marks: []uint8{0}, ids: map[string]int32{}}
}

// add returns the number of a word in lower case, numbering it if it is new.
func (v *vocab) add(w string) int32 {
	if id, ok := v.ids[w]; ok {
		return id
	}
	id := int32(len(v.words))
	v.ids[w] = id
	v.words = append(v.words, w)
	v.marks = append(v.marks, 0)
	return id
}

// freeze builds the table; the vocabulary is immutable from then on.
func (v *vocab) freeze() {
	size := 64
	for size < 4*len(v.words) {
		size *= 2
	}
	v.table = make([]int32, size)
	for id := 1; id < len(v.words); id++ {
		slot := hash(v.words[id]) & uint64(size-1)
		for v.table[slot] != 0 {
			slot = (slot + 1) & uint64(size-1)
		}
		v.table[slot] = int32(id)
	}
}

func (v *vocab) find(w []byte) (id int32, mark uint8) {
	mask := uint64(len(v.table) - 1)
	for slot := hash(w) & mask; v.table[slot] != 0; slot = (slot + 1) & mask {
		if id := v.table[slot]; v.words[id] == string(w) {
			return id, v.marks[id]
		}
	}
	return 0, 0
}

// hash is FNV-1a (64 bit) with a final mix, as the table is indexed by the low bits.
func hash[T string | []byte](w T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	return h ^ h>>29
}

// Size is the number of words of the Set's vocabulary, the unknown word 0 among them.
func (s *Set) Size() int { return len(s.vocab.words) }

// Vocabulary calls fn for every word, by number, that a match of pattern p may hold; a word may come more than once.
func (s *Set) Vocabulary(p int, fn func(word int)) {
	for i := range s.patterns[p].tests {
		each(s.patterns[p].tests[i].words, fn)
	}
}
