package topics

import (
	"slices"
	"strings"

	"telltale/internal/signals/phrase"
)

// listed reports that the entity stands in an enumeration of four names or more, or in a sentence that is
// hardly more than names: a list of tools, partners or integrations.
func (w *work) listed(sen *phrase.Sentence, e int) bool {
	total, run, last, longest := 0, 0, -9, 0
	holds := false
	for _, i := range sen.Entities {
		if w.m.names[sen.Ref(i)].slot > slotLegacy {
			continue
		}
		total++
		if i-last > 3 {
			run, holds = 0, false
		}
		run++
		holds = holds || i == e
		if holds {
			longest = max(longest, run)
		}
		last = i
	}
	return longest >= 4 || total >= 4 && 3*total >= len(sen.Tokens) || w.ranged(sen, e)
}

// ranged reports that the entity at e stands in a range of products: three or more that belong to three products, one after the other
// with commas or "and" between.
func (w *work) ranged(sen *phrase.Sentence, e int) bool {
	var products [3]string
	n, last, holds := 0, -9, false
	for _, i := range sen.Entities {
		name := w.m.names[sen.Ref(i)]
		if name.slot > slotLegacy {
			continue
		}
		if !follows(sen, last, i) {
			n, holds = 0, false
		}
		last, holds = i, holds || i == e
		if n < len(products) && !slices.Contains(products[:n], name.product) {
			products[n] = name.product
			n++
		}
		if holds && n == len(products) {
			return true
		}
	}
	return false
}

// follows reports that the name at token i comes right after the one at last in an enumeration.
func follows(sen *phrase.Sentence, last, i int) bool {
	switch i - last {
	case 1:
		return sen.Tokens[i].Has(phrase.Comma)
	case 2:
		switch strings.ToLower(sen.Word(i - 1)) {
		case "and", "or", "und", "oder", "sowie", "et", "ou", "y", "o", "och", "eller", "en", "of":
			return true
		}
		return sen.Tokens[i-1].Has(phrase.Comma)
	}
	return false
}
