package pages

import "time"

// VisitOutcome says how a visit ended.
type VisitOutcome string

// The outcomes of a visit.
const (
	// OutcomeOK: the home page answered and the visit ran to its end or its budget.
	OutcomeOK VisitOutcome = "ok"
	// OutcomeDenied: robots.txt disallows the home page, or could not be read (RFC 9309 §2.3.1.4).
	OutcomeDenied VisitOutcome = "robots_denied"
	// OutcomeDead: the name does not resolve.
	OutcomeDead VisitOutcome = "dead"
	// OutcomeParked: the domain is parked.
	OutcomeParked VisitOutcome = "parked"
	// OutcomeUnreachable: no connection, or no answer in time.
	OutcomeUnreachable VisitOutcome = "unreachable"
	// OutcomeBlocked: ops put the domain on the block list, or crawling is paused for it.
	OutcomeBlocked VisitOutcome = "blocked"
	// OutcomeError: the home page answered with an error status or something that is no page.
	OutcomeError VisitOutcome = "error"
)

// Result is what a visit came to; a writer stores it and sets the domain's next due time.
type Result struct {
	VisitID    string        `json:"visit_id"`
	Domain     string        `json:"domain"`
	DueAt      time.Time     `json:"due_at"`
	StartedAt  time.Time     `json:"started_at"`
	FinishedAt time.Time     `json:"finished_at"`
	Crawler    string        `json:"crawler"`
	Outcome    VisitOutcome  `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Interval   time.Duration `json:"interval,omitempty"`
	Failures   int           `json:"failures,omitempty"`
	// Published counts page messages, Unchanged the pages whose content was the one already known,
	// Denied the addresses robots.txt kept us from, Failed those that gave no page, Skipped those over budget.
	Published int `json:"published"`
	Unchanged int `json:"unchanged"`
	Denied    int `json:"denied"`
	Failed    int `json:"failed"`
	Skipped   int `json:"skipped"`
	// NearUnchanged counts those published whose text is all but the one known.
	NearUnchanged int `json:"near_unchanged,omitempty"`
	// Bytes are the decoded bytes read.
	Bytes int64 `json:"bytes"`
	// CrawlDelay is the delay that was kept between requests.
	CrawlDelay time.Duration `json:"crawl_delay,omitempty"`
	// Address is where the domain's host was asked; empty where it never was.
	Address string `json:"addr,omitempty"`
	// FeedsOnly reports a visit that moves the schedule of its feeds alone. Feeds are the feeds that were read or found.
	FeedsOnly bool       `json:"feeds_only,omitempty"`
	Feeds     []FeedRead `json:"feeds,omitempty"`
	// Reads are the addresses that were read without a page message: unchanged or failed.
	Reads []Read `json:"reads,omitempty"`
}

// Read is one fetch that published no page.
type Read struct {
	URL       string    `json:"url"`
	Kind      Kind      `json:"kind,omitempty"`
	Status    int       `json:"status"`
	FetchedAt time.Time `json:"fetched_at"`
	// Unchanged reports that the content is the known one (304, or the same hash).
	Unchanged bool `json:"unchanged,omitempty"`
	// Error is the typed reason of a failed fetch.
	Error string `json:"error,omitempty"`
}

// FeedRead is what a visit learnt of one feed: a read of it, or, with a zero ReadAt, that it exists.
type FeedRead struct {
	URL    string    `json:"url"`
	Watch  string    `json:"watch,omitempty"`
	Source Kind      `json:"source,omitempty"`
	ReadAt time.Time `json:"read_at,omitzero"`
	// Interval led to this read. Failures counts reads in a row that gave no feed, this one included.
	Interval time.Duration `json:"interval,omitempty"`
	Failures int           `json:"failures,omitempty"`
	// Changed reports an item that was not there before, Items how many there are.
	Changed bool `json:"changed,omitempty"`
	Items   int  `json:"items,omitempty"`
	// AskLater is how long its publisher asks to be left alone: the feed's ttl, sy:updatePeriod, Cache-Control
	// max-age or Retry-After, whichever is longest; 0 where it does not.
	AskLater time.Duration `json:"ask_later,omitempty"`
	// Error is the typed reason of a read that gave no feed.
	Error string `json:"error,omitempty"`
}
