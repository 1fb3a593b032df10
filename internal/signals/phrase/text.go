package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// Plain makes a document of plain text, of no known page, company or date.
func Plain(text, language string) *document.Document {
	return &document.Document{
		Kind: pages.KindOther, Language: language,
		Blocks: []document.Block{{Text: text, Role: document.RoleParagraph}},
	}
}

// Quote returns the sentence as it stands in the text, with its closing mark, cut to
// signals.MaxEvidence runes of whole words around span, and the byte offset at which it begins.
func (sen *Sentence) Quote(span Span) (string, int) {
	return sen.QuoteWithin(span, signals.MaxEvidence)
}

// QuoteWithin is Quote with another bound, in runes, of at most signals.MaxEvidence.
func (sen *Sentence) QuoteWithin(span Span, limit int) (string, int) {
	from, to := int(sen.Tokens[0].Start), int(sen.Tokens[len(sen.Tokens)-1].End)
	for to < len(sen.Text) && strings.IndexByte(".!?)\"'", sen.Text[to]) >= 0 {
		to++
	}
	if utf8.RuneCountInString(sen.Text[from:to]) > limit {
		from, to = sen.window(span, limit)
	}
	return strings.Join(strings.Fields(sen.Text[from:to]), " "), from
}

// window grows from the middle of the span outward, token by token, to at most limit bytes.
func (sen *Sentence) window(span Span, limit int) (from, to int) {
	i := (span.Start + span.End - 1) / 2
	j := i
	size := func(i, j int) int { return int(sen.Tokens[j].End - sen.Tokens[i].Start) }
	for grown := true; grown; {
		grown = false
		if i > 0 && size(i-1, j) <= limit {
			i--
			grown = true
		}
		if j+1 < len(sen.Tokens) && size(i, j+1) <= limit {
			j++
			grown = true
		}
	}
	from, to = int(sen.Tokens[i].Start), int(sen.Tokens[j].End)
	if to-from > limit { // one word longer than a quotation
		to = from
		for n := range sen.Text[from:] {
			if n > limit-utf8.UTFMax {
				break
			}
			to = from + n
		}
	}
	return from, to
}

// SpeaksOwn reports whether a text speaks in the first person plural, in one of the six languages.
func SpeaksOwn(text string) bool {
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w != "US" && ownWords(fold(w)) {
			return true
		}
	}
	return false
}

func ownWords(w string) bool {
	switch w {
	case "we", "our", "ours", "us", "wir", "uns", "unser", "unsere", "unseren", "unserem", "unserer", "unseres", "nous",
		"notre", "nos", "nosotros", "nuestro", "nuestra", "nuestros", "nuestras", "estamos", "hemos", "tenemos", "vamos",
		"vi", "vår", "våra", "vårt", "oss", "wij", "ons", "onze":
		return true
	}
	return false
}
