package imports

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// layout says which columns a file has.
type layout struct {
	required, optional []string
	// attributes lets unknown columns in, as attributes.
	attributes bool
}

// header is a file's header line against its layout.
type header struct {
	// names are the columns as written, trimmed; "" where a column has none.
	names []string
	// known maps a layout's column to its place; extra lists the places of others.
	known map[string]int
	extra []int
}

// fold makes header names comparable: "Account ID", "account-id" and "ACCOUNT_ID" are one.
func fold(name string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
}

func newHeader(path string, cells []string, want layout) (header, error) {
	h := header{known: map[string]int{}}
	if len(cells) > maxColumns {
		return h, badFile(path, "%d columns; at most %d are read", len(cells), maxColumns)
	}
	in := map[string]bool{}
	for _, c := range append(append([]string{}, want.required...), want.optional...) {
		in[c] = true
	}
	seen := map[string]int{}
	for i, c := range cells {
		name, folded := strings.TrimSpace(c), fold(c)
		if !utf8.ValidString(name) || strings.ContainsFunc(name, isControl) {
			return h, RowError{File: path, Line: 1, Column: fmt.Sprintf("column %d", i+1), Reason: "the header is not plain UTF-8 text"}
		}
		if first, twice := seen[folded]; twice && name != "" {
			return h, RowError{File: path, Line: 1, Column: name, Reason: fmt.Sprintf("stands twice, as columns %d and %d", first+1, i+1)}
		}
		seen[folded] = i
		h.names = append(h.names, name)
		switch {
		case in[folded]:
			h.known[folded] = i
		case name != "":
			h.extra = append(h.extra, i)
		}
	}
	return h, h.complete(path, want)
}

func (h header) complete(path string, want layout) error {
	var missing []string
	for _, c := range want.required {
		if _, ok := h.known[c]; !ok {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	hint := ""
	if len(h.names) > 0 && strings.ContainsAny(strings.Join(h.names, ""), "\r") {
		hint = " (lines end in CR alone; want LF or CRLF)"
	}
	for _, sep := range []string{";", "\t", "|"} {
		if len(h.names) == 1 && strings.Contains(h.names[0], sep) {
			hint = fmt.Sprintf(" (the header is separated by %q; want commas)", sep)
		}
	}
	return RowError{File: path, Line: 1, Column: strings.Join(missing, ", "), Reason: "required and missing from the header" + hint}
}

// extras lists the columns that the layout does not know.
func (h header) extras() []string {
	var out []string
	for _, i := range h.extra {
		out = append(out, h.names[i])
	}
	return out
}
