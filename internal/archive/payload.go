package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"

	"telltale/internal/pages"
)

// maxPayload bounds a body after its transfer coding, in bytes: what extraction may have of it is far less.
const maxPayload = maxBlock

// ErrMessage reports a block that is no HTTP answer.
var ErrMessage = errors.New("malformed HTTP message")

// exchangeOf reads the answer that a response or revisit record holds. ours says that it is written by Recorder, whose
// bodies are free of codings. Errors wrap ErrMessage.
func exchangeOf(rec *Record, ours bool) (*pages.Exchange, error) {
	x := &pages.Exchange{URL: rec.URI(), Address: rec.Address(), At: rec.Date(), Truncated: rec.Field("WARC-Truncated")}
	if rec.Field("WARC-Segment-Number") != "" && x.Truncated == "" {
		x.Truncated = pages.CutByLength // what continues it stands elsewhere
	}
	head, body := splitHead(rec.Block)
	lines := strings.Split(head, "\n")
	var err error
	if x.Status, err = statusOf(lines[0]); err != nil {
		return nil, err
	}
	x.Header = headerOf(lines[1:])
	switch {
	case ours:
		asSent(x.Header)
		x.Body = body
	default:
		x.Body, x.Coded = unchunk(x.Header, body), x.Header.Get("Content-Encoding") != ""
	}
	return x, nil
}

// splitHead divides a message at its first blank line.
func splitHead(block []byte) (head string, body []byte) {
	crlf, lf := bytes.Index(block, []byte("\r\n\r\n")), bytes.Index(block, []byte("\n\n"))
	switch {
	case crlf >= 0 && (lf < 0 || crlf < lf):
		return string(block[:crlf]), block[crlf+4:]
	case lf >= 0:
		return string(block[:lf]), block[lf+2:]
	}
	return string(block), nil
}

// statusOf reads a status line of any version of HTTP, with or without a phrase (RFC 9112 §4).
func statusOf(line string) (int, error) {
	version, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	code, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || status < 100 || len(version) < 5 || !strings.EqualFold(version[:5], "HTTP/") {
		return 0, fmt.Errorf("%w: status line %.60q", ErrMessage, line)
	}
	return status, nil
}

// headerOf reads header fields; lines that are none are passed over, as browsers do.
func headerOf(lines []string) http.Header {
	h := http.Header{}
	last := ""
	for _, line := range lines {
		line = strings.TrimRight(line, "\r")
		if n := len(h[last]); line != "" && (line[0] == ' ' || line[0] == '\t') && n > 0 {
			h[last][n-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	return h
}

// unchunk undoes the chunked transfer coding, where the header names it and the body has it: many tools keep the one and
// undo the other. A body that breaks off within a chunk is as long as it goes.
func unchunk(h http.Header, body []byte) []byte {
	if !strings.EqualFold(h.Get("Transfer-Encoding"), "chunked") {
		return body
	}
	var out bytes.Buffer
	_, err := out.ReadFrom(io.LimitReader(httputil.NewChunkedReader(bytes.NewReader(body)), maxPayload))
	if err != nil && out.Len() == 0 {
		return body
	}
	return out.Bytes()
}
