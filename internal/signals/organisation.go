package signals

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Organisation is what a domain states of the organisation behind it, in the structured data of one of its pages: facts of the
// company, never of people; no telephone, street or post box. Empty fields are not stated.
type Organisation struct {
	Domain string
	// Name is what it calls itself, LegalName what it is registered as.
	Name, LegalName string
	// Founded is a year, month or day: YYYY, YYYY-MM or YYYY-MM-DD.
	Founded string
	// EmployeesMin and EmployeesMax bound the number of employees; equal where one number is stated, 0 where none.
	EmployeesMin, EmployeesMax int
	// Country, Region and Locality are those of the address, as written there.
	Country, Region, Locality string
	// SameAs are addresses of the same organisation elsewhere: registers, profiles.
	SameAs []string
	// URL is the page that states it and ContentHash the hash of its body; Home is whether that is the domain's home page.
	URL, ContentHash string
	Home             bool
	// ExtractorVersion names the rules that read it.
	ExtractorVersion string
	// ObservedAt is when the domain states it and DetectedAt when we fetched the page: structured data carry no date of their own,
	// so that both are the fetch.
	ObservedAt, DetectedAt time.Time
}

// ID derives the identity of a statement from what it says and which domain says it, never from the page or the fetch: the same
// facts at the foot of every page are one. The result is a version-8 UUID (RFC 9562 §5.8) over SHA-256.
func (o *Organisation) ID() uuid.UUID {
	return identity(append([]string{
		o.Domain, o.Name, o.LegalName, o.Founded, strconv.Itoa(o.EmployeesMin), strconv.Itoa(o.EmployeesMax), o.Country, o.Region, o.Locality,
	}, o.SameAs...)...)
}

// Validate checks that a statement can be stored: addressed, timed, in range, and telling something. Errors wrap ErrInvalid.
func (o *Organisation) Validate() error {
	switch {
	case o.Domain == "" || o.URL == "" || o.ObservedAt.IsZero() || o.DetectedAt.IsZero():
		return fmt.Errorf("%w: organisation at %q: domain, address and times are required", ErrInvalid, o.URL)
	case o.EmployeesMin < 0 || o.EmployeesMax < o.EmployeesMin:
		return fmt.Errorf("%w: organisation at %q: %d to %d employees", ErrInvalid, o.URL, o.EmployeesMin, o.EmployeesMax)
	case strings.Join(o.SameAs, "")+o.Name+o.LegalName+o.Founded+o.Country+o.Region+o.Locality == "" && o.EmployeesMax == 0:
		return fmt.Errorf("%w: organisation at %q: nothing is stated", ErrInvalid, o.URL)
	}
	return nil
}
