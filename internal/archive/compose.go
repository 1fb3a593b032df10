package archive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"telltale/internal/pages"
)

const (
	// minRevisit is the least body, in bytes, that is not written twice in one file: a revisit record costs about as much.
	minRevisit = 1 << 10
	// maxRemembered bounds the bodies of one file that are remembered, at some 200 bytes each.
	maxRemembered = 100_000
)

// original is a body that was written in this file.
type original struct {
	id, uri string
	at      time.Time
}

// composer makes records of jobs. It knows what the current file holds; it is for one goroutine.
type composer struct {
	encoder *encoder
	infoID  string
	bodies  map[digest]original
	// counts are the records since discard, by type.
	counts map[string]int
}

// begin starts a file with its warcinfo record.
func (c *composer) begin(cfg *Config, name string, at time.Time) error {
	c.infoID, c.bodies = newID(), map[digest]original{}
	var block strings.Builder
	for _, f := range [...][2]string{
		{"software", cfg.Software}, {"format", "WARC File Format 1.1"},
		{"conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{"robots", "RFC 9309"}, {"operator", cfg.Operator}, {"http-header-user-agent", cfg.UserAgent}, {"isPartOf", cfg.Name},
	} {
		if f[1] != "" {
			block.WriteString(f[0] + ": " + oneLine(f[1]) + "\r\n")
		}
	}
	return c.put(&record{kind: typeInfo, id: c.infoID, at: at, fields: []string{"WARC-Filename", name}, media: mediaFields, block: []byte(block.String())})
}

// add composes the records of one job.
func (c *composer) add(j *job) error {
	if j.page != nil {
		return c.page(j.page)
	}
	return c.exchange(j.exchange)
}

// bytes are the records composed since discard.
func (c *composer) bytes() []byte { return c.encoder.out.Bytes() }

// discard forgets what was composed.
func (c *composer) discard() {
	c.encoder.out.Reset()
	clear(c.counts)
}

func (c *composer) put(r *record) error {
	if r.id == "" {
		r.id = newID()
	}
	if r.kind != typeInfo {
		r.fields = append(r.fields, "WARC-Warcinfo-ID", c.infoID)
	}
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[r.kind]++
	return c.encoder.add(r)
}

// exchange writes a request and its answer: a response, or a revisit where the body did not change or stands in this file
// already.
func (c *composer) exchange(x *pages.Exchange) error {
	address := ""
	if x.Address.IsValid() {
		address = x.Address.String()
	}
	answer := &record{kind: typeResponse, id: newID(), at: x.At, uri: x.URL, media: mediaResponse, block: responseHead(x)}
	answer.fields = []string{"WARC-IP-Address", address}
	body := digestOf(x.Body)
	earlier, twice := c.bodies[body]
	switch {
	case x.Status == http.StatusNotModified:
		answer.kind = typeRevisit
		answer.fields = append(answer.fields, "WARC-Profile", profileNotModified)
	case twice && x.Truncated == "":
		answer.kind = typeRevisit
		answer.fields = append(answer.fields, "WARC-Profile", profileIdentical, "WARC-Payload-Digest", body.String(), "WARC-Truncated", pages.CutByLength,
			"WARC-Refers-To", earlier.id, "WARC-Refers-To-Target-URI", earlier.uri, "WARC-Refers-To-Date", earlier.at.UTC().Format(warcDate))
	default:
		answer.fields = append(answer.fields, "WARC-Payload-Digest", body.String(), "WARC-Truncated", x.Truncated)
		answer.block = append(answer.block, x.Body...)
		if x.Truncated == "" && len(x.Body) >= minRevisit && len(c.bodies) < maxRemembered {
			c.bodies[body] = original{answer.id, x.URL, x.At}
		}
	}
	if x.Request != nil {
		request := &record{kind: typeRequest, at: x.At, uri: x.URL, media: mediaRequest, block: requestBlock(x)}
		request.fields = []string{"WARC-IP-Address", address, "WARC-Concurrent-To", answer.id}
		if err := c.put(request); err != nil {
			return err
		}
	}
	return c.put(answer)
}

// page writes which answer was published as what. A probe has no answer: its DNS records stand beside it, each set as the
// lookup that gave it, and its facts, those of TLS among them, within it.
func (c *composer) page(p *pages.Page) error {
	r := &record{kind: typeMetadata, id: newID(), at: p.FetchedAt, uri: p.URL, media: mediaPage}
	head := *p
	if p.Probe == nil {
		head.Header = nil
	} else {
		uris, blocks := dnsBlocks(p.Domain, &p.Probe.DNS)
		for i, uri := range uris {
			dns := &record{kind: typeResource, id: newID(), at: p.FetchedAt, uri: uri, media: mediaDNS, block: blocks[i]}
			dns.fields = []string{"WARC-Concurrent-To", r.id}
			if err := c.put(dns); err != nil {
				return err
			}
		}
	}
	var err error
	if r.block, err = json.Marshal(&head); err != nil {
		return fmt.Errorf("write page %s: %w", p.URL, err)
	}
	return c.put(r)
}
