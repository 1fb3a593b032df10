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

func currency(w string) string {
	switch w {
	case "$", "usd", "dollar", "dollars":
		return "USD"
	case "€", "eur", "euro", "euros":
		return "EUR"
	case "£", "gbp", "pound", "pounds":
		return "GBP"
	case "chf", "franken", "francs":
		return "CHF"
	case "sek", "kr", "kronor":
		return "SEK"
	case "yen":
		return "JPY"
	case "rupees":
		return "INR"
	}
	return ""
}

// scale is what a word multiplies a number by; 0 for any other word.
func scale(w string) float64 {
	switch w {
	case "thousand", "k", "tsd":
		return 1e3
	case "million", "millions", "m", "mn", "mln", "mio", "millionen", "millones", "miljoner", "miljoen":
		return 1e6
	case "billion", "billions", "bn", "mrd", "milliarde", "milliarden", "miljard", "miljarder":
		return 1e9
	}
	return 0
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
	factor, next := scale(strings.TrimPrefix(word(i), digits)), i+1
	if s := scale(word(next)); factor == 0 && s != 0 {
		factor, next = s, next+1
	}
	if factor != 0 {
		value *= factor
	}
	if w := word(next); w == "de" || w == "d" {
		next++
	}
	cur := currency(word(i - 1))
	if cur == "" {
		cur = currency(word(next))
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
