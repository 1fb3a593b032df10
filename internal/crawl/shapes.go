package crawl

import (
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"telltale/internal/urls"
)

const (
	// maxShape is how many addresses of one shape are considered, maxNumbered how many where only
	// numbers vary: articles have names, calendars and archives have numbers.
	maxShape    = 60
	maxNumbered = 10
)

// shapeFull counts an address against its shape and reports one too many; named says that its number is its name, as a
// thread's is.
func (f *frontier) shapeFull(url string, named bool) bool {
	if f.shapes == nil {
		f.shapes = make(map[uint64]uint8, 8)
	}
	shape, numbered := shapeOf(url)
	h := xxhash.Sum64String(shape)
	if f.shapes[h] <= maxShape {
		f.shapes[h]++
	}
	if numbered && !named {
		return f.shapes[h] > maxNumbered
	}
	return f.shapes[h] > maxShape
}

// shapeOf writes an address with numbers as "0", a last segment of words as "*" and the query by its
// names. numbered reports that nothing but numbers tells it from others of its shape.
func shapeOf(url string) (shape string, numbered bool) {
	origin, rest := urls.Origin(url)
	path, query, _ := strings.Cut(rest, "?")
	var b strings.Builder
	b.WriteString(origin)
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		b.WriteByte('/')
		switch folded := foldDigits(s); {
		case i < len(segments)-1 || query != "" || folded == s && !strings.ContainsAny(s, "-_"):
			b.WriteString(folded)
			numbered = numbered || folded != s
		case strings.Trim(folded, "0-_.") == "":
			b.WriteString("0")
			numbered = true
		default:
			b.WriteByte('*')
			numbered = false
		}
	}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		b.WriteString("&" + name)
		numbered = numbered || value != ""
	}
	return b.String(), numbered
}

// foldDigits writes every run of digits as "0".
func foldDigits(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	var b strings.Builder
	digit := false
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' {
			if !digit {
				b.WriteByte('0')
			}
			digit = true
			continue
		}
		digit = false
		b.WriteByte(c)
	}
	return b.String()
}

// isFile reports an address that ends like a file that is no page.
func isFile(url string) bool {
	_, rest := urls.Origin(url)
	path, _, _ := strings.Cut(rest, "?")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 || strings.IndexByte(path[dot:], '/') >= 0 {
		return false
	}
	switch strings.ToLower(path[dot+1:]) {
	case "pdf", "jpg", "jpeg", "png", "gif", "webp", "svg", "ico", "css", "js", "mjs", "zip", "gz", "rar", "7z", "tar", "doc", "docx", "xls", "xlsx",
		"ppt", "pptx", "mp3", "mp4", "m4a", "avi", "mov", "webm", "wav", "woff", "woff2", "ttf", "eot", "exe", "dmg", "msi", "apk", "csv", "ics", "vcf":
		return !strings.HasSuffix(path, ".xml.gz")
	}
	return false
}

// isListing reports pages that only rearrange others, or do something rather than say something.
func isListing(url string) bool {
	_, rest := urls.Origin(url)
	path, query, _ := strings.Cut(rest, "?")
	for s := range strings.SplitSeq(strings.ToLower(strings.Trim(path, "/")), "/") {
		switch s {
		case "tag", "tags", "category", "categories", "author", "authors", "page", "search", "login", "signin", "logout", "register", "cart",
			"checkout", "account", "wp-json", "wp-admin", "wp-login.php", "cdn-cgi", "print", "comments", "comment-page", "share", "xmlrpc.php":
			return true
		}
	}
	board := strings.Contains(path, "viewtopic") || strings.Contains(path, "showthread") || strings.Contains(path, "viewforum") || strings.Contains(path, "forumdisplay")
	return slices.ContainsFunc(strings.Split(query, "&"), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		switch name {
		case "p", "view", "goto", "start", "page", "mode", "do", "sk", "sd", "st":
			// One post of a thread, its later pages, its list sorted another way.
			return board
		case "replytocom", "share", "print", "s", "q", "search", "sort", "order", "orderby", "filter", "add-to-cart", "action":
			return true
		}
		return false
	})
}
