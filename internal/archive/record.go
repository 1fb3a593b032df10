package archive

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the digest that WARC tools compare payloads by, no secret
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
)

// digest is a SHA-1 of a block or payload: what other tools write, read and deduplicate by (SHA-256 they mostly ignore).
type digest [sha1.Size]byte

func digestOf(b []byte) digest { return sha1.Sum(b) } //nolint:gosec // see the import

// String is the labelled digest of ISO 28500 §5.8.
func (d digest) String() string { return "sha1:" + base32.StdEncoding.EncodeToString(d[:]) }

// newID makes a WARC-Record-ID.
func newID() string { return "<" + uuid.New().URN() + ">" }

// record is one record to be written.
type record struct {
	kind, id string
	at       time.Time
	uri      string
	// fields are further named fields: name, value, name, value.
	fields []string
	media  string
	block  []byte
}

// encoder writes records as gzip members, one after the other. It is for one goroutine.
type encoder struct {
	out  bytes.Buffer
	head bytes.Buffer
	zip  *gzip.Writer
}

func newEncoder() *encoder { return &encoder{zip: gzip.NewWriter(nil)} }

// add appends one record.
func (e *encoder) add(r *record) error {
	e.head.Reset()
	e.head.WriteString("WARC/1.1\r\n")
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&e.head, "%s: %s\r\n", name, oneLine(value))
		}
	}
	field("WARC-Type", r.kind)
	field("WARC-Record-ID", r.id)
	field("WARC-Date", r.at.UTC().Format(warcDate))
	field("WARC-Target-URI", r.uri)
	for i := 0; i+1 < len(r.fields); i += 2 {
		field(r.fields[i], r.fields[i+1])
	}
	field("WARC-Block-Digest", digestOf(r.block).String())
	field("Content-Type", r.media)
	field("Content-Length", strconv.Itoa(len(r.block)))
	e.head.WriteString("\r\n")
	e.zip.Reset(&e.out)
	for _, part := range [...][]byte{e.head.Bytes(), r.block, []byte("\r\n\r\n")} {
		if _, err := e.zip.Write(part); err != nil {
			return fmt.Errorf("compress a record: %w", err)
		}
	}
	if err := e.zip.Close(); err != nil {
		return fmt.Errorf("compress a record: %w", err)
	}
	return nil
}

// oneLine keeps a value within its line, whatever a server put into it.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ").Replace(s)
}
