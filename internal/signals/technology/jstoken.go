package technology

import "bytes"

// bracketed reads ['name']; to is -1 where it is anything else.
func bracketed(src []byte, i int) (name []byte, to int) {
	i = skipJSSpace(src, i+1)
	if i >= len(src) || src[i] != '"' && src[i] != '\'' {
		return nil, -1
	}
	n := stringEnd(src[i:])
	if n < 2 || bytes.IndexByte(src[i:i+n], '\\') >= 0 {
		return nil, -1
	}
	name = src[i+1 : i+n-1]
	if i = skipJSSpace(src, i+n); i >= len(src) || src[i] != ']' {
		return nil, -1
	}
	return name, i + 1
}

func isIdent(c byte) bool { return isWord(c) || c == '_' || c == '$' }

func skipJSSpace(src []byte, i int) int {
	for i < len(src) && isSpace(src[i]) {
		i++
	}
	return i
}

// isJSKeyword reports the words behind which a value begins, or which begin a statement that is no assignment.
func isJSKeyword(w []byte) bool {
	switch string(w) {
	case "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof", "yield", "await",
		"let", "const", "function", "class", "if", "for", "while", "switch", "try", "catch", "finally", "import", "export", "var",
		"default", "async", "with", "extends":
		return true
	}
	return false
}

// stringEnd returns the length of the string or template that src begins with, 0 where it has no end.
func stringEnd(src []byte) int {
	quote := src[0]
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\':
			i++
		case c == quote:
			return i + 1
		case c == '\n' && quote != '`':
			return 0
		case quote == '`' && c == '$' && i+1 < len(src) && src[i+1] == '{':
			n := bracketsEnd(src[i+1:])
			if n == 0 {
				return 0
			}
			i += n
		}
	}
	return 0
}

// regexpEnd returns the length of the regular expression that src begins with, 0 where it has no end on its line.
func regexpEnd(src []byte) int {
	class := false
	for i := 1; i < len(src) && src[i] != '\n'; i++ {
		switch c := src[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			return i + 1
		}
	}
	return 0
}

// bracketsEnd returns the length of the bracketed piece that src begins with, 0 where it has no end. Strings are
// skipped; templates within templates are not understood.
func bracketsEnd(src []byte) int {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '`':
			return 0
		case '"', '\'':
			n := stringEnd(src[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		}
	}
	return 0
}
