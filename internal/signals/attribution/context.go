package attribution

import (
	"strings"
)

// contextWeight weighs the country and the trade that the page speaks of.
func (r *reading) contextWeight(number uint32, w *weighed) {
	a := &r.m.accounts[number]
	if a.country == 0 && a.industry == 0 {
		return
	}
	r.context()
	country := a.country != 0 && r.countries[a.country]
	trade := a.industry != 0 && r.trades&(1<<(a.industry-1)) != 0
	if country {
		w.score += 0.1
		w.why = append(w.why, "its country "+r.m.lex.codes[a.country])
	}
	if trade {
		w.score += 0.1
		w.why = append(w.why, "words of its trade")
	}
	w.backed = w.backed || country && trade
	if a.country != 0 && r.place != 0 && r.place != a.country {
		w.abroad = true
		w.score -= 0.25
		w.why = append(w.why, "dateline in "+r.m.lex.codes[r.place])
	}
}

// context reads which countries and trades the page speaks of, outside of the names it mentions.
func (r *reading) context() {
	if r.known {
		return
	}
	r.known, r.countries = true, map[uint8]bool{}
	left, named := contextEnd, r.nameWords()
	var list []word
	for i := range r.doc.Blocks {
		b := &r.doc.Blocks[i]
		if !r.doc.Own(b) || left <= 0 {
			continue
		}
		text := b.Text[:min(len(b.Text), left)]
		left -= len(text)
		list = split(list[:0], text)
		for j := range list {
			if id := r.m.placeAt(text, list, j); id != 0 {
				r.countries[id] = true
			}
			h := r.m.hashOf(text, list[j])
			if !named[h] {
				r.trades |= r.m.lex.cues[h]
			}
		}
	}
}

// nameWords are the hashes of the words of the names that the page mentions.
func (r *reading) nameWords() map[uint64]bool {
	named := map[uint64]bool{}
	for i := range r.groups {
		for w := range strings.FieldsSeq(r.groups[i].key) {
			named[r.m.lex.hash(w)] = true
		}
	}
	return named
}
