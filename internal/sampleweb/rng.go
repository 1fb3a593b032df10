package sampleweb

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// rng is a random stream that depends on the seed and its labels only, so that adding a draw in one
// place changes nothing elsewhere.
type rng struct{ *rand.Rand }

func newRNG(seed uint64, labels ...string) rng {
	h := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + "\x00" + strings.Join(labels, "\x00")))
	a, b := binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])
	return rng{rand.New(rand.NewPCG(a, b))} // reproducible by design; nothing here is secret
}

// chance answers true with probability p.
func (r rng) chance(p float64) bool { return r.Float64() < p }

// between draws an integer in lo…hi, both included.
func (r rng) between(lo, hi int) int { return lo + r.IntN(hi-lo+1) }

// pick draws one entry of a list that is not empty.
func pick[T any](r rng, list []T) T { return list[r.IntN(len(list))] }

// weighted draws an index with probability in proportion to its weight.
func (r rng) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := r.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// poisson draws a count with mean m (Knuth's method; m is small here).
func (r rng) poisson(m float64) int {
	limit, p, n := math.Exp(-m), r.Float64(), 0
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}

const (
	upperDigits = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	lowerDigits = "abcdefghijkmnpqrstuvwxyz23456789"
)

func (r rng) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// token fills {A8}, {a8}, {d8} and {h16} patterns; ok is false for any other slot.
func (r rng) token(slot string) (string, bool) {
	if len(slot) < 2 {
		return "", false
	}
	n, err := strconv.Atoi(slot[1:])
	if err != nil || n < 1 || n > 64 {
		return "", false
	}
	switch slot[0] {
	case 'A':
		return r.text(upperDigits, n), true
	case 'a':
		return r.text(lowerDigits, n), true
	case 'd':
		return r.text("123456789", n), true
	case 'h':
		return r.text("0123456789abcdef", n), true
	}
	return "", false
}

// expand replaces {slot} by what lookup answers; an unknown slot stays as it is.
func expand(s string, lookup func(slot string) (string, bool)) string {
	if !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			break
		}
		b.WriteString(s[:i])
		slot := s[i+1 : i+j]
		if v, ok := lookup(slot); ok {
			b.WriteString(v)
		} else {
			b.WriteString(s[i : i+j+1])
		}
		s = s[i+j+1:]
	}
	b.WriteString(s)
	return b.String()
}

func sortStrings(s []string) { slices.Sort(s) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func clamp01(x float64) float64 { return min(max(x, 0), 1) }
