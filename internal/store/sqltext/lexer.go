// Package sqltext reads ClickHouse SQL as far as quotes, comments and brackets go: enough to split a file
// into statements and to see which words a statement uses.
package sqltext

import "strings"

// Kind tells words from the rest; the rest is kept so that neighbours can be seen.
type Kind uint8

// The kinds of token.
const (
	Word   Kind = iota // bare identifier or keyword
	Quoted             // identifier in backticks or double quotes, text decoded
	String             // string literal, text decoded; a heredoc's is left empty
	Number
	Punct
)

// Token is one lexical element of a statement.
type Token struct {
	Kind Kind
	// Text is decoded where it was quoted.
	Text string
	// Start and End are its byte offsets.
	Start, End int
	// Depth counts the brackets open around it.
	Depth int
}

// Is reports a bare keyword, in any case.
func (t Token) Is(keyword string) bool {
	return t.Kind == Word && strings.EqualFold(t.Text, keyword)
}

// Lexer splits a statement the way ClickHouse's does (src/Parsers/Lexer.cpp), as far as quotes, comments
// and brackets go. It stops at the first thing it cannot read; the engine then says what is wrong.
type Lexer struct {
	sql   string
	at    int
	depth int
}

// New returns a Lexer at the start of sql.
func New(sql string) *Lexer { return &Lexer{sql: sql} }

// Next returns the next token; ok is false at the end.
func (l *Lexer) Next() (t Token, ok bool) {
	if !l.skip() {
		return Token{}, false
	}
	start, c := l.at, l.sql[l.at]
	t = Token{Start: start, Depth: l.depth}
	switch {
	case c == '\'':
		t.Kind, t.Text = String, l.quoted('\'')
	case c == '`' || c == '"':
		t.Kind, t.Text = Quoted, l.quoted(c)
	case isWordStart(c):
		t.Kind, t.Text = Word, l.while(IsWordPart)
	case c >= '0' && c <= '9':
		t.Kind, t.Text = Number, l.while(IsWordPart)
	case c == '$' && l.heredoc():
		t.Kind = String
	default:
		l.at++
		t.Kind, t.Text = Punct, l.sql[start:l.at]
		t.Depth = l.bracket(c)
	}
	t.End = l.at
	return t, true
}

// bracket moves the depth; a bracket itself stands at the depth outside it.
func (l *Lexer) bracket(c byte) int {
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
func (l *Lexer) skip() bool {
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
func (l *Lexer) quoted(quote byte) string {
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

func (l *Lexer) escape(b *strings.Builder) {
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
func (l *Lexer) heredoc() bool {
	rest := l.sql[l.at:]
	i := strings.IndexByte(rest[1:], '$')
	if i < 0 {
		return false
	}
	tag := rest[:i+2]
	for j := 1; j < len(tag)-1; j++ {
		if !IsWordPart(tag[j]) {
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

func (l *Lexer) while(part func(byte) bool) string {
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

// IsWordPart reports a byte that may continue a bare word.
func IsWordPart(c byte) bool { return isWordStart(c) || c >= '0' && c <= '9' }

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

// Statements splits a file at the semicolons that stand outside quotes, comments and brackets. A
// statement keeps the comments within it, not those before it.
func Statements(sql string) []string {
	var out []string
	lex := New(sql)
	start, end := -1, 0
	for t, ok := lex.Next(); ok; t, ok = lex.Next() {
		if t.Kind == Punct && t.Text == ";" && t.Depth == 0 {
			if start >= 0 {
				out = append(out, sql[start:end])
			}
			start = -1
			continue
		}
		if start < 0 {
			start = t.Start
		}
		end = t.End
	}
	if start >= 0 {
		out = append(out, sql[start:end])
	}
	return out
}
