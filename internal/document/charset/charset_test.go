package charset

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

func TestTextBecomesUTF8(t *testing.T) {
	const decl = `<?xml version="1.0" encoding="ISO-8859-1"?>`
	for _, c := range []struct {
		name, contentType, body, want string
		found                         Found
	}{
		{"UTF-8 without declaration", "text/html", "caf\xc3\xa9", "café", UTF8},
		{"UTF-8 that claims to be windows-1252", "text/html; charset=windows-1252", "caf\xc3\xa9", "café", UTF8},
		{"UTF-8 that claims so in its meta element", "text/html", `<meta charset="iso-8859-1">café`, `<meta charset="iso-8859-1">café`, UTF8},
		{"Latin by header", "text/html; charset=ISO-8859-1", "caf\xe9", "café", Legacy},
		{"Latin by meta", "text/html", `<meta charset="windows-1250"> p` + "\xb9", `<meta charset="windows-1250"> pą`, Legacy},
		{"Latin by sniffing", "text/html", "<p>caf\xe9</p>", "<p>café</p>", Legacy},
		{"Japanese by header", "text/html; charset=Shift_JIS", "\x93\xfa\x96\x7b", "日本", Legacy},
		{"seven-bit Japanese", "text/html; charset=iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本", Legacy},
		{"Cyrillic by meta", "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">` + "\xd2\xd5\xd3", `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">рус`, Legacy},
		{"UTF-16 by byte order mark", "text/html", "\xff\xfea\x00\xe9\x00", "aé", UTF16},
		{"UTF-16 by header", "text/html; charset=utf-16le", "a\x00b\x00", "ab", UTF16},
		{"a byte order mark is dropped", "text/html", "\xEF\xBB\xBFa", "a", UTF8},
		{"broken UTF-8 that says so", "text/html; charset=utf-8", "caf\xc3\xa9 \xff!", "café \uFFFD!", Broken},
		{"a feed by its XML declaration", "application/rss+xml", decl + "<a>\xe9</a>", `<?xml version="1.0" encoding="UTF-8"?><a>é</a>`, Legacy},
		{"a feed whose declaration lies", "application/xml", decl + "<a>é</a>", `<?xml version="1.0" encoding="UTF-8"?><a>é</a>`, UTF8},
		{"a header beats the XML declaration", "text/xml; charset=windows-1251", decl + "<a>\xe9</a>", `<?xml version="1.0" encoding="UTF-8"?><a>й</a>`, Legacy},
		{"an encoding nobody knows", "text/html; charset=klingon", "caf\xe9", "café", Legacy},
		{"JSON", "application/feed+json", "\"caf\xe9\"", "\"café\"", Legacy},
		{"no type at all", "", "<html>caf\xe9", "<html>café", Legacy},
		{"an image is left alone", "image/png", "\x89PNG\xff\xfe", "\x89PNG\xff\xfe", NoText},
		{"what looks like none is left alone", "", "\x89PNG\x0d\x0a\x1a\x0a\xff", "\x89PNG\x0d\x0a\x1a\x0a\xff", NoText},
		{"nothing", "text/html", "", "", NoText},
		{"UTF-16 without a mark", "text/html", "<\x00p\x00>\x00\xe9\x00", "<p>é", UTF16},
		{"UTF-16 without a mark, the other way round", "text/html", "\x00<\x00p\x00>\x00\xe9", "<p>é", UTF16},
		{"UTF-16 that says it is Latin", "text/html; charset=iso-8859-1", "<\x00p\x00>\x00\xe9\x00", "<p>é", UTF16},
		{"UTF-16 cut within a character", "text/html", "\xff\xfea\x00b", "a\uFFFD", UTF16},
		{"a NUL within UTF-8", "text/html", "<p>caf\xc3\xa9\x00 au lait", "<p>café\x00 au lait", UTF8},
		{"an escape within UTF-8", "text/html", "<p>caf\xc3\xa9 \x1b[0m", "<p>café \x1b[0m", UTF8},
		{"UTF-7 by header", "text/html; charset=UTF-7", "+ADw-script+AD4-", "+ADw-script+AD4-", UTF7},
		{"UTF-7 by meta", "text/html", `<meta charset="utf-7">+ADw-`, `<meta charset="utf-7">+ADw-`, UTF7},
		{"a zip served as HTML", "text/html", "PK\x03\x04\xff\xfe\x00", "PK\x03\x04\xff\xfe\x00", Binary},
		{"a picture served as HTML", "text/html; charset=utf-8", "\x89PNG\r\n\xff", "\x89PNG\r\n\xff", Binary},
		{"a gzip member served as XML", "text/xml", "\x1f\x8b\x08\xff", "\x1f\x8b\x08\xff", Binary},
		{"NULs and little else", "text/html", "a\x00\x00\x00b\x00\x00\x00\xff", "a\x00\x00\x00b\x00\x00\x00\xff", Binary},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, cut, found := ToUTF8([]byte(c.body), c.contentType, false, 1<<20)
			if string(got) != c.want || cut || found != c.found {
				t.Fatalf("got %q, %s, want %q, %s", got, found, c.want, c.found)
			}
		})
	}
}

func TestACutBodyKeepsItsEncoding(t *testing.T) {
	body := []byte("日本語日本語")
	for n := range len(body) + 1 {
		got, _, _ := ToUTF8(body[:n], "text/html", true, 100)
		if want := body[:n/3*3]; !bytes.Equal(got, want) {
			t.Fatalf("cut at %d: %q, want %q", n, got, want)
		}
	}
	got, cut, _ := ToUTF8(bytes.Repeat([]byte{0xE9}, 100), "text/html; charset=iso-8859-1", false, 151)
	if !cut || len(got) != 150 || !utf8.Valid(got) {
		t.Fatalf("a body that grew: cut %v, %d bytes", cut, len(got))
	}
}

func FuzzToUTF8(f *testing.F) {
	f.Add([]byte("<\x00p\x00>\x00"), "text/html", false, 100)
	f.Add([]byte("\xfe\xff\x00a\xd8"), "text/html", true, 3)
	f.Add([]byte("<?xml encoding='koi8-r' ?>\xd2"), "text/xml", false, 20)
	f.Add([]byte("\x1b$B"), "text/html; charset=iso-2022-jp", false, 20)
	f.Add([]byte("<meta charset=utf-7>+ADw-"), "text/html", false, 50)
	f.Fuzz(func(t *testing.T, body []byte, contentType string, truncated bool, limit int) {
		limit = min(max(limit, 1), 1<<20)
		out, cut, found := ToUTF8(body, contentType, truncated, limit)
		if found == NoText || found == Binary {
			return
		}
		if len(out) > limit || !utf8.Valid(out) || cut && len(out) < limit-utf8.UTFMax {
			t.Errorf("%s: %d bytes of %d, cut %v: %q", found, len(out), limit, cut, out)
		}
	})
}
