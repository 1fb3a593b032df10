package pages

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// noDash stands for an entity tag without a dash.
const noDash = 0xff

// appendETag writes an entity tag: one that is hexadecimal but for a dash, as Apache, nginx and most frameworks make
// them, in half its length. The lowest bit of the first number tells which.
func appendETag(text []byte, tag string) []byte {
	digits, dash, ok := hexTag(tag)
	if !ok {
		return append(binary.AppendUvarint(text, uint64(len(tag))<<1), tag...)
	}
	text = append(binary.AppendUvarint(text, uint64(len(digits))<<1|1), dash)
	if len(digits)%2 == 1 {
		digits += "0"
	}
	out, _ := hex.DecodeString(digits) // nothing else is in it
	return append(text, out...)
}

// hexTag returns the digits of such a tag and where its dash is.
func hexTag(tag string) (digits string, dash byte, ok bool) {
	if len(tag) < 4 || len(tag) >= noDash || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return "", 0, false
	}
	digits, dash = tag[1:len(tag)-1], noDash
	if at := strings.IndexByte(digits, '-'); at >= 0 {
		digits, dash = digits[:at]+digits[at+1:], byte(at)
	}
	return digits, dash, strings.Trim(digits, "0123456789abcdef") == ""
}

// etag reads what appendETag wrote.
func (r *packReader) etag() string {
	n := r.number()
	if n&1 == 0 {
		return r.bytes(n >> 1)
	}
	n >>= 1
	dash := int(r.byte())
	digits := hex.EncodeToString([]byte(r.bytes((n + 1) / 2)))[:n]
	if dash != noDash {
		digits = digits[:dash] + "-" + digits[dash:]
	}
	return `"` + digits + `"`
}
