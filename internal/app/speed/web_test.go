package speed

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// webAsk says what web is served.
type webAsk struct {
	// Hosts have names h0.example and so on, and Addresses loopback addresses between them, from 127.1.0.1.
	Hosts, Addresses int
	// Pages is the number of pages of each host; Bytes the size of one.
	Pages, Bytes int
	// TLS serves HTTPS too.
	TLS bool
	// Gap is the least between two requests at one address; each that comes earlier is counted.
	Gap time.Duration
}

// webUp says where it is served.
type webUp struct {
	DNS         string
	HTTP, HTTPS int
	CA          []byte
}

// webDone is what a web has served.
type webDone struct {
	Requests, TooEarly int64
	CPU                time.Duration
}

// variants is how many bodies are told apart; each host serves its pages from another place in the list.
const variants = 640

func hostName(i int) string { return "h" + strconv.Itoa(i) + ".example" }

// address is the loopback address of the ith host where n are shared by all.
func address(i, n int) netip.Addr {
	k := i%n + 1
	return netip.AddrFrom4([4]byte{127, byte(1 + k>>16), byte(k >> 8), byte(k)})
}

func hostNumber(host string) int {
	host, _, _ = strings.Cut(host, ":")
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(host, "h"), ".example"))
	return n
}

// path is the address of the ith page of a host; 0 is the home page.
func path(i int) string {
	if i == 0 {
		return "/"
	}
	return "/blog/" + strconv.Itoa(2000+i) + "-notes-on-" + nouns[i%len(nouns)] + "-and-" + nouns[(i*7+3)%len(nouns)]
}

// serveWeb serves a web until its parent ends it.
func serveWeb(ctx context.Context, ask webAsk) error {
	bodies := make([][]byte, variants)
	for i := range bodies {
		bodies[i] = pageBody(uint64(i), ask.Pages, ask.Bytes)
	}
	numbers := map[string]int{}
	for i := range ask.Pages {
		numbers[path(i)] = i
	}
	site := &site{bodies: bodies, numbers: numbers, pages: ask.Pages}
	watch := &gaps{least: ask.Gap, next: site, free: map[string]time.Time{}}
	var handler http.Handler = site
	if ask.Gap > 0 {
		handler = watch
	}
	up, stop, err := listenWeb(ctx, ask, handler)
	if err != nil {
		return err
	}
	if err := say(up); err != nil {
		return err
	}
	untilClosed(ctx)
	stop()
	return say(webDone{Requests: site.served.Load(), TooEarly: watch.tooEarly.Load(), CPU: used().cpu})
}

// site serves the pages of every host.
type site struct {
	bodies  [][]byte
	numbers map[string]int
	pages   int
	served  atomic.Int64
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.served.Add(1)
	h := w.Header()
	if r.URL.Path == "/robots.txt" {
		h["Content-Type"] = []string{"text/plain; charset=utf-8"}
		_, _ = w.Write(robotsText) // a client that went away is its own affair
		return
	}
	n, ok := s.numbers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	body := s.bodies[(hostNumber(r.Host)*s.pages+n)%variants]
	h["Content-Type"] = []string{"text/html; charset=utf-8"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["Cache-Control"] = []string{"max-age=600"}
	h["Last-Modified"] = []string{"Mon, 02 Nov 2026 08:00:00 GMT"}
	h["Etag"] = []string{`"` + strconv.Itoa(n) + `-5f3a"`}
	_, _ = w.Write(body)
}

func listenWeb(ctx context.Context, ask webAsk, handler http.Handler) (up webUp, stop func(), err error) {
	names, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return up, nil, err
	}
	if conn, ok := names.(*net.UDPConn); ok {
		_ = conn.SetReadBuffer(4 << 20) // as much as the system allows: a question that is dropped is asked again after 3 s
	}
	zone := &dns.Server{PacketConn: names, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) { answer(w, q, ask.Addresses) })}
	go func() { _ = zone.ActivateAndServe() }() // ends with the process
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "0.0.0.0:0")
	if err != nil {
		return up, nil, err
	}
	up = webUp{DNS: names.LocalAddr().String(), HTTP: ln.Addr().(*net.TCPAddr).Port}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	if ask.TLS {
		secure, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "0.0.0.0:0")
		if err != nil {
			return up, nil, err
		}
		leaf, root, err := certificates()
		if err != nil {
			return up, nil, err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
		up.HTTPS, up.CA = secure.Addr().(*net.TCPAddr).Port, root
		go func() { _ = server.ServeTLS(secure, "", "") }()
	}
	go func() { _ = server.Serve(ln) }()
	return up, func() { _ = server.Close() }, nil
}

// answer resolves every name of the web for an hour.
func answer(w dns.ResponseWriter, q *dns.Msg, addresses int) {
	reply := new(dns.Msg)
	reply.SetReply(q)
	name := q.Question[0].Name
	if q.Question[0].Qtype == dns.TypeA && strings.HasPrefix(name, "h") {
		reply.Answer = []dns.RR{&dns.A{
			Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 3600},
			A:   address(hostNumber(strings.TrimSuffix(name, ".")), addresses).AsSlice(),
		}}
	}
	_ = w.WriteMsg(reply) // a client that went away asks again
}

var robotsText = []byte(`# robots
User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php
Disallow: /search
Disallow: /cart/
Disallow: /*?replytocom=
Disallow: /*.pdf$
Disallow: /private/
Disallow: /tmp/*/raw

User-agent: BadBot
Disallow: /
`)

var (
	nouns = strings.Fields("pallets invoices bearings ledgers turbines orchards sensors tenders gaskets harbours looms kilns " +
		"vouchers pumps contracts lathes valves depots cables audits forklifts silos payrolls routers brackets quarries")
	verbs = strings.Fields("checks moves measures repairs delivers plans replaces counts compares signs files stores sorts " +
		"loads reviews prices grinds tests paints ships")
	rest = strings.Fields("before the next shift begins while customers wait for an answer after a long week in the northern hall under a " +
		"contract that nobody has read twice with more care than last year because the old list was wrong and the new one is short")
)

// pageBody is a page of about size bytes: a head, a menu, prose of some 50,000 different words with a hundred links in
// it, most to other pages of the host, and a footer.
func pageBody(seed uint64, pages, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Notes on %s, part %d</title>\n"+
		"<meta name=\"description\" content=\"What %s have to do with %s.\"><link rel=\"stylesheet\" href=\"/assets/site.css?v=%d\">\n"+
		"<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed\"><script src=\"/assets/app.js\" defer></script></head><body>\n<header><nav class=\"menu\"><ul>\n",
		nouns[seed%26], seed, nouns[r.IntN(26)], nouns[r.IntN(26)], seed%9)
	links := 0
	link := func(text string) {
		links++
		target := path(r.IntN(pages))
		if links%10 == 0 {
			target = "https://partner" + strconv.Itoa(r.IntN(40)) + ".example.org/about?utm_source=blog&ref=" + strconv.Itoa(links)
		}
		fmt.Fprintf(&b, `<a href="%s" class="link link--%s">%s</a>`, target, nouns[r.IntN(26)], text)
	}
	for range 20 {
		b.WriteString("<li class=\"menu-item\">")
		link(nouns[r.IntN(26)])
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul></nav></header>\n<main><article class=\"post\">\n")
	for n := 0; b.Len() < size-1200; n++ {
		fmt.Fprintf(&b, "<p class=\"text\" data-n=\"%d\">", n)
		for range 3 + r.IntN(4) {
			sentence(&b, r)
		}
		if links < 90 {
			link("more on " + nouns[r.IntN(26)])
		}
		b.WriteString("</p>\n")
	}
	b.WriteString("</article></main>\n<footer><ul>\n")
	for links < 100 {
		b.WriteString("<li>")
		link(nouns[r.IntN(26)])
		b.WriteString("</li>")
	}
	b.WriteString("</ul></footer></body></html>\n")
	return b.Bytes()
}

func sentence(b *bytes.Buffer, r *rand.Rand) {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	// An invented name in each sentence keeps the text from compressing better than prose does.
	name := []byte{letters[r.IntN(26)] - 'a' + 'A', "aeiou"[r.IntN(5)], letters[r.IntN(26)], "aeiou"[r.IntN(5)], letters[r.IntN(26)], letters[r.IntN(26)]}
	fmt.Fprintf(b, "%s %s %d %s &amp; %s", name, verbs[r.IntN(20)], r.IntN(900), nouns[r.IntN(26)], nouns[r.IntN(26)])
	at := r.IntN(len(rest) - 8)
	for _, word := range rest[at : at+3+r.IntN(6)] {
		b.WriteString(" " + word)
	}
	b.WriteString(". ")
}
