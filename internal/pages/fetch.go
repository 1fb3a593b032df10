package pages

import (
	"net/http"
	"time"
)

// Request asks for one address within a visit.
type Request struct {
	// URL is absolute and canonical.
	URL string
	// ETag and LastModified make the request conditional where set (RFC 9110 §13.1).
	ETag, LastModified string
	// Accept is the Accept header to send; empty means a browser-like default for pages.
	Accept string
	// MaxBody caps the decoded body, in bytes; 0 means MaxBody, the most is MaxLargeBody. What is beyond MaxBody comes
	// out of a budget of the process: Response.Release gives it back.
	MaxBody int
}

// MaxLargeBody is the longest body that is ever read, in bytes: a sitemap's (www.sitemaps.org/protocol.html).
const MaxLargeBody = 50 << 20

// Response is what came back after redirects, each hop of which passed robots, guard and pacing.
type Response struct {
	URL, FinalURL string
	Status        int
	Header        http.Header
	// Body is decoded, and in UTF-8 where it is text.
	Body      []byte
	Truncated bool
	// NotModified reports a 304.
	NotModified bool
	FetchedAt   time.Time
	// Latency is the time to the first byte of the last hop.
	Latency time.Duration
	// TLS is set where the last hop was encrypted.
	TLS *TLSFacts
	// Address is where the last hop was asked.
	Address string
	// Done is called by Release; nil for most.
	Done func()
}

// Release says that a body longer than MaxBody was read; call it once, or not at all for a body that cannot be.
func (r *Response) Release() {
	if r.Done != nil {
		r.Done()
	}
}

// FetchReason types a failed fetch; it is stored in visits and counted in metrics, so the set is small and fixed.
type FetchReason string

// The reasons a fetch gives no page.
const (
	ReasonRobots      FetchReason = "robots_denied"
	ReasonRobotsError FetchReason = "robots_unreachable"
	ReasonDNS         FetchReason = "dns"
	ReasonNotFound    FetchReason = "name_not_found"
	ReasonGuard       FetchReason = "address_refused"
	ReasonConnect     FetchReason = "connect"
	ReasonTLS         FetchReason = "tls"
	ReasonTimeout     FetchReason = "timeout"
	ReasonProtocol    FetchReason = "protocol"
	ReasonRedirects   FetchReason = "redirects"
	ReasonEncoding    FetchReason = "encoding"
	ReasonThrottled   FetchReason = "throttled"
	// ReasonCrawlDelay: the gap that robots.txt asks for is longer than is waited out in place.
	ReasonCrawlDelay FetchReason = "crawl_delay"
	ReasonOffsite    FetchReason = "offsite"
	ReasonBlocked    FetchReason = "blocked"
	ReasonCancelled  FetchReason = "cancelled"
)

// FetchError is the error of a fetch that gave no page.
type FetchError struct {
	Reason FetchReason
	URL    string
	// RetryAfter is how long the host asked to be left alone (RFC 9110 §10.2.3), or, with ReasonCrawlDelay, how long
	// its gap still lasts; 0 where it did not ask.
	RetryAfter time.Duration
	// TLS is set where a certificate was shown and not trusted.
	TLS *TLSFacts
	Err error
}

// Error implements error.
func (e *FetchError) Error() string {
	if e.Err == nil {
		return "fetch " + e.URL + ": " + string(e.Reason)
	}
	return "fetch " + e.URL + ": " + string(e.Reason) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *FetchError) Unwrap() error { return e.Err }
