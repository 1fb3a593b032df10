package technology

import (
	"bytes"
	"strings"

	"telltale/internal/document"
)

// jsValue is what a statement gives a global: a literal, an object with properties, or some value not known.
type jsValue struct {
	// absent is undefined, null or false: as good as not there. literal reports that text is the value.
	absent, literal bool
	text            string
	// fields are the literal properties, by path below the object.
	fields []jsField
}

type jsField struct {
	path  string
	value jsValue
}

// Bounds on one object.
const (
	maxFields     = 256
	maxFieldDepth = 4
	maxJSText     = 512
)

// jsValueAt reads the value at i; properties only where they are of interest.
func jsValueAt(src []byte, i int, deeper bool) jsValue {
	if i >= len(src) {
		return jsValue{absent: true}
	}
	if src[i] == '{' {
		var v jsValue
		if deeper {
			objectFields(src, i, "", 0, &v.fields)
		}
		return v
	}
	v, end := literalAt(src, i)
	if (v.literal || v.absent) && !endsValue(src, end) {
		return jsValue{}
	}
	return v
}

// literalAt reads a literal and returns where it ends; another value is neither literal nor absent.
func literalAt(src []byte, i int) (v jsValue, end int) {
	if c := src[i]; c == '"' || c == '\'' {
		n := stringEnd(src[i:])
		if n < 2 || n > maxJSText || bytes.IndexByte(src[i:i+n], '\\') >= 0 {
			return v, i
		}
		return jsValue{literal: true, text: string(src[i+1 : i+n-1])}, i + n
	}
	end = i
	if src[i] == '-' || src[i] == '!' {
		end++
	}
	for end < len(src) && (isIdent(src[end]) || src[end] == '.') {
		end++
	}
	return wordValue(src, i, end), end
}

// wordValue reads a number, true, or one of the words that are as good as no value.
func wordValue(src []byte, i, end int) jsValue {
	switch word := string(src[i:min(end, i+maxJSText)]); {
	case word == "undefined" || word == "null" || word == "false" || word == "!1" || word == "void":
		return jsValue{absent: true}
	case word == "true" || word == "!0":
		return jsValue{literal: true, text: "true"}
	case word != "" && strings.Trim(word, "0123456789.-") == "":
		return jsValue{literal: true, text: word}
	}
	return jsValue{}
}

// endsValue reports that nothing goes on with a literal: it is all of the value.
func endsValue(src []byte, i int) bool {
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	if i >= len(src) {
		return true
	}
	switch src[i] {
	case ';', ',', '}', '\n', '\r', ')':
		return true
	}
	return bytes.HasPrefix(src[i:], []byte("//")) || bytes.HasPrefix(src[i:], []byte("0;")) || bytes.HasPrefix(src[i:], []byte("0,"))
}

// objectFields reads the literal properties of an object, and of objects within; it returns where the object ends,
// -1 where it does not understand it. What it has read until then stands.
func objectFields(src []byte, i int, prefix string, depth int, out *[]jsField) int {
	for i++; ; {
		i = skipJSSpace(src, i)
		if i >= len(src) || len(*out) >= maxFields {
			return -1
		}
		if src[i] == '}' {
			return i + 1
		}
		key, next := objectKey(src, i)
		if next < 0 {
			return -1
		}
		if i = objectValue(src, next, prefix+key, depth, out); i < 0 {
			return -1
		}
		if i = skipJSSpace(src, i); i < len(src) && src[i] == ',' {
			i++
		}
	}
}

// objectKey reads a key and its colon.
func objectKey(src []byte, i int) (key string, next int) {
	if c := src[i]; c == '"' || c == '\'' {
		n := stringEnd(src[i:])
		if n < 2 {
			return "", -1
		}
		key, i = string(src[i+1:i+n-1]), i+n
	} else {
		from := i
		for i < len(src) && isIdent(src[i]) {
			i++
		}
		key = string(src[from:i])
	}
	if i = skipJSSpace(src, i); key == "" || i >= len(src) || src[i] != ':' {
		return "", -1
	}
	return key, skipJSSpace(src, i+1)
}

// objectValue reads or skips one property's value.
func objectValue(src []byte, i int, path string, depth int, out *[]jsField) int {
	if i >= len(src) {
		return -1
	}
	at := len(*out)
	*out = append(*out, jsField{path: path})
	if src[i] == '{' && depth < maxFieldDepth {
		return objectFields(src, i, path+".", depth+1, out)
	}
	v, end := literalAt(src, i)
	if (v.literal || v.absent) && endsValue(src, end) {
		(*out)[at].value = v
		return end
	}
	return skipExpression(src, i)
}

// skipExpression returns where an expression within an object ends: at the comma or bracket behind it.
func skipExpression(src []byte, i int) int {
	for i < len(src) {
		switch c := src[i]; c {
		case ',', '}':
			return i
		case '(', '[', '{':
			n := bracketsEnd(src[i:])
			if n == 0 {
				return -1
			}
			i += n
		case '"', '\'', '`':
			n := stringEnd(src[i:])
			if n == 0 {
				return -1
			}
			i += n
		case '/', ';', ')', ']':
			return -1 // a comment or an expression: not understood
		default:
			i++
		}
	}
	return -1
}

// maxInline bounds the inline scripts read for assignments over one page, in bytes.
const maxInline = 4 << 20

// assigned runs js patterns on what inline scripts plainly assign at their top level. It is no engine: what a
// function or a condition would assign, and what a loaded script brings, is not seen, and nothing is guessed.
func (s *scratch) assigned() {
	if len(s.m.globals) == 0 {
		return
	}
	read := 0
	for i := range s.doc.Scripts {
		sc := &s.doc.Scripts[i]
		if read += len(sc.Text); sc.Text == "" || !isClassicScript(sc) || read > maxInline {
			continue
		}
		lo, hi := sc.Offset, min(len(s.doc.Body), sc.Offset+len(sc.Text))
		if lo >= hi {
			continue
		}
		src := s.doc.Body[lo:hi]
		list, ok := assignments(src, func(path string) bool { return s.m.objects[path] })
		if !ok {
			continue
		}
		for k := range list {
			a := &list[k]
			statement := string(src[a.start:min(len(src), a.start+maxTail)])
			s.global(a.path, &a.value, statement, lo+a.start)
			for f := range a.value.fields {
				s.global(a.path+"."+a.value.fields[f].path, &a.value.fields[f].value, statement, lo+a.start)
			}
		}
	}
}

func isClassicScript(sc *document.Script) bool {
	switch sc.Type {
	case "", "text/javascript", "application/javascript", "text/ecmascript", "application/x-javascript":
		return true
	}
	return false
}

// global runs the patterns on one global.
func (s *scratch) global(path string, v *jsValue, statement string, offset int) {
	if v.absent {
		return
	}
	for _, n := range s.m.globals[path] {
		p := &s.m.patterns[n]
		var at []int
		text := []byte(v.text)
		if p.expr != nil {
			if !v.literal {
				continue
			}
			if at = p.expr.find(text, 0, len(text), p.version != ""); at == nil {
				continue
			}
		}
		s.record(p, text, at, spanOf(statement, min(len(statement), len(path))), offset)
	}
}
