package scrub

import (
	"regexp"
	"strings"
)

var (
	// phone: international numbers, numbers behind a word that announces one, national ones with a leading zero as they are written in
	// Germany, France, the Netherlands, Sweden and the United Kingdom, and the North American form.
	phone = regexp.MustCompile(`(?i)(?:\+|\b00)\d(?:[\s().\x{00a0}/–-]{0,3}\d){6,14}\b` +
		`|\b(?:tel|telefon|telefono|teléfono|telephone|téléphone|tél|telefoon|tfn|phone|fon|fax|mobile|mobil|móvil|mobiel|portable|handy|call|ring|bel)\b[\s.:]{1,3}\(?\d(?:[\s()./–-]{0,3}\d){4,14}\b` +
		`|\(0\d{1,5}\)(?:[\s./–-]{0,3}\d){4,10}\b|\b0\d{2,5}[\s/–-]{1,3}\d(?:[\s/–-]?\d){4,9}\b` +
		`|\b0\d[\s–-]\d(?:[\s–-]?\d){6,9}\b|\b0\d(?:[\s.–-]\d{2}){4}\b|\b0\d{9,10}\b` +
		`|(?:\(\d{3}\)\s?|\b\d{3}[-.\s])\d{3}[-.\s]\d{4}\b`)
	// spanish numbers have nine digits and no zero in front; amounts are written alike.
	spanish = regexp.MustCompile(`\b[6789]\d{2}[\s.–-](?:\d{3}[\s.–-]\d{3}|\d{2}[\s.–-]\d{2}[\s.–-]\d{2})\b`)
	// amount is what stands around an amount of money or of things.
	amount = regexp.MustCompile(`(?i)^\s?(?:€|\$|£|%|eur\b|euros?\b|usd\b|gbp\b|sek\b|kr\b|dollars?\b|million|users|kunden|clients|clientes|kunder|klanten)`) //nolint:misspell // Spanish
	money  = regexp.MustCompile(`(?i)(?:€|\$|£|eur|usd|gbp|sek)\s?$`)
	// date is what looks like a national number but is a day, alone or with a time behind it.
	date  = regexp.MustCompile(`^\(?\d{1,4}[\s./–-]+\d{1,2}[\s./–-]+\d{1,4}$`)
	dated = regexp.MustCompile(`^\d{1,2}[\s./–-]\d{1,2}[\s./–-](?:19|20)\d\d\b`)
)

// phones takes telephone numbers out.
func phones(s string) string {
	s = phone.ReplaceAllStringFunc(s, func(found string) string {
		if date.MatchString(found) || dated.MatchString(found) {
			return found
		}
		return phoneMark
	})
	all := spanish.FindAllStringIndex(s, 32)
	var b strings.Builder
	at := 0
	for _, m := range all {
		found := s[m[0]:m[1]]
		if strings.HasSuffix(found, "000") || amount.MatchString(s[m[1]:]) || money.MatchString(s[:m[0]]) {
			continue
		}
		b.WriteString(s[at:m[0]])
		b.WriteString(phoneMark)
		at = m[1]
	}
	b.WriteString(s[at:])
	return b.String()
}
