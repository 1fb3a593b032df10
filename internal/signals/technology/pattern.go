package technology

import (
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
	// FieldJS reads what inline scripts plainly assign to the global a js rule names.
	FieldJS
	// FieldImplied marks a technology that another one brings with it.
	FieldImplied
	fields = int(FieldImplied)
)

var fieldNames = [...]string{"header", "cookie", "meta", "dns", "html", "scriptSrc", "scripts", "url", "text", "certIssuer", "robots", "css", "dom", "links", "js", "implied"} //nolint:gochecknoglobals // a table

// String returns the field's name in the rule format.
func (f Field) String() string { return fieldNames[f] }

// pattern is one pattern of one technology.
type pattern struct {
	tech   int32
	number int32
	// first is the pattern that this one is an alternative of, or itself: they count as one.
	first      int32
	confidence int
	field      Field
	// windowed reports that the clauses bound every match, so that the pattern runs around its literals only.
	windowed bool
	// key is the header, cookie, meta or record the pattern reads, in lower case; the selector of a dom pattern;
	// the path of a js pattern.
	key     string
	version string
	// expr is nil where the rule asks for presence alone.
	expr    *expression
	clauses []filed
	dom     *demanded
	// links are the parts of an expression that anything may stand between, in place of expr.
	links []pattern
}

// filed is a clause with its literals' numbers, and how far a match reaches to each side of them.
type filed struct {
	ids []int32
	// width is the length of the longest literal, in bytes.
	width       int
	left, right []step
	// aside reports literals that the page must hold, and not the text the pattern runs on.
	aside bool
}

// id names a pattern in reports: technology, field, key and number among its like.
func (m *Matcher) id(p *pattern) string {
	return m.techs[p.tech].name + "/" + p.field.String() + "/" + p.key + "#" + strconv.Itoa(int(p.number))
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
