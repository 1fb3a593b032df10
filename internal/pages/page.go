// Package pages holds the messages between crawler and extractor: the visit, the page, the probe
// facts and the visit's result, and how they are written to a queue. It does no I/O.
package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// MaxBody is the cap on a decoded page body, in bytes (DESIGN §2).
const MaxBody = 2 << 20

// Kind says what a page is.
type Kind string

// The kinds of page. KindProbe carries DNS, TLS and HTTP facts and no body.
const (
	KindHome    Kind = "home"
	KindBlog    Kind = "blog"
	KindPress   Kind = "press"
	KindFeed    Kind = "feed"
	KindForum   Kind = "forum"
	KindSocial  Kind = "social"
	KindCareers Kind = "careers"
	KindJob     Kind = "job"
	KindProduct Kind = "product"
	KindStory   Kind = "story"
	KindLegal   Kind = "legal"
	KindParked  Kind = "parked"
	KindError   Kind = "error"
	KindSitemap Kind = "sitemap"
	KindOther   Kind = "other"
	KindProbe   Kind = "probe"
)

// Known is what is known of one URL of a domain, so that a fetch can be conditional.
type Known struct {
	URL string `json:"u"`
	// ETag and LastModified are the validators as the server sent them (RFC 9110 §8.8).
	ETag         string `json:"e,omitempty"`
	LastModified string `json:"m,omitempty"`
	// ContentHash is the Hash of the body last extracted.
	ContentHash string `json:"h,omitempty"`
	Kind        Kind   `json:"k,omitempty"`
	// SimHash is the similarity hash of the text last extracted; 0 where unknown.
	SimHash uint64 `json:"s,omitempty"`
}

// Feed is one feed on the schedule: an account's own, or a source that a watch list names.
type Feed struct {
	URL string `json:"u"`
	// Watch is the name of the watch-list source; empty for a feed of the visited domain itself.
	Watch string `json:"w,omitempty"`
	// Source says what its items are: blog, press, forum or social; empty where nobody said.
	Source Kind      `json:"k,omitempty"`
	DueAt  time.Time `json:"due_at"`
	// Interval led to this read, 0 on the first; Failures counts consecutive reads that gave no feed.
	Interval time.Duration `json:"interval,omitempty"`
	Failures int           `json:"failures,omitempty"`
}

// Visit is the unit of crawl work: one domain, with all that is known of it.
type Visit struct {
	// ID is VisitID(domain, due): a redelivered or twice-published visit keeps it.
	ID     string    `json:"id"`
	Domain string    `json:"domain"`
	DueAt  time.Time `json:"due_at"`
	// Interval led to this visit, 0 on the first; Failures counts consecutive visits that reached nothing.
	Interval time.Duration `json:"interval,omitempty"`
	Failures int           `json:"failures,omitempty"`
	Known    []Known       `json:"known,omitempty"`
	// Memory is Known once Pack has moved it; it does not travel. Nil before.
	Memory *KnownSet `json:"-"`
	// Address is where the domain was asked at its last visit; it says whose neighbour the domain is. Empty on the first.
	Address string `json:"addr,omitempty"`
	// Feeds are the feeds of the domain, or of watch lists on it, that are due. FeedsOnly makes them, and what is
	// new in them, all that is read: no probe, no home page.
	Feeds     []Feed `json:"feeds,omitempty"`
	FeedsOnly bool   `json:"feeds_only,omitempty"`
}

// VisitID names a visit by its domain and due time.
func VisitID(domain string, due time.Time) string {
	return domain + "@" + due.UTC().Format(time.RFC3339)
}

// FeedVisitID names a visit that reads feeds only, by its domain and the earliest due time among them.
func FeedVisitID(domain string, due time.Time) string { return VisitID(domain, due) + "#feeds" }

// Page is one fetched document, or, with KindProbe, what was learnt of a domain without reading a page.
type Page struct {
	VisitID string `json:"visit_id"`
	Domain  string `json:"domain"`
	// URL is the canonical address asked for; FinalURL where redirects ended.
	URL      string      `json:"url"`
	FinalURL string      `json:"final_url"`
	Kind     Kind        `json:"kind"`
	Status   int         `json:"status"`
	Header   http.Header `json:"header,omitempty"`
	// FetchedAt is the time of detection of everything the page shows (DESIGN §1, two times).
	FetchedAt time.Time `json:"fetched_at"`
	// Truncated marks a body cut at MaxBody, at a time limit or by a broken transfer.
	Truncated bool `json:"truncated,omitempty"`
	// ContentHash is Hash(Body).
	ContentHash string `json:"content_hash"`
	// SimHash is the similarity hash of the text; 0 where unknown. NearUnchanged marks a page whose text is all but
	// the one last extracted.
	SimHash       uint64 `json:"simhash,omitempty"`
	NearUnchanged bool   `json:"near_unchanged,omitempty"`
	// Watch is the watch-list source the page was read for: it belongs to no account yet. Empty for an account's pages.
	Watch string `json:"watch,omitempty"`
	Probe *Probe `json:"probe,omitempty"`
	// Body is decoded (no content encoding) and in UTF-8 where it is text.
	Body []byte `json:"-"`
}

// Hash is the content hash of a body: the first 16 bytes of its SHA-256, in hex.
func Hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

// MessageID names a page message: its visit, address and content. It is the queue's duplicate key.
func (p *Page) MessageID() string {
	sum := sha256.Sum256([]byte(p.VisitID + "\x00" + p.URL + "\x00" + string(p.Kind) + "\x00" + p.ContentHash))
	return hex.EncodeToString(sum[:16])
}

// Probe is what DNS, TLS and HTTP say of a domain.
type Probe struct {
	DNS  DNSFacts   `json:"dns"`
	TLS  *TLSFacts  `json:"tls,omitempty"`
	HTTP *HTTPFacts `json:"http,omitempty"`
	// Parking names the parking or sale service whose name servers the domain delegates to; empty for none.
	Parking string `json:"parking,omitempty"`
}

// DNSFacts are a domain's records, as text in presentation form; A and AAAA of the name that is visited.
type DNSFacts struct {
	A     []string `json:"a,omitempty"`
	AAAA  []string `json:"aaaa,omitempty"`
	MX    []string `json:"mx,omitempty"`
	NS    []string `json:"ns,omitempty"`
	TXT   []string `json:"txt,omitempty"`
	CNAME []string `json:"cname,omitempty"`
	SOA   []string `json:"soa,omitempty"`
	// DMARC are the TXT records of _dmarc (RFC 7489 §6.1).
	DMARC []string `json:"dmarc,omitempty"`
}

// TLSFacts describe the certificate and the connection.
type TLSFacts struct {
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
	Names    []string  `json:"names,omitempty"`
	Protocol string    `json:"protocol"`
	// Invalid says why the certificate is not trusted, "" where it is: nothing is read over such a connection.
	Invalid CertDefect `json:"invalid,omitempty"`
}

// CertDefect types a certificate that is not trusted (RFC 5280 §6, RFC 9525 §6).
type CertDefect string

// The defects of certificates.
const (
	CertExpired     CertDefect = "expired"
	CertNotYetValid CertDefect = "not_yet_valid"
	CertWrongName   CertDefect = "wrong_name"
	// CertSelfSigned: by its own key; CertUnknownAuthority: by one that is not among the roots.
	CertSelfSigned       CertDefect = "self_signed"
	CertUnknownAuthority CertDefect = "unknown_authority"
	// CertUnsound: it may not be used for this, breaks a constraint, or cannot be read.
	CertUnsound CertDefect = "unsound"
)

// HTTPFacts describe the answer of the home page's address.
type HTTPFacts struct {
	Status int `json:"status"`
	// CanonicalHost is where the redirects of the home page end.
	CanonicalHost string      `json:"canonical_host"`
	Header        http.Header `json:"header,omitempty"`
	// Latency is the time to the first byte.
	Latency time.Duration `json:"latency"`
}
