package archive

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telltale/internal/pages"
)

const okBlock = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hello</p>"

func TestFilesAreReadHoweverTheyWereWritten(t *testing.T) {
	one, two := plain("response", "http://a.example/1", "application/http;msgtype=response", okBlock), plain("resource", "http://a.example/2", "text/html", "<p>two</p>")
	lf := strings.ReplaceAll(one, "\r\n", "\n")
	lf = strings.Replace(lf, fmt.Sprint("Content-Length: ", len(okBlock)), fmt.Sprint("Content-Length: ", len(strings.ReplaceAll(okBlock, "\r\n", "\n"))), 1)
	const both = "response http://a.example/1, resource http://a.example/2"
	for name, c := range map[string]struct {
		file   []byte
		want   string
		damage int
		torn   bool
	}{
		"plain":                                  {[]byte(one + two), both, 0, false},
		"a gzip member a record":                 {members(one, two), both, 0, false},
		"one gzip member":                        {members(one + two), both, 0, false},
		"bare line feeds":                        {[]byte(lf + two), both, 0, false},
		"no blank lines between":                 {[]byte(strings.TrimRight(one, "\r\n") + two), both, 0, false},
		"no blank line at the end":               {members(one, strings.TrimRight(two, "\r\n")), both, 0, false},
		"more blank lines":                       {[]byte("\r\n" + one + "\r\n\r\n" + two + "\r\n\r\n"), both, 0, false},
		"nothing":                                {nil, "", 0, false},
		"an empty member":                        {members("", one, "", two), both, 0, false},
		"a field over two lines":                 {[]byte(strings.Replace(one, "WARC-Target-URI: ", "WARC-Target-URI:\r\n ", 1) + two), both, 0, false},
		"an address in angle brackets":           {[]byte(strings.Replace(one, "http://a.example/1", "<http://a.example/1>", 1) + two), both, 0, false},
		"lower-case fields":                      {[]byte(strings.Replace(one, "WARC-Type", "warc-type", 1) + two), both, 0, false},
		"a torn record":                          {members(one, two)[:len(members(one, two))-30], "response http://a.example/1", 0, true},
		"a torn plain record":                    {[]byte(one + two)[:len(one+two)-12], "response http://a.example/1", 0, true},
		"a torn header":                          {[]byte(one + "WARC/1.0\r\nWARC-Ty"), "response http://a.example/1", 0, true},
		"garbage between members":                {append(append(members(one), "garbage\x1f\x8b\x08garbage"...), members(two)...), both, 1, false},
		"garbage between plain records":          {[]byte(one + "garbage\r\nmore garbage\n" + two), both, 1, false},
		"another version":                        {members(strings.Replace(one, "WARC/1.0", "WARC/0.9", 1), two), "resource http://a.example/2", 1, false},
		"no content length":                      {members(strings.Replace(one, "Content-Length", "Length", 1), two), "resource http://a.example/2", 1, false},
		"a content length below nothing":         {members(strings.Replace(one, "Content-Length: ", "Content-Length: -", 1), two), "resource http://a.example/2", 1, false},
		"a content length that is too small":     {[]byte(strings.Replace(one, fmt.Sprint("Content-Length: ", len(okBlock)), "Content-Length: 12", 1) + two), "resource http://a.example/2", 1, false},
		"a content length that is too large":     {members(strings.Replace(one, fmt.Sprint("Content-Length: ", len(okBlock)), "Content-Length: 5000", 1), two), "resource http://a.example/2", 1, false},
		"a content length beyond all reason":     {members(strings.Replace(one, fmt.Sprint("Content-Length: ", len(okBlock)), "Content-Length: 999999999999999999", 1), two), "resource http://a.example/2", 1, false},
		"a header without end":                   {members("WARC/1.0\r\n"+strings.Repeat("A: b\r\n", 20_000), two), "resource http://a.example/2", 1, false},
		"a header line without end":              {members("WARC/1.0\r\nA: "+strings.Repeat("b", 100_000), two), "resource http://a.example/2", 1, false},
		"blank lines without end":                {members(strings.Repeat("\r\n", 1_000_000), two), "resource http://a.example/2", 1, false},
		"a member with a wrong checksum":         {append(broken(members(one)), members(two)...), "resource http://a.example/2", 1, false},
		"no archive at all":                      {[]byte("%PDF-1.4 and so on"), "", 1, false},
		"a gzip file that is no archive":         {members("hello, world"), "", 1, false},
		"a broken gzip header after good ones":   {append(members(one, two), 0x1F, 0x8B, 8, 0xFF, 1), both, 1, false},
		"two bytes of a member":                  {append(members(one, two), 0x1F, 0x8B), both, 0, true},
		"a record of a type that nobody defined": {[]byte(plain("novelty", "x:y", "a/b", "z") + two), "novelty x:y, resource http://a.example/2", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			list, damage, r := records(t, c.file)
			if got := kinds(list); got != c.want || len(damage) != c.damage || r.Torn() != c.torn {
				t.Errorf("%s; damage %q, torn %v; want %s, %d, %v", got, damage, r.Torn(), c.want, c.damage, c.torn)
			}
			for _, d := range damage {
				if !strings.HasPrefix(d, "offset ") {
					t.Errorf("%q names no offset", d)
				}
			}
		})
	}
}

// broken changes a bit of the checksum at the end of a member.
func broken(member []byte) []byte {
	out := bytes.Clone(member)
	out[len(out)-8] ^= 1
	return out
}

func TestABlockThatIsTooLongIsPassedOver(t *testing.T) {
	huge := plain("response", "http://a.example/huge", "application/http", strings.Repeat("x", maxBlock+1))
	list, damage, _ := records(t, members(huge, plain("resource", "http://a.example/2", "text/html", "two")))
	if kinds(list) != "response http://a.example/huge, resource http://a.example/2" || len(damage) != 0 || !list[0].Oversized || list[0].Block != nil || list[1].Oversized {
		t.Errorf("%s, %v", kinds(list), damage)
	}
}

func TestDigestsAreComparedAsOtherToolsWriteThem(t *testing.T) {
	for value, want := range map[string]bool{
		"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N": true, "SHA1:vl2mmho4yxukfwv63yhtwsbm3gxksq2n": true, "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d": true,
		"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2A": false, "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824": true,
		"sha256:FTZE3OS7WCRQ4JXIHMVMLOPCTYNRMHS4D6TUEXTTAQZWFE4LTASA====": true, "sha256:FTZE": false, "md5:1": true, "": true, "hello": true,
	} {
		list, _, _ := records(t, []byte(plain("resource", "http://a.example/", "text/plain", "hello", "WARC-Block-Digest", value)))
		if got := list[0].Intact(); got != want {
			t.Errorf("%q: intact %v, want %v", value, got, want)
		}
	}
}

// TestFilesOfOtherToolsAreRead reads files laid out as wget, Heritrix and warcio lay theirs out.
func TestFilesOfOtherToolsAreRead(t *testing.T) {
	for _, c := range []struct {
		file, want string
	}{
		{"wget.warc", "200 http://a.example/ chunked=true coded=gzip length=53; 404 http://a.example/robots.txt chunked=false coded= length=9"},
		{"heritrix.warc", "200 http://a.example/ chunked=true coded= length=26; 200 http://a.example/copy chunked=true coded= length=26; 304 http://a.example/style.css chunked=false coded= length=0"},
		{"warcio.warc", "200 https://a.example/h2 chunked=false coded=br length=17; 200 https://a.example/saved chunked=false coded= length=12"},
	} {
		t.Run(c.file, func(t *testing.T) {
			_, found, a := replayed(t, filepath.Join("testdata", c.file))
			var got []string
			for _, x := range found {
				coding := ""
				if x.Coded {
					coding = x.Header.Get("Content-Encoding")
				}
				got = append(got, fmt.Sprintf("%d %s chunked=%v coded=%s length=%d", x.Status, x.URL, x.Header.Get("Transfer-Encoding") != "", coding, len(x.Body)))
				if x.At.IsZero() {
					t.Errorf("%s has no time", x.URL)
				}
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("read\n%s, want\n%s", s, c.want)
			}
			if n := a.Tally(); n.Damaged+n.Torn+n.BadDigest+n.BadMessage+n.Unresolved != 0 {
				t.Errorf("tally %+v", n)
			}
		})
	}
}

func TestWhatCannotBeTrustedIsCountedAndLeftOut(t *testing.T) {
	date := func(s, with string) string { return strings.Replace(s, "2020-01-02T03:04:05Z", with, 1) }
	resp := func(uri, block string, fields ...string) string {
		return plain("response", uri, "application/http", block, fields...)
	}
	path := filepath.Join(t.TempDir(), "mixed.warc")
	if err := os.WriteFile(path, members(
		resp("http://a.example/good", okBlock), resp("http://a.example/digest", okBlock, "WARC-Block-Digest", "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"),
		resp("http://a.example/09", "<html>no status line"), resp("http://a.example/odd", "HTTP/1.1 abc\r\n\r\n"), resp("http://a.example/empty", ""),
		resp("http://a.example/words", "HTTP/2 200\nContent-Type:text/html\nno colon here\n continued\n\nbody"), date(resp("http://a.example/when", okBlock), "yesterday"),
		resp("ftp://a.example/file", "x"), resp("http://a.example/chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n9\r\nab"),
		resp("http://a.example/dechunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>no chunks</p>"),
		resp("http://a.example/part", okBlock, "WARC-Segment-Number", "1"),
		plain("revisit", "http://a.example/lost", "application/http", "", "WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest", "WARC-Payload-Digest", "sha1:X"),
		plain("metadata", "http://a.example/x", mediaPage, "{"),
	), 0o600); err != nil {
		t.Fatal(err)
	}
	_, found, a := replayed(t, path)
	var got []string
	for _, x := range found {
		got = append(got, fmt.Sprintf("%s %d %q %s", strings.TrimPrefix(x.URL, "http://a.example/"), x.Status, x.Body, x.Truncated))
	}
	want := []string{
		`good 200 "<p>hello</p>" `, `words 200 "body" `, `chunks 200 "abcdab" `, `dechunked 200 "<p>no chunks</p>" `, `part 200 "<p>hello</p>" ` + pages.CutByLength,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := a.Tally(); n.BadDigest != 1 || n.BadMessage != 3 || n.Unresolved != 1 || n.BadPage != 1 || n.Records["response"] != 11 || n.Damaged != 0 {
		t.Errorf("tally %+v", n)
	}
}

func TestCheckNamesTheOffset(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"an archive": {[]byte(plain("resource", "x:y", "a/b", "c")), ""}, "an empty file": {nil, "no WARC record: offset 0: the file ends"},
		"another file": {[]byte("hello"), `no WARC record: offset 0`}, "a torn file": {members(plain("resource", "x:y", "a/b", "c"))[:40], "no WARC record: offset 0: the file ends within it"},
		"an archive behind garbage": {append([]byte("garbage\n"), plain("resource", "x:y", "a/b", "c")...), ""},
	} {
		path := filepath.Join(t.TempDir(), "f.warc")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		err := Check(t.Context(), path)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	one, two := plain("response", "http://a.example/1", "application/http", okBlock, "WARC-Block-Digest", "sha1:X"), plain("metadata", "http://a.example/2", mediaPage, `{"url":"x"}`)
	for _, seed := range [][]byte{[]byte(one + two), members(one, two), members(one + two), members(one)[:50], []byte("WARC/1.1\r\nContent-Length: 99\r\n\r\n\r\n"), {0x1F, 0x8B, 8}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		list, _, r := records(t, file)
		if r.whole > int64(len(file)) || r.Offset() > int64(len(file)) {
			t.Fatalf("whole to %d, offset %d of %d bytes", r.whole, r.Offset(), len(file))
		}
		for _, rec := range list {
			if rec.Offset < 0 || rec.Offset >= int64(len(file)) {
				t.Fatalf("a record at %d of %d bytes", rec.Offset, len(file))
			}
			rec.Intact()
			pageOf(rec)
			for _, ours := range [...]bool{true, false} {
				if x, err := exchangeOf(rec, ours); err == nil && (x.Status < 100 || x.Status > 999) {
					t.Fatalf("status %d", x.Status)
				}
			}
		}
	})
}
