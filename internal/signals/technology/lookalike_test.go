package technology_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/signals/technology"
)

// finds reports that a page shows a technology by a pattern of that field, and by which one.
func finds(m *technology.Matcher, doc *document.Document, name string, f technology.Field) (string, bool) {
	for _, d := range m.Match(doc) {
		if d.Name == name && d.Kind == f {
			return d.Pattern, true
		}
	}
	return "", false
}

// scriptPattern returns the text of a pattern by its id: technology, field, key and number.
func scriptPattern(rules technology.Rules, id string) string {
	for i, raw := range rules[strings.SplitN(id, "/", 2)[0]].ScriptSrc {
		if strings.HasSuffix(id, "/scriptSrc/#"+string(rune('0'+i))) {
			return raw
		}
	}
	return ""
}

// TestARecordOfALookalikeIsNone takes the records of every sample and gives each to another owner: the vendor's
// name with a suffix (…vendor.com.acme.example) and with its last dot but one made a dash (mx-vendor.com).
func TestARecordOfALookalikeIsNone(t *testing.T) {
	m := curated(t)
	tried := 0
	for _, s := range samples(t) {
		if !slices.Contains([]string{"dns MX", "dns NS", "dns CNAME"}, s.where) {
			continue
		}
		host := strings.TrimSuffix(s.what, ".")
		for _, other := range []string{host + ".acme.example", dashed(host)} {
			tried++
			s.what = other
			if by, ok := finds(m, parse(t, s.page(t)), s.name, technology.FieldDNS); ok {
				t.Errorf("%s by %s in %q", s.name, by, other)
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d records tried", tried)
	}
}

// dashed makes the dot before the last two labels a dash: another's domain that ends alike.
func dashed(host string) string {
	labels := strings.Split(host, ".")
	n := len(labels)
	if n < 3 {
		return "not" + host
	}
	return strings.Join(labels[:n-2], ".") + "-" + labels[n-2] + "." + labels[n-1]
}

// TestAScriptOfALookalikeIsNone does the same to the hosts of scripts. Patterns that name a path and no host are
// another matter: who serves a library's file uses it.
func TestAScriptOfALookalikeIsNone(t *testing.T) {
	m := curated(t)
	rules, err := technology.Curated()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, s := range samples(t) {
		u, err := url.Parse(s.what)
		if s.where != "script" || err != nil || u.Hostname() == "" {
			continue
		}
		host := u.Hostname()
		for _, other := range []string{host + ".acme.example", dashed(host)} {
			u.Host = other
			s.what = u.String()
			by, ok := finds(m, parse(t, s.page(t)), s.name, technology.FieldScriptSrc)
			if p := scriptPattern(rules, by); ok && strings.HasPrefix(p, "//") {
				t.Errorf("%s by %s in %q", s.name, p, other)
			}
			tried++
		}
	}
	if tried < 600 {
		t.Errorf("only %d scripts tried", tried)
	}
}

// sender is an SPF record's include and the name it gives.
var sender = regexp.MustCompile(`(include:|redirect=)([^\s"]+)`)

// TestASenderOfALookalikeIsNone gives the SPF includes of every sample to other owners.
func TestASenderOfALookalikeIsNone(t *testing.T) {
	m := curated(t)
	tried := 0
	for _, s := range samples(t) {
		list := sender.FindAllStringSubmatch(s.what, -1)
		if s.where != "dns TXT" || len(list) == 0 {
			continue
		}
		suffixed, hyphened := s.what, s.what
		for _, l := range list {
			suffixed = strings.ReplaceAll(suffixed, l[0], l[0]+".acme.example")
			hyphened = strings.ReplaceAll(hyphened, l[0], l[1]+dashed(l[2]))
		}
		for _, other := range []string{suffixed, hyphened} {
			tried++
			s.what = other
			if by, ok := finds(m, parse(t, s.page(t)), s.name, technology.FieldDNS); ok {
				t.Errorf("%s by %s in %q", s.name, by, other)
			}
		}
	}
	if tried < 120 {
		t.Errorf("only %d senders tried", tried)
	}
}
