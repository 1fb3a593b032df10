package technology

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed rules/*.json
var curated embed.FS

// maxRuleFile bounds one rule file, in bytes.
const maxRuleFile = 32 << 20

// ErrRules reports rule files that cannot be used.
var ErrRules = errors.New("bad technology rules")

// Curated returns our own rules, which are compiled in.
func Curated() (Rules, error) { return LoadDir(curated) }

// LoadDir reads every *.json file under a file system as a rule file in the Wappalyzer format: an
// object of technologies by name. categories.json and groups.json are passed over, and a file may
// also hold its technologies under a key "technologies" or "apps". Errors wrap ErrRules and name the file.
func LoadDir(fsys fs.FS) (Rules, error) {
	rules := Rules{}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		switch path.Base(name) {
		case "categories.json", "groups.json", "package.json", "package-lock.json", "schema.json":
			return nil
		}
		return loadFile(fsys, name, rules)
	})
	if err != nil {
		return nil, fmt.Errorf("load technology rules: %w", err)
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("load technology rules: %w: no technologies in any file", ErrRules)
	}
	return rules, nil
}

func loadFile(fsys fs.FS, name string, into Rules) error {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if info.Size() > maxRuleFile {
		return fmt.Errorf("%w: %s: %d bytes, at most %d", ErrRules, name, info.Size(), maxRuleFile)
	}
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(raw, &outer); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRules, name, err)
	}
	for _, key := range [...]string{"technologies", "apps"} {
		if inner, ok := outer[key]; ok && strings.Contains(string(inner[:min(len(inner), 1<<20)]), `"cats"`) {
			outer = nil
			if err := json.Unmarshal(inner, &outer); err != nil {
				return fmt.Errorf("%w: %s: %s: %w", ErrRules, name, key, err)
			}
			break
		}
	}
	for tech, msg := range outer {
		var t Technology
		if err := json.Unmarshal(msg, &t); err != nil {
			return fmt.Errorf("%w: %s: %s: %w", ErrRules, name, tech, err)
		}
		if have, dup := into[tech]; dup {
			have.merge(&t)
			t = have
		}
		into[tech] = t
	}
	return nil
}

// merge adds the patterns of another entry of the same technology.
func (t *Technology) merge(o *Technology) {
	t.HTML = append(t.HTML, o.HTML...)
	t.ScriptSrc = append(t.ScriptSrc, o.ScriptSrc...)
	t.Scripts = append(t.Scripts, o.Scripts...)
	t.URL = append(t.URL, o.URL...)
	t.Text = append(t.Text, o.Text...)
	t.CertIssuer = append(t.CertIssuer, o.CertIssuer...)
	t.CSS = append(t.CSS, o.CSS...)
	t.Robots = append(t.Robots, o.Robots...)
	t.DOM = append(t.DOM, o.DOM...)
	t.Implies = append(t.Implies, o.Implies...)
	t.Requires = append(t.Requires, o.Requires...)
	t.RequiresCategory = append(t.RequiresCategory, o.RequiresCategory...)
	t.Excludes = append(t.Excludes, o.Excludes...)
	t.Categories = append(t.Categories, o.Categories...)
	for _, m := range []struct {
		to   *map[string]strs
		from map[string]strs
	}{
		{&t.Headers, o.Headers}, {&t.Cookies, o.Cookies}, {&t.Meta, o.Meta}, {&t.DNS, o.DNS}, {&t.JS, o.JS}} {
		for k, v := range m.from {
			if *m.to == nil {
				*m.to = map[string]strs{}
			}
			(*m.to)[k] = append((*m.to)[k], v...)
		}
	}
}
