package fetch

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// sniffed is how much of a body is searched for its encoding, in bytes (HTML Standard, 13.2.3.2).
const sniffed = 1024

// toUTF8 returns the body in UTF-8 where it is text. Valid UTF-8 is taken for UTF-8 whatever is declared:
// sniffing took every sixth such page for windows-1252. Then the byte order mark, the header, the XML
// declaration, the meta element and sniffing have their say, in this order. An XML declaration is made to
// say UTF-8, so that no reader decodes twice. The second result reports a cut at limit.
func toUTF8(body []byte, contentType string, truncated bool, limit int) ([]byte, bool) {
	if len(body) == 0 || !textual(contentType, body) {
		return body, false
	}
	out := body
	if truncated {
		out = wholeRunes(body)
	}
	if !plainUTF8(out) {
		out = decode(body, contentType)
	}
	out = declareUTF8(bytes.TrimPrefix(out, []byte("\xEF\xBB\xBF")))
	if len(out) > limit {
		return bytes.ToValidUTF8(out[:limit], nil), true
	}
	return out, false
}

// textual reports whether a body is text, by its media type or, without one, by its look.
func textual(contentType string, body []byte) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if media == "" || err != nil && !strings.Contains(media, "/") {
		media, _, _ = strings.Cut(http.DetectContentType(body), ";")
	}
	switch {
	case strings.HasPrefix(media, "text/"), strings.HasSuffix(media, "xml"), strings.HasSuffix(media, "json"), strings.HasSuffix(media, "javascript"):
		return true
	}
	return false
}

// plainUTF8 reports valid UTF-8 that is no seven-bit code in disguise: escape sequences mean ISO-2022,
// zeros UTF-16.
func plainUTF8(body []byte) bool {
	return bytes.IndexByte(body, 0x1B) < 0 && bytes.IndexByte(body, 0) < 0 && utf8.Valid(body)
}

// wholeRunes drops a rune that was cut at the end: it is no sign of another encoding.
func wholeRunes(body []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(body); i++ {
		last := body[len(body)-i:]
		if utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return body[:len(body)-i]
			}
			break
		}
	}
	return body
}

func decode(body []byte, contentType string) []byte {
	e := declared(body, contentType)
	if e == nil {
		e, _, _ = charset.DetermineEncoding(body[:min(len(body), sniffed)], contentType)
	}
	if e == encoding.Nop || e == encoding.Replacement {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	if name, err := htmlindex.Name(e); err == nil && name == "utf-8" {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	out, _, err := transform.Bytes(e.NewDecoder(), body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return out
}

// declared is what the XML declaration says, where neither byte order mark nor header say anything; nil
// leaves the rest to the HTML Standard's algorithm.
func declared(body []byte, contentType string) encoding.Encoding {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return nil
	}
	from, to := xmlEncoding(body)
	if from == to {
		return nil
	}
	e, err := htmlindex.Get(string(body[from:to]))
	if err != nil {
		return nil
	}
	return e
}

// declareUTF8 makes an XML declaration agree with what the body now is.
func declareUTF8(body []byte) []byte {
	from, to := xmlEncoding(body)
	if from == to || strings.EqualFold(string(body[from:to]), "utf-8") {
		return body
	}
	out := make([]byte, 0, len(body)+len("UTF-8"))
	out = append(out, body[:from]...)
	out = append(out, "UTF-8"...)
	return append(out, body[to:]...)
}

// xmlEncoding finds the encoding's name within an XML declaration (XML 1.0, production 80); from equals to
// where there is none.
func xmlEncoding(body []byte) (from, to int) {
	head := body[:min(len(body), 256)]
	end := bytes.Index(head, []byte("?>"))
	if end < 0 || !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<?xml")) {
		return 0, 0
	}
	const key = "encoding"
	at := bytes.Index(head[:end], []byte(key))
	if at < 0 {
		return 0, 0
	}
	at += len(key)
	for at < end && strings.IndexByte(" \t\r\n=", head[at]) >= 0 {
		at++
	}
	if at >= end || (head[at] != '"' && head[at] != '\'') {
		return 0, 0
	}
	n := bytes.IndexByte(head[at+1:end], head[at])
	if n <= 0 {
		return 0, 0
	}
	return at + 1, at + 1 + n
}
