package technology

import (
	"regexp/syntax"
	"strings"
)

// maxAlternatives bounds how many expressions one is split into.
const maxAlternatives = 16

// split returns an expression as several, one for each alternative of its top level, where that lets each run around
// its own literals: (?:<a[^>]+foo|bar>) has no bound as a whole. The groups of each keep the numbers they had.
func split(e *expression, tree *syntax.Regexp) ([]*expression, []*syntax.Regexp) {
	whole, trees := []*expression{e}, []*syntax.Regexp{tree}
	at := alternation(tree)
	if len(e.guards) > 0 || at < 0 || bounded(parts(tree)) {
		return whole, trees
	}
	var before, after []*syntax.Regexp
	alt := tree
	if tree.Op == syntax.OpConcat {
		before, alt, after = tree.Sub[:at], tree.Sub[at], tree.Sub[at+1:]
	}
	if len(alt.Sub) > maxAlternatives {
		return whole, trees
	}
	groups := 0
	for _, sub := range alt.Sub {
		groups += captures(sub)
	}
	var out []*expression
	var outTrees []*syntax.Regexp
	earlier := 0
	for _, sub := range alt.Sub {
		own := captures(sub)
		src := spelled(before) + strings.Repeat("()", earlier) + spelled([]*syntax.Regexp{sub}) + strings.Repeat("()", groups-earlier-own) + spelled(after)
		earlier += own
		t, err := syntax.Parse(src, syntax.Perl)
		if err != nil {
			return whole, trees
		}
		more, moreTrees := split(&expression{src: src, anchored: startsAnchored(t)}, t)
		out, outTrees = append(out, more...), append(outTrees, moreTrees...)
	}
	if len(out) > maxAlternatives {
		return whole, trees
	}
	return out, outTrees
}

// alternation returns the place of an alternation at the top level of an expression, -1 for none.
func alternation(tree *syntax.Regexp) int {
	if tree.Op == syntax.OpAlternate {
		return 0
	}
	if tree.Op == syntax.OpConcat {
		for i, sub := range tree.Sub {
			if sub.Op == syntax.OpAlternate {
				return i
			}
		}
	}
	return -1
}

// bounded reports an expression that some clause of it bounds.
func bounded(seq []part) bool {
	for _, c := range mandatory(seq, minLiteral) {
		if finite(stepsOf(seq[:c.to+1])) && finite(stepsOf(seq[c.from:])) {
			return true
		}
	}
	return false
}

func captures(re *syntax.Regexp) int {
	n := 0
	if re.Op == syntax.OpCapture {
		n = 1
	}
	for _, sub := range re.Sub {
		n += captures(sub)
	}
	return n
}

func spelled(list []*syntax.Regexp) string {
	var b strings.Builder
	for _, re := range list {
		b.WriteString("(?:" + re.String() + ")")
	}
	return b.String()
}
