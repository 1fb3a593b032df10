package document

import "math/bits"

// maxSimText bounds the text that is hashed, in bytes.
const maxSimText = 64 << 10

// SimHash is the 64-bit similarity hash of a page's text (Charikar, 2002) over runs of three words:
// texts that differ a little differ in few bits. It is 0 for a page of fewer than three words.
func SimHash(doc *Document) uint64 {
	var (
		counts [64]int32
		words  [3]uint64
		n, sum int
	)
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		if b.Role == RoleChrome || b.Role == RoleTitle {
			continue
		}
		if sum += len(b.Text); sum > maxSimText {
			break
		}
		eachWord(b.Text, func(h uint64) {
			words[0], words[1], words[2] = words[1], words[2], h
			if n++; n >= 3 {
				tally(&counts, mix(words[0]^bits.RotateLeft64(words[1], 21)^bits.RotateLeft64(words[2], 42)))
			}
		})
	}
	if n < 3 {
		return 0
	}
	var out uint64
	for i, c := range counts {
		if c > 0 {
			out |= 1 << i
		}
	}
	return out
}

// eachWord calls f with the hash (FNV-1a) of each word, ASCII letters in lower case. Marks part words however they are written: a
// wire's straight quotes and a company's typographic ones give the same words.
func eachWord(s string, f func(uint64)) {
	const offset, prime = 14695981039346656037, 1099511628211
	h, in := uint64(offset), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		n := markAt(s, i, c)
		if n > 0 {
			if in {
				f(h)
			}
			h, in = offset, false
			i += n - 1
			continue
		}
		h, in = (h^uint64(c))*prime, true
	}
	if in {
		f(h)
	}
}

// markAt is the length of the mark or space at a place of s, whose byte in lower case is c; 0 where a word goes on. Beyond ASCII these are Latin-1's
// signs (U+0080 to U+00BF) and general punctuation (U+2000 to U+206F).
func markAt(s string, i int, c byte) int {
	switch {
	case c < 0x80:
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return 0
		}
		return 1
	case c == 0xC2 && i+1 < len(s):
		return 2
	case c == 0xE2 && i+2 < len(s) && (s[i+1] == 0x80 || s[i+1] == 0x81 && s[i+2] < 0xB0):
		return 3
	}
	return 0
}

func tally(counts *[64]int32, h uint64) {
	for i := range counts {
		counts[i] += int32(h>>i&1)<<1 - 1
	}
}

// mix spreads the bits of a hash (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
