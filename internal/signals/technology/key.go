package technology

import (
	"regexp"
	"strings"
)

// keyOf is a header, meta element or record that some pattern reads.
type keyOf struct {
	field Field
	key   string
}

// isPrefixKey reports a key that stands for several: its end varies (_ga_*), or it is an expression (SESS[a-f0-9]{32}).
func isPrefixKey(key string) bool {
	return strings.HasSuffix(key, "*") || strings.Contains(key, "]{") || strings.Contains(key, "]+")
}

// addKey notes the key a pattern reads, so that values of no interest are passed over unread.
func (m *Matcher) addKey(p *pattern) {
	m.keys[keyOf{p.field, p.key}] = true
	if p.field != FieldCookie || !isPrefixKey(p.key) {
		return
	}
	expr := regexp.QuoteMeta(strings.TrimSuffix(p.key, "*"))
	if !strings.HasSuffix(p.key, "*") {
		expr = p.key + `\z`
	}
	if re, err := regexp.Compile(`(?i)\A` + expr); err == nil {
		if m.cookies == nil {
			m.cookies = map[string]*regexp.Regexp{}
		}
		m.cookies[p.key] = re
	}
}

// reads reports that a pattern reads a key.
func (m *Matcher) reads(p *pattern, key string) bool {
	if p.key == key || !p.field.keyed() {
		return true
	}
	if p.field != FieldCookie {
		return false
	}
	re := m.cookies[p.key]
	return re != nil && re.MatchString(key)
}
