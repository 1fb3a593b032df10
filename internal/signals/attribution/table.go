package attribution

import "math/bits"

// table is the automaton: a trie over words whose states are hashes of word sequences, kept in one open-addressed array of 8
// bytes a state. A state is found by the hash of the words so far; its slot holds 32 bits of that hash, whether a name goes on
// from there, and the first account of the name that ends there. Whoever finds a name compares it with the account's own, so a
// hash that two sequences share costs a comparison and never a mistake.
type table struct {
	slots []uint64
}

// A slot: 32 bits of the hash, one that says that names go on, 31 of the account's number from 1 (0: no name ends here). A slot
// that is 0 is free.
const (
	slotMore    = 1 << 31
	slotRef     = slotMore - 1
	maxAccounts = slotRef - 1
)

// newTable makes room for a number of states, a third more than needed.
func newTable(states int) table { return table{slots: make([]uint64, states+states/3+8)} }

// tagOf is the part of a hash that is kept; it is never 0, so that a slot in use is not.
func tagOf(hash uint64) uint64 { return hash<<32 | 1<<32 }

func (t *table) place(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(t.slots)))
	return int(hi)
}

// goesOn files a sequence that longer names begin with.
func (t *table) goesOn(hash uint64) {
	tag := tagOf(hash)
	for i := t.place(hash); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		s := t.slots[i]
		if s == 0 {
			t.slots[i] = tag | slotMore
			return
		}
		if s&^(slotMore|slotRef) == tag {
			t.slots[i] |= slotMore
			return
		}
	}
}

// ends files an account under the sequence that is its name. Where same finds an account of that name already there, it is
// returned and nothing is filed.
func (t *table) ends(hash uint64, account uint32, same func(uint32) bool) (earlier uint32, found bool) {
	tag := tagOf(hash)
	for i := t.place(hash); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		s := t.slots[i]
		if s == 0 {
			t.slots[i] = tag | uint64(account+1)
			return 0, false
		}
		if s&^(slotMore|slotRef) != tag {
			continue
		}
		if s&slotRef == 0 {
			t.slots[i] |= uint64(account + 1)
			return 0, false
		}
		if first := uint32(s&slotRef) - 1; same(first) {
			return first, true
		}
	}
}

// look finds a sequence: whether names go on from it, and the first account whose name it is by same.
func (t *table) look(hash uint64, same func(uint32) bool) (account uint32, found, more bool) {
	tag := tagOf(hash)
	for i := t.place(hash); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		s := t.slots[i]
		if s == 0 {
			return account, found, more
		}
		if s&^(slotMore|slotRef) != tag {
			continue
		}
		more = more || s&slotMore != 0
		if ref := s & slotRef; ref != 0 && !found && same(uint32(ref-1)) {
			account, found = uint32(ref-1), true
		}
	}
}

// owners is an open-addressed map from the hash of a domain to an account.
type owners struct {
	hashes   []uint64
	accounts []uint32
}

func newOwners(n int) owners {
	return owners{make([]uint64, n+n/3+8), make([]uint32, n+n/3+8)}
}

func (o *owners) place(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(o.hashes)))
	return int(hi)
}

// put files a domain; of two accounts that claim it the first has it.
func (o *owners) put(hash uint64, account uint32) {
	hash |= 1
	for i := o.place(hash); ; i++ {
		if i == len(o.hashes) {
			i = 0
		}
		if o.hashes[i] == 0 {
			o.hashes[i], o.accounts[i] = hash, account
			return
		}
		if o.hashes[i] == hash {
			return
		}
	}
}

func (o *owners) get(hash uint64) (uint32, bool) {
	hash |= 1
	for i := o.place(hash); ; i++ {
		if i == len(o.hashes) {
			i = 0
		}
		if o.hashes[i] == hash {
			return o.accounts[i], true
		}
		if o.hashes[i] == 0 {
			return 0, false
		}
	}
}
