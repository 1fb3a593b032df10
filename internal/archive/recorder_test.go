package archive

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"telltale/internal/pages"
)

func TestWhatIsRecordedIsReadBack(t *testing.T) {
	l := newLab(t, Config{Name: "crawler one/2", Operator: "https://a.example/bot", Software: "Telltale/9"})
	l.start(nil)
	coded := answer("http://a.example/b?x=1", "<p>Gr\xfcezi</p>")
	coded.Header = http.Header{"Content-Encoding": {"gzip"}, "Content-Length": {"33"}, "X-Crawler-Mood": {"good"}, "Set-Cookie": {"a=1", "b=2"}, "Content-Type": {"text/html; charset=iso-8859-1"}}
	cut := answer("http://a.example/long", "beginning")
	cut.Truncated, cut.Header = pages.CutByTime, http.Header{"Content-Length": {"1000"}}
	moved := answer("http://a.example/old", "")
	moved.Status, moved.Header = 301, http.Header{"Location": {"/b"}}
	want := []*pages.Exchange{answer("http://a.example/", "hello"), coded, cut, moved}
	for _, x := range want {
		l.recorder.Record(t.Context(), x)
	}
	probe := &pages.Page{
		VisitID: "v", Domain: "a.example", URL: "dns:a.example", FinalURL: "dns:a.example", Kind: pages.KindProbe, FetchedAt: noon, Header: http.Header{"Server": {"nginx"}},
		Probe: &pages.Probe{DNS: pages.DNSFacts{MX: []string{"10 mx.a.example."}, TXT: []string{`v=spf1 "quoted"`}}, TLS: &pages.TLSFacts{Issuer: "CA", Protocol: "TLS 1.3"}},
	}
	l.recorder.RecordPage(t.Context(), page(coded))
	l.recorder.RecordPage(t.Context(), probe)
	l.end()

	paths := l.paths()
	if len(paths) != 1 || !regexp.MustCompile(`/telltale-20261120120000\.123456-00001-crawler-one-2\.warc\.gz$`).MatchString(paths[0]) {
		t.Fatalf("files %v", paths)
	}
	known, found, a := replayed(t, paths...)
	for i := range want { // the request is not read back, and time has the microseconds of WARC-Date
		want[i].Request, want[i].At = nil, want[i].At.Truncate(time.Microsecond)
	}
	want[2].Header = http.Header{"Content-Length": {"1000"}}
	want[3].Header["Content-Length"] = []string{"0"} // the truth of what is kept; the server said nothing
	addresses := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	if d := cmp.Diff(want, found, addresses, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	head := page(coded)
	head.Header, head.Body, head.FetchedAt = nil, nil, noon
	if d := cmp.Diff([]*pages.Page{head, probe}, known); d != "" {
		t.Error(d)
	}
	if n := a.Tally(); n.Damaged+n.BadDigest+n.Torn+n.BadPage+n.BadMessage != 0 {
		t.Errorf("tally %+v", n)
	}
}

func TestRecordsAreAsTheStandardSays(t *testing.T) {
	l := newLab(t, Config{Operator: "https://a.example/bot\r\nX: y", Software: "Telltale/9"})
	l.start(nil)
	x := answer("http://a.example/b?x=1", "hello")
	x.Header["Evil"] = []string{"a\r\nWARC/1.1"}
	x.Truncated = pages.CutByDisconnect
	l.recorder.Record(t.Context(), x)
	l.end()
	list, damage, _ := records(t, readFile(t, l.paths()[0]))
	if got, want := kinds(list), "warcinfo, request http://a.example/b?x=1, response http://a.example/b?x=1"; got != want || len(damage) != 0 {
		t.Fatalf("%s and %v, want %s", got, damage, want)
	}
	info, request, response := list[0], list[1], list[2]
	for _, want := range []string{"software: Telltale/9\r\n", "operator: https://a.example/bot X: y\r\n", "format: WARC File Format 1.1\r\n"} {
		if !strings.Contains(string(info.Block), want) {
			t.Errorf("warcinfo %q lacks %q", info.Block, want)
		}
	}
	if want := "GET /b?x=1 HTTP/1.1\r\nHost: a.example\r\nAccept: text/html\r\nUser-Agent: TelltaleBot/1\r\n\r\n"; string(request.Block) != want {
		t.Errorf("request %q", request.Block)
	}
	if want := "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/html\r\nEvil: a WARC/1.1\r\n\r\nhello"; string(response.Block) != want {
		t.Errorf("response %q", response.Block)
	}
	for _, c := range []struct {
		of          *Record
		name, value string
	}{
		{info, "WARC-Filename", `^telltale-\S+\.warc\.gz$`}, {request, "WARC-Concurrent-To", regexp.QuoteMeta(response.Field("WARC-Record-ID"))},
		{response, "WARC-Record-ID", `^<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>$`}, {response, "WARC-Date", `^2026-11-20T12:00:00\.123456Z$`},
		{response, "WARC-IP-Address", `^192\.0\.2\.7$`}, {response, "WARC-Payload-Digest", `^sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N$`},
		{response, "WARC-Block-Digest", `^sha1:[A-Z2-7]{32}$`}, {response, "WARC-Truncated", "^disconnect$"}, {response, "Content-Type", "^application/http;msgtype=response$"},
		{request, "Content-Type", "^application/http;msgtype=request$"}, {response, "WARC-Warcinfo-ID", regexp.QuoteMeta(info.Field("WARC-Record-ID"))},
	} {
		if got := c.of.Field(c.name); !regexp.MustCompile(c.value).MatchString(got) {
			t.Errorf("%s of the %s is %q, want %s", c.name, c.of.Type(), got, c.value)
		}
	}
}

func TestABodyThatIsThereAlreadyIsARevisit(t *testing.T) {
	l := newLab(t, Config{})
	l.start(nil)
	long := strings.Repeat("<p>the same</p>", 100)
	first, again, same := answer("http://a.example/1", long), answer("http://b.example/2", long), answer("http://a.example/1", "")
	again.Header["X-Other"] = []string{"yes"}
	same.Status, same.Header = http.StatusNotModified, http.Header{"Etag": {`"1"`}}
	cut := answer("http://c.example/3", long)
	cut.Truncated = pages.CutByLength
	for _, x := range []*pages.Exchange{first, again, same, cut} {
		l.recorder.Record(t.Context(), x)
	}
	l.end()
	list, _, _ := records(t, readFile(t, l.paths()[0]))
	if got, want := kinds(list), "warcinfo, request http://a.example/1, response http://a.example/1, request http://b.example/2, revisit http://b.example/2, "+
		"request http://a.example/1, revisit http://a.example/1, request http://c.example/3, response http://c.example/3"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	r := list[4]
	if r.Field("WARC-Profile") != profileIdentical || r.Field("WARC-Refers-To") != list[2].Field("WARC-Record-ID") || r.Field("WARC-Refers-To-Target-URI") != "http://a.example/1" ||
		r.Field("WARC-Payload-Digest") != list[2].Field("WARC-Payload-Digest") || strings.Contains(string(r.Block), "same") {
		t.Errorf("revisit %v %q", r.fields, r.Block)
	}
	if list[6].Field("WARC-Profile") != profileNotModified {
		t.Errorf("revisit %v", list[6].fields)
	}
	_, found, a := replayed(t, l.paths()...)
	if len(found) != 4 || string(found[1].Body) != long || found[1].Header.Get("X-Other") != "yes" || found[1].Truncated != "" || found[2].Status != 304 {
		t.Errorf("read back: %+v", found)
	}
	if a.Tally().Unresolved != 0 {
		t.Errorf("tally %+v", a.Tally())
	}
	if n := l.metric("records_total", "revisit"); n != 2 {
		t.Errorf("%v revisits counted", n)
	}
}

func TestLookupsAreKeptAsDNSRecords(t *testing.T) {
	uris, blocks := dnsBlocks("a.example", &pages.DNSFacts{
		A: []string{"192.0.2.1", "192.0.2.2"}, MX: []string{"10 mx.a.example."}, TXT: []string{`v="1" \`, strings.Repeat("x", 300)}, CNAME: []string{"a.example."}, DMARC: []string{"v=DMARC1"},
	})
	got := map[string]string{}
	for i := range uris {
		got[uris[i]] = string(blocks[i])
	}
	want := map[string]string{
		"dns:a.example?type=A": "a.example.\tIN\tA\t192.0.2.1\na.example.\tIN\tA\t192.0.2.2\n", "dns:a.example?type=MX": "a.example.\tIN\tMX\t10 mx.a.example.\n",
		"dns:a.example?type=TXT":        "a.example.\tIN\tTXT\t\"v=\\\"1\\\" \\\\\"\na.example.\tIN\tTXT\t\"" + strings.Repeat("x", 255) + "\" \"" + strings.Repeat("x", 45) + "\"\n",
		"dns:www.a.example?type=CNAME":  "www.a.example.\tIN\tCNAME\ta.example.\n",
		"dns:_dmarc.a.example?type=TXT": "_dmarc.a.example.\tIN\tTXT\t\"v=DMARC1\"\n",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestACrawlerWaitsForTheDiskRatherThanLosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(10)
		if q.put(t.Context(), job{weight: 8}) != "" || q.size() != 8 {
			t.Fatal("no room in an empty queue")
		}
		waited := make(chan string, 1)
		go func() { waited <- q.put(t.Context(), job{weight: 5}) }()
		synctest.Wait()
		if len(waited) != 0 {
			t.Fatal("it did not wait")
		}
		if _, ok, _ := q.take(); !ok {
			t.Fatal("nothing to take")
		}
		if lost := <-waited; lost != "" {
			t.Fatalf("lost: %s", lost)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if lost := q.put(ctx, job{weight: 9}); lost != lostCancelled {
			t.Errorf("lost %q, want %q", lost, lostCancelled)
		}
		q.close()
		if lost := q.put(t.Context(), job{weight: 1}); lost != lostStopped {
			t.Errorf("lost %q, want %q", lost, lostStopped)
		}
		if j, ok, _ := q.take(); !ok || j.weight != 5 {
			t.Error("what waited before the end is gone")
		}
	})
}

func TestAStoppedRecorderCountsWhatItDoesNotTake(t *testing.T) {
	l := newLab(t, Config{})
	l.start(nil)
	l.end()
	l.recorder.Record(t.Context(), answer("http://a.example/", "x"))
	if n := l.metric("lost_total", lostStopped); n != 1 {
		t.Errorf("%v lost", n)
	}
	if files := l.paths(); len(files) != 0 {
		t.Errorf("a recorder with nothing to write made %v", files)
	}
}

func TestConfigurationsThatCannotBeAreRefused(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no directory": {}, "a negative size": {Dir: "d", MaxFile: -1}, "a negative age": {Dir: "d", MaxAge: -1}, "less in all than two files": {Dir: "d", MaxFile: 10, MaxTotal: 19},
	} {
		if _, err := New(cfg, Deps{}); err == nil || !strings.Contains(err.Error(), ErrConfig.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat("d"); err == nil {
		t.Error("New touched the disk")
	}
}
