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

// KnownSet holds what is known of a domain's addresses in about a quarter of the memory of a list: a crawler keeps
// ten thousand of them. It is immutable and safe for concurrent use; the zero value is empty.
type KnownSet struct {
	// text holds the entries one after the other, in order of their URLs, each written without what its URL has in
	// common with the one before. Every entry of a number that packedRun divides is written whole, at starts.
	text   string
	starts []uint32
	// hashes are those of the URLs, in the same order: a scan of some dozens is as quick as a tree.
	hashes  []uint32
	origins []string
}

// packedRun is how many entries depend on the first of them.
const packedRun = 8

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
func PackKnown(list []Known) *KnownSet {
	slices.SortStableFunc(list, func(a, b Known) int { return cmp.Compare(a.URL, b.URL) })
	s := &KnownSet{hashes: make([]uint32, len(list)), starts: make([]uint32, 0, (len(list)+packedRun-1)/packedRun)}
	text := make([]byte, 0, 96*len(list))
	before := ""
	for i := range list {
		s.hashes[i] = hashOf(list[i].URL)
		if i%packedRun == 0 {
			s.starts, before = append(s.starts, uint32(len(text))), ""
		}
		text, before = s.pack(text, before, &list[i])
	}
	s.text = string(text)
	return s
}

// Len counts the entries.
func (s *KnownSet) Len() int { return len(s.hashes) }

// Equal reports whether two sets hold the same.
func (s *KnownSet) Equal(other *KnownSet) bool {
	return s == other || s != nil && other != nil && s.text == other.text && slices.Equal(s.origins, other.origins)
}

// Pack moves what is known into the set, which stays in memory when the message's list is let go.
func (v *Visit) Pack() {
	if v.Memory == nil {
		v.Memory, v.Known = PackKnown(v.Known), nil
	}
}

// All gives the entries in the order of their URLs, each with the number under which At finds it.
func (s *KnownSet) All() iter.Seq2[int, Known] {
	return func(yield func(int, Known) bool) {
		r := packReader{set: s}
		for i := range s.hashes {
			if !yield(i, r.next(i)) {
				return
			}
		}
	}
}

// At returns the entry of a number that All gave.
func (s *KnownSet) At(number int) Known {
	first := number / packedRun * packedRun
	r := packReader{set: s, rest: s.text[s.starts[number/packedRun]:]}
	for i := first; i < number; i++ {
		r.next(i)
	}
	return r.next(number)
}

// Find returns what is known of a URL.
func (s *KnownSet) Find(url string) (Known, bool) {
	hash := hashOf(url)
	for i, h := range s.hashes {
		if h != hash {
			continue
		}
		if k := s.At(i); k.URL == url {
			return k, true
		}
	}
	return Known{}, false
}

// pack writes an entry after one of which before is the URL without its origin, and returns that of its own.
func (s *KnownSet) pack(text []byte, before string, k *Known) ([]byte, string) {
	kind := slices.Index(packedKinds[:], k.Kind)
	if kind < 0 {
		kind = otherKind
	}
	head := byte(kind)
	hash, ok := rawHash(k.ContentHash)
	if ok {
		head |= packedHash
	}
	date, ok := rawDate(k.LastModified)
	if ok {
		head |= packedDate
	}
	if k.SimHash != 0 {
		head |= packedSimHash
	}
	origin, rest := s.origin(k.URL)
	shared := 0
	for shared < min(len(before), len(rest), 255) && before[shared] == rest[shared] {
		shared++
	}
	text = append(text, head, origin, byte(shared))
	text = appendText(text, rest[shared:])
	text = appendETag(text, k.ETag)
	if head&packedDate != 0 {
		text = binary.LittleEndian.AppendUint32(text, date)
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
	return text, rest
}

// rawHash is a content hash in binary, where that loses nothing.
func rawHash(text string) ([]byte, bool) {
	hash, err := hex.DecodeString(text)
	return hash, err == nil && len(hash) == 16 && hex.EncodeToString(hash) == text
}

// rawDate is a date of HTTP in seconds since 1970, where that loses nothing.
func rawDate(text string) (uint32, bool) {
	date, err := time.Parse(http.TimeFormat, text)
	if err != nil || date.Unix() < 0 || date.Unix() >= 1<<32 || date.Format(http.TimeFormat) != text {
		return 0, false
	}
	return uint32(date.Unix()), true
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

// packReader reads what pack wrote; its strings are parts of the set's where they can be.
type packReader struct {
	set  *KnownSet
	rest string
	// path is the last URL without its origin.
	path string
}

// next reads the entry of a number, which the one before it must have been read before.
func (r *packReader) next(number int) Known {
	if number == 0 {
		r.rest = r.set.text
	}
	if number%packedRun == 0 {
		r.path = ""
	}
	head, origin, shared := r.byte(), r.byte(), int(r.byte())
	if tail := r.text(); shared > 0 {
		r.path = r.path[:shared] + tail
	} else {
		r.path = tail
	}
	k := Known{URL: r.path, ETag: r.etag()}
	if origin != noOrigin {
		k.URL = r.set.origins[origin] + k.URL
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
	return k
}

func (r *packReader) bytes(n int) string {
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *packReader) byte() byte { return r.bytes(1)[0] }

func (r *packReader) text() string { return r.bytes(r.number()) }

func (r *packReader) number() int {
	n, shift := 0, 0
	for {
		b := r.byte()
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n
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
