// Package domains holds the words for the companies we watch: accounts, the domains they own, how a
// domain is written, and the rules that say when a domain is visited next. It does no I/O.
package domains

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
