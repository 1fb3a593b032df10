package markup

import (
	"html"
	"strconv"
	"strings"
	"unicode"
)

// Decode returns the value of an attribute, at most limit bytes: character references decoded, CR and CRLF a line feed, NULs and
// invalid UTF-8 replaced by U+FFFD. A value that needs none of it is not copied.
func Decode(value string, limit int) string {
	if strings.IndexByte(value, '&') >= 0 || strings.IndexByte(value, '\r') >= 0 || strings.IndexByte(value, 0) >= 0 {
		value = decode(value, limit)
	}
	return strings.ToValidUTF8(value[:min(len(value), limit)], "\uFFFD")
}

func decode(value string, limit int) string {
	var b strings.Builder
	for len(value) > 0 && b.Len() <= limit {
		i := strings.IndexAny(value, "&\r\x00")
		if i < 0 {
			i = len(value)
		}
		i = min(i, limit+1)
		b.WriteString(value[:i])
		if value = value[i:]; value == "" {
			break
		}
		n := 1
		switch value[0] {
		case '&':
			var text string
			text, n = Reference(value)
			b.WriteString(text)
		case '\r':
			if strings.HasPrefix(value, "\r\n") {
				n = 2
			}
			b.WriteByte('\n')
		case 0:
			b.WriteString("\uFFFD")
		default: // the limit
		}
		value = value[n:]
	}
	return b.String()
}

// Reference decodes what begins with & at the start of an attribute's value, and says how many bytes of the value it stands for. In an
// attribute a name without a semicolon counts only to its end, and not before = (§13.2.5.73): ?a=1&copy=2 and &notit stand for themselves.
func Reference(value string) (text string, n int) {
	if strings.HasPrefix(value, "&#") {
		return numeric(value)
	}
	n = referenceEnd(value)
	ref := value[:n]
	if n < 2 {
		return ref, n
	}
	closed := ref[n-1] == ';'
	if !closed && n < len(value) && value[n] == '=' {
		return ref, n
	}
	s := html.UnescapeString(ref)
	if strings.HasSuffix(s, ref[n-1:]) && s != ";" { // a name's beginning alone was one
		return ref, n
	}
	return s, n
}

// numeric decodes a reference by number. The library is given its number spelt out: by itself it leaves &#7 without a semicolon alone,
// and counts past the last code point until it is among them again.
func numeric(value string) (text string, n int) {
	n, base := 2, 10
	if len(value) > n && value[n]|0x20 == 'x' {
		n, base = 3, 16
	}
	digits, x := n, 0
	for ; n < len(value); n++ {
		d := digit(value[n])
		if d >= base {
			break
		}
		x = min(x*base+d, unicode.MaxRune+1)
	}
	if n == digits {
		return value[:1], 1
	}
	if n < len(value) && value[n] == ';' {
		n++
	}
	return html.UnescapeString("&#" + strconv.Itoa(x) + ";"), n
}

// digit is the value of a hexadecimal digit, or 16.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 16
}

// referenceEnd is the length of what may be a reference by name: & with letters and digits, and a semicolon where one follows.
func referenceEnd(s string) int {
	i := 1
	for i < len(s) && (letter(s[i]) || '0' <= s[i] && s[i] <= '9') {
		i++
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}
