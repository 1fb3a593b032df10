package embedded

import (
	"strings"

	"telltale/internal/store/sqltext"
)

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
	// session marks a statement that changes nothing but its own session, which ends with it.
	session bool
	// refused names a construct that reaches outside the store; empty where there is none.
	refused string
}

// refusedFunction tells the functions that reach files although the grants are gone: the engine as a
// library does not confine the scalar function file to a directory, and disk(…) in a table's settings
// makes its directory before it is refused.
func refusedFunction(name string) bool {
	switch strings.ToLower(name) {
	case "file", "catboostevaluate", "disk":
		return true
	}
	return false
}

// refusedTable tells the tables of database system whose reading disturbs the process: stack_trace sends
// a real-time signal to every thread.
func refusedTable(name string) bool { return strings.EqualFold(name, "stack_trace") }

// parse takes a statement apart. Text that is no SQL comes back whole, for the engine to complain of.
func parse(sql string) statement {
	st := statement{}
	lex := sqltext.New(sql)
	first, ok := lex.Next()
	if !ok {
		return st
	}
	if first.Is("INSERT") {
		return parseInsert(sql, lex)
	}
	answers := st.begin(first)
	prev, last := first, first
	var format [2]sqltext.Token
	st.see(sqltext.Token{}, first)
	for t, ok := lex.Next(); ok; t, ok = lex.Next() {
		st.see(prev, t)
		st.session = st.session || first.Is("CREATE") && prev == first && t.Is("TEMPORARY")
		format = formatAt(format, prev, t, answers)
		if t.Text != ";" {
			last = t
		}
		prev = t
	}
	st.sql = sql[:last.End]
	if format[1].End > 0 {
		st.format = format[1].Text
		st.sql, st.tail = sql[:format[0].Start], sql[format[1].End:max(last.End, format[1].End)]
	}
	return st
}

// begin notes what the first word says; answers reports that a FORMAT clause may end the statement.
func (st *statement) begin(first sqltext.Token) (answers bool) {
	st.selects = first.Is("SELECT") || first.Is("WITH") || first.Is("FROM") || first.Text == "("
	st.session = first.Is("USE") || first.Is("SET")
	for _, verb := range [...]string{"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK"} {
		answers = answers || first.Is(verb)
	}
	return answers || st.selects
}

// formatAt follows the FORMAT clause: the word and a bare name behind it, at the end or before SETTINGS.
func formatAt(found [2]sqltext.Token, prev, t sqltext.Token, answers bool) [2]sqltext.Token {
	switch {
	case answers && prev.Is("FORMAT") && prev.Depth == 0 && t.Kind == sqltext.Word:
		return [2]sqltext.Token{prev, t}
	case found[1].End == prev.End && !t.Is("SETTINGS") && t.Text != ";":
		return [2]sqltext.Token{}
	}
	return found
}

// SplitFormat takes a trailing FORMAT clause off a query; format is empty where there is none.
func SplitFormat(sql string) (rest, format string) {
	st := parse(sql)
	if st.insert || st.format == "" {
		return sql, ""
	}
	return strings.TrimSpace(st.sql + " " + strings.TrimSpace(st.tail)), st.format
}

// see checks one token and the one before it against what is refused.
func (st *statement) see(prev, t sqltext.Token) {
	if st.refused != "" {
		return
	}
	name := prev.Kind == sqltext.Word || prev.Kind == sqltext.Quoted
	switch {
	case t.Text == "(" && t.Kind == sqltext.Punct && name && refusedFunction(prev.Text):
		st.refused = "function " + prev.Text
	case (t.Kind == sqltext.Word || t.Kind == sqltext.Quoted) && refusedTable(t.Text):
		st.refused = "table " + t.Text
	case t.Is("INFILE") && prev.Is("FROM"), t.Is("OUTFILE") && prev.Is("INTO"):
		st.refused = strings.ToUpper(prev.Text + " " + t.Text)
	}
}

// parseInsert finds where the data of an INSERT begin. An INSERT … SELECT without FORMAT takes none.
func parseInsert(sql string, lex *sqltext.Lexer) statement {
	st := statement{sql: sql}
	prev, selects := sqltext.Token{}, false
	for t, ok := lex.Next(); ok; t, ok = lex.Next() {
		st.see(prev, t)
		if t.Depth == 0 && (t.Is("SELECT") || t.Is("WITH")) {
			selects = true
		}
		switch {
		case t.Depth == 0 && t.Is("VALUES") && !selects && !prev.Is("INTO") && !prev.Is("TABLE") && prev.Text != ".":
			st.insert, st.format = true, "Values"
			st.sql, st.dataAt = sql[:t.Start], t.End
			return st
		case prev.Depth == 0 && prev.Is("FORMAT") && t.Kind == sqltext.Word:
			st.insert, st.format = true, t.Text
			st.sql, st.dataAt = sql[:prev.Start], afterFormat(sql, t.End)
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

// chunked tells the formats in which a result may be sent in parts, each a whole document: no head, no foot.
func chunked(format string) bool {
	switch format {
	case "Native", "RowBinary", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONEachRow", "JSONLines", "NDJSON",
		"JSONCompactEachRow", "JSONStringsEachRow", "JSONCompactStringsEachRow", "TSKV", "LineAsString", "RawBLOB":
		return true
	}
	return false
}
