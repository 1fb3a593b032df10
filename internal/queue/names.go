package queue

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Partitions is the number of partitions of visits and pages; it is part of every subject, so it
// changes only with empty streams.
const Partitions = 64

// maxDomain is the longest name that may stand in a subject, in bytes: a host name (RFC 1035 §2.3.4)
// or an address.
const maxDomain = 253

// ErrBadName reports a name that cannot stand in a subject or a key.
var ErrBadName = errors.New("no name for a subject")

const hexDigits = "0123456789ABCDEF"

// Token writes a name as one token of a subject (and one key of a bucket): a dot becomes "_", lower-case
// letters, digits and "-" stay, every other byte becomes "=" and two hex digits. Untoken reverses it.
func Token(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
			b.WriteByte(c)
		case c == '.':
			b.WriteByte('_')
		default:
			b.WriteByte('=')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// Untoken reads a name written by Token. It refuses what Token never writes; errors wrap ErrBadName.
func Untoken(token string) (string, error) {
	var b strings.Builder
	b.Grow(len(token))
	for i := 0; i < len(token); i++ {
		switch c := token[i]; c {
		case '_':
			b.WriteByte('.')
		case '=':
			if i+3 > len(token) {
				return "", fmt.Errorf("token %q: %w", token, ErrBadName)
			}
			v, err := strconv.ParseUint(token[i+1:i+3], 16, 8)
			if err != nil {
				return "", fmt.Errorf("token %q: %w", token, ErrBadName)
			}
			b.WriteByte(byte(v))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	if name := b.String(); Token(name) == token {
		return name, nil
	}
	return "", fmt.Errorf("token %q: %w", token, ErrBadName)
}

// Partition is the partition of a name, in [0, Partitions).
func Partition(name string) int {
	return int(xxhash.Sum64String(name) % Partitions)
}

// subjectOf builds prefix.partition.token for a domain; place is what the partition is taken from.
func subjectOf(prefix, domain, place string) (string, error) {
	if domain == "" || len(domain) > maxDomain {
		return "", fmt.Errorf("domain %.80q: %w", domain, ErrBadName)
	}
	return prefix + "." + strconv.Itoa(Partition(place)) + "." + Token(domain), nil
}

// anywhere is the subject of a domain in whichever partition, for filters.
func anywhere(prefix, domain string) string { return prefix + ".*." + Token(domain) }

// partitionOf reads the partition out of a subject; 0 where it has none.
func partitionOf(subject string) int {
	_, rest, _ := strings.Cut(subject, ".")
	number, _, _ := strings.Cut(rest, ".")
	p, err := strconv.Atoi(number)
	if err != nil || p < 0 || p >= Partitions {
		return 0
	}
	return p
}

// placeOf is what a visit's partition is taken from: the address the domain was last asked at (v4 /32, v6 /64,
// which is what one customer gets), or the domain where none is known. Neighbours share a place.
func placeOf(domain, address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return domain
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return a.String()
}

// leaseSubject is the subject of a key in a bucket of leases or paces. It carries a partition, so that a
// bucket can be spread over streams: that of the visits to the same place, so what a key says of its kind
// ("addr 192.0.2.7") or which of several leases it is ("addr 192.0.2.7#1") has no part in it.
func leaseSubject(bucket, key string) string {
	base, _, _ := strings.Cut(key, "#")
	base = base[strings.LastIndexByte(base, ' ')+1:]
	return kvPrefix + bucket + "." + strconv.Itoa(Partition(base)) + "." + Token(key)
}

// lastToken is the part of a subject after its last dot.
func lastToken(subject string) string {
	return subject[strings.LastIndexByte(subject, '.')+1:]
}
