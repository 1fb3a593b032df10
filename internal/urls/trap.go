package urls

import (
	"strings"
)

// TrapReason says why a URL looks like one of endlessly many; "" where it does not.
type TrapReason string

// The reasons to leave a URL alone; they are counted, so the set is small and fixed.
const (
	TrapLength   TrapReason = "length"
	TrapDepth    TrapReason = "depth"
	TrapRepeated TrapReason = "repeated_segments"
	TrapCalendar TrapReason = "calendar"
	TrapParams   TrapReason = "parameters"
)

const (
	maxTrapLength = 1024
	maxDepth      = 12
	maxParams     = 8
	// maxRepeats is how often one segment may stand in a path, as /en/a/en/b does by right.
	maxRepeats = 2
)

// Trap says whether a canonical URL has the shape of a crawler trap: longer than 1,024 bytes, deeper
// than 12 segments, a segment three times or a run of segments twice in a row, a date within a
// calendar, or more than 8 query parameters.
func Trap(canonical string) TrapReason {
	if len(canonical) > maxTrapLength {
		return TrapLength
	}
	_, rest := Origin(canonical)
	path, query, _ := strings.Cut(rest, "?")
	segments := pathSegments(path)
	switch {
	case len(segments) > maxDepth:
		return TrapDepth
	case repeated(segments):
		return TrapRepeated
	case query != "" && strings.Count(query, "&")+1 > maxParams:
		return TrapParams
	case calendar(segments, query):
		return TrapCalendar
	}
	return ""
}

func pathSegments(path string) []string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if len(segments) == 1 && segments[0] == "" {
		return nil
	}
	return segments
}

// repeated finds a segment that stands more than maxRepeats times, or two or more segments that
// follow upon themselves (/a/b/a/b), the mark of a relative link resolved against the wrong base.
func repeated(segments []string) bool {
	counts := make(map[string]int, len(segments))
	for _, s := range segments {
		counts[s]++
		if counts[s] > maxRepeats && !number(s) {
			return true
		}
	}
	for size := 2; size*2 <= len(segments); size++ {
		for at := 0; at+2*size <= len(segments); at++ {
			if equal(segments[at:at+size], segments[at+size:at+2*size]) {
				return true
			}
		}
	}
	return false
}

func equal(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func number(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// calendar finds pages that a date picker generates: a date below a calendar's path, or the
// parameters that calendar software pages with.
func calendar(segments []string, query string) bool {
	within := false
	for _, s := range segments {
		if within && dateLike(s) {
			return true
		}
		within = within || calendarWord(strings.ToLower(s))
	}
	var year, month bool
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch name = strings.ToLower(name); name {
		case "tribe-bar-date", "tribe_event_date", "ical", "outlook-ical", "eventdate", "calendar-date", "mini-calendar":
			return true
		case "year", "yr", "jahr":
			year = true
		case "month", "mon", "monat":
			month = true
		}
		if within && dateLike(value) {
			return true
		}
	}
	return year && month
}

func calendarWord(s string) bool {
	switch s {
	case "calendar", "cal", "events-calendar", "event-calendar", "kalender", "veranstaltungskalender", "calendrier",
		"calendario", "agenda", "events", "termine", "veranstaltungen", "eventos":
		return true
	}
	return false
}

// dateLike accepts 2024, 2024-05, 2024-05-12 and 20240512.
func dateLike(s string) bool {
	digits := strings.ReplaceAll(s, "-", "")
	if !number(digits) || len(digits) < 4 || len(digits) > 8 || len(digits)%2 != 0 {
		return false
	}
	return digits[:2] >= "17" && digits[:2] <= "29"
}
