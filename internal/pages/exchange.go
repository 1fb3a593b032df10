package pages

import (
	"net/http"
	"net/netip"
	"time"
)

// Why a body ends before its end, in the words of WARC-Truncated (ISO 28500 §5.13).
const (
	CutByLength     = "length"
	CutByTime       = "time"
	CutByDisconnect = "disconnect"
)

// Exchange is one request and its answer, redirects and robots.txt included, as a recorder keeps it and an archive
// gives it back.
type Exchange struct {
	URL string
	// Address is where it was asked for; the zero address where nobody noted it.
	Address netip.Addr
	// At is when the request was sent; a page that comes of it has it as FetchedAt.
	At time.Time
	// Request is the header of the request without Host; nil where nobody noted it.
	Request http.Header
	Status  int
	// Header is the answer's, as the server sent it.
	Header http.Header
	// Body is free of transfer codings, its text in the server's charset.
	Body []byte
	// Coded says that Body still has the content codings that Header names; otherwise they are undone.
	Coded bool
	// Truncated says why the body is cut: length, time or disconnect; empty where it is whole.
	Truncated string
}
