package document

import (
	"strings"
	"time"
)

// isoReader reads ISO 8601 as the web writes it, from left to right.
type isoReader struct {
	s string
}

// isoDate reads YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD, with slashes or dots for hyphens, and a time of day and a zone behind it
// where there are some; what follows a whole day and is no time is passed over. A year of five digits is none.
func isoDate(s string) (stamp, bool) {
	r := isoReader{s}
	y, n := r.number(4)
	switch {
	case n != 4 || y < 1000:
		return stamp{}, false
	case r.s == "":
		return stamp{at: time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), precision: PrecisionYear}, true
	case len(r.s) >= 4 && isDigits(r.s[:4]) && (len(r.s) == 4 || r.s[4] == 'T' || r.s[4] == ' '):
		m, _ := r.number(2)
		d, _ := r.number(2)
		return r.timeOf(y, m, d)
	case r.s[0] == '-' || r.s[0] == '/' || r.s[0] == '.':
		return r.monthOf(y, r.s[0])
	}
	return stamp{}, false
}

// monthOf reads a month, and a day behind it, each after a separator.
func (r *isoReader) monthOf(y int, sep byte) (stamp, bool) {
	r.s = r.s[1:]
	m, n := r.number(2)
	if n == 0 || m < 1 || m > 12 {
		return stamp{}, false
	}
	if r.s == "" {
		return stamp{at: time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC), precision: PrecisionMonth}, true
	}
	if r.s[0] != sep {
		return stamp{}, false
	}
	r.s = r.s[1:]
	d, n := r.number(2)
	if n == 0 || r.s != "" && r.s[0] >= '0' && r.s[0] <= '9' {
		return stamp{}, false
	}
	return r.timeOf(y, m, d)
}

// timeOf reads the time of day behind a date.
func (r *isoReader) timeOf(y, m, d int) (stamp, bool) {
	day, ok := dayOf(y, m, d)
	if !ok || r.s == "" || r.s[0] != 'T' && r.s[0] != 't' && r.s[0] != ' ' {
		return day, ok
	}
	r.s = strings.TrimLeft(r.s[1:], " T")
	seconds, ok := r.clock()
	if !ok {
		return day, true
	}
	out := stamp{at: day.at.Add(time.Duration(seconds) * time.Second), precision: PrecisionTime}
	if offset, ok := r.zone(); ok {
		out.at = out.at.Add(-time.Duration(offset) * time.Second)
		out.zone = offsetName(offset)
	}
	return out, true
}

// clock reads hours, minutes and seconds, the latter where there are some, as seconds since midnight.
func (r *isoReader) clock() (seconds int, ok bool) {
	hour, n := r.number(2)
	if n == 0 || hour > 24 {
		return 0, false
	}
	minute, n := r.colon()
	if n == 0 || minute > 59 {
		return 0, false
	}
	second, _ := r.colon()
	if len(r.s) > 1 && (r.s[0] == '.' || r.s[0] == ',') {
		r.s = strings.TrimLeft(r.s[1:], "0123456789")
	}
	return hour*3600 + minute*60 + min(second, 59), true
}

// colon reads two digits, with or without a colon before them.
func (r *isoReader) colon() (value, digits int) {
	r.s = strings.TrimPrefix(r.s, ":")
	return r.number(2)
}

// zone reads Z, an offset or a known abbreviation, in seconds east of UTC.
func (r *isoReader) zone() (int, bool) {
	s := strings.TrimLeft(r.s, " ")
	if s == "" {
		return 0, false
	}
	if s[0] == '+' || s[0] == '-' {
		sign := 1
		if s[0] == '-' {
			sign = -1
		}
		r.s = s[1:]
		h, n := r.number(2)
		m, _ := r.colon()
		if n == 0 || h > 14 || m > 59 {
			return 0, false
		}
		return sign * (h*3600 + m*60), true
	}
	hours, ok := zones[strings.ToUpper(s)]
	return hours * 3600, ok
}

// number reads at most limit digits and says how many there were.
func (r *isoReader) number(limit int) (value, digits int) {
	for digits < limit && digits < len(r.s) && r.s[digits] >= '0' && r.s[digits] <= '9' {
		value = value*10 + int(r.s[digits]-'0')
		digits++
	}
	r.s = r.s[digits:]
	return value, digits
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
