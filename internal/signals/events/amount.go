package events

import (
	"strconv"
	"strings"

	"telltale/internal/signals/phrase"
)

// Amount is a sum of money.
type Amount struct {
	// Value is in units of the currency.
	Value float64
	// Currency is the ISO 4217 code.
	Currency string
}

var currencies = map[string]string{
	"$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
	"£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "chf": "CHF", "franken": "CHF", "francs": "CHF",
	"sek": "SEK", "kr": "SEK", "kronor": "SEK", "yen": "JPY", "rupees": "INR",
}

var scales = map[string]float64{
	"thousand": 1e3, "k": 1e3, "tsd": 1e3, "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6,
	"millionen": 1e6, "millones": 1e6, "miljoner": 1e6, "miljoen": 1e6,
	"billion": 1e9, "billions": 1e9, "bn": 1e9, "mrd": 1e9, "milliarde": 1e9, "milliarden": 1e9, "miljard": 1e9, "miljarder": 1e9,
}

// amount reads the sum of money nearest to the match.
func amount(sen *phrase.Sentence, span phrase.Span) Amount {
	var best Amount
	dist := len(sen.Tokens) + 1
	for i := range sen.Tokens {
		if !sen.Tokens[i].Has(phrase.Number) {
			continue
		}
		a, ok := amountAt(sen, i)
		d := max(span.Start-i, i-span.End, 0)
		if ok && d < dist {
			best, dist = a, d
		}
	}
	return best
}

func amountAt(sen *phrase.Sentence, i int) (Amount, bool) {
	word := func(j int) string {
		if j < 0 || j >= len(sen.Tokens) {
			return ""
		}
		return strings.ToLower(sen.Word(j))
	}
	digits := strings.TrimRightFunc(word(i), func(r rune) bool { return r < '0' || r > '9' })
	value, ok := number(digits)
	if !ok {
		return Amount{}, false
	}
	scale, next := scales[strings.TrimPrefix(word(i), digits)], i+1
	if s := scales[word(next)]; scale == 0 && s != 0 {
		scale, next = s, next+1
	}
	if scale != 0 {
		value *= scale
	}
	if w := word(next); w == "de" || w == "d" {
		next++
	}
	cur := currencies[word(i-1)]
	if cur == "" {
		cur = currencies[word(next)]
	}
	return Amount{Value: value, Currency: cur}, cur != ""
}

// number reads digits with either decimal mark: one group of three digits after a mark is taken for thousands.
func number(s string) (float64, bool) {
	last := strings.LastIndexAny(s, ".,")
	if last >= 0 && (len(s)-last-1 == 3 || strings.Count(s, s[last:last+1]) > 1) {
		last = -1
	}
	var b strings.Builder
	for i := range len(s) {
		switch {
		case i == last:
			b.WriteByte('.')
		case s[i] != '.' && s[i] != ',':
			b.WriteByte(s[i])
		}
	}
	v, err := strconv.ParseFloat(b.String(), 64)
	return v, err == nil && v >= 0 && v < 1e15
}
