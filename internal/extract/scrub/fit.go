package scrub

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"telltale/internal/signals"
)

// Fit cuts text between words to at most signals.MaxEvidence runes; an ellipsis marks the cut. Text without spaces where it must be cut, as
// Chinese and Japanese are written, is cut behind a mark of punctuation, or else between characters.
func Fit(s string) string {
	if utf8.RuneCountInString(s) <= signals.MaxEvidence {
		return s
	}
	at := 0
	for range signals.MaxEvidence - 1 {
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	head := whole(s[:between(s, at)])
	if next, _ := utf8.DecodeRuneInString(s[len(head):]); next != ' ' {
		if i := lastBreak(head); i > 0 {
			head = head[:i]
		}
	}
	return strings.TrimRight(head, " ,;:、，") + "…"
}

// lastBreak is where the last word or clause that ends in the second half of a text ends; 0 where none does.
func lastBreak(s string) int {
	half := len(s) / 2
	if i := strings.LastIndexByte(s, ' '); i > half {
		return i
	}
	i := strings.LastIndexFunc(s, unicode.IsPunct)
	if i <= half {
		return 0
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}

// between is the nearest place at or before at that parts no character from the marks that belong to it.
func between(s string, at int) int {
	for at > 0 && at < len(s) {
		r, _ := utf8.DecodeRuneInString(s[at:])
		before, n := utf8.DecodeLastRuneInString(s[:at])
		const joiner = '\u200d'
		if !unicode.Is(unicode.M, r) && r != joiner && before != joiner {
			return at
		}
		at -= n
	}
	return at
}

// runeStart is the nearest place at or before at where a rune begins.
func runeStart(s string, at int) int {
	for back := range utf8.UTFMax {
		if at-back >= 0 && (at-back == len(s) || utf8.RuneStart(s[at-back])) {
			return at - back
		}
	}
	return at
}

// entity is the beginning of a character reference without its end.
var entity = regexp.MustCompile(`&(?:#?[0-9A-Za-z]{0,10})$`)

// whole takes a reference that was cut off the end of a quotation that is as long as one may be.
func whole(s string) string {
	if utf8.RuneCountInString(s) < signals.MaxEvidence-1 {
		return s
	}
	return strings.TrimRight(entity.ReplaceAllString(s, ""), " ")
}
