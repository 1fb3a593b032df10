package technology

// index finds the patterns that a text may match by the literals in it. There is one for the body, one for
// short values (headers, cookies, meta elements, records, the page's address), one for the addresses of scripts, and one for the visible text.
type index struct {
	literals *automaton
	// byLiteral lists the patterns whose first clause holds the literal; always those without a clause, by field.
	byLiteral [][]int32
	always    [fields][]int32
	// byKey lists the patterns without a clause that read one key.
	byKey map[string][]int32

	ids   map[string]int32
	words []string
	held  []int32
	// size is the sum of the literals' lengths, in bytes.
	size int
}

func newIndex() index { return index{ids: map[string]int32{}, byKey: map[string][]int32{}} }

func (x *index) literal(l string) int32 {
	id, ok := x.ids[l]
	if !ok {
		id = int32(len(x.words))
		x.ids[l] = id
		x.words = append(x.words, l)
		x.size += len(l)
	}
	return id
}

// file gives the literals of clauses their numbers, and their steps where the pattern is to be windowed.
func (x *index) file(list []clause, seq []part, windowed bool) []filed {
	out := make([]filed, 0, len(list))
	for _, c := range list {
		f := filed{ids: make([]int32, 0, len(c.literals))}
		for _, l := range c.literals {
			f.ids = append(f.ids, x.literal(l))
			f.width = max(f.width, len(l))
		}
		if windowed {
			left, right := seq[:c.from], seq[c.to+1:]
			if !c.exact {
				left, right = seq[:c.to+1], seq[c.from:]
			}
			f.left, f.right = stepsOf(left), stepsOf(right)
		}
		out = append(out, f)
	}
	return out
}

// finish builds the automaton and files the patterns under the literals of their first clause.
func (x *index) finish(patterns []pattern) {
	x.literals = newAutomaton(x.words)
	x.byLiteral = make([][]int32, len(x.words))
	for _, n := range x.held {
		p := &patterns[n]
		switch {
		case len(p.clauses) > 0:
			x.first(p)
			for _, l := range p.clauses[0].ids {
				x.byLiteral[l] = append(x.byLiteral[l], n)
			}
		case p.key != "" && p.field.keyed() && !isPrefixKey(p.key):
			x.byKey[p.key] = append(x.byKey[p.key], n)
		default:
			x.always[p.field] = append(x.always[p.field], n)
		}
	}
	x.ids, x.words, x.held = nil, nil, nil
}

// first puts the rarest clause first.
func (x *index) first(p *pattern) {
	best, at := 0, 0
	for i, c := range p.clauses {
		words := make([]string, 0, maxExact)
		for _, l := range c.ids {
			words = append(words, x.words[l])
		}
		if n := rarity(words); n > at {
			best, at = i, n
		}
	}
	p.clauses[0], p.clauses[best] = p.clauses[best], p.clauses[0]
}

// keyed reports a field whose patterns read one key each.
func (f Field) keyed() bool {
	switch f {
	case FieldHeader, FieldCookie, FieldMeta, FieldDNS:
		return true
	default:
	}
	return false
}
