package archive

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// field is one named field of a record.
type field struct{ name, value string }

// Record is one record of a file.
type Record struct {
	fields []field
	// Block is the record's content; nil where it is Oversized.
	Block []byte
	// Oversized reports a block of more than 64 MiB, which was passed over.
	Oversized bool
	// Offset is where the record begins, or the gzip member that has it as its nth record.
	Offset int64
	nth    int
}

// Field is the value of a named field, "" where there is none; names are compared without case.
func (r *Record) Field(name string) string {
	for _, f := range r.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// Type is the record's type: warcinfo, response, request, revisit, resource, metadata, conversion or continuation.
func (r *Record) Type() string { return strings.ToLower(r.Field("WARC-Type")) }

// URI is the target's address, without the angle brackets that some tools put around it.
func (r *Record) URI() string {
	return strings.TrimSuffix(strings.TrimPrefix(r.Field("WARC-Target-URI"), "<"), ">")
}

// Date is WARC-Date; zero where there is none that can be read.
func (r *Record) Date() time.Time { return parseDate(r.Field("WARC-Date")) }

// Address is WARC-IP-Address; the zero address where there is none.
func (r *Record) Address() netip.Addr {
	a, err := netip.ParseAddr(r.Field("WARC-IP-Address"))
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// media is the content type without parameters.
func (r *Record) media() string {
	media, _, _ := strings.Cut(r.Field("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// Intact compares the block with its digest; true where there is none, or of a kind we do not know.
func (r *Record) Intact() bool {
	name, value, ok := strings.Cut(r.Field("WARC-Block-Digest"), ":")
	if !ok || r.Oversized {
		return true
	}
	var sum []byte
	switch strings.ToLower(name) {
	case "sha1":
		d := digestOf(r.Block)
		sum = d[:]
	case "sha256":
		d := sha256.Sum256(r.Block)
		sum = d[:]
	default:
		return true
	}
	if len(value) == 2*len(sum) {
		return strings.EqualFold(value, hex.EncodeToString(sum))
	}
	plain := base32.StdEncoding.WithPadding(base32.NoPadding)
	return strings.EqualFold(strings.TrimRight(value, "="), plain.EncodeToString(sum))
}

// parseDate reads a WARC-Date: RFC 3339, with as many digits of a second as there are.
func parseDate(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// wholeRecords is the length of a file up to the end of its last whole record, in bytes.
func wholeRecords(ctx context.Context, f io.Reader) (int64, error) {
	r := NewReader(f)
	for {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("read unfinished archive file: %w", err)
		}
		_, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return r.whole, nil
		case err != nil && !errors.Is(err, ErrDamaged):
			return 0, err
		}
	}
}
