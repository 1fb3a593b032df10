package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"telltale/internal/fetch/guard"
	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

// maxRetryAfter bounds what a server can ask for.
const maxRetryAfter = 365 * 24 * time.Hour

// failure types an error. ctx is the caller's: once it has ended, that is the reason.
func failure(ctx context.Context, url string, err error) *pages.FetchError {
	var typed *pages.FetchError
	if errors.As(err, &typed) {
		return typed
	}
	out := &pages.FetchError{URL: url, Err: err, Reason: reasonOf(err)}
	var (
		long      *politeness.TooLongError
		handshake *tlsError
	)
	if errors.As(err, &handshake) {
		out.TLS = handshake.facts
	}
	switch {
	case errors.As(err, &long):
		out.RetryAfter = long.Wait
	case ctx.Err() != nil:
		out.Reason = pages.ReasonCancelled
	}
	return out
}

func reasonOf(err error) pages.FetchReason {
	if reason, ok := rulesReason(err); ok {
		return reason
	}
	var (
		handshake *tlsError
		record    tls.RecordHeaderError
		dial      *dialError
		network   net.Error
		pace      *paceError
	)
	timeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		(errors.As(err, &network) && network.Timeout())
	switch {
	case errors.Is(err, errEncoding):
		return pages.ReasonEncoding
	case errors.Is(err, context.Canceled), errors.As(err, &pace), errors.Is(err, errLate):
		return pages.ReasonCancelled
	case timeout:
		return pages.ReasonTimeout
	case errors.As(err, &handshake), errors.As(err, &record):
		return pages.ReasonTLS
	case errors.As(err, &dial):
		return pages.ReasonConnect
	}
	return pages.ReasonProtocol
}

// rulesReason types what a rule of ours, or DNS, kept us from asking.
func rulesReason(err error) (pages.FetchReason, bool) {
	var long *politeness.TooLongError
	switch {
	case errors.As(err, &long) && long.Wait <= long.Delay:
		return pages.ReasonCrawlDelay, true
	case errors.As(err, &long):
		return pages.ReasonThrottled, true
	case errors.Is(err, guard.ErrRefused):
		return pages.ReasonGuard, true
	case errors.Is(err, resolver.ErrNotFound):
		return pages.ReasonNotFound, true
	case errors.Is(err, resolver.ErrFailed):
		return pages.ReasonDNS, true
	case errors.Is(err, ErrOffSite):
		return pages.ReasonOffsite, true
	case errors.Is(err, ErrBlocked):
		return pages.ReasonBlocked, true
	}
	return "", false
}

// paceError is a request that we did not send for reasons of our own: it waits too long for its turn, the
// fleet's leases cannot be had, or we are closing. It says nothing about the host.
type paceError struct{ err error }

func (e *paceError) Error() string { return "pace: " + e.err.Error() }
func (e *paceError) Unwrap() error { return e.err }

// ours reports a failure that is not the host's.
func ours(err error) bool {
	var pace *paceError
	return errors.As(err, &pace) || errors.Is(err, errLate)
}

// unreached reports an error from before anything was written, so that another address may be tried.
func unreached(err error) bool {
	var dial *dialError
	return errors.As(err, &dial)
}

// retryAfter reads a Retry-After field: seconds or a date (RFC 9110 §10.2.3); 0 where there is none or where it lies in
// the past. A date counts from the answer's own Date field (§6.6.1), as our clock may be another than the server's; from
// now where it has none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if answered, err := http.ParseTime(h.Get("Date")); err == nil {
		now = answered
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// redirectOf returns where a response leads, "" where it leads nowhere (RFC 9110 §15.4).
func redirectOf(x *exchange) string {
	switch x.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return x.header.Get("Location")
	}
	return ""
}

// statusError is an answer that is taken for a refusal.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.status) }
