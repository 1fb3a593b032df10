package feed

import (
	"bytes"
	"mime"
	"regexp"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// declared finds the encoding pseudo-attribute of an XML declaration (XML 1.0 §2.8).
var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']`)

// decode returns the body in UTF-8 without a byte order mark. A mark decides, then a pattern of NULs
// (XML 1.0 appendix F); a body that is valid UTF-8 is taken for it whatever its labels say, as fetchers
// decode bodies and leave the labels; then the Content-Type's charset, the XML declaration, and
// windows-1252 as the web's default (encoding.spec.whatwg.org).
func decode(body []byte, contentType string) []byte {
	if enc, skip := byMark(body); enc != nil {
		return convert(enc, body[skip:])
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	label := declaredLabel(body)
	if enc := escaped(label, body); enc != nil {
		return convert(enc, body)
	}
	if validUTF8(body) {
		return body
	}
	for _, l := range [...]string{charsetOf(contentType), label} {
		if enc := lookup(l); enc != nil {
			return convert(enc, body)
		}
	}
	return convert(charmap.Windows1252, body)
}

// validUTF8 allows for a last rune that was cut off with the body.
func validUTF8(body []byte) bool {
	if utf8.Valid(body) {
		return true
	}
	for i := 1; i < utf8.UTFMax && i <= len(body); i++ {
		if b := body[len(body)-i]; utf8.RuneStart(b) {
			return b >= 0xC0 && utf8.Valid(body[:len(body)-i])
		}
	}
	return false
}

func byMark(b []byte) (encoding.Encoding, int) {
	switch {
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(b, []byte("\x00\x00\x00<")):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 0
	case bytes.HasPrefix(b, []byte("<\x00\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 0
	case bytes.HasPrefix(b, []byte("\x00<\x00")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 0
	case bytes.HasPrefix(b, []byte("<\x00")) && len(b) > 3 && b[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 0
	case bytes.HasPrefix(b, []byte("\x4c\x6f\xa7\x94")):
		return charmap.CodePage037, 0
	}
	return nil, 0
}

// escaped returns the encoding that writes everything in ASCII bytes, where the body uses it.
func escaped(label string, body []byte) encoding.Encoding {
	enc, name := charset.Lookup(label)
	if name == "iso-2022-jp" && bytes.IndexByte(body, 0x1b) >= 0 {
		return enc
	}
	return nil
}

func declaredLabel(body []byte) string {
	if m := declared.FindSubmatch(body[:min(len(body), 512)]); m != nil {
		return string(m[1])
	}
	return ""
}

func charsetOf(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// lookup finds an encoding by the web's labels, then by the IANA registry; nil for none, and for UTF-8
// and UTF-16, which the bytes have ruled out by now.
func lookup(label string) encoding.Encoding {
	if label == "" {
		return nil
	}
	enc, name := charset.Lookup(label)
	if enc == nil {
		if enc, _ = ianaindex.IANA.Encoding(label); enc == nil {
			return nil
		}
		return enc
	}
	switch name {
	case "utf-8", "utf-16le", "utf-16be", "replacement", "x-user-defined":
		return nil
	}
	return enc
}

// convert decodes as far as it can; what cannot be decoded becomes U+FFFD.
func convert(enc encoding.Encoding, body []byte) []byte {
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil && len(out) == 0 {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return out
}
