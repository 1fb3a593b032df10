package technology_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/dlclark/regexp2"
)

// reference is a matcher as plain as can be: it evaluates every pattern on every value of its field, on a DOM
// of golang.org/x/net/html with the selectors of cascadia. It shares no line with the product, whose results it judges.
type reference struct {
	patterns []refPattern
	rules    map[string]map[string]any
	unread   []string
}

type refPattern struct {
	tech, field, key string
	confidence       int
	// match is nil where presence is asked.
	match    func(string) bool
	selector cascadia.Matcher
	attr     string
	text     bool
}

// refExpression compiles as JavaScript would: with the standard library where the syntax is the same, else with a
// backtracking engine.
func refExpression(expr string) (func(string) bool, error) {
	plain := regexp.MustCompile(`\\([ACEGHIJKLMNOPQRTUVXYZaeghijlmopqyz])`).ReplaceAllString(expr, "$1") // identity escapes
	if re, err := regexp.Compile("(?i)" + plain); err == nil {
		return re.MatchString, nil
	}
	re, err := regexp2.Compile(plain, regexp2.ECMAScript|regexp2.IgnoreCase)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = 10 * time.Second
	return func(s string) bool {
		ok, err := re.MatchString(s)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", expr, err))
		}
		return ok
	}, nil
}

func loadReference(t testing.TB, path string) *reference {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{}
	if err := json.Unmarshal(raw, &r.rules); err != nil {
		t.Fatal(err)
	}
	for name, rule := range r.rules {
		r.read(name, rule)
	}
	return r
}

func (r *reference) read(name string, rule map[string]any) {
	for _, field := range []string{"html", "scriptSrc", "scripts", "url", "text", "css", "certIssuer", "robots"} {
		for _, p := range texts(rule[field]) {
			r.add(refPattern{tech: name, field: field}, p)
		}
	}
	for _, field := range []string{"headers", "cookies", "meta", "dns"} {
		keys, _ := rule[field].(map[string]any)
		for key, list := range keys {
			for _, p := range texts(list) {
				r.add(refPattern{tech: name, field: field, key: strings.TrimSpace(strings.ToLower(key))}, p)
			}
		}
	}
	switch dom := rule["dom"].(type) {
	case map[string]any:
		for selector, demands := range dom {
			r.readDOM(name, selector, demands.(map[string]any))
		}
	default:
		for _, selector := range texts(dom) {
			r.readDOM(name, selector, map[string]any{"exists": ""})
		}
	}
}

func (r *reference) readDOM(name, selector string, demands map[string]any) {
	parts := strings.Split(selector, `\;`)
	list, err := cascadia.ParseGroup(parts[0])
	if err != nil {
		r.unread = append(r.unread, fmt.Sprintf("%s dom %s: %v", name, selector, err))
		return
	}
	tags := strings.Join(append([]string{""}, parts[1:]...), `\;`)
	p := refPattern{tech: name, field: "dom", selector: list, key: parts[0]}
	for _, exists := range texts(demands["exists"]) {
		_, own, _ := strings.Cut(exists, `\;`)
		r.add(p, tags+`\;`+own)
	}
	p.text = true
	for _, pattern := range texts(demands["text"]) {
		r.add(p, pattern+tags)
	}
	p.text = false
	attributes, _ := demands["attributes"].(map[string]any)
	for attr, patterns := range attributes {
		for _, pattern := range texts(patterns) {
			p.attr = strings.ToLower(attr)
			r.add(p, pattern+tags)
		}
	}
}

func (r *reference) add(p refPattern, raw string) {
	parts := strings.Split(raw, `\;`)
	p.confidence = 100
	for _, tag := range parts[1:] {
		if c, ok := strings.CutPrefix(tag, "confidence:"); ok {
			n, err := strconv.Atoi(c)
			if err == nil {
				p.confidence = min(p.confidence, n)
			}
		}
	}
	if parts[0] != "" {
		var err error
		if p.match, err = refExpression(parts[0]); err != nil {
			r.unread = append(r.unread, fmt.Sprintf("%s %s %s: %v", p.tech, p.field, raw, err))
			return
		}
	}
	if p.match == nil && p.key == "" {
		return
	}
	r.patterns = append(r.patterns, p)
}

// texts returns a string, a number or a list of them as strings.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, texts(x)...)
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}

// match returns the names of what a page shows, and how many patterns were evaluated.
func (r *reference) match(page *refPage) (names []string, evaluated int) {
	confidence := map[string]int{}
	for i := range r.patterns {
		p := &r.patterns[i]
		matched, tried := page.try(p)
		if tried {
			evaluated++
		}
		if matched {
			confidence[p.tech] += p.confidence
		}
	}
	for name, c := range r.resolve(confidence) {
		if c > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, evaluated
}

// resolve applies requires (any one of them), excludes and implies.
func (r *reference) resolve(seen map[string]int) map[string]int {
	found := map[string]int{}
	for changed := true; changed; {
		changed = false
		for name, c := range seen {
			if _, done := found[name]; !done && r.meets(name, found) {
				found[name] = min(c, 100)
				changed = true
			}
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, still := found[name]; still {
			for _, other := range texts(r.rules[name]["excludes"]) {
				delete(found, strings.Split(other, `\;`)[0])
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for name, c := range found {
			for _, raw := range texts(r.rules[name]["implies"]) {
				parts := strings.Split(raw, `\;`)
				own := 100
				for _, tag := range parts[1:] {
					if n, err := strconv.Atoi(strings.TrimPrefix(tag, "confidence:")); err == nil {
						own = n
					}
				}
				if _, known := r.rules[parts[0]]; known && min(c, own) > found[parts[0]] {
					found[parts[0]] = min(c, own)
					changed = true
				}
			}
		}
	}
	return found
}

func (r *reference) meets(name string, found map[string]int) bool {
	requires, categories := texts(r.rules[name]["requires"]), texts(r.rules[name]["requiresCategory"])
	if len(requires)+len(categories) == 0 {
		return true
	}
	for _, other := range requires {
		if _, ok := found[strings.Split(other, `\;`)[0]]; ok {
			return true
		}
	}
	for other := range found {
		for _, c := range texts(r.rules[other]["cats"]) {
			if slices.Contains(categories, c) {
				return true
			}
		}
	}
	return false
}
