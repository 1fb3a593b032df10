package crawl

import (
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/s2"
)

// keep writes an address into the text.
func (f *frontier) keep(q *queued, url string) {
	f.wake()
	if f.origin != "" && strings.HasPrefix(url, f.origin) {
		url, q.onOrigin = url[len(f.origin):], true
	}
	if len(f.text)+len(url) > max(f.tidyAt, maxText) {
		f.tidy()
		f.tidyAt = 2 * len(f.text)
	}
	q.at, q.n = uint32(len(f.text)), uint16(len(url))
	f.text = append(f.text, url...)
}

// tidy drops the addresses that no candidate has any more.
func (f *frontier) tidy() {
	text := make([]byte, 0, len(f.text)/2)
	for i := range f.list {
		if q := &f.list[i]; !q.inMemory {
			at := uint32(len(text))
			text = append(text, f.text[q.at:q.at+uint32(q.n)]...)
			q.at = at
		}
	}
	f.text = text
}

// leastPacked is the text, in bytes, that is worth compressing.
const leastPacked = 512

// rest gives back what the frontier has grown ahead, and compresses its text: a visit waits for nearly all of its life.
func (f *frontier) rest() {
	if cap(f.list)-len(f.list) > len(f.list)/4 {
		f.list = slices.Clone(f.list)
	}
	if len(f.text) < leastPacked {
		return
	}
	scratch, _ := packing.Get().(*[]byte)
	if scratch == nil {
		scratch = new([]byte)
	}
	*scratch = s2.Encode((*scratch)[:cap(*scratch)], f.text)
	f.atRest, f.text = slices.Clone(*scratch), nil
	packing.Put(scratch)
}

// packing holds the buffers that texts are compressed into.
var packing sync.Pool //nolint:gochecknoglobals // buffers

// wake makes the text readable again.
func (f *frontier) wake() {
	if f.atRest == nil {
		return
	}
	// What this process has compressed it can read again.
	f.text, _ = s2.Decode(nil, f.atRest)
	f.atRest = nil
}
