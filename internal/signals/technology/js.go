package technology

import "bytes"

// assignment is a statement of an inline script's top level that plainly gives a global a value.
type assignment struct {
	path  string
	value jsValue
	// start is where the statement begins in the script.
	start int
}

// jsScanner reads a script as far as it must to tell the statements of its top level: brackets, strings,
// comments and expressions are skipped, nothing is run. It gives up on what it does not understand.
type jsScanner struct {
	src []byte
	i   int
	// depth counts open brackets; operand reports that a value may begin here (a slash would open an expression).
	depth   int
	operand bool
	// start reports that a statement may begin here, list that it is within a var statement.
	start, list bool
	// deeper says of which globals the properties are of interest.
	deeper func(path string) bool
	out    []assignment
}

// maxAssignments bounds what is kept of one script.
const maxAssignments = 512

// assignments returns the plain assignments of a script; ok is false where it does not add up, and then none is to be trusted.
func assignments(src []byte, deeper func(string) bool) (list []assignment, ok bool) {
	s := jsScanner{src: src, operand: true, start: true, deeper: deeper}
	for s.i < len(s.src) {
		if s.depth > 0 {
			s.skim()
			if s.i == len(s.src) {
				break
			}
		}
		if !s.token() {
			return nil, false
		}
	}
	if s.depth != 0 {
		return nil, false
	}
	return s.out, true
}

// skim passes over what is of no interest within brackets, up to a bracket, a string or a slash.
func (s *jsScanner) skim() {
	from := s.i
	for s.i < len(s.src) && !jsMarks[s.src[s.i]] {
		s.i++
	}
	if s.i == len(s.src) || s.src[s.i] != '/' && s.src[s.i] != '<' {
		return
	}
	end := s.i
	for end > from && (isSpace(s.src[end-1]) || s.src[end-1] == '\v') {
		end--
	}
	if end == from {
		return // a bracket, string or comment came last, which has said what may follow
	}
	word := end
	for word > from && isIdent(s.src[word-1]) {
		word--
	}
	if word == end {
		s.operand = s.src[end-1] < 0x80
	} else {
		s.operand = isJSKeyword(s.src[word:end])
	}
}

// jsMarks are the bytes at which skimming stops.
var jsMarks = [256]bool{'(': true, ')': true, '[': true, ']': true, '{': true, '}': true, '"': true, '\'': true, '`': true, '/': true, '<': true} //nolint:gochecknoglobals // a table

func (s *jsScanner) token() bool {
	switch c := s.src[s.i]; {
	case c == '\n':
		s.i++
		if s.depth == 0 && !s.operand {
			s.start, s.list = true, false // what follows a whole value on a new line begins a statement, or goes on with an operator
		}
	case isSpace(c) || c == '\v' || c >= 0x80:
		s.i++
	case c == '/' || c == '<' && bytes.HasPrefix(s.src[s.i:], []byte("<!--")):
		return s.slash()
	case c == '"' || c == '\'' || c == '`':
		n := stringEnd(s.src[s.i:])
		s.i += n
		s.value()
		return n > 0
	case isIdent(c):
		s.word()
	default:
		return s.punctuation(c)
	}
	return true
}

// value notes that a whole value has just ended.
func (s *jsScanner) value() { s.operand, s.start = false, false }

// slash skips comments and expressions.
func (s *jsScanner) slash() bool {
	rest := s.src[s.i:]
	switch {
	case rest[0] == '<' || bytes.HasPrefix(rest, []byte("//")):
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		s.i += end
	case bytes.HasPrefix(rest, []byte("/*")):
		end := bytes.Index(rest[2:], []byte("*/"))
		if end < 0 {
			return false
		}
		s.i += end + 4
	case s.operand:
		n := regexpEnd(rest)
		s.i += n
		s.value()
		return n > 0
	default:
		s.i++
		s.operand, s.start = true, false
	}
	return true
}

func (s *jsScanner) punctuation(c byte) bool {
	s.i++
	switch c {
	case '(', '[', '{':
		s.depth++
		s.operand, s.start = true, false
	case ')', ']':
		s.depth--
		s.value()
	case '}':
		s.depth--
		s.operand = true
		if s.depth == 0 && !s.list {
			s.start = true
		}
	case ';':
		s.operand = true
		if s.depth == 0 {
			s.start, s.list = true, false
		}
	case ',':
		s.operand, s.start = true, s.depth == 0 && s.list
	default:
		s.operand, s.start = true, false
	}
	return s.depth >= 0
}

// word reads an identifier, and where a statement begins with it, an assignment.
func (s *jsScanner) word() {
	from := s.i
	for s.i < len(s.src) && isIdent(s.src[s.i]) {
		s.i++
	}
	word := s.src[from:s.i]
	if s.start && s.depth == 0 {
		if string(word) == "var" {
			s.list, s.operand = true, true
			return
		}
		if !isJSKeyword(word) {
			s.assign(from)
		}
	}
	s.start = false
	s.operand = isJSKeyword(word)
	if s.operand && (string(word) == "let" || string(word) == "const" || string(word) == "function" || string(word) == "class") {
		s.list = false
	}
}

// assign reads path = value from the start of a statement, without moving on.
func (s *jsScanner) assign(from int) {
	path, end := memberPath(s.src, from)
	end = skipJSSpace(s.src, end)
	if path == "" || end+1 >= len(s.src) || s.src[end] != '=' || s.src[end+1] == '=' || s.src[end+1] == '>' {
		return
	}
	if s.list && bytes.IndexByte([]byte(path), '.') >= 0 || len(s.out) >= maxAssignments {
		return
	}
	v := jsValueAt(s.src, skipJSSpace(s.src, end+1), s.deeper(path))
	s.out = append(s.out, assignment{path, v, from})
}

// memberPath reads a.b['c'] and returns a.b.c and where it ends; window and its other names are taken off.
func memberPath(src []byte, i int) (path string, end int) {
	const longest = 200
	var out []byte
	for i < len(src) && len(out) < longest {
		from := i
		for i < len(src) && isIdent(src[i]) {
			i++
		}
		if i == from {
			return "", i
		}
		out = append(out, src[from:i]...)
		next := skipJSSpace(src, i)
		for next < len(src) && src[next] == '[' {
			name, to := bracketed(src, next)
			if to < 0 {
				return "", i
			}
			out = append(append(out, '.'), name...)
			i = to
			next = skipJSSpace(src, i)
		}
		if next >= len(src) || src[next] != '.' {
			break
		}
		out = append(out, '.')
		i = skipJSSpace(src, next+1)
	}
	for _, global := range [...]string{"window.", "self.", "globalThis."} {
		if rest, ok := bytes.CutPrefix(out, []byte(global)); ok {
			return string(rest), i
		}
	}
	return string(out), i
}
