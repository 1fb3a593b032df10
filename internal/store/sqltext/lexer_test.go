package sqltext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatementsSplitOutsideQuotesAndComments(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"nothing":                     {" \n-- only; a comment\n;; ", nil},
		"one without a semicolon":     {"SELECT 1", []string{"SELECT 1"}},
		"semicolons in quotes":        {"SELECT ';', `a;b`, \"c;d\", 'it''s; \\'; x'; SELECT 2;", []string{"SELECT ';', `a;b`, \"c;d\", 'it''s; \\'; x'", "SELECT 2"}},
		"semicolons in comments":      {"SELECT 1 -- a; b\n, 2 /* c; /* d; */ e; */, 3; SELECT 4", []string{"SELECT 1 -- a; b\n, 2 /* c; /* d; */ e; */, 3", "SELECT 4"}},
		"a heredoc":                   {"SELECT $x$ a; 'b $x$; SELECT 2", []string{"SELECT $x$ a; 'b $x$", "SELECT 2"}},
		"comments between statements": {"-- head;\nSELECT 1;\n-- next;\nSELECT 2; # tail;\n", []string{"SELECT 1", "SELECT 2"}},
	} {
		if diff := cmp.Diff(c.want, Statements(c.sql)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestTokensAreDecodedAsClickHouseDoes(t *testing.T) {
	var got []Token
	lex := New("f('a\\n\\x41\\q', `b``c`, \"d\\\"e\", 1e5, $)")
	for tok, ok := lex.Next(); ok; tok, ok = lex.Next() {
		tok.Start, tok.End = 0, 0
		got = append(got, tok)
	}
	want := []Token{
		{Kind: Word, Text: "f"}, {Kind: Punct, Text: "("}, {Kind: String, Text: "a\nAq", Depth: 1}, {Kind: Punct, Text: ",", Depth: 1},
		{Kind: Quoted, Text: "b`c", Depth: 1}, {Kind: Punct, Text: ",", Depth: 1}, {Kind: Quoted, Text: `d"e`, Depth: 1}, {Kind: Punct, Text: ",", Depth: 1},
		{Kind: Number, Text: "1e5", Depth: 1}, {Kind: Punct, Text: ",", Depth: 1}, {Kind: Punct, Text: "$", Depth: 1}, {Kind: Punct, Text: ")"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzStatements(f *testing.F) {
	for _, seed := range []string{"SELECT 1;", "'", "`\\", "/*", "$a$", "--", "((", "\\x", "'\\x4", "#!"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		lex, end := New(sql), 0
		for tok, ok := lex.Next(); ok; tok, ok = lex.Next() {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(sql) || tok.Depth < 0 {
				t.Fatalf("token %+v after %d in %q", tok, end, sql)
			}
			end = tok.End
		}
		at := 0
		for _, s := range Statements(sql) {
			i := strings.Index(sql[at:], s)
			if i < 0 || s == "" {
				t.Fatalf("statement %q is not in %q in order", s, sql)
			}
			at += i + len(s)
		}
	})
}
