package scoring

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// statements are the reviewed .sql files; those that share a relation name it as a template.
type statements struct{ all *template.Template }

func loadStatements() (statements, error) {
	all, err := template.New("sql").Option("missingkey=error").ParseFS(sqlFiles, "sql/*.sql")
	if err != nil {
		return statements{}, fmt.Errorf("parse statements: %w", err)
	}
	return statements{all: all}, nil
}

// scope narrows the statements that read signals.
type scope struct {
	// Step is the step a statement is about, and Part the column that says which part of it a row is of, empty where it has none; fixed text.
	Step, Part string
	// Slice is a condition on accounts or domains, fixed text; empty means all.
	Slice string
	// Prune is a condition on the partition of signal_rows, fixed text.
	Prune string
	// Narrow reads only the domains of the accounts in question; without it all that Prune leaves is read.
	Narrow bool
	// Full keeps addresses and spans, for people.
	Full bool
	// Elsewhere, Texts, Revised and Gone take in pages off an account's domains, copies of texts, revisions, and technologies that went.
	Elsewhere, Texts, Revised, Gone bool
}

// text renders a statement. The templates are fixed and tested; values travel as parameters.
func (s statements) text(name string, sc scope) (string, error) {
	var b bytes.Buffer
	if err := s.all.ExecuteTemplate(&b, name+".sql", sc); err != nil {
		return "", fmt.Errorf("statement %s: %w", name, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// packed writes a value as JSON in base64: parameters are read with escapes that differ by protocol, and
// base64 has none.
func packed(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("scoring: " + err.Error()) // slices of strings and finite numbers only
	}
	return base64.StdEncoding.EncodeToString(text)
}

// plain is text in base64, for the same reason.
func plain(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// stamp writes a time as the store reads it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// day writes a date as the store reads it.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
