package attribution

import (
	"strings"
	"unicode/utf8"

	"telltale/internal/signals"
)

// quoteOf is the sentence around a mention, at most signals.MaxEvidence runes of whole words.
func quoteOf(text string, start, end int) string {
	from := 0
	for _, stop := range [...]string{". ", "! ", "? ", "\n"} {
		if i := strings.LastIndex(text[:start], stop); i >= 0 {
			from = max(from, i+len(stop))
		}
	}
	to := len(text)
	for _, stop := range [...]string{". ", "! ", "? ", "\n"} {
		if i := strings.Index(text[end:], stop); i >= 0 {
			to = min(to, end+i+1)
		}
	}
	const half = signals.MaxEvidence / 2
	if utf8.RuneCountInString(text[from:start]) > half {
		for range half {
			_, size := utf8.DecodeLastRuneInString(text[:start])
			start -= size
		}
		from = start
		if i := strings.IndexByte(text[from:], ' '); i >= 0 && from+i < end {
			from += i + 1
		}
	}
	return strings.TrimSpace(cutRunes(text[from:to], signals.MaxEvidence))
}

// cutRunes cuts a text after some runes, between words where it can.
func cutRunes(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			if at := strings.LastIndexByte(s[:i], ' '); at > 0 {
				return s[:at]
			}
			return s[:i]
		}
	}
	return s
}
