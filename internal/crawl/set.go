package crawl

// hashSet is a set of hashes in an open table, filled to three quarters at most: a third of a map's memory where
// there are a few dozen. The zero value is empty.
type hashSet struct {
	slots []uint64
	n     int
}

// add puts a hash in and reports whether it was new.
func (s *hashSet) add(h uint64) bool {
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

func (s *hashSet) has(h uint64) bool {
	h = max(h, 1)
	return s.n > 0 && s.slots[s.place(h)] == h
}

// place is where a hash is, or would be.
func (s *hashSet) place(h uint64) int {
	mask := uint64(len(s.slots) - 1)
	i := h & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return int(i)
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(16, 2*len(old)))
	for _, h := range old {
		if h != 0 {
			s.slots[s.place(h)] = h
		}
	}
}
