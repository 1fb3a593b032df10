// Package charset puts the text of the web into UTF-8, in bounded time and memory, and says what it found.
package charset

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Found says what a body was written in; there are few, so that they can be counted.
type Found string

// What bodies are written in.
const (
	UTF8  Found = "utf-8"
	UTF16 Found = "utf-16"
	// UTF7 is text that says it is UTF-7. It is ASCII and left as it stands: no browser reads it (encoding.spec.whatwg.org).
	UTF7 Found = "utf-7"
	// Legacy is any other encoding.
	Legacy Found = "legacy"
	// Broken says UTF-8, or nothing, and is neither: what is wrong became U+FFFD.
	Broken Found = "broken"
	// Binary is an archive, image or the like served as text, and left as it stands.
	Binary Found = "binary"
	// NoText is what does not say that it is text, and nothing at all.
	NoText Found = "none"
)

// sniffed is how much of a body is searched for its encoding, in bytes (HTML Standard, 13.2.3.2).
const sniffed = 1024

// ToUTF8 returns the body in UTF-8 where it is text, at most limit bytes of it; cut reports that there was more. Valid UTF-8 is
// taken for UTF-8 whatever is declared: sniffing took every sixth such page for windows-1252. Then the byte order mark, the pattern
// of NULs in UTF-16, the header, the XML declaration, the meta element and sniffing have their say, in this order. An XML
// declaration is made to say UTF-8, so that no reader decodes twice. truncated says that the body's end is missing.
func ToUTF8(body []byte, contentType string, truncated bool, limit int) (out []byte, cut bool, found Found) {
	if len(body) == 0 || !Textual(contentType, body) {
		return body, false, NoText
	}
	if IsBinary(body) {
		return body, false, Binary
	}
	out, found = body, UTF8
	if truncated {
		out = wholeRunes(body)
	}
	switch {
	case !Plain(out):
		out, found = decode(body, contentType)
	case saysUTF7(out, contentType):
		found = UTF7
	}
	out = declareUTF8(bytes.TrimPrefix(out, []byte("\xEF\xBB\xBF")))
	if len(out) > limit {
		return bytes.ToValidUTF8(out[:limit], nil), true, found
	}
	return out, false, found
}

// IsBinary reports the signatures of archives, documents, images and programs, and text full of NULs that is no UTF-16.
func IsBinary(body []byte) bool {
	head := bytes.TrimLeft(body[:min(len(body), sniffed)], "\xef\xbb\xbf \t\r\n\x00")
	for _, sig := range [...]string{"PK\x03\x04", "PK\x05\x06", "%PDF-", "\x89PNG", "GIF8", "\xff\xd8\xff", "\x1f\x8b", "RIFF", "\x7fELF", "Rar!", "7z\xbc\xaf",
		"MZ\x90", "OggS", "ID3\x03", "ID3\x04", "wOFF", "wOF2", "\x00asm", "BZh9", "\xfd7zXZ", "(\xb5/\xfd"} {
		if bytes.HasPrefix(head, []byte(sig)) {
			return true
		}
	}
	zeros := bytes.Count(body[:min(len(body), sniffed)], []byte{0})
	return zeros > 0 && zeros*4 > len(head) && utf16Of(body) == nil
}

// Textual reports whether a body is text, by its media type or, without one, by its look.
func Textual(contentType string, body []byte) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if media == "" || err != nil && !strings.Contains(media, "/") {
		media, _, _ = strings.Cut(http.DetectContentType(body), ";")
	}
	switch {
	case strings.HasPrefix(media, "text/"), strings.HasSuffix(media, "xml"), strings.HasSuffix(media, "json"), strings.HasSuffix(media, "javascript"):
		return true
	}
	return contentType == "" && utf16Of(body) != nil
}

// Plain reports valid UTF-8 that is no seven-bit code in disguise: escape sequences mean ISO-2022, zeros UTF-16.
func Plain(body []byte) bool {
	return bytes.IndexByte(body, 0x1B) < 0 && bytes.IndexByte(body, 0) < 0 && utf8.Valid(body)
}

// saysUTF7 reports text that claims to be UTF-7, in its header or its first bytes.
func saysUTF7(body []byte, contentType string) bool {
	if len(contentType) > 5 && strings.Contains(strings.ToLower(contentType), "utf-7") {
		return true
	}
	head := body[:min(len(body), sniffed)]
	at := bytes.Index(head, []byte("tf-7"))
	if at < 0 {
		at = bytes.Index(head, []byte("TF-7"))
	}
	return at > 0 && head[at-1]|0x20 == 'u' && bytes.Contains(bytes.ToLower(head[:at]), []byte("charset"))
}

// utf16Of recognises UTF-16 by its mark, or by its NULs: markup is mostly ASCII, so every other byte is one; nil for none.
func utf16Of(body []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	head := body[:min(len(body), sniffed)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	pairs := len(head) / 2
	switch {
	case pairs < 2:
	case zeros[1]*5 > pairs*2 && zeros[0]*20 <= pairs:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0]*5 > pairs*2 && zeros[1]*20 <= pairs:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
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

// decode decodes what is no plain UTF-8.
func decode(body []byte, contentType string) ([]byte, Found) {
	if e := utf16Of(body); e != nil {
		return convert(e, body, UTF16)
	}
	e, name := declared(body, contentType)
	if e == nil {
		e, name, _ = charset.DetermineEncoding(body[:min(len(body), sniffed)], contentType)
	}
	switch {
	case strings.HasPrefix(name, "utf-16"):
		return convert(e, body, UTF16)
	case utf8.Valid(body) && name != "iso-2022-jp":
		return body, UTF8 // with a NUL or an escape somewhere within
	case e == encoding.Nop || e == encoding.Replacement || name == "utf-8":
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), Broken
	}
	return convert(e, body, Legacy)
}

func convert(e encoding.Encoding, body []byte, found Found) ([]byte, Found) {
	out, _, err := transform.Bytes(e.NewDecoder(), body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), Broken
	}
	return out, found
}

// declared is what the XML declaration says, where neither byte order mark nor header say anything; nil
// leaves the rest to the HTML Standard's algorithm.
func declared(body []byte, contentType string) (encoding.Encoding, string) {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return nil, ""
	}
	from, to := xmlEncoding(body)
	if from == to {
		return nil, ""
	}
	label := string(body[from:to])
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return nil, ""
	}
	return e, name
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
