package intent

import (
	"fmt"
	"time"
)

// The motions of DESIGN §4, in the order in which they are tried.
const (
	MotionRenewal      = "renewal"
	MotionEndOfSupport = "end_of_support"
	MotionUpsell       = "upsell"
	MotionWhitespace   = "whitespace"
)

// DefaultFiscalYearStart is July, as in Microsoft's fiscal year (learn.microsoft.com, Partner Center).
const DefaultFiscalYearStart = time.July

// OwnedDays is how long a transaction without a subscription is taken to mean that the account owns the product.
const OwnedDays = 365

// Holding is what an account has of a product at one time.
type Holding struct {
	// Owned reports a subscription that runs, or a transaction within OwnedDays.
	Owned bool
	// Expires is the last day of the last agreement that has begun; zero where none ends.
	Expires time.Time
	// EndOfSupport reports a licence whose support has ended or ends within support.Days, or a topic signal that says so.
	EndOfSupport bool
}

// MotionOf gives the motion: renewal where the last agreement expires (or has expired) within the fiscal year of asOf,
// else end of support, else upsell where the product is owned, else whitespace. The scorer's SQL follows the same order.
func MotionOf(h Holding, asOf time.Time, fiscalStart time.Month) string {
	from, to := FiscalYear(asOf, fiscalStart)
	switch {
	case !h.Expires.IsZero() && !h.Expires.Before(from) && h.Expires.Before(to):
		return MotionRenewal
	case h.EndOfSupport:
		return MotionEndOfSupport
	case h.Owned:
		return MotionUpsell
	}
	return MotionWhitespace
}

// The two states of what expires in a fiscal year.
const (
	// ExpirationOpen reports an agreement that has not been renewed: no other of the account for the product begins later and ends later,
	// as far as was known, whether that has begun or is only signed.
	ExpirationOpen = "open"
	// ExpirationClosed reports that every agreement that expires has been renewed.
	ExpirationClosed = "closed"
)

// Renewal is what expires of an account's agreements for a product within the fiscal year; of those that had begun by as_of.
type Renewal struct {
	// Expiration is open or closed; empty where nothing expires. The other fields are empty then.
	Expiration string
	// Type names the licence programs of what expires, in order of name, parted by "; ".
	Type string
	// ExpiresOn is the last day of the first open agreement, else of the last closed one.
	ExpiresOn *time.Time
	// Revenue and OpenRevenue are in US dollars a year: of all that expires, and of what is open. Nil where no figure is known.
	Revenue, OpenRevenue *float64
}

// Basis is what an estimate of revenue stands on.
type Basis struct {
	// Level names the closest comparable owners there are: "segment, industry and size", "segment" or "all"; Owners counts them.
	Level  string
	Owners int64
	// Text gives the medians of all levels with their owners and the weights by which they were shrunk together.
	Text string
}

// FiscalYear gives the fiscal year in which t lies, from its first day to the first day of the next, in UTC.
func FiscalYear(t time.Time, start time.Month) (from, to time.Time) {
	t = t.UTC()
	from = time.Date(t.Year(), start, 1, 0, 0, 0, 0, time.UTC)
	if from.After(t) {
		from = from.AddDate(-1, 0, 0)
	}
	return from, from.AddDate(1, 0, 0)
}

// Month is a calendar month in UTC.
type Month struct{ first time.Time }

// ParseMonth reads YYYY-MM, from year 2000 to 2149 (the last year of the store's dates).
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || len(s) != len("2006-01") || t.Year() < 2000 || t.Year() > 2148 {
		return Month{}, fmt.Errorf("month %q: want YYYY-MM, such as 2026-10", s)
	}
	return Month{first: t}, nil
}

// MonthOf gives the month in which t lies, in UTC.
func MonthOf(t time.Time) Month {
	t = t.UTC()
	return Month{first: time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)}
}

// String writes YYYY-MM.
func (m Month) String() string { return m.first.Format("2006-01") }

// IsZero reports a month that was never set.
func (m Month) IsZero() bool { return m.first.IsZero() }

// Start is the month's first instant.
func (m Month) Start() time.Time { return m.first }

// End is the month's last instant, to the millisecond, as the store keeps time.
func (m Month) End() time.Time { return m.first.AddDate(0, 1, 0).Add(-time.Millisecond) }
