package archive

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

// renamed are fields of an answer that do not hold for the body as it is kept, and what they are kept as; the prefix is the
// one that other crawlers use.
const renamed = "X-Crawler-"

// requestBlock writes a request in the form of HTTP/1.1, whatever version carried it.
func requestBlock(x *pages.Exchange) []byte {
	origin, rest := urls.Origin(x.URL)
	_, host, _ := strings.Cut(origin, "://")
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", oneLine(rest), oneLine(host))
	writeHeader(&b, x.Request, func(name string) string { return name })
	b.WriteString("\r\n")
	return b.Bytes()
}

// responseHead writes an answer's status line and header. The body is kept decoded: what the header says of its coding and
// length on the wire is renamed, and Content-Length is the truth.
func responseHead(x *pages.Exchange) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", x.Status, http.StatusText(x.Status))
	length := strconv.Itoa(len(x.Body))
	whole := x.Header.Get("Content-Length") == length
	writeHeader(&b, x.Header, func(name string) string {
		switch {
		case name == "Content-Encoding", name == "Transfer-Encoding", name == "Content-Length" && !whole, strings.HasPrefix(name, renamed):
			return renamed + name
		}
		return name
	})
	if !whole {
		b.WriteString("Content-Length: " + length + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

func writeHeader(b *bytes.Buffer, h http.Header, as func(string) string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			b.WriteString(as(name) + ": " + oneLine(value) + "\r\n")
		}
	}
}

// asSent undoes what responseHead does to a header.
func asSent(h http.Header) {
	var back []string
	for name := range h {
		if strings.HasPrefix(name, renamed) {
			back = append(back, name)
		}
	}
	slices.Sort(back) // the shorter of X-Crawler-A and X-Crawler-X-Crawler-A first: it makes room for the longer
	for _, name := range back {
		h[strings.TrimPrefix(name, renamed)] = h[name]
		delete(h, name)
	}
}

// dnsBlocks are a domain's records as text/dns (RFC 4027, RFC 1035 §5), by the dns: address (RFC 4501) that asks for them.
// What the facts do not say, the time to live, is left out.
func dnsBlocks(domain string, f *pages.DNSFacts) (uris []string, blocks [][]byte) {
	for _, set := range [...]struct {
		name, kind string
		values     []string
	}{
		{domain, "A", f.A}, {domain, "AAAA", f.AAAA}, {domain, "MX", f.MX}, {domain, "NS", f.NS}, {domain, "TXT", f.TXT},
		{"www." + domain, "CNAME", f.CNAME}, {domain, "SOA", f.SOA}, {"_dmarc." + domain, "TXT", f.DMARC},
	} {
		if len(set.values) == 0 {
			continue
		}
		var b bytes.Buffer
		for _, value := range set.values {
			if set.kind == "TXT" {
				value = quoted(value)
			}
			b.WriteString(set.name + ".\tIN\t" + set.kind + "\t" + oneLine(value) + "\n")
		}
		uris = append(uris, "dns:"+set.name+"?type="+set.kind)
		blocks = append(blocks, b.Bytes())
	}
	return uris, blocks
}

// quoted writes a text as character strings of at most 255 bytes.
func quoted(text string) string {
	var b strings.Builder
	for len(text) > 0 || b.Len() == 0 {
		n := min(len(text), 255)
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text[:n]) + `"`)
		text = text[n:]
	}
	return b.String()
}
