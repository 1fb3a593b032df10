package technology

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator spells a JavaScript expression (without the u flag) in RE2's syntax.
type translator struct {
	in     string
	out    strings.Builder
	guards []guard
}

// maxExpression bounds one expression, in bytes.
const maxExpression = 16 << 10

// translate returns the expression in RE2's spelling, and its lookarounds as guards.
func translate(js string) (string, []guard, error) {
	if len(js) > maxExpression {
		return "", nil, fmt.Errorf("%w: longer than %d bytes", errNoEquivalent, maxExpression)
	}
	if !strings.ContainsAny(js, `\[(`) {
		return js, nil, nil
	}
	t := translator{in: js}
	for i := 0; i < len(js); {
		n, err := t.next(i)
		if err != nil {
			return "", nil, err
		}
		i += n
	}
	return t.out.String(), t.guards, nil
}

// next translates what begins at i and returns its length.
func (t *translator) next(i int) (int, error) {
	rest := t.in[i:]
	switch {
	case rest[0] == '\\':
		return t.escape(rest, false)
	case rest[0] == '[':
		return t.class(rest)
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!"):
		return t.lookaround(rest, 3, false)
	case strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		return t.lookaround(rest, 4, true)
	}
	t.out.WriteByte(rest[0])
	return 1, nil
}

// lookaround puts an empty group in the place of a lookaround and keeps its expression as a guard.
func (t *translator) lookaround(rest string, open int, behind bool) (int, error) {
	n := groupEnd(rest)
	if n < 0 {
		return 0, fmt.Errorf("%w: a group without an end", errNoEquivalent)
	}
	src, inner, err := translate(rest[open : n-1])
	if err != nil {
		return 0, err
	}
	if len(inner) > 0 {
		return 0, fmt.Errorf("%w of a lookaround within another", errNoEquivalent)
	}
	g := guard{behind: behind, negative: rest[open-1] == '!'}
	if behind {
		src = "(?i)(?:" + src + `)\z`
	} else {
		src = `(?i)\A(?:` + src + ")"
	}
	if g.re, err = regexp.Compile(src); err != nil {
		return 0, fmt.Errorf("lookaround: %w", err)
	}
	t.out.WriteString("(?P<" + guardName + strconv.Itoa(len(t.guards)) + ">)")
	t.guards = append(t.guards, g)
	return n, nil
}

// groupEnd returns the length of the group that s begins with, -1 where it has no end.
func groupEnd(s string) int {
	depth, class := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// class translates a character class: [^] is any character and [] none, and a bracket within stands for itself.
func (t *translator) class(rest string) (int, error) {
	switch {
	case strings.HasPrefix(rest, "[^]"):
		t.out.WriteString(`(?s:.)`)
		return 3, nil
	case strings.HasPrefix(rest, "[]"):
		t.out.WriteString(`[^\x00-\x{10FFFF}]`)
		return 2, nil
	}
	t.out.WriteByte('[')
	for i := 1; i < len(rest); {
		switch c := rest[i]; c {
		case ']':
			t.out.WriteByte(']')
			return i + 1, nil
		case '[':
			t.out.WriteString(`\[`)
			i++
		case '\\':
			n, err := t.escape(rest[i:], true)
			if err != nil {
				return 0, err
			}
			i += n
		default:
			t.out.WriteByte(c)
			i++
		}
	}
	return 0, fmt.Errorf("%w: a class without an end", errNoEquivalent)
}

// escape translates what begins with a backslash. A letter that means nothing to JavaScript stands for
// itself, where RE2 gives it a meaning: \APC is APC there, and the beginning of the text here.
func (t *translator) escape(rest string, inClass bool) (int, error) {
	if len(rest) < 2 {
		return 0, fmt.Errorf("%w: a backslash at the end", errNoEquivalent)
	}
	c := rest[1]
	switch {
	case c == 'b' && inClass:
		t.out.WriteString(`\x08`)
	case strings.IndexByte("bBdDsSwWfnrtv", c) >= 0:
		t.out.WriteString(rest[:2])
	case c == '0':
		t.out.WriteString(`\x00`)
	case !inClass && refersBack(rest):
		return 0, fmt.Errorf("%w of a backreference", errNoEquivalent)
	case c == 'u' || c == 'x':
		return t.code(rest, c), nil
	case c >= utf8.RuneSelf:
		_, n := utf8.DecodeRuneInString(rest[1:])
		t.out.WriteString(rest[1 : 1+n])
		return 1 + n, nil
	case isWord(c) || c == '_' || c <= ' ':
		t.out.WriteByte(c)
	default:
		t.out.WriteString(rest[:2])
	}
	return 2, nil
}

func refersBack(rest string) bool {
	return rest[1] >= '1' && rest[1] <= '9' || strings.HasPrefix(rest, `\k<`)
}

// code translates \uHHHH and \xHH; without the digits the letter stands for itself.
func (t *translator) code(rest string, c byte) int {
	digits := 2
	if c == 'u' {
		digits = 4
	}
	if len(rest) >= 2+digits {
		if n, err := strconv.ParseUint(rest[2:2+digits], 16, 16); err == nil && (n < 0xD800 || n > 0xDFFF) {
			fmt.Fprintf(&t.out, `\x{%x}`, n)
			return 2 + digits
		}
	}
	t.out.WriteByte(c)
	return 2
}
