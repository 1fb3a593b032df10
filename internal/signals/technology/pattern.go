package technology

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// Field is the part of a page that a pattern reads.
type Field uint8

// The fields, named as in the rule format.
const (
	FieldHeader Field = iota
	FieldCookie
	FieldMeta
	FieldDNS
	FieldHTML
	FieldScriptSrc
	FieldScripts
	FieldURL
	FieldText
	FieldCertIssuer
	FieldRobots
	FieldCSS
	FieldDOM
	// FieldLinks reads the addresses a page links to; its patterns name the account's own tenant in their first group.
	FieldLinks
	// FieldImplied marks a technology that another one brings with it.
	FieldImplied
	fields = int(FieldImplied)
)

var fieldNames = [...]string{"header", "cookie", "meta", "dns", "html", "scriptSrc", "scripts", "url", "text", "certIssuer", "robots", "css", "dom", "links", "implied"} //nolint:gochecknoglobals // a table

// String returns the field's name in the rule format.
func (f Field) String() string { return fieldNames[f] }

// pattern is one compiled pattern of one technology.
type pattern struct {
	tech  int32
	field Field
	// key is the header, cookie, meta or record the pattern reads, in lower case.
	key string
	id  string
	// re is nil where the rule asks for presence alone.
	re         *regexp.Regexp
	clauses    [][]int32
	version    string
	confidence int
	// reach is the longest match in bytes where that is known and short, else 0.
	reach int
	dom   *selector
}

// tags splits a pattern from its tags: "regex\;version:\1\;confidence:50".
func tags(raw string) (expr, version string, confidence int) {
	parts := strings.Split(raw, `\;`)
	confidence = 100
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, ":")
		switch name {
		case "version":
			version = value
		case "confidence":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 100 {
				confidence = n
			}
		}
	}
	return parts[0], version, confidence
}

// jsQuirks are the spellings JavaScript allows and RE2 does not, with their equivalents.
var jsQuirks = strings.NewReplacer(`[^]`, `(?s:.)`, `(?<!\d)`, `(?:^|\D)`) //nolint:gochecknoglobals // a table

// compile translates a JavaScript expression. Case is folded by the flag: folding the text of the
// expression would turn \S into \s. What RE2 has no equivalent for (lookaround, backreferences) is an error.
func compile(expr string) (*regexp.Regexp, *syntax.Regexp, error) {
	folded := "(?i)" + jsQuirks.Replace(expr)
	re, err := regexp.Compile(folded)
	if err != nil {
		return nil, nil, fmt.Errorf("compile %q: %w", clipped(expr), err)
	}
	tree, err := syntax.Parse(folded, syntax.Perl)
	if err != nil {
		return nil, nil, fmt.Errorf("parse %q: %w", clipped(expr), err)
	}
	return re, tree, nil
}

// maxVersion is the longest version kept, in bytes; longer captures are no versions.
const maxVersion = 32

// resolveVersion fills a version template with the groups of a match: \1 is a group's text, and
// \1?a:b is a where the group matched and b where it did not (the format's ternary; a is never empty).
func resolveVersion(template string, groups []string) string {
	if template == "" {
		return ""
	}
	out := template
	for i := range groups {
		ref := `\` + strconv.Itoa(i)
		if at := strings.Index(out, ref+"?"); at >= 0 {
			rest := out[at+len(ref)+1:]
			if yes, no, ok := strings.Cut(rest, ":"); ok && yes != "" {
				if groups[i] == "" {
					yes = no
				}
				out = out[:at] + yes
			}
		}
		out = strings.ReplaceAll(strings.TrimSpace(out), ref, groups[i])
		if len(out) > 8*maxVersion {
			return ""
		}
	}
	if len(out) > maxVersion || strings.ContainsAny(out, "\\<>\"'\n") {
		return ""
	}
	return strings.TrimSpace(out)
}
