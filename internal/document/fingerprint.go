package document

import (
	"crypto/sha256"
	"encoding/binary"
)

// Fingerprint is what a text's copies are told by.
type Fingerprint struct {
	// Key is a hash of the words in order, letter case (of ASCII), white space and punctuation aside; 0 for a text without words.
	Key uint64
	// SimHash is SimHash(doc).
	SimHash uint64
	Words   int
}

// FingerprintOf reads the text that SimHash reads: no chrome, no title, the first 64 KiB.
func FingerprintOf(doc *Document) Fingerprint {
	f := Fingerprint{SimHash: SimHash(doc)}
	sum, h := 0, sha256.New()
	var word [8]byte
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		if b.Role == RoleChrome || b.Role == RoleTitle {
			continue
		}
		if sum += len(b.Text); sum > maxSimText {
			break
		}
		eachWord(b.Text, func(w uint64) {
			f.Words++
			binary.LittleEndian.PutUint64(word[:], w)
			h.Write(word[:])
		})
	}
	if f.Words > 0 {
		f.Key = max(binary.BigEndian.Uint64(h.Sum(nil)), 1) // 0 says that there is none
	}
	return f
}
