package crawl

import "github.com/cespare/xxhash/v2"

// hashSet is a set of strings by 32 bits of their hash, in an open table filled to three quarters at most: a sixth of
// a map's memory where there are a hundred. Among a thousand, one in four million is wrongly taken for met before.
// The zero value is empty.
type hashSet struct {
	slots []uint32
	n     int
}

// add puts a string in and reports whether it was new.
func (s *hashSet) add(text string) bool { return s.insert(uint32(xxhash.Sum64String(text))) }

func (s *hashSet) insert(h uint32) bool {
	h = max(h, 1) // 0 is a free slot
	if 4*(s.n+1) > 3*len(s.slots) {
		s.grow()
	}
	i := s.place(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	s.n++
	return true
}

func (s *hashSet) has(text string) bool { return s.contains(uint32(xxhash.Sum64String(text))) }

func (s *hashSet) contains(h uint32) bool {
	h = max(h, 1)
	return s.n > 0 && s.slots[s.place(h)] == h
}

// place is where a hash is, or would be.
func (s *hashSet) place(h uint32) int {
	mask := uint32(len(s.slots) - 1)
	i := h & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return int(i)
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint32, max(16, 2*len(old)))
	for _, h := range old {
		if h != 0 {
			s.slots[s.place(h)] = h
		}
	}
}
