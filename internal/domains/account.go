// Package domains holds the words for the companies we watch: accounts, the domains they own, how a
// domain is written, and the rules that say when a domain is visited next. It does no I/O.
package domains

import "time"

// Account is one company as the revenue team knows it.
type Account struct {
	// ID is the owner's key for the account: non-empty, at most 128 bytes, unique in a list.
	ID string
	// Name is the company's name as its owner writes it.
	Name string
	// Domains are the registrable domains the account owns, normalised, the principal one first.
	Domains                                      []string
	Country, Region, Industry, Vertical, Partner string
	// Employees is the head count; negative means unknown.
	Employees int64
	// AzurePotentialUSD is the estimated yearly cloud spend in US dollars; negative means unknown.
	AzurePotentialUSD float64
	// Attributes are the unknown columns of accounts.csv, kept by header name.
	Attributes map[string]string
}

// Priority orders the crawl: a lower value is visited first.
type Priority uint8

// The priorities, from the segments of DESIGN §4: Top Unmanaged and Medium go first.
const (
	PriorityTop Priority = iota
	PriorityMedium
	PrioritySmall
	PriorityUnknown
)

// PriorityOf derives an account's crawl priority from its firmographics.
func PriorityOf(a Account) Priority {
	switch {
	case a.Employees >= 300 || a.AzurePotentialUSD > 10_000:
		return PriorityTop
	case a.Employees >= 25:
		return PriorityMedium
	case a.Employees >= 1:
		return PrioritySmall
	}
	return PriorityUnknown
}

// Schedule bounds the time between two visits of one domain.
type Schedule struct {
	// Shortest and Longest bound the interval between visits of a live domain.
	Shortest, Longest time.Duration
	// Dead is the interval at which a domain that stopped answering is tried again; it is never forgotten.
	Dead time.Duration
}

// DefaultSchedule revisits daily to monthly and retries dead domains monthly.
func DefaultSchedule() Schedule {
	return Schedule{Shortest: 24 * time.Hour, Longest: 30 * 24 * time.Hour, Dead: 30 * 24 * time.Hour}
}

// Outlook is what a visit found out that matters to the next one.
type Outlook struct {
	// Interval is the interval that led to this visit; 0 on the first.
	Interval time.Duration
	// Reached reports that the domain answered at all, Changed that any page was new or different.
	Reached, Changed bool
	// Failures counts consecutive visits that reached nothing, this one included.
	Failures int
}

// Next returns the interval until the next visit: a change halves it, no change lengthens it by half,
// failures double it from Shortest up to Dead.
func (s Schedule) Next(o Outlook) time.Duration {
	if !o.Reached {
		d := s.Shortest
		for i := 1; i < o.Failures && d < s.Dead; i++ {
			d *= 2
		}
		return min(d, s.Dead)
	}
	d := o.Interval
	switch {
	case d <= 0:
		d = 7 * s.Shortest
	case o.Changed:
		d /= 2
	default:
		d += d / 2
	}
	return min(max(d, s.Shortest), s.Longest)
}
