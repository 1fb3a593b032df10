package feed

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
)

// earliest is before any feed: an older date is a mistake or a default.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant of a type without constants

const (
	// maxURL is the longest address kept, in bytes.
	maxURL = 2048
	// ahead is how far in the future a date may lie: time zones and clocks.
	ahead = 48 * time.Hour
	// maxNumber is the longest number of minutes, seconds or times a period that is read, in digits.
	maxNumber = 9
)

// baseURL resolves references; the zero value knows only absolute ones.
type baseURL struct{ u *url.URL }

func parseBase(base string) baseURL {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return baseURL{}
	}
	return baseURL{u: u}
}

// resolve returns an absolute http or https address, or "".
func (b baseURL) resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxURL {
		return ""
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ""
	}
	if b.u != nil {
		u = b.u.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	if out := u.String(); len(out) <= maxURL {
		return out
	}
	return ""
}

// latestDate is the latest date an item may bear: somewhat after the server's own clock (RFC 9110
// §6.6.1), the end of the century where the server does not tell it.
func latestDate(header http.Header) time.Time {
	if now, err := http.ParseTime(header.Get("Date")); err == nil {
		return now.Add(ahead)
	}
	return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
}

// date returns a sane date in UTC, or the zero time.
func (r reader) date(parsed *time.Time, raw string) time.Time {
	var t time.Time
	if parsed != nil {
		t = parsed.UTC()
	} else {
		t = looseDate(raw)
	}
	if t.Before(earliest) || t.After(r.latest) {
		return time.Time{}
	}
	return t
}

// looseDate reads dates that gofeed gives up on: month names of other languages, a weekday that is not
// the date's own or not English, W3C dates without a day (www.w3.org/TR/NOTE-datetime).
func looseDate(raw string) time.Time {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > 64 {
		return time.Time{}
	}
	if _, rest, ok := strings.Cut(raw, ","); ok {
		raw = strings.TrimSpace(rest)
	}
	words := strings.Fields(raw)
	for i, w := range words {
		if m := monthOf(strings.ToLower(strings.Trim(w, ".,"))); m != 0 {
			words[i] = m.String()[:3]
		}
	}
	raw = strings.Join(words, " ")
	for _, layout := range [...]string{
		"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04",
		"2. Jan 2006", "2 Jan 2006", "Jan 2 2006", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04-0700",
		"2006-01-02T15:04", "2006-01", "20060102T15:04:05", "20060102",
	} {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// monthOf knows the months of the western European languages by their first letters.
func monthOf(w string) time.Month {
	if len(w) < 3 {
		return 0
	}
	for m, prefixes := range [...]string{
		1: "jan ene gen", 2: "feb fév fev", 3: "mar mär mrt maa", 4: "apr avr abr", 5: "may mai mag maj mei", 6: "jun juin giu",
		7: "jul juil lug", 8: "aug aoû ago", 9: "sep set", 10: "oct okt ott out", 11: "nov", 12: "dec dez déc dic",
	} {
		for p := range strings.FieldsSeq(prefixes) {
			if strings.HasPrefix(w, p) {
				return time.Month(m)
			}
		}
	}
	return 0
}

// minutes reads a number of minutes (RSS 2.0, ttl).
func minutes(s string) time.Duration {
	return time.Duration(min(number(s), int64(MaxTTL/time.Minute))) * time.Minute
}

func number(s string) int64 {
	s = strings.TrimSpace(s)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || len(s) > maxNumber {
		return 0
	}
	return n
}

// syndication reads sy:updatePeriod and sy:updateFrequency (web.resource.org/rss/1.0/modules/syndication).
func syndication(f *gofeed.Feed) time.Duration {
	period := time.Duration(0)
	for _, e := range f.Extensions["sy"]["updatePeriod"] {
		switch strings.ToLower(strings.TrimSpace(e.Value)) {
		case "hourly":
			period = time.Hour
		case "daily":
			period = 24 * time.Hour
		case "weekly":
			period = 7 * 24 * time.Hour
		case "monthly", "yearly":
			period = 30 * 24 * time.Hour
		}
	}
	times := int64(1)
	for _, e := range f.Extensions["sy"]["updateFrequency"] {
		times = max(1, number(e.Value))
	}
	return period / time.Duration(times)
}

// maxAge reads what is left of the response's max-age (RFC 9111 §4.2.1, §5.2.2.1), 0 where it may not be reused.
func maxAge(header http.Header) time.Duration {
	age := time.Duration(0)
	for part := range strings.SplitSeq(header.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "max-age":
			age = time.Duration(number(strings.Trim(value, `"`))-number(header.Get("Age"))) * time.Second
		case "no-store", "no-cache":
			return 0
		}
	}
	return max(age, 0)
}
