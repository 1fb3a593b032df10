package document

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// months maps the names of months, and their usual short forms, in English and German.
var months = map[string]int{ //nolint:gochecknoglobals // a table
	"january": 1, "jan": 1, "januar": 1, "jänner": 1, "february": 2, "feb": 2, "februar": 2, "march": 3, "mar": 3, "märz": 3, "mär": 3, "mrz": 3,
	"april": 4, "apr": 4, "may": 5, "mai": 5, "june": 6, "jun": 6, "juni": 6, "july": 7, "jul": 7, "juli": 7, "august": 8, "aug": 8,
	"september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10, "oktober": 10, "okt": 10, "november": 11, "nov": 11,
	"december": 12, "dec": 12, "dezember": 12, "dez": 12,
}

// The written forms of a date: 14 March 2026, 14. März 2026; March 14, 2026; 14.03.2026; 2026-03-14.
var (
	dayFirst   = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(\p{L}{3,9})\.?,?\s+((?:19|20)\d\d)\b`)
	monthFirst = regexp.MustCompile(`\b(\p{L}{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b`)
	dotted     = regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)\b`)
	isoDay     = regexp.MustCompile(`\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b`)
)

// The window in which a visible date counts as the page's: blocks around the first heading, and how
// long such a block may be, in bytes (a byline, not a paragraph that mentions a day).
const (
	blocksBefore = 3
	blocksAfter  = 4
	maxByline    = 160
)

// fromText reads a visible date near the first heading.
func fromText(d *Document) (time.Time, bool) {
	at := -1
	for i := range d.Blocks {
		if d.Blocks[i].Role == RoleHeading {
			at = i
			break
		}
	}
	if at < 0 {
		return time.Time{}, false
	}
	for i := max(0, at-blocksBefore); i < min(len(d.Blocks), at+blocksAfter+1); i++ {
		b := &d.Blocks[i]
		if b.Role == RoleTitle || b.Role == RoleChrome || i == at && len(b.Text) > maxByline {
			continue
		}
		text := b.Text
		if len(text) > maxByline {
			if text = dateline(text); text == "" {
				continue
			}
		}
		if t, ok := readTextDate(text); ok && believable(d, t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateline returns the start of a press release's first paragraph ("BERLIN, 14 March 2026 – …"), or "".
func dateline(text string) string {
	head := clip(text, maxByline/2)
	for _, dash := range [...]string{" – ", " — ", " - ", " -- "} {
		if i := strings.Index(head, dash); i > 0 {
			return head[:i]
		}
	}
	return ""
}

// readTextDate finds the first date written out in a text.
func readTextDate(text string) (time.Time, bool) {
	if !strings.Contains(text, "19") && !strings.Contains(text, "20") {
		return time.Time{}, false
	}
	if m := isoDay.FindStringSubmatch(text); m != nil {
		if t, ok := civil(m[1], m[2], m[3]); ok {
			return t, true
		}
	}
	if m := dayFirst.FindStringSubmatch(text); m != nil {
		if n := months[strings.ToLower(m[2])]; n > 0 {
			return civil(m[3], strconv.Itoa(n), m[1])
		}
	}
	if m := monthFirst.FindStringSubmatch(text); m != nil {
		if n := months[strings.ToLower(m[1])]; n > 0 {
			return civil(m[3], strconv.Itoa(n), m[2])
		}
	}
	if m := dotted.FindStringSubmatch(text); m != nil {
		return civil(m[3], m[2], m[1])
	}
	return time.Time{}, false
}
