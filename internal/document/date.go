package document

import (
	"strconv"
	"strings"
	"time"
)

// Precision says how exact a publication date is.
type Precision uint8

// The precisions, the least exact first; the zero value means that there is no date.
const (
	PrecisionYear Precision = iota + 1
	PrecisionMonth
	PrecisionDay
	PrecisionTime
)

// String returns year, month, day or time; "" for none.
func (p Precision) String() string {
	return [...]string{"", "year", "month", "day", "time"}[min(p, PrecisionTime)]
}

// stamp is a date as it was read.
type stamp struct {
	at        time.Time
	precision Precision
	// zone is the offset stated, as in RFC 3339; empty where none was and UTC is taken.
	zone string
}

// layouts are the machine-readable forms met on the web that are not ISO 8601; a zone without a known offset counts as none.
var layouts = [...]struct { //nolint:gochecknoglobals // a table
	layout    string
	precision Precision
}{
	{time.RFC1123Z, PrecisionTime}, {"Mon, 2 Jan 2006 15:04:05 MST", PrecisionTime}, {"Mon, 2 Jan 2006 15:04:05 -0700", PrecisionTime},
	{"Mon Jan 2 15:04:05 MST 2006", PrecisionTime}, {"Mon Jan 2 15:04:05 -0700 2006", PrecisionTime}, {"Mon Jan 2 2006 15:04:05 GMT-0700", PrecisionTime},
	{"Mon, 2 Jan 2006 15:04:05", PrecisionTime}, {"2 Jan 2006 15:04:05 MST", PrecisionTime},
	{"02.01.2006 15:04", PrecisionTime}, {"02.01.2006 15:04:05", PrecisionTime}, {"02.01.2006", PrecisionDay}, {"2.1.2006", PrecisionDay},
	{"January 2, 2006", PrecisionDay}, {"2 January 2006", PrecisionDay}, {"Jan 2, 2006", PrecisionDay}, {"2 Jan 2006", PrecisionDay},
	{"January 2006", PrecisionMonth}, {"Jan 2006", PrecisionMonth},
}

// zones are the abbreviations whose offset is beyond doubt, in hours.
var zones = map[string]int{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, //nolint:gochecknoglobals // a table
	"JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}

// parseDate reads a machine-readable date; anything longer than 64 bytes is none.
func parseDate(s string) (stamp, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 4 || len(s) > 64 {
		return stamp{}, false
	}
	if c := s[0]; c >= '0' && c <= '9' {
		if st, ok := isoDate(s); ok {
			return st, true
		}
		if st, ok := epoch(s); ok {
			return st, true
		}
	}
	if i := strings.IndexByte(s, '('); i > 0 { // JavaScript: … GMT+0200 (CEST)
		s = strings.TrimSpace(s[:i])
	}
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return withZone(t, l.precision, strings.Contains(l.layout, "-0700"), strings.Contains(l.layout, "MST")), true
		}
	}
	return readTextDate(s, "")
}

// withZone takes the offset that a layout read, or that of the abbreviation it read, where that is known.
func withZone(t time.Time, p Precision, numeric, abbreviated bool) stamp {
	name, offset := t.Zone()
	hours, known := zones[name]
	switch {
	case numeric:
	case abbreviated && known && offset == 0:
		t = t.Add(-time.Duration(hours) * time.Hour)
		offset = hours * 3600
	case abbreviated && offset != 0:
	default:
		return stamp{at: t, precision: p}
	}
	return stamp{at: t, precision: p, zone: offsetName(offset)}
}

// offsetName writes an offset in seconds as RFC 3339 does.
func offsetName(seconds int) string {
	if seconds == 0 {
		return "Z"
	}
	return time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("-07:00")
}

// epoch reads seconds or milliseconds since 1970.
func epoch(s string) (stamp, bool) {
	if len(s) != 10 && len(s) != 13 || s[0] != '1' || s[1] == '9' {
		return stamp{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return stamp{}, false
	}
	if len(s) == 13 {
		n /= 1000
	}
	return stamp{at: time.Unix(n, 0).UTC(), precision: PrecisionTime, zone: "Z"}, true
}

// civil makes a date of three numbers; a day that the month has not is refused.
func civil(year, month, day string) (stamp, bool) {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || err3 != nil {
		return stamp{}, false
	}
	return dayOf(y, m, d)
}

func dayOf(y, m, d int) (stamp, bool) {
	if m < 1 || m > 12 {
		return stamp{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return stamp{at: t, precision: PrecisionDay}, t.Day() == d
}
