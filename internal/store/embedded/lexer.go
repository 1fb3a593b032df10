package embedded

import "strings"

// tokenKind tells words from the rest; the rest is kept so that neighbours can be seen.
type tokenKind uint8

const (
	tokenWord   tokenKind = iota // bare identifier or keyword
	tokenQuoted                  // identifier in backticks or double quotes, text decoded
	tokenString                  // string literal, text decoded
	tokenNumber
	tokenPunct
)

// token is one lexical element of a statement; text is decoded where it was quoted.
type token struct {
	kind       tokenKind
	text       string
	start, end int
	// depth counts the brackets open around it.
	depth int
}

// is reports a bare keyword, in any case.
func (t token) is(keyword string) bool {
	return t.kind == tokenWord && strings.EqualFold(t.text, keyword)
}

// lexer splits a statement the way ClickHouse's does (src/Parsers/Lexer.cpp), as far as quotes, comments
// and brackets go. It stops at the first thing it cannot read; the engine then says what is wrong.
type lexer struct {
	sql   string
	at    int
	depth int
}

// next returns the next token; ok is false at the end.
func (l *lexer) next() (t token, ok bool) {
	if !l.skip() {
		return token{}, false
	}
	start, c := l.at, l.sql[l.at]
	t = token{start: start, depth: l.depth}
	switch {
	case c == '\'':
		t.kind, t.text = tokenString, l.quoted('\'')
	case c == '`' || c == '"':
		t.kind, t.text = tokenQuoted, l.quoted(c)
	case isWordStart(c):
		t.kind, t.text = tokenWord, l.while(isWordPart)
	case c >= '0' && c <= '9':
		t.kind, t.text = tokenNumber, l.while(isWordPart)
	case c == '$' && l.heredoc():
		t.kind = tokenString
	default:
		l.at++
		t.kind, t.text = tokenPunct, l.sql[start:l.at]
		t.depth = l.bracket(c)
	}
	t.end = l.at
	return t, true
}

// bracket moves the depth; a bracket itself stands at the depth outside it.
func (l *lexer) bracket(c byte) int {
	switch c {
	case '(', '[', '{':
		l.depth++
		return l.depth - 1
	case ')', ']', '}':
		l.depth = max(0, l.depth-1)
	}
	return l.depth
}

// skip passes white space and comments; it reports whether anything is left.
func (l *lexer) skip() bool {
	for l.at < len(l.sql) {
		rest := l.sql[l.at:]
		switch {
		case isSpace(rest[0]):
			l.at++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.at += i + 1
			} else {
				l.at = len(l.sql)
			}
		case strings.HasPrefix(rest, "/*"):
			l.at += blockComment(rest)
		default:
			return true
		}
	}
	return false
}

// blockComment returns the length of the comment at the start of s; comments nest.
func blockComment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// quoted reads a quoted text with backslash escapes and doubled quotes.
func (l *lexer) quoted(quote byte) string {
	var b strings.Builder
	l.at++
	for l.at < len(l.sql) {
		c := l.sql[l.at]
		switch {
		case c == quote && l.at+1 < len(l.sql) && l.sql[l.at+1] == quote:
			b.WriteByte(quote)
			l.at += 2
		case c == quote:
			l.at++
			return b.String()
		case c == '\\' && l.at+1 < len(l.sql):
			l.escape(&b)
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return b.String()
}

// simpleEscapes are the one-letter escapes of ClickHouse's strings; any other letter stands for itself.
const simpleEscapes = "n\nt\tr\rb\bf\fa\av\v0\x00e\x1b"

func (l *lexer) escape(b *strings.Builder) {
	c := l.sql[l.at+1]
	if c == 'x' && l.at+3 < len(l.sql) {
		hi, lo := unhex(l.sql[l.at+2]), unhex(l.sql[l.at+3])
		if hi >= 0 && lo >= 0 {
			b.WriteByte(byte(hi<<4 | lo))
			l.at += 4
			return
		}
	}
	if i := strings.IndexByte(simpleEscapes, c); i >= 0 && i%2 == 0 {
		c = simpleEscapes[i+1]
	}
	b.WriteByte(c)
	l.at += 2
}

// heredoc passes $tag$…$tag$; it reports whether one stood here.
func (l *lexer) heredoc() bool {
	rest := l.sql[l.at:]
	i := strings.IndexByte(rest[1:], '$')
	if i < 0 {
		return false
	}
	tag := rest[:i+2]
	for j := 1; j < len(tag)-1; j++ {
		if !isWordPart(tag[j]) {
			return false
		}
	}
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return false
	}
	l.at += 2*len(tag) + end
	return true
}

func (l *lexer) while(part func(byte) bool) string {
	start := l.at
	for l.at < len(l.sql) && part(l.sql[l.at]) {
		l.at++
	}
	return l.sql[start:l.at]
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isWordPart(c byte) bool { return isWordStart(c) || c >= '0' && c <= '9' }

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
