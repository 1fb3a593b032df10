package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Bounds on what is read of a file that somebody else may have written.
const (
	// maxHead bounds a record's header, in bytes; maxBlock a block that is kept, the longer ones are passed over.
	maxHead  = 64 << 10
	maxBlock = 64 << 20
	// maxPass bounds what is passed over in one go, in bytes: a small file can decompress to nearly anything.
	maxPass = 4 << 30
	// maxBlank bounds the blank lines between two records.
	maxBlank = 64
)

// ErrDamaged reports a place in a file where no record can be read; the next call of Next reads on behind it.
var ErrDamaged = errors.New("damaged record")

// damage says where and what. It wraps ErrDamaged.
type damage struct {
	offset int64
	why    string
}

func (d *damage) Error() string { return fmt.Sprintf("offset %d: %s", d.offset, d.why) }
func (d *damage) Unwrap() error { return ErrDamaged }

// Reader reads the records of one file, compressed by record or as a whole, or plain; WARC/1.0 and 1.1. It tolerates
// what files in the wild have: bare line feeds, missing separators, addresses in angle brackets, a torn end.
type Reader struct {
	counted counter
	file    *bufio.Reader
	zip     *gzip.Reader
	// in is what records are read from: the file, or the gzip member that began at member; of a plain file, the record did.
	in     *bufio.Reader
	zipped bool
	begun  bool
	member int64
	// nth counts the records of the member; lost reports that the place of the next record is not known.
	nth  int
	lost bool
	// whole is where the last record that could be read ends; torn reports that the file ends within one.
	whole int64
	torn  bool
}

// counter counts what was read of a file.
type counter struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// NewReader reads a file from its beginning, or from where a record of it begins.
func NewReader(r io.Reader) *Reader {
	out := &Reader{counted: counter{r: r}}
	out.file = bufio.NewReaderSize(&out.counted, 64<<10)
	head, _ := out.file.Peek(2) // what is missing shows in Next
	if out.zipped = bytes.Equal(head, []byte{0x1F, 0x8B}); out.zipped {
		out.in = bufio.NewReaderSize(nil, 64<<10)
	} else {
		out.in = out.file
	}
	return out
}

// Offset is how much of the file was read, in bytes.
func (r *Reader) Offset() int64 { return r.counted.n - int64(r.file.Buffered()) }

// Torn reports that the file ends within a record, as one does that was being written when its writer was killed.
func (r *Reader) Torn() bool { return r.torn }

// Next returns the next record; io.EOF at the end, also at a torn one. An error that wraps ErrDamaged costs one place in
// the file; every other one is the end.
func (r *Reader) Next() (*Record, error) {
	for {
		if err := r.begin(); err != nil {
			return nil, err
		}
		rec, err := r.record()
		switch {
		case err == nil:
			r.nth++
			r.whole, r.lost = r.Offset(), false
			return rec, nil
		case errors.Is(err, io.EOF) && r.zipped:
			r.begun, r.whole = false, r.Offset()
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		default:
			if err = r.broken(err); err != nil {
				return nil, err
			}
		}
	}
}

// begin opens the next gzip member, where records come in members.
func (r *Reader) begin() error {
	if !r.zipped || r.begun {
		return nil
	}
	for {
		r.member, r.nth = r.Offset(), 0
		head, err := r.file.Peek(4)
		switch {
		case len(head) == 0 && errors.Is(err, io.EOF):
			return io.EOF
		case len(head) == 0:
			return fmt.Errorf("read archive: %w", err)
		}
		switch {
		case isMember(head):
			err = r.open()
		case len(head) < 4 && bytes.HasPrefix(magic, head[:min(len(head), 3)]):
			err = io.ErrUnexpectedEOF
		default:
			err = errNoMember
		}
		if err == nil {
			r.begun = true
			return nil
		}
		if err = r.broken(err); err != nil {
			return err
		}
	}
}

func (r *Reader) open() (err error) {
	if r.zip == nil {
		r.zip, err = gzip.NewReader(r.file)
	} else {
		err = r.zip.Reset(r.file)
	}
	if err != nil {
		return err
	}
	r.zip.Multistream(false)
	r.in.Reset(r.zip)
	return nil
}

// broken moves on to where the next record may begin. It returns the damage, nil where that was reported before, io.EOF
// at a torn end.
func (r *Reader) broken(cause error) error {
	at := r.member
	reported := r.lost
	r.begun, r.lost = false, true
	if r.zipped && r.Offset() == at {
		_, _ = r.file.Discard(1) // never the same place twice
	}
	found := r.seek()
	if errors.Is(cause, io.ErrUnexpectedEOF) && !found {
		r.torn = true
		return io.EOF
	}
	if reported {
		if !found {
			return io.EOF
		}
		return nil
	}
	return &damage{at, cause.Error()}
}

// magic begins a gzip member.
var magic = []byte{0x1F, 0x8B, 8} //nolint:gochecknoglobals // a constant of a type without constants

var errNoMember = errors.New("no gzip member")

// isMember tells a member from bytes that look like one by the flags that must be zero (RFC 1952 §2.3.1.2).
func isMember(head []byte) bool {
	return bytes.HasPrefix(head, magic) && len(head) > 3 && head[3] < 0x20
}

// seek looks for what a record begins with: a gzip member's magic, or "WARC/1." at the start of a line; false at the end of
// the file.
func (r *Reader) seek() bool {
	sign, skip := []byte("\nWARC/1."), 1
	if r.zipped {
		sign, skip = magic, 0
	} else if here, _ := r.file.Peek(len(sign) - 1); bytes.Equal(here, sign[1:]) {
		return true
	}
	for {
		_, err := r.file.Peek(len(sign)) // fills the buffer
		seen, _ := r.file.Peek(r.file.Buffered())
		at := bytes.Index(seen, sign)
		pass := max(len(seen)-len(sign)+1, 0)
		switch {
		case at >= 0:
			pass = at + skip
		case err != nil:
			pass = len(seen)
		}
		_, _ = r.file.Discard(pass) // they are buffered
		if at < 0 && err != nil {
			return false
		}
		if head, _ := r.file.Peek(4); at >= 0 && (!r.zipped || isMember(head)) {
			return true
		} else if at >= 0 {
			_, _ = r.file.Discard(1) // it only looked like one
		}
	}
}
