package technology

import (
	"regexp/syntax"
	"slices"
)

// maxAlternatives bounds how many expressions one is split into.
const maxAlternatives = 16

// split returns an expression as several, one for each alternative of its top level, where that lets each run around
// its own literals: (?:<a[^>]+foo|bar>) has no bound as a whole. The groups of each keep the numbers they had.
func split(e *expression, tree *syntax.Regexp) ([]*expression, []*syntax.Regexp) {
	left := maxAlternatives
	if list, trees := splitUpTo(e, tree, &left); left >= 0 {
		return list, trees
	}
	return []*expression{e}, []*syntax.Regexp{tree}
}

// splitUpTo splits as long as any alternatives are left: below zero, what it returns is of no use.
func splitUpTo(e *expression, tree *syntax.Regexp, left *int) ([]*expression, []*syntax.Regexp) {
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
	if *left -= len(alt.Sub) - 1; *left < 0 {
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
		t := sequence(before, repeated(emptyGroup, earlier), []*syntax.Regexp{sub}, repeated(emptyGroup, groups-earlier-own), after)
		earlier += own
		more, moreTrees := splitUpTo(&expression{tree: t, anchored: startsAnchored(t)}, t, left)
		out, outTrees = append(out, more...), append(outTrees, moreTrees...)
	}
	return out, outTrees
}

// emptyGroup keeps the number of a group that another alternative has.
var emptyGroup = &syntax.Regexp{Op: syntax.OpCapture, Sub: []*syntax.Regexp{{Op: syntax.OpEmptyMatch}}} //nolint:gochecknoglobals // a constant

func repeated(re *syntax.Regexp, n int) []*syntax.Regexp {
	out := make([]*syntax.Regexp, n)
	for i := range out {
		out[i] = re
	}
	return out
}

// sequence joins parts of expressions.
func sequence(lists ...[]*syntax.Regexp) *syntax.Regexp {
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: slices.Concat(lists...)}
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
