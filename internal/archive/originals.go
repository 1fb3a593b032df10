package archive

import (
	"errors"
	"io"
	"os"
	"strings"

	"telltale/internal/pages"
)

// maxOriginals bounds the records that revisits refer to, as they are remembered at some 150 bytes each.
const maxOriginals = 1 << 20

// place is where a record is.
type place struct {
	path   string
	offset int64
	nth    int
}

// want remembers what a revisit refers to.
func (a *Archive) want(rec *Record) {
	if len(a.wanted) >= maxOriginals || !identical(rec) {
		return
	}
	for _, key := range [...]string{rec.Field("WARC-Refers-To"), rec.Field("WARC-Payload-Digest")} {
		if key != "" {
			a.wanted[key] = place{}
		}
	}
}

// identical reports a revisit whose body is that of an earlier record.
func identical(rec *Record) bool {
	return strings.HasSuffix(rec.Field("WARC-Profile"), "/revisit/identical-payload-digest")
}

// met remembers where a record is that revisits refer to: the first of those with one payload.
func (a *Archive) met(path string, rec *Record) {
	for _, key := range [...]string{rec.Field("WARC-Record-ID"), rec.Field("WARC-Payload-Digest")} {
		if p, ok := a.wanted[key]; ok && p.path == "" {
			a.wanted[key] = place{path, rec.Offset, rec.nth}
		}
	}
}

// resolved puts the body of an earlier record into a revisit; nil where it cannot be found.
func (a *Archive) resolved(x *pages.Exchange, rec *Record, ours bool) *pages.Exchange {
	if !identical(rec) {
		return x // not modified: nothing was sent
	}
	at := a.wanted[rec.Field("WARC-Refers-To")]
	if at.path == "" {
		at = a.wanted[rec.Field("WARC-Payload-Digest")]
	}
	original, err := at.load(ours)
	if err != nil {
		a.tally.Unresolved++
		return nil
	}
	if len(rec.Block) == 0 {
		x.Status, x.Header = original.Status, original.Header
	}
	x.Body, x.Coded, x.Truncated = original.Body, original.Coded, original.Truncated
	return x
}

var errNoOriginal = errors.New("no original")

// load reads the record at a place again.
func (p place) load(ours bool) (*pages.Exchange, error) {
	if p.path == "" {
		return nil, errNoOriginal
	}
	f, err := os.Open(p.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	if _, err := f.Seek(p.offset, io.SeekStart); err != nil {
		return nil, err
	}
	r := NewReader(f)
	for range p.nth {
		if _, err := r.Next(); err != nil {
			return nil, err
		}
	}
	rec, err := r.Next()
	if err != nil {
		return nil, err
	}
	return exchangeOf(rec, ours)
}
