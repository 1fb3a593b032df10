package embedded

import "strings"

// statement is a query taken apart as far as the protocol needs: where its data begin, what format it
// asks for, and which words of it no outsider may use.
type statement struct {
	// sql is the text to run, without a FORMAT clause of a query and without the data of an INSERT.
	sql string
	// tail follows the place of the FORMAT clause (SETTINGS …).
	tail string
	// format is the FORMAT clause; empty where there is none.
	format string
	// insert marks an INSERT that takes data; dataAt is where they begin in the text, after the format.
	insert bool
	dataAt int
	// selects marks a statement that begins like a SELECT.
	selects bool
	// refused names a construct that reaches outside the store; empty where there is none.
	refused string
}

// refusedFunctions are the functions that reach files although the grants are gone: the engine as a
// library does not confine the scalar function file to a directory.
var refusedFunctions = map[string]bool{"file": true, "catboostevaluate": true}

// refusedTables are the tables of database system whose reading disturbs the process: stack_trace sends
// a real-time signal to every thread.
var refusedTables = map[string]bool{"stack_trace": true}

// parse takes a statement apart. Text that is no SQL comes back whole, for the engine to complain of.
func parse(sql string) statement {
	st := statement{}
	lex := lexer{sql: sql}
	first, ok := lex.next()
	if !ok {
		return st
	}
	if first.is("INSERT") {
		return parseInsert(sql, &lex)
	}
	st.selects = first.is("SELECT") || first.is("WITH") || first.is("FROM") || first.text == "("
	answers := st.selects
	for _, verb := range [...]string{"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK"} {
		answers = answers || first.is(verb)
	}
	prev, last := first, first
	format := [2]token{}
	st.see(token{}, first)
	for t, ok := lex.next(); ok; t, ok = lex.next() {
		st.see(prev, t)
		if answers && prev.is("FORMAT") && prev.depth == 0 && t.kind == tokenWord {
			format = [2]token{prev, t}
		} else if follows := t.is("SETTINGS") || t.text == ";"; format[1].end == prev.end && !follows {
			format = [2]token{}
		}
		if t.text != ";" {
			last = t
		}
		prev = t
	}
	st.sql = sql[:last.end]
	if format[1].end > 0 {
		st.format = format[1].text
		st.sql, st.tail = sql[:format[0].start], sql[format[1].end:max(last.end, format[1].end)]
	}
	return st
}

// see checks one token and the one before it against what is refused.
func (st *statement) see(prev, t token) {
	if st.refused != "" {
		return
	}
	name := prev.kind == tokenWord || prev.kind == tokenQuoted
	switch {
	case t.text == "(" && t.kind == tokenPunct && name && refusedFunctions[strings.ToLower(prev.text)]:
		st.refused = "function " + prev.text
	case (t.kind == tokenWord || t.kind == tokenQuoted) && refusedTables[strings.ToLower(t.text)]:
		st.refused = "table " + t.text
	case t.is("INFILE") && prev.is("FROM"), t.is("OUTFILE") && prev.is("INTO"):
		st.refused = strings.ToUpper(prev.text + " " + t.text)
	}
}

// parseInsert finds where the data of an INSERT begin. An INSERT … SELECT without FORMAT takes none.
func parseInsert(sql string, lex *lexer) statement {
	st := statement{sql: sql}
	prev, selects := token{}, false
	for t, ok := lex.next(); ok; t, ok = lex.next() {
		st.see(prev, t)
		if t.depth == 0 && (t.is("SELECT") || t.is("WITH")) {
			selects = true
		}
		switch {
		case t.depth == 0 && t.is("VALUES") && !selects && !prev.is("INTO") && !prev.is("TABLE") && prev.text != ".":
			st.insert, st.format = true, "Values"
			st.sql, st.dataAt = sql[:t.start], t.end
			return st
		case prev.depth == 0 && prev.is("FORMAT") && t.kind == tokenWord:
			st.insert, st.format = true, t.text
			st.sql, st.dataAt = sql[:prev.start], afterFormat(sql, t.end)
			return st
		}
		prev = t
	}
	return st
}

// afterFormat passes the blanks and the one line end between a format's name and its data.
func afterFormat(sql string, at int) int {
	for at < len(sql) && (sql[at] == ' ' || sql[at] == '\t' || sql[at] == '\f') {
		at++
	}
	if at < len(sql) && sql[at] == '\r' {
		at++
	}
	if at < len(sql) && sql[at] == '\n' {
		at++
	}
	return at
}

// chunked are the formats in which a result may be sent in parts, each a whole document: no head, no foot.
var chunked = map[string]bool{
	"Native": true, "RowBinary": true, "TabSeparated": true, "TSV": true, "TabSeparatedRaw": true, "TSVRaw": true,
	"CSV": true, "JSONEachRow": true, "JSONLines": true, "NDJSON": true, "JSONCompactEachRow": true,
	"JSONStringsEachRow": true, "JSONCompactStringsEachRow": true, "TSKV": true, "LineAsString": true, "RawBLOB": true,
}
