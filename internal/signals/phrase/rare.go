package phrase

// mandatory returns the words of the element that every match must hold and that is rarest in text,
// nil where there is none.
func mandatory(n *node) []string {
	switch n.op {
	case opWords:
		return n.words
	case opSeq:
		var best []string
		for _, k := range n.kids {
			if m := mandatory(k); m != nil && (best == nil || commonness(m) < commonness(best)) {
				best = m
			}
		}
		return best
	case opAlt:
		var all []string
		for _, k := range n.kids {
			m := mandatory(k)
			if m == nil {
				return nil
			}
			all = append(all, m...)
		}
		return all
	case opAny, opSlot, opNum, opCap, opOpt:
	}
	return nil
}

func commonness(ws []string) int {
	c := 0
	for _, w := range ws {
		c++
		if stop(w) {
			c += 40
		}
	}
	return c
}

// stop are words so common in the six languages that they choose no pattern.
func stop(w string) bool {
	switch w {
	case "the", "a", "an", "of", "to", "in", "on", "for", "with", "by", "from", "and", "or", "our", "we", "is", "are", "was",
		"were", "be", "been", "has", "have", "had", "will", "would", "that", "this", "it", "as", "at", "up", "out", "off",
		"all", "new", "more", "not", "no", "its", "their", "they", "you", "your", "de", "la", "le", "les", "des", "du", "en",
		"et", "un", "une", "pour", "par", "dans", "sur", "nous", "notre", "est", "au", "aux", "der", "die", "das", "den",
		"dem", "ein", "eine", "einen", "einem", "einer", "und", "oder", "im", "auf", "mit", "von", "vom", "zu", "zum", "zur",
		"für", "bei", "wir", "unser", "unsere", "ist", "sind", "wird", "werden", "hat", "haben", "el", "los", "las", "y",
		"del", "con", "por", "para", "se", "que", "una", "es", "ha", "han", "som", "och", "i", "på", "av", "för", "till",
		"med", "ett", "det", "är", "har", "vi", "vår", "van", "het", "een", "op", "te", "voor", "met", "zijn", "wordt",
		"onze", "s", "t", "can", "may", "do", "does", "over", "into":
		return true
	}
	return false
}
