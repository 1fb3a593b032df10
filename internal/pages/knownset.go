package pages

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
)

// KnownSet holds what is known of a domain's addresses in about a third of the memory of a list: a crawler keeps
// ten thousand of them. It is immutable and safe for concurrent use; the zero value is empty.
type KnownSet struct {
	// text holds the entries one after the other, in order of their URLs; index finds them by the hash of the URL.
	text    string
	index   []knownAt
	origins []string
}

type knownAt struct{ hash, at uint32 }

// What the first byte of an entry says beside its kind, a place in packedKinds.
const (
	packedKind    = 0x1f
	packedHash    = 0x20 // the content hash is 16 bytes in hex
	packedDate    = 0x40 // Last-Modified is a date in the preferred form (RFC 9110 §5.6.7)
	packedSimHash = 0x80
	// otherKind stands for a kind that is spelt out, noOrigin for a URL that is written whole.
	otherKind, noOrigin = packedKind, 0xff
)

// packedKinds are the kinds by their number; only this process ever reads the numbers.
var packedKinds = [...]Kind{ //nolint:gochecknoglobals // a table
	"", KindHome, KindBlog, KindPress, KindFeed, KindForum, KindSocial, KindCareers, KindJob, KindProduct, KindStory, KindLegal, KindParked,
	KindError, KindSitemap, KindOther, KindProbe,
}

// PackKnown makes a set of a list, which it sorts by URL; of several entries for one URL the first is found.
func PackKnown(list []Known) KnownSet {
	if len(list) == 0 {
		return KnownSet{}
	}
	slices.SortStableFunc(list, func(a, b Known) int { return cmp.Compare(a.URL, b.URL) })
	s := KnownSet{index: make([]knownAt, len(list))}
	text := make([]byte, 0, 96*len(list))
	for i := range list {
		s.index[i] = knownAt{hashOf(list[i].URL), uint32(len(text))}
		text = s.pack(text, &list[i])
	}
	s.text = string(text)
	slices.SortStableFunc(s.index, func(a, b knownAt) int { return cmp.Compare(a.hash, b.hash) })
	return s
}

// Len counts the entries.
func (s *KnownSet) Len() int { return len(s.index) }

// Equal reports whether two sets hold the same.
func (s KnownSet) Equal(other KnownSet) bool {
	return s.text == other.text && slices.Equal(s.origins, other.origins)
}

// Pack moves what is known into the set, which stays in memory when the message's list is let go.
func (v *Visit) Pack() {
	if len(v.Known) > 0 {
		v.Memory, v.Known = PackKnown(v.Known), nil
	}
}

// All gives the entries in the order of their URLs, each with the number under which At finds it.
func (s *KnownSet) All() iter.Seq2[uint32, Known] {
	return func(yield func(uint32, Known) bool) {
		for at := 0; at < len(s.text); {
			k, next := s.unpack(at)
			if !yield(uint32(at), k) {
				return
			}
			at = next
		}
	}
}

// At returns the entry of a number that All gave.
func (s *KnownSet) At(number uint32) Known {
	k, _ := s.unpack(int(number))
	return k
}

// Find returns what is known of a URL.
func (s *KnownSet) Find(url string) (Known, bool) {
	hash := hashOf(url)
	i, _ := slices.BinarySearchFunc(s.index, hash, func(e knownAt, hash uint32) int { return cmp.Compare(e.hash, hash) })
	for ; i < len(s.index) && s.index[i].hash == hash; i++ {
		if k, _ := s.unpack(int(s.index[i].at)); k.URL == url {
			return k, true
		}
	}
	return Known{}, false
}

func (s *KnownSet) pack(text []byte, k *Known) []byte {
	kind := slices.Index(packedKinds[:], k.Kind)
	if kind < 0 {
		kind = otherKind
	}
	head := byte(kind)
	hash, err := hex.DecodeString(k.ContentHash)
	if err == nil && len(hash) == 16 && hex.EncodeToString(hash) == k.ContentHash {
		head |= packedHash
	}
	date, err := time.Parse(http.TimeFormat, k.LastModified)
	if err == nil && date.Unix() >= 0 && date.Unix() < 1<<32 && date.Format(http.TimeFormat) == k.LastModified {
		head |= packedDate
	}
	if k.SimHash != 0 {
		head |= packedSimHash
	}
	origin, rest := s.origin(k.URL)
	text = append(text, head, origin)
	text = appendText(text, rest)
	text = appendText(text, k.ETag)
	if head&packedDate != 0 {
		text = binary.LittleEndian.AppendUint32(text, uint32(date.Unix()))
	} else {
		text = appendText(text, k.LastModified)
	}
	if head&packedHash != 0 {
		text = append(text, hash...)
	} else {
		text = appendText(text, k.ContentHash)
	}
	if head&packedSimHash != 0 {
		text = binary.LittleEndian.AppendUint64(text, k.SimHash)
	}
	if kind == otherKind {
		text = appendText(text, string(k.Kind))
	}
	return text
}

// origin splits a URL before its path, and numbers what comes before.
func (s *KnownSet) origin(url string) (number byte, rest string) {
	_, after, ok := strings.Cut(url, "://")
	slash := strings.IndexByte(after, '/')
	if !ok || slash < 0 {
		return noOrigin, url
	}
	origin := url[:len(url)-len(after)+slash]
	i := slices.Index(s.origins, origin)
	if i < 0 {
		if len(s.origins) == noOrigin {
			return noOrigin, url
		}
		i = len(s.origins)
		s.origins = append(s.origins, strings.Clone(origin))
	}
	return byte(i), url[len(origin):]
}

func appendText(text []byte, s string) []byte {
	return append(binary.AppendUvarint(text, uint64(len(s))), s...)
}

// unpack reads the entry at an offset and returns the offset of the next.
func (s *KnownSet) unpack(at int) (Known, int) {
	r := packReader{s.text[at:]}
	head, origin := r.bytes(1)[0], r.bytes(1)[0]
	k := Known{URL: r.text(), ETag: r.text()}
	if origin != noOrigin {
		k.URL = s.origins[origin] + k.URL
	}
	if head&packedDate != 0 {
		k.LastModified = time.Unix(int64(binary.LittleEndian.Uint32([]byte(r.bytes(4)))), 0).UTC().Format(http.TimeFormat)
	} else {
		k.LastModified = r.text()
	}
	if head&packedHash != 0 {
		k.ContentHash = hex.EncodeToString([]byte(r.bytes(16)))
	} else {
		k.ContentHash = r.text()
	}
	if head&packedSimHash != 0 {
		k.SimHash = binary.LittleEndian.Uint64([]byte(r.bytes(8)))
	}
	if kind := head & packedKind; kind != otherKind {
		k.Kind = packedKinds[kind]
	} else {
		k.Kind = Kind(r.text())
	}
	return k, len(s.text) - len(r.rest)
}

// packReader reads what pack wrote; its strings are parts of the set's.
type packReader struct{ rest string }

func (r *packReader) bytes(n int) string {
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *packReader) text() string {
	n, shift := 0, 0
	for {
		b := r.bytes(1)[0]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return r.bytes(n)
		}
		shift += 7
	}
}

// hashOf is FNV-1a.
func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
