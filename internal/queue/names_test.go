package queue_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"pgregory.net/rapid"
	"telltale/internal/queue"
)

func TestTokensOfDomains(t *testing.T) {
	for name, want := range map[string]string{
		"contoso.com": "contoso_com", "xn--mller-kva.de": "xn--mller-kva_de", "192.0.2.7": "192_0_2_7",
		"2001:db8::1": "2001=3Adb8=3A=3A1", "a_b.c": "a=5Fb_c", "A b*>": "=41=20b=2A=3E", "": "",
	} {
		if got := queue.Token(name); got != want {
			t.Errorf("Token(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEveryNameIsAValidTokenAndComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.Byte()).Draw(t, "name"))
		token := queue.Token(name)
		if strings.ContainsAny(token, ".*> \t\r\n\x00") {
			t.Fatalf("token %q", token)
		}
		if back, err := queue.Untoken(token); err != nil || back != name {
			t.Fatalf("%q came back as %q, %v", name, back, err)
		}
		if p := queue.Partition(name); p < 0 || p >= queue.Partitions {
			t.Fatalf("partition %d", p)
		}
	})
}

func FuzzUntoken(f *testing.F) {
	for _, s := range []string{"contoso_com", "=41", "=4", "=", "a.b", "=zz", "=5f", "=61"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		name, err := queue.Untoken(token)
		if err != nil {
			if !errors.Is(err, queue.ErrBadName) {
				t.Errorf("untyped error %v", err)
			}
			return
		}
		if queue.Token(name) != token {
			t.Errorf("%q was read as %q, which is written %q", token, name, queue.Token(name))
		}
	})
}

func newCodec(t testing.TB) queue.Codec {
	t.Helper()
	c, err := queue.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestUnpackNeverYieldsMoreThanItsBound(t *testing.T) {
	c := newCodec(t)
	bomb := c.Pack(make([]byte, queue.MaxDecoded+1)) // a few hundred bytes
	if len(bomb) > 4096 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	for name, data := range map[string][]byte{"a bomb": bomb, "plain and too long": make([]byte, queue.MaxDecoded+1), "cut short": bomb[:len(bomb)/2]} {
		if out, err := c.Unpack(data); !errors.Is(err, queue.ErrMalformed) {
			t.Errorf("%s: %d bytes, %v; want ErrMalformed", name, len(out), err)
		}
	}
	whole := make([]byte, queue.MaxDecoded)
	if out, err := c.Unpack(c.Pack(whole)); err != nil || len(out) != len(whole) {
		t.Errorf("the largest payload: %d bytes, %v", len(out), err)
	}
}

func FuzzUnpackPage(f *testing.F) {
	c := newCodec(f)
	for _, size := range []int{0, 100, 5000} {
		frame, err := page("contoso.com", 1, htmlBody(1, size)).Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
		f.Add(c.Pack(frame))
	}
	f.Add([]byte("\x28\xb5\x2f\xfd\x84\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if out, err := c.Unpack(data); err == nil && len(out) > queue.MaxDecoded {
			t.Errorf("%d bytes", len(out))
		}
		if err := c.DecodePage(data); err != nil && !errors.Is(err, queue.ErrMalformed) {
			t.Errorf("untyped error %v", err)
		}
	})
}

func FuzzReadLetter(f *testing.F) {
	f.Add("VISITS", "visits.1.a_example", "1", "2", "2026-03-31T12:00:00Z", `{"A":["b"]}`)
	f.Add("", "", "-1", "x", "", "{")
	f.Fuzz(func(t *testing.T, stream, subject, seq, deliveries, at, headers string) {
		h := nats.Header{}
		for k, v := range map[string]string{
			"Telltale-Stream": stream, "Telltale-Subject": subject, "Telltale-Sequence": seq, "Telltale-Deliveries": deliveries,
			"Telltale-Time": at, "Telltale-Stored": at, "Telltale-Headers": headers,
		} {
			h.Set(k, v)
		}
		l, err := queue.ReadLetter(&jetstream.RawStreamMsg{Sequence: 1, Header: h})
		if err != nil && !errors.Is(err, queue.ErrMalformed) {
			t.Errorf("untyped error %v", err)
		}
		if err == nil && (l.Stream == "" || l.Subject == "") {
			t.Errorf("a letter without an origin: %+v", l)
		}
	})
}
