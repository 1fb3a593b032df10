package sampleweb

import (
	"fmt"
	"strconv"
	"time"
)

// slots fills the placeholders of a template for one company on one date.
type slots struct {
	w       *Web
	c       *company
	r       rng
	date    time.Time
	product string
	// other and word keep their first value, so that a title and its passage agree.
	kept map[string]string
}

func (w *Web) slots(c *company, r rng, date time.Time, product string) *slots {
	return &slots{w: w, c: c, r: r, date: date, product: product, kept: map[string]string{}}
}

// fill expands a template.
func (s *slots) fill(template string) string {
	return expand(template, func(slot string) (string, bool) {
		if v, ok := s.kept[slot]; ok {
			return v, true
		}
		v, ok := s.value(slot)
		if ok {
			s.kept[slot] = v
		}
		return v, ok
	})
}

func (s *slots) value(slot string) (string, bool) {
	switch slot {
	case "name":
		return s.c.Name, true
	case "city":
		return s.c.City, true
	case "domain":
		return s.c.domain, true
	case "p", "rival", "legacy", "eos", "pain":
		return s.vocab(slot), true
	case "other":
		lang := s.c.Language
		return pick(s.r, s.w.prose.pool("names", "root-"+lang)) + " " + pick(s.r, s.w.prose.pool("industries", "noun-"+lang, pick(s.r, industries()))), true
	case "country", "country-de":
		return pick(s.r, s.w.prose.pool("names", "abroad-"+s.c.Language)), true
	case "job":
		return pick(s.r, s.w.prose.pool(s.filler(), "jobtitle")), true
	case "n":
		return strconv.Itoa(s.r.between(6, 60)), true
	case "n2":
		return strconv.Itoa(10 * s.r.between(3, max(4, min(s.c.size/8, 60)))), true
	case "money":
		return s.money(), true
	}
	return s.when(slot)
}

// vocab draws the product's word for a slot, in the company's language.
func (s *slots) vocab(slot string) string {
	key := slot
	if s.c.Language == "de" && slot != "p" && slot != "rival" {
		key += "-de"
	}
	return pick(s.r, s.w.prose.pool("vocab", key, s.product))
}

func (s *slots) money() string {
	whole, tenth := s.r.between(1, 24), s.r.between(1, 9)
	if s.c.Language == "de" {
		return fmt.Sprintf("%d,%d Millionen Euro", whole, tenth)
	}
	unit := map[string]string{"United Kingdom": "pounds", "United States": "dollars", "Canada": "dollars", "Australia": "dollars"}[s.c.Country]
	if unit == "" {
		unit = "euros"
	}
	return fmt.Sprintf("%d.%d million %s", whole, tenth, unit)
}

// when answers the slots that depend on the date.
func (s *slots) when(slot string) (string, bool) {
	lang := s.c.Language
	switch slot {
	case "month", "nextmonth":
		return monthName(lang, s.ahead(1).Month()), true
	case "pastmonth":
		return monthName(lang, s.ahead(-s.r.between(2, 4)).Month()), true
	case "later":
		at := s.ahead(s.r.between(2, 8))
		if lang == "en" && s.r.chance(0.3) {
			return [...]string{"the first", "the second", "the third", "the fourth"}[(at.Month()-1)/3] + " quarter of " + at.Format("2006"), true
		}
		return monthName(lang, at.Month()) + " " + at.Format("2006"), true
	case "season":
		return season(lang, s.date.Month()), true
	case "year":
		return s.date.Format("2006"), true
	case "nextyear":
		return strconv.Itoa(s.date.Year() + 1), true
	case "farfuture":
		return strconv.Itoa(s.date.Year() + 5), true
	case "longago":
		return strconv.Itoa(s.date.Year() - s.r.between(7, 14)), true
	case "weekday":
		return s.date.Weekday().String(), true
	}
	return "", false
}

// ahead moves by months from the first of the month, so that the 31st never skips one.
func (s *slots) ahead(months int) time.Time {
	return time.Date(s.date.Year(), s.date.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
}

func (s *slots) filler() string {
	if s.c.Language == "de" {
		return "filler_de"
	}
	return "filler"
}

func monthName(lang string, m time.Month) string {
	if lang == "de" {
		return [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}[m-1]
	}
	return m.String()
}

func season(lang string, m time.Month) string {
	i := int(m) % 12 / 3
	if lang == "de" {
		return [...]string{"Winter", "Frühling", "Sommer", "Herbst"}[i]
	}
	return [...]string{"winter", "spring", "summer", "autumn"}[i]
}
