package signals

import (
	"fmt"
	"math/bits"
	"time"
)

// CopyDistance is the greatest number of bits in which the similarity hashes of two copies of one text differ (docs/adr/0010 has
// the measurement behind it).
const CopyDistance = 7

// Text is a text that prose signals were found in, at one address.
type Text struct {
	Domain, URL string
	// Key is the hash of its words; texts of the same words are copies.
	Key uint64
	// SimHash is its similarity hash; 0 where only a text of the same words is its copy.
	SimHash uint64
	Words   int
	// StatedAt is when it was published, or fetched where it has no date; KnownFrom is since when we know it: the fetch.
	StatedAt, KnownFrom time.Time
}

// Near reports that two similarity hashes are those of copies.
func Near(a, b uint64) bool {
	return a != 0 && b != 0 && bits.OnesCount64(a^b) <= CopyDistance
}

// Validate checks that a text can be stored. Errors wrap ErrInvalid.
func (t *Text) Validate() error {
	if t.Domain == "" || t.URL == "" || t.Key == 0 || t.StatedAt.IsZero() || t.KnownFrom.IsZero() {
		return fmt.Errorf("%w: text at %q: domain, address, hash and times are required", ErrInvalid, t.URL)
	}
	return nil
}
