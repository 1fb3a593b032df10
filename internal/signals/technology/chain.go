package technology

import "regexp/syntax"

// chained returns an expression as links that must follow each other with anything between: what [\s\S]* joins
// has no bound as a whole, while each link runs around its own literals. Every link is made to match as little as
// it can, so that the next has all that is left. It returns nil where there is nothing to gain, or groups to keep.
func chained(e *expression, tree *syntax.Regexp) []*syntax.Regexp {
	if len(e.guards) > 0 || captures(tree) > 0 || tree.Op != syntax.OpConcat {
		return nil
	}
	var links []*syntax.Regexp
	from := 0
	cut := func(to int) bool {
		if to == from {
			return false
		}
		link := sequence(tree.Sub[from:to])
		lazy(link)
		links = append(links, link)
		return len(mandatory(parts(link), minLiteral)) > 0
	}
	for i, sub := range tree.Sub {
		if !isAnything(sub) {
			continue
		}
		if !cut(i) {
			return nil
		}
		from = i + 1
	}
	if from == 0 || !cut(len(tree.Sub)) {
		return nil
	}
	return links
}

// isAnything reports [\s\S]* and its like.
func isAnything(re *syntax.Regexp) bool {
	if re.Op != syntax.OpStar {
		return false
	}
	sub := re.Sub[0]
	return sub.Op == syntax.OpAnyChar || sub.Op == syntax.OpCharClass && len(sub.Rune) == 2 && sub.Rune[0] == 0 && sub.Rune[1] == 0x10FFFF
}

func lazy(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		re.Flags |= syntax.NonGreedy
	default:
	}
	for _, sub := range re.Sub {
		lazy(sub)
	}
}

// chain files the links of a pattern, each as a pattern of its own.
func (b *builder) chain(p *pattern, links []*syntax.Regexp, x *index) {
	for _, link := range links {
		seq := parts(link)
		p.links = append(p.links, pattern{
			expr: &expression{tree: link}, clauses: x.file(mandatory(seq, minLiteral), seq, true), windowed: true,
		})
	}
	for i := range p.links {
		for _, c := range p.links[i].clauses {
			p.clauses = append(p.clauses, filed{ids: c.ids})
		}
	}
}

// findLinks runs the links of a pattern one behind the other.
func (s *scratch) findLinks(text []byte, h *hits, p *pattern, lo, hi int) []int {
	out := []int{-1, -1}
	for i := range p.links {
		at := s.findIn(text, h, &p.links[i], lo, hi)
		if at == nil {
			return nil
		}
		if i == 0 {
			out[0] = at[0]
		}
		out[1], lo = at[1], at[1]
	}
	return out
}
