package fetch

import (
	"errors"
	"fmt"
	"strings"

	"telltale/internal/domains"
	"telltale/internal/urls"
)

// ErrOffSite reports an address that the site policy keeps us from.
var ErrOffSite = errors.New("off site")

// ErrBlocked reports an address whose domain ops have blocked or paused.
var ErrBlocked = errors.New("blocked")

// SitePolicy says whether a fetch that began at one canonical URL may go to another; both are the same
// for the first hop. Its error wraps ErrOffSite or
// ErrBlocked.
type SitePolicy func(asked, target string) error

// DefaultSite lets a redirect stay within the registrable domain; only a site's front page may lead
// elsewhere, as companies move to new names. Networks that allow no crawling are never asked.
func DefaultSite(asked, target string) error {
	domain := urls.RegistrableDomain(target)
	if neverFetched(domain) {
		return fmt.Errorf("%w: %s allows no crawling", ErrOffSite, domain)
	}
	if urls.SameSite(asked, domain) {
		return nil
	}
	if _, rest := urls.Origin(asked); rest == "/" {
		return nil
	}
	return fmt.Errorf("%w: %s leads to %s", ErrOffSite, urls.Host(asked), urls.Host(target))
}

// neverFetched names the social networks whose terms allow no crawling; links to them are facts.
func neverFetched(domain string) bool {
	return domains.ForbidsCrawling(strings.ToLower(domain))
}
