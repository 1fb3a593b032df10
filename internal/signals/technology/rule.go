package technology

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
)

// Technology is one entry of a rule file in the Wappalyzer JSON format. Patterns are JavaScript
// regular expressions with tags behind `\;`: version, confidence. Fields that need a script engine
// (js, xhr, probe) are read only to be counted as not evaluated.
type Technology struct {
	Categories []int           `json:"cats"`
	Website    string          `json:"website"`
	Headers    map[string]strs `json:"headers"`
	Cookies    map[string]strs `json:"cookies"`
	Meta       map[string]strs `json:"meta"`
	DNS        map[string]strs `json:"dns"`
	HTML       strs            `json:"html"`
	ScriptSrc  strs            `json:"scriptSrc"`
	Scripts    strs            `json:"scripts"`
	URL        strs            `json:"url"`
	Text       strs            `json:"text"`
	CertIssuer strs            `json:"certIssuer"`
	Robots     strs            `json:"robots"`
	CSS        strs            `json:"css"`
	DOM        domRules        `json:"dom"`
	// Links is an extension of the format: patterns on the addresses a page links to, whose first group is
	// the tenant. It counts only where the tenant is named like the account (acme.example and acme.okta.com).
	Links            strs              `json:"links"`
	Implies          strs              `json:"implies"`
	Requires         strs              `json:"requires"`
	RequiresCategory ints              `json:"requiresCategory"`
	Excludes         strs              `json:"excludes"`
	JS               map[string]strs   `json:"js"`
	XHR              strs              `json:"xhr"`
	Probe            map[string]string `json:"probe"`
}

// Rules is a set of technologies by name.
type Rules map[string]Technology

// names returns the technologies in order, so that builds are the same every time.
func (r Rules) names() []string {
	names := make([]string, 0, len(r))
	for n := range r {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// strs is a JSON string or a list of strings; other scalars are written as text.
type strs []string

// UnmarshalJSON implements json.Unmarshaler.
func (s *strs) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var one string
		if err := json.Unmarshal(b, &one); err != nil {
			return fmt.Errorf("decode pattern: %w", err)
		}
		*s = append(*s, one)
		return nil
	}
	var list []any
	if len(b) > 0 && b[0] == '[' {
		if err := json.Unmarshal(b, &list); err != nil {
			return fmt.Errorf("decode list of patterns: %w", err)
		}
	} else {
		var one any
		if err := json.Unmarshal(b, &one); err != nil {
			return fmt.Errorf("decode pattern: %w", err)
		}
		list = []any{one}
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			*s = append(*s, v)
		case float64:
			*s = append(*s, strconv.FormatFloat(v, 'f', -1, 64))
		case bool:
			*s = append(*s, strconv.FormatBool(v))
		case nil:
		default:
			return fmt.Errorf("decode pattern: neither text nor a list of texts: %s", clipped(string(b)))
		}
	}
	return nil
}

// ints is a JSON number or a list of numbers.
type ints []int

// UnmarshalJSON implements json.Unmarshaler.
func (n *ints) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]int)(n))
	}
	var one int
	if err := json.Unmarshal(b, &one); err != nil {
		return fmt.Errorf("decode category: %w", err)
	}
	*n = ints{one}
	return nil
}

// domRule is what a dom selector asks of an element: to exist, or a text or an attribute that matches. Each
// demand is a pattern of its own, as in the format's own driver: one that holds is enough.
type domRule struct {
	selector   string
	exists     *strs
	text       strs
	attributes map[string]strs
	// properties need a script engine.
	properties int
}

// domRules is a selector, a list of selectors, or an object of selectors with demands.
type domRules []domRule

// UnmarshalJSON implements json.Unmarshaler.
func (d *domRules) UnmarshalJSON(b []byte) error {
	var plain strs
	if len(b) > 0 && b[0] != '{' {
		if err := plain.UnmarshalJSON(b); err == nil {
			for _, s := range plain {
				*d = append(*d, domRule{selector: s, exists: &strs{""}})
			}
			return nil
		}
		var list []domRules
		if err := json.Unmarshal(b, &list); err != nil {
			return fmt.Errorf("decode dom: %w", err)
		}
		for _, l := range list {
			*d = append(*d, l...)
		}
		return nil
	}
	var object map[string]struct {
		Exists     *strs           `json:"exists"`
		Text       strs            `json:"text"`
		Attributes map[string]strs `json:"attributes"`
		Properties map[string]strs `json:"properties"`
	}
	if err := json.Unmarshal(b, &object); err != nil {
		return fmt.Errorf("decode dom: %w", err)
	}
	selectors := make([]string, 0, len(object))
	for s := range object {
		selectors = append(selectors, s)
	}
	sort.Strings(selectors)
	for _, s := range selectors {
		o := object[s]
		r := domRule{selector: s, exists: o.Exists, text: o.Text, attributes: o.Attributes, properties: len(o.Properties)}
		*d = append(*d, r)
	}
	return nil
}

func clipped(s string) string { return s[:min(len(s), 80)] }
