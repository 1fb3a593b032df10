package embedded

import (
	"compress/gzip"
	"compress/zlib"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const (
	// holdBytes are kept back before the reply begins, so that an error among them has its own status.
	holdBytes = 64 << 10
	// holdWhole bounds a reply that is asked for only when it is whole (wait_end_of_query).
	holdWhole = 256 << 20
	// brotliLevel is 4: at 0 and 1 brotli 1.2.8 writes streams that it then refuses as "excessive input".
	brotliLevel = 4
	// blockBytes bounds one block of ClickHouse's own compression.
	blockBytes = 1 << 20
)

// reply writes the answer to one statement.
type reply struct {
	w       http.ResponseWriter
	req     *request
	version string
	held    []byte
	out     io.Writer
	// close ends the compression of out.
	close   func() error
	tag     string
	written int64
}

func newReply(w http.ResponseWriter, req *request, version string) *reply {
	return &reply{w: w, req: req, version: version}
}

func (p *reply) begun() bool { return p.out != nil }

// write takes a part of the result; the reply begins when enough is held.
func (p *reply) write(b []byte) error {
	p.written += int64(len(b))
	if p.begun() {
		return p.send(b)
	}
	limit := holdBytes
	if p.req.wholeOnly {
		limit = holdWhole
	}
	if len(p.held)+len(b) <= limit {
		p.held = append(p.held, b...)
		return nil
	}
	if p.req.wholeOnly {
		return &EngineError{Code: 396, Message: fmt.Sprintf("a result held with wait_end_of_query is over %d bytes (TOO_MANY_ROWS_OR_BYTES)", holdWhole)}
	}
	if err := p.begin(nil); err != nil {
		return err
	}
	return p.send(b)
}

func (p *reply) send(b []byte) error {
	if _, err := p.out.Write(b); err != nil {
		return fmt.Errorf("write the reply: %w", err)
	}
	return nil
}

// begin writes the head and what was held.
func (p *reply) begin(st *stats) error {
	p.head(st)
	h := p.w.Header()
	p.tag = strings.ToLower(rand.Text()[:16])
	h.Set("X-ClickHouse-Exception-Tag", p.tag)
	p.w.WriteHeader(http.StatusOK)
	if err := p.encoder(); err != nil {
		return err
	}
	held := p.held
	p.held = nil
	if len(held) == 0 {
		return nil
	}
	return p.send(held)
}

func (p *reply) head(st *stats) {
	h := p.w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "telltale")
	h.Set("X-ClickHouse-Query-Id", p.req.queryID)
	h.Set("X-ClickHouse-Format", p.req.format)
	if st == nil {
		st = &stats{}
	}
	h.Set("X-ClickHouse-Summary", st.summary())
	h.Set("Content-Type", contentType(p.req.format))
	if p.req.encoding != "" {
		h.Set("Content-Encoding", p.req.encoding)
	}
}

// encoder sets out to the compression the client asked for.
func (p *reply) encoder() error {
	p.close = func() error { return nil }
	if p.req.block != "" {
		method := compress.LZ4
		if p.req.block == "ZSTD" {
			method = compress.ZSTD
		}
		p.out = &blockWriter{to: p.w, writer: compress.NewWriter(compress.LevelZero, method)}
		return nil
	}
	var w io.WriteCloser
	var err error
	switch p.req.encoding {
	case "gzip":
		w, err = gzip.NewWriterLevel(p.w, gzip.BestSpeed)
	case "deflate":
		w, err = zlib.NewWriterLevel(p.w, zlib.BestSpeed)
	case "br":
		w = brotli.NewWriterLevel(p.w, brotliLevel)
	case "zstd":
		w, err = zstd.NewWriter(p.w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	default:
		p.out = p.w
		return nil
	}
	if err != nil {
		return fmt.Errorf("compress the reply: %w", err)
	}
	p.out, p.close = w, w.Close
	return nil
}

// finish ends a good reply.
func (p *reply) finish(st stats) error {
	if !p.begun() {
		if p.req.encoding == "" && p.req.block == "" {
			p.w.Header().Set("Content-Length", strconv.Itoa(len(p.held)))
		} else if len(p.held) == 0 {
			p.req.encoding, p.req.block = "", ""
			p.w.Header().Set("Content-Length", "0")
		}
		if err := p.begin(&st); err != nil {
			return err
		}
	}
	return p.close()
}

// fail tells the client of an error: with a status of its own while the reply has not begun, else as the
// framed block that ClickHouse ends a broken reply with
// (https://clickhouse.com/docs/interfaces/http#http_response_codes_caveats). It reports whether the reply was cut.
func (p *reply) fail(x *EngineError) (cut bool) {
	text := x.Error() + " (version " + p.version + ")"
	if !p.begun() {
		p.held = nil
		p.req.encoding, p.req.block = "", ""
		p.req.format = "TabSeparated"
		p.head(nil)
		h := p.w.Header()
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(x.Code))
		h.Set("Content-Length", strconv.Itoa(len(text)+1))
		p.w.WriteHeader(statusOf(x.Code))
		_, _ = io.WriteString(p.w, text+"\n") // the client is told or it is gone
		return false
	}
	frame := fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", p.tag, text, len(text)+1, p.tag)
	if p.send([]byte(frame)) == nil {
		_ = p.close()
	}
	return true
}

// blockWriter writes ClickHouse's own compressed blocks.
type blockWriter struct {
	to     io.Writer
	writer *compress.Writer
}

func (b *blockWriter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		n := min(len(p), blockBytes)
		if err := b.writer.Compress(p[:n]); err != nil {
			return 0, err
		}
		if _, err := b.to.Write(b.writer.Data); err != nil {
			return 0, err
		}
		p = p[n:]
	}
	return total, nil
}

// summary is the value of X-ClickHouse-Summary.
func (s stats) summary() string {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	b, err := json.Marshal(map[string]string{
		"read_rows": n(s.readRows), "read_bytes": n(s.readBytes), "written_rows": n(s.writtenRows),
		"written_bytes": n(s.writtenBytes), "result_rows": n(s.resultRows), "total_rows_to_read": "0",
	})
	if err != nil {
		return "{}"
	}
	return string(b)
}

func contentType(format string) string {
	switch {
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(format, "CSV"):
		return "text/csv; charset=UTF-8; header=" + map[bool]string{true: "present", false: "absent"}[strings.Contains(format, "WithNames")]
	case strings.HasPrefix(format, "TabSeparated"), strings.HasPrefix(format, "TSV"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.HasPrefix(format, "Pretty"), format == "Vertical", format == "Markdown":
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}

// statusOf maps an error code to an HTTP status as ClickHouse's server does
// (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp).
func statusOf(code int) int {
	switch code {
	case codeAccessDenied, codeAuthentication:
		return http.StatusForbidden
	case 46, 47, 50, 56, 60, 63, 73, 81, codeUnknownSetting, 336:
		return http.StatusNotFound
	case 6, 26, 27, 32, 33, 38, 41, 42, 43, 44, 53, codeSyntaxError, 69, 70, 72, 120, 131, codeBadArguments, 386, 395, 456, 457:
		return http.StatusBadRequest
	case codeQueryTooLarge, 161:
		return http.StatusRequestEntityTooLarge
	case 48:
		return http.StatusNotImplemented
	case 159:
		return http.StatusRequestTimeout
	case codeTooManyQueries, codeConnectFailed:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
