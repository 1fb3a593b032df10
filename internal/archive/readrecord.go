package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// record reads one record; io.EOF where there is none.
func (r *Reader) record() (*Record, error) {
	if !r.zipped {
		r.member = r.Offset()
	}
	version, err := r.firstLine()
	if err != nil {
		return nil, err
	}
	rec := &Record{Offset: r.member, nth: r.nth}
	if !r.zipped {
		rec.Offset, rec.nth = r.Offset()-int64(len(version)), 0
	}
	version = strings.TrimSpace(version)
	if version != "WARC/1.0" && version != "WARC/1.1" {
		return nil, fmt.Errorf("%.20q where WARC/1.0 or WARC/1.1 belongs", version)
	}
	if err := r.fields(rec); err != nil {
		return nil, err
	}
	length, err := strconv.ParseInt(rec.Field("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, fmt.Errorf("Content-Length %.40q", rec.Field("Content-Length"))
	}
	if err := r.block(rec, length); err != nil {
		return nil, err
	}
	return rec, r.separator()
}

// firstLine is the first line that is not blank.
func (r *Reader) firstLine() (string, error) {
	for range maxBlank {
		line, err := r.line(maxHead)
		text := strings.TrimSpace(line)
		switch {
		case text != "" && errors.Is(err, io.EOF) && strings.HasPrefix("WARC/1.1", text): //nolint:gocritic // a beginning of it
			return "", io.ErrUnexpectedEOF
		case err != nil && (text == "" || !errors.Is(err, io.EOF)):
			return "", err
		case text != "":
			return line, nil
		}
	}
	return "", errors.New("blank lines where a record belongs")
}

// line reads a line of at most limit bytes, with its end.
func (r *Reader) line(limit int) (string, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return "", fmt.Errorf("header of more than %d bytes", maxHead)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(line), err
		}
	}
}

// fields reads the named fields; a line that begins with a blank continues the one before (ISO 28500 §4).
func (r *Reader) fields(rec *Record) error {
	left := maxHead
	for {
		line, err := r.line(left)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		left -= len(line)
		text := strings.TrimRight(line, "\r\n")
		if text == "" {
			return nil
		}
		if n := len(rec.fields); (text[0] == ' ' || text[0] == '\t') && n > 0 {
			rec.fields[n-1].value = strings.TrimSpace(rec.fields[n-1].value + " " + strings.TrimSpace(text))
			continue
		}
		if name, value, ok := strings.Cut(text, ":"); ok {
			rec.fields = append(rec.fields, field{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
}

// block reads the block, or passes over one that is too long.
func (r *Reader) block(rec *Record, length int64) error {
	if length > maxBlock {
		rec.Oversized = true
		if length > maxPass {
			return fmt.Errorf("block of %d bytes", length)
		}
		n, err := io.CopyN(io.Discard, r.in, length)
		return cutShort(n, length, err)
	}
	var buffer bytes.Buffer
	buffer.Grow(int(min(length, 64<<10))) // no more on a header's word
	n, err := buffer.ReadFrom(io.LimitReader(r.in, length))
	rec.Block = buffer.Bytes()
	return cutShort(n, length, err)
}

func cutShort(n, length int64, err error) error {
	if n < length && (err == nil || errors.Is(err, io.EOF)) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// separator reads the two line ends behind a block. Where they are missing, another record or the end must follow:
// otherwise the length was wrong.
func (r *Reader) separator() error {
	ends := 0
	for ends < 2 {
		next, _ := r.in.Peek(1) // an error comes again below
		if len(next) == 0 || next[0] != '\r' && next[0] != '\n' {
			break
		}
		if next[0] == '\n' {
			ends++
		}
		_, _ = r.in.Discard(1) // it was peeked at
	}
	next, err := r.in.Peek(5)
	switch {
	case len(next) == 0 && err != nil && !errors.Is(err, io.EOF):
		return err // the member's checksum, or its torn end
	case len(next) > 0 && ends < 2 && !bytes.HasPrefix([]byte("WARC/"), next): //nolint:gocritic // a beginning of it
		return fmt.Errorf("%.5q behind a block: its Content-Length is wrong", next)
	}
	return nil
}
