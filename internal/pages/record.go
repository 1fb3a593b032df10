package pages

import "time"

// Record is what one read of a page left behind once its signals were durable: the row of the table
// pages, whose validators make the next read conditional.
type Record struct {
	Domain, URL string
	Kind        Kind
	FetchedAt   time.Time
	// Status is the HTTP status; 0 for a probe.
	Status int
	// ContentHash is the Hash of the body that was extracted.
	ContentHash string
	// ETag and LastModified are the validators as the server sent them.
	ETag, LastModified string
	// Bytes is the length of the decoded body.
	Bytes int
	Title string
	// Language is an ISO 639-1 code; empty where unknown.
	Language string
	// PublishedAt is the date the page states; zero where it states none.
	PublishedAt time.Time
	VisitID     string
	// SimHash is a 64-bit similarity hash of the text; 0 where unknown.
	SimHash uint64
	// Signals counts the signals found.
	Signals          int
	ExtractorVersion string
	// Items are the addresses of the feed items that were read with it; they are not stored.
	Items []string
}
