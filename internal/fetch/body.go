package fetch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// acceptEncoding are the content codings we decode.
const acceptEncoding = "gzip, deflate, br, zstd"

const (
	// maxCodings bounds the codings laid over one another.
	maxCodings = 2
	// maxHint bounds what is allocated on the word of a Content-Length, in bytes.
	maxHint = 128 << 10
	// maxKept bounds the buffers kept for reuse, in bytes.
	maxKept = 512 << 10
	// wireSlack is what a body may have on the wire beyond its decoded cap, in bytes.
	wireSlack = 64 << 10
	// zstdWindow bounds a zstd frame's window, in bytes (RFC 9659).
	zstdWindow = 8 << 20
)

// errEncoding reports a content coding that is unknown or broken from its first byte.
var errEncoding = errors.New("content encoding")

// decoders keeps what is dear to make. It is safe for concurrent use.
type decoders struct {
	gzip, brotli, zstd, buffers sync.Pool
}

// read reads a body to its end, decoded, at most limit bytes of it, or as many as more allows where it is longer than
// that. truncated reports that there was more, or that it broke off; err is set only where not a byte came of it.
func (d *decoders) read(resp *http.Response, limit int, more func() int) (body []byte, truncated bool, err error) {
	codings, err := codingsOf(resp.Header)
	if err != nil {
		return nil, false, err
	}
	if n := resp.ContentLength; len(codings) == 0 && n >= 0 && n <= int64(min(limit, maxHint)) {
		body = make([]byte, n)
		got, err := io.ReadFull(resp.Body, body)
		if err != nil && got == 0 {
			return nil, false, err
		}
		return body[:got], err != nil, nil
	}
	// The wire has a cap of its own: empty gzip members decode to nothing for ever.
	wire := &cappedReader{r: resp.Body, left: limit + wireSlack}
	source, done, err := d.chain(wire, codings)
	defer done()
	if err != nil {
		return nil, false, err
	}
	return d.drain(source, limit, len(codings) > 0, func() int {
		most := more()
		wire.left += most - limit
		return most
	})
}

// drain copies at most limit bytes through a pooled buffer.
func (d *decoders) drain(source io.Reader, limit int, coded bool, more func() int) ([]byte, bool, error) {
	buffer, ok := d.buffers.Get().(*bytes.Buffer)
	if !ok {
		buffer = new(bytes.Buffer)
	}
	defer func() {
		if buffer.Cap() <= maxKept {
			buffer.Reset()
			d.buffers.Put(buffer)
		}
	}()
	_, err := buffer.ReadFrom(io.LimitReader(source, int64(limit)+1))
	if buffer.Len() > limit {
		if most := more(); most > limit {
			large, cut := drainLarge(buffer.Bytes(), source, most)
			return large, cut, nil
		}
	}
	got := buffer.Bytes()
	switch {
	case len(got) > limit:
		return bytes.Clone(got[:limit]), true, nil
	case err != nil && len(got) == 0 && coded && !isTransfer(err):
		return nil, false, fmt.Errorf("%w: %w", errEncoding, err)
	case err != nil && len(got) == 0:
		return nil, false, err
	}
	return bytes.Clone(got), err != nil, nil
}

// drainLarge reads on, beyond what a page may have, up to limit; truncated reports that there was more, or that it broke
// off.
func drainLarge(head []byte, source io.Reader, limit int) (large []byte, truncated bool) {
	var body bytes.Buffer
	body.Grow(4 * len(head))
	body.Write(head)
	_, err := body.ReadFrom(io.LimitReader(source, int64(limit)+1-int64(len(head))))
	got := body.Bytes()
	return got[:min(len(got), limit)], err != nil || len(got) > limit
}

// codingsOf lists the content codings in the order they were applied (RFC 9110 §8.4).
func codingsOf(h http.Header) ([]string, error) {
	var codings []string
	for _, line := range h.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(line, ",") {
			coding = strings.ToLower(strings.TrimSpace(coding))
			switch coding {
			case "", "identity", "none", "utf-8":
				continue
			case "gzip", "x-gzip", "deflate", "br", "zstd":
				codings = append(codings, coding)
			default:
				return nil, fmt.Errorf("%w: unknown coding %.40q", errEncoding, coding)
			}
		}
	}
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%w: %d codings", errEncoding, len(codings))
	}
	return codings, nil
}

// chain lays a decoder over the wire for each coding, the last first. done gives them back.
func (d *decoders) chain(wire io.Reader, codings []string) (source io.Reader, done func(), err error) {
	var release []func()
	done = func() {
		for _, f := range release {
			f()
		}
	}
	source = wire
	for i := len(codings) - 1; i >= 0; i-- {
		var back func()
		source, back, err = d.decoder(source, codings[i])
		if back != nil {
			release = append(release, back)
		}
		if err != nil {
			if isTransfer(err) {
				return nil, done, err
			}
			return nil, done, fmt.Errorf("%w: %s: %w", errEncoding, codings[i], err)
		}
	}
	return source, done, nil
}

func (d *decoders) decoder(r io.Reader, coding string) (io.Reader, func(), error) {
	switch coding {
	case "br":
		if reader, ok := d.brotli.Get().(*brotli.Reader); ok {
			return reader, func() { d.brotli.Put(reader) }, reader.Reset(r)
		}
		reader := brotli.NewReader(r)
		return reader, func() { d.brotli.Put(reader) }, nil
	case "zstd":
		return d.zstdReader(r)
	case "deflate":
		return deflateReader(r)
	}
	return d.gzipReader(r)
}

// gzipReader also reads what claims to be gzip and is not, as some servers send it.
func (d *decoders) gzipReader(r io.Reader) (io.Reader, func(), error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(2)
	if len(magic) == 0 {
		if errors.Is(err, io.EOF) {
			return buffered, nil, nil
		}
		return nil, nil, err
	}
	if len(magic) == 2 && (magic[0] != 0x1F || magic[1] != 0x8B) {
		return buffered, nil, nil
	}
	if reader, ok := d.gzip.Get().(*gzip.Reader); ok {
		return reader, func() { d.gzip.Put(reader) }, reader.Reset(buffered)
	}
	reader, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, nil, err
	}
	return reader, func() { d.gzip.Put(reader) }, nil
}

// deflateReader reads zlib, which is what the coding means, and bare deflate, which is what some send
// (RFC 9110 §8.4.1.2).
func deflateReader(r io.Reader) (io.Reader, func(), error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(2)
	if len(head) == 0 && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if len(head) == 2 && head[0]&0x0F == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		reader, err := zlib.NewReader(buffered)
		return reader, nil, err
	}
	return flate.NewReader(buffered), nil, nil
}

func (d *decoders) zstdReader(r io.Reader) (io.Reader, func(), error) {
	reader, ok := d.zstd.Get().(*zstd.Decoder)
	if !ok {
		var err error
		reader, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, err
		}
	}
	back := func() {
		if reader.Reset(nil) == nil {
			d.zstd.Put(reader)
		}
	}
	return reader, back, reader.Reset(r)
}

// cappedReader ends with errWireCap where a limit is passed.
type cappedReader struct {
	r    io.Reader
	left int
}

var errWireCap = errors.New("more bytes on the wire than the cap allows")

// Read implements io.Reader. What the transfer itself breaks with is marked, to be told from what a
// decoder breaks with.
func (c *cappedReader) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, &transferError{errWireCap}
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		err = &transferError{err}
	}
	return n, err
}

// transferError is an error of the connection, not of the coding.
type transferError struct{ err error }

func (e *transferError) Error() string { return e.err.Error() }
func (e *transferError) Unwrap() error { return e.err }

func isTransfer(err error) bool {
	var t *transferError
	return errors.As(err, &t)
}
