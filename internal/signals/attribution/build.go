package attribution

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"telltale/internal/domains"
)

// maxArena bounds the ids and names of all accounts together, in bytes: places in them have 32 bits.
const maxArena = 1<<32 - 1<<16

// ErrTooMany reports more accounts than a matcher can number.
var ErrTooMany = errors.New("too many accounts to match")

// account is what is kept of one: 16 bytes, its id and its name.
type account struct {
	// at is where its id begins in the arena; its name follows.
	at       uint32
	idBytes  uint8
	country  uint8
	industry uint8
	name     uint16
	// next is the next account of the same name, from 1; 0 ends the chain.
	next uint32
}

// Matcher matches pages to accounts. It is immutable and safe for concurrent use.
type Matcher struct {
	lex      *lexicon
	arena    []byte
	accounts []account
	names    table
	owners   owners
	seed     maphash.Seed
	// lower are the first words of names that their owners write with a small letter.
	lower map[uint64]bool
	// corrected are people's decisions by address and by content hash; they win. byID are the accounts they name.
	corrected   map[string]string
	byID        map[string]uint32
	unnamed     int
	scratchPool sync.Pool
}

// Builder takes accounts one by one. It is not safe for concurrent use.
type Builder struct {
	m       *Matcher
	states  []uint64
	domains []owned
	room    []word
}

type owned struct {
	hash    uint64
	account uint32
}

// NewBuilder starts a Matcher.
func NewBuilder() *Builder {
	return &Builder{m: &Matcher{lex: words(), seed: maphash.MakeSeed(), lower: map[uint64]bool{}, corrected: map[string]string{}}}
}

// Add takes an account: its ID, Name, Domains, Country and Industry are read. A name of more than 200 bytes or 12 words is not matched,
// its domains are. Errors wrap ErrTooMany.
func (b *Builder) Add(a *domains.Account) error {
	if len(b.m.accounts) >= maxAccounts || len(b.m.arena) > maxArena || len(a.ID) > 255 {
		return fmt.Errorf("%w: account %q is number %d", ErrTooMany, a.ID, len(b.m.accounts)+1)
	}
	text := a.Name
	if len(text) > maxNameBytes {
		text = ""
	}
	number := uint32(len(b.m.accounts))
	b.m.accounts = append(b.m.accounts, account{
		at: uint32(len(b.m.arena)), idBytes: uint8(len(a.ID)), name: uint16(len(text)),
		country: b.m.lex.country(a.Country), industry: b.m.lex.industry(a.Industry),
	})
	b.m.arena = append(append(b.m.arena, a.ID...), text...)
	for _, d := range a.Domains {
		b.domains = append(b.domains, owned{maphash.String(b.m.seed, d), number})
	}
	n := b.m.lex.parse(text, b.room)
	b.room = n.words
	if !matchable(&n) {
		b.m.unnamed++
		return nil
	}
	seq := uint64(0)
	for i, w := range n.base() {
		h := b.m.hashOf(text, w)
		if i == 0 && w.marks&markCapital == 0 {
			b.m.lower[h] = true
		}
		seq = follow(seq, h)
		b.states = append(b.states, seq)
	}
	return nil
}

// matchable reports a name that can be looked for: of one word with two letters or digits at least, and not too long.
func matchable(n *name) bool {
	base := n.base()
	if len(base) == 0 || len(base) > maxNameWords {
		return false
	}
	return len(base) > 1 || base[0].end-base[0].start >= 2
}

// Correct files a person's decision about an address or a content hash: the account it speaks of, or "" for nobody's.
func (b *Builder) Correct(target, accountID string) { b.m.corrected[target] = accountID }

// Build makes the Matcher; the Builder must not be used again.
func (b *Builder) Build() *Matcher {
	m := b.m
	m.arena, m.accounts = slices.Clip(m.arena), slices.Clip(m.accounts)
	slices.Sort(b.states)
	m.names = newTable(len(slices.Compact(b.states)))
	b.states = nil
	for i := range m.accounts {
		b.file(uint32(i))
	}
	m.owners = newOwners(len(b.domains))
	for _, o := range b.domains {
		m.owners.put(o.hash, o.account)
	}
	b.domains = nil
	b.findCorrected()
	m.scratchPool.New = func() any { return &scratch{} }
	return m
}

// findCorrected numbers the accounts that corrections name.
func (b *Builder) findCorrected() {
	m := b.m
	m.byID = make(map[string]uint32, len(m.corrected))
	wanted := map[string]bool{}
	for _, id := range m.corrected {
		wanted[id] = true
	}
	for i := range m.accounts {
		if len(wanted) > 0 && wanted[m.idOf(uint32(i))] {
			m.byID[m.idOf(uint32(i))] = uint32(i)
		}
	}
}

// file enters an account's name.
func (b *Builder) file(number uint32) {
	m := b.m
	text := m.nameOf(number)
	n := m.lex.parse(text, b.room)
	b.room = n.words
	if !matchable(&n) {
		return
	}
	base, seq := n.base(), uint64(0)
	for i, w := range base {
		seq = follow(seq, m.hashOf(text, w))
		if i < len(base)-1 {
			m.names.goesOn(seq)
		}
	}
	first, found := m.names.ends(seq, number, func(other uint32) bool { return m.isNamed(other, text, base) })
	if found {
		m.accounts[number].next, m.accounts[first].next = m.accounts[first].next, number+1
	}
}

// isNamed reports that an account's name is made of these words, compared as Normalise does.
func (m *Matcher) isNamed(number uint32, text string, base []word) bool {
	own := m.nameOf(number)
	n := m.lex.parse(own, nil)
	return slices.EqualFunc(n.base(), base, func(x, y word) bool {
		return own[x.start:x.end] == text[y.start:y.end] || m.lex.word(own, x) == m.lex.word(text, y)
	})
}

func (m *Matcher) hashOf(text string, w word) uint64 {
	if w.marks&markAmp != 0 {
		return m.lex.hashFolded([]byte("&"))
	}
	return m.lex.hash(text[w.start:w.end])
}

func (m *Matcher) idOf(number uint32) string {
	a := &m.accounts[number]
	return string(m.arena[a.at : a.at+uint32(a.idBytes)])
}

func (m *Matcher) nameOf(number uint32) string {
	a := &m.accounts[number]
	at := a.at + uint32(a.idBytes)
	return string(m.arena[at : at+uint32(a.name)])
}

// owner is the account of a registrable domain.
func (m *Matcher) owner(domain string) (uint32, bool) {
	return m.owners.get(maphash.String(m.seed, domain))
}

// Size says what a matcher holds: accounts, those of them whose names are not matched, and bytes.
func (m *Matcher) Size() (accounts, unnamed int, bytes int64) {
	n := int64(cap(m.arena)) + 16*int64(cap(m.accounts)) + 8*int64(cap(m.names.slots)) + 12*int64(cap(m.owners.hashes)) + 16*int64(len(m.lower))
	for target, id := range m.corrected {
		n += int64(len(target)+len(id)) + 48
	}
	return len(m.accounts), m.unnamed, n
}
