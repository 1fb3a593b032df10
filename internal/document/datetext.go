package document

import (
	"regexp"
	"strconv"
	"strings"
)

// monthNames lists, by month, the names and usual short forms in English, German, French, Spanish, Italian, Portuguese, Dutch,
// Swedish, Danish, Norwegian, Polish, Catalan and Indonesian, in lower case.
var monthNames = [...]string{ //nolint:gochecknoglobals // a table
	"january jan januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia gener",
	"february feb februar feber février févr febrero febbraio febbr fevereiro fev februari lutego febrer",
	"march mar märz mär mrz mars marzo março maart mrt marts marca març maret",
	"april apr avril avr abril abr aprile kwietnia",
	"may mai maj mayo mag maggio maio mei maja maig",
	"june jun juni juin junio giugno giu junho czerwca juny",
	"july jul juli juillet juil julio luglio lug julho lipca juliol",
	"august aug août aout agosto ago augustus augusti sierpnia agost agustus",
	"september sep sept septembre septiembre settembre sett setembro set września setembre",
	"october oct oktober okt octobre octubre ottobre ott outubro out października",
	"november nov novembre noviembre novembro listopada",
	"december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia desember desembre",
}

// months maps a name to its month.
var months = func() map[string]int { //nolint:gochecknoglobals // a table
	m := map[string]int{}
	for i, names := range monthNames {
		for name := range strings.FieldsSeq(names) {
			m[name] = i + 1
		}
	}
	return m
}()

// The written forms of a date: 14 March 2026, 14. März 2026, 14 de marzo de 2026; March 14, 2026; 14.03.2026; 14.03.26; 14/03/2026; 2026-03-14.
var (
	dayFirst   = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th|er|º|\.)?,?\s+(?:de\s+|d’|d')?(\p{L}{3,12})\.?,?\s+(?:del?\s+)?((?:19|20)\d\d)\b`)
	monthFirst = regexp.MustCompile(`\b(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b`)
	dotted     = regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)\b`)
	dottedTwo  = regexp.MustCompile(`\b(\d\d)\.(\d\d)\.(\d\d)\b`)
	slashed    = regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b`)
	isoDay     = regexp.MustCompile(`\b((?:19|20)\d\d)[-/](\d\d)[-/](\d\d)\b`)
	pathDate   = regexp.MustCompile(`(?:^|[/_-])((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|$)`)
	pathNamed  = regexp.MustCompile(`/((?:19|20)\d\d)/(\p{L}{3,9})/(\d\d?)/`)
	pathMonth  = regexp.MustCompile(`/((?:19|20)\d\d)/(0[1-9]|1[0-2])/`)
)

// The window in which a visible date counts as the page's: blocks around its heading, and how long such a block may be, in bytes
// (a byline, not a paragraph that mentions a day).
const (
	blocksBefore = 3
	blocksAfter  = 4
	maxByline    = 160
	// minMatch is the least length, in bytes, of a heading that the title must hold to be the page's own.
	minMatch = 12
)

// fromText reads a visible date behind a word for publication, or else near the page's heading.
func fromText(d *Document) (stamp, bool) {
	if st, ok := fromLabel(d); ok {
		return st, true
	}
	if at := heading(d); at >= 0 {
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
			if st, ok := readTextDate(text, d.Language); ok && believable(d, st) {
				return st, true
			}
		}
	}
	return stamp{}, false
}

// heading is the index of the page's heading: the first one that its title holds, or else the first; -1 for none.
func heading(d *Document) int {
	first := -1
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.Role != RoleHeading {
			continue
		}
		if first < 0 {
			first = i
		}
		if len(b.Text) >= minMatch && strings.Contains(d.Title, b.Text) {
			return i
		}
	}
	return first
}

// published are the words before a date of publication.
var published = [...]string{"published", "posted", "veröffentlicht", "erstellt", "publié", "publicado", "gepubliceerd", "geplaatst", "publicerad", "pubblicato", //nolint:gochecknoglobals // a table
	"opublikowano", "dieser artikel wurde am", "dieser beitrag wurde am"}

// fromLabel reads the date behind a word for publication, wherever it stands; several such dates are those of several texts.
func fromLabel(d *Document) (stamp, bool) {
	var found stamp
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.Role == RoleChrome || b.Teaser || b.Comment || len(b.Text) > maxByline || len(b.Text) < minMatch || !hasDigits(b.Text) {
			continue
		}
		st, ok := labelled(strings.ToLower(b.Text), d.Language)
		switch {
		case !ok || !believable(d, st):
		case found.precision > 0 && !sameDay(found, st):
			return stamp{}, false
		default:
			found = st
		}
	}
	return found, found.precision > 0
}

// labelled reads the date behind a word for publication in a text in lower case.
func labelled(low, language string) (stamp, bool) {
	for _, word := range published {
		if i := strings.Index(low, word); i >= 0 {
			return readTextDate(low[i:], language)
		}
	}
	return stamp{}, false
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

// readTextDate finds the first date written out in a text; language settles whether a month or a day stands first in figures.
func readTextDate(text, language string) (stamp, bool) {
	if !hasDigits(text) {
		return stamp{}, false
	}
	if m := isoDay.FindStringSubmatch(text); m != nil {
		if st, ok := civil(m[1], m[2], m[3]); ok {
			return st, true
		}
	}
	for _, m := range dayFirst.FindAllStringSubmatch(text, 4) {
		if n := months[strings.ToLower(m[2])]; n > 0 {
			return civil(m[3], strconv.Itoa(n), m[1])
		}
	}
	for _, m := range monthFirst.FindAllStringSubmatch(text, 4) {
		if n := months[strings.ToLower(m[1])]; n > 0 {
			return civil(m[3], strconv.Itoa(n), m[2])
		}
	}
	return figures(text, language)
}

// figures reads a date in figures alone.
func figures(text, language string) (stamp, bool) {
	if m := dotted.FindStringSubmatch(text); m != nil {
		return civil(m[3], m[2], m[1])
	}
	if m := slashed.FindStringSubmatch(text); m != nil {
		return slashedDate(m[1], m[2], m[3], language)
	}
	if m := dottedTwo.FindStringSubmatch(text); m != nil {
		return civil("20"+m[3], m[2], m[1])
	}
	return stamp{}, false
}

// slashedDate settles 14/03/2026 and 03/14/2026 by the number that is no month, 04/03/2026 by the language; in English it is
// anybody's guess.
func slashedDate(first, second, year, language string) (stamp, bool) {
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(second)
	switch {
	case a > 12 || a == b:
		return civil(year, second, first)
	case b > 12:
		return civil(year, first, second)
	case language == "" || language == "en":
		return stamp{}, false
	}
	return civil(year, second, first)
}

// hasDigits reports two digits one after the other, without which there is no date.
func hasDigits(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' && s[i-1] >= '0' && s[i-1] <= '9' {
			return true
		}
	}
	return false
}
