package pages

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sample() *Page {
	return &Page{
		VisitID: "contoso.example@2026-10-31T00:00:00Z", Domain: "contoso.example", URL: "https://contoso.example/", FinalURL: "https://www.contoso.example/",
		Kind: KindHome, Status: 200, Header: http.Header{"Server": {"nginx"}}, FetchedAt: time.Date(2026, 10, 31, 1, 2, 3, 0, time.UTC),
		ContentHash: Hash([]byte("body")), Probe: &Probe{DNS: DNSFacts{MX: []string{"10 mx.example."}}}, Body: []byte("body\x00\xff\n"),
	}
}

func TestAPageSurvivesTheWire(t *testing.T) {
	want := sample()
	frame, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(frame)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
}

func TestEncodeRefusesWhatIsOverTheCap(t *testing.T) {
	p := sample()
	p.Body = make([]byte, MaxBody+1)
	if _, err := p.Encode(); err == nil {
		t.Fatal("a body over the cap was encoded")
	}
}

func TestDecodeRefusesWhatIsNoFrame(t *testing.T) {
	good, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, frame := range map[string][]byte{
		"nothing": nil, "another magic": append([]byte("XXXX"), good[4:]...), "a cut head": good[:20],
		"a head longer than the frame": {'T', 'T', 'P', '1', 0, 0, 1, 0}, "a head that is no JSON": append([]byte("TTP1\x00\x00\x00\x02"), "{]"...),
		"a length of 4 GiB": append([]byte("TTP1\xff\xff\xff\xff"), "{}"...), "a body over the cap": append(append([]byte("TTP1\x00\x00\x00\x02"), "{}"...), make([]byte, MaxBody+1)...),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode(frame); !errors.Is(err, ErrMalformed) {
				t.Fatalf("error %v, want ErrMalformed", err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	good, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("TTP1\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		p, err := Decode(frame)
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil {
			return // decoded, but its head grows over the cap when written again
		}
		q, err := Decode(again)
		if err != nil || !bytes.Equal(p.Body, q.Body) || p.URL != q.URL {
			t.Fatalf("%q does not survive: %v", frame, err)
		}
	})
}

func TestMessageIDFollowsContentNotTime(t *testing.T) {
	a, b := sample(), sample()
	b.FetchedAt = b.FetchedAt.Add(time.Hour)
	if a.MessageID() != b.MessageID() {
		t.Error("a refetch of the same content within a visit has another id")
	}
	for name, change := range map[string]func(*Page){
		"content": func(p *Page) { p.ContentHash = "x" }, "url": func(p *Page) { p.URL += "x" },
		"visit": func(p *Page) { p.VisitID += "x" }, "kind": func(p *Page) { p.Kind = KindProbe },
	} {
		c := sample()
		change(c)
		if c.MessageID() == a.MessageID() {
			t.Errorf("another %s has the same id", name)
		}
	}
}

func TestFetchErrorSaysWhatFailed(t *testing.T) {
	cause := errors.New("connection refused")
	err := error(&FetchError{Reason: ReasonConnect, URL: "https://a.example/", Err: cause})
	if got, want := err.Error(), "fetch https://a.example/: connect: connection refused"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if got, want := (&FetchError{Reason: ReasonRobots, URL: "u"}).Error(), "fetch u: robots_denied"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
