package technology

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

//go:embed rules/*.json
var curated embed.FS

// Bounds on rule files, in bytes: one, and all of a directory.
const (
	maxRuleFile = 32 << 20
	maxRuleDir  = 128 << 20
)

// ErrRules reports rule files that cannot be used.
var ErrRules = errors.New("bad technology rules")

// Curated returns our own rules, which are compiled in.
func Curated() (Rules, error) { return LoadDir(curated) }

// LoadDir reads every *.json file under a file system as a rule file in the Wappalyzer format: an
// object of technologies by name. categories.json and groups.json are passed over, and a file may
// also hold its technologies under a key "technologies" or "apps". Errors wrap ErrRules and name the file.
func LoadDir(fsys fs.FS) (Rules, error) {
	rules := Rules{}
	var total int64
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		switch path.Base(name) {
		case "categories.json", "groups.json", "package.json", "package-lock.json", "schema.json":
			return nil
		}
		n, err := loadFile(fsys, name, rules)
		if total += n; err == nil && total > maxRuleDir {
			err = fmt.Errorf("%w: %s: with those before it more than %d bytes", ErrRules, name, maxRuleDir)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load technology rules: %w", err)
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("load technology rules: %w: no technologies in any file", ErrRules)
	}
	return rules, nil
}

// loadFile adds the technologies of one file and returns its size in bytes.
func loadFile(fsys fs.FS, name string, into Rules) (size int64, err error) {
	raw, err := readBounded(fsys, name)
	if err != nil {
		return 0, err
	}
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(raw, &outer); err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrRules, name, err)
	}
	for _, key := range [...]string{"technologies", "apps"} {
		if inner, ok := outer[key]; ok && holdsTechnologies(inner) {
			outer = nil
			if err := json.Unmarshal(inner, &outer); err != nil {
				return 0, fmt.Errorf("%w: %s: %s: %w", ErrRules, name, key, err)
			}
			break
		}
	}
	names := slices.Sorted(maps.Keys(outer))
	list, err := decodeAll(names, outer)
	if err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrRules, name, err)
	}
	for i, tech := range names {
		t := list[i]
		if have, dup := into[tech]; dup {
			have.merge(&t)
			t = have
		}
		into[tech] = t
	}
	return int64(len(raw)), nil
}

// decodeAll reads the entries of that name, in parts side by side; of several bad ones it tells the first.
func decodeAll(names []string, entries map[string]json.RawMessage) ([]Technology, error) {
	const part = 1 << 10
	out := make([]Technology, len(names))
	errs := make([]error, len(names)/part+1)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(names); from += part {
		group.Go(func() error {
			for i := from; i < min(from+part, len(names)); i++ {
				if err := json.Unmarshal(entries[names[i]], &out[i]); err != nil {
					errs[from/part] = fmt.Errorf("%q: %w", clipped(names[i]), err)
					break
				}
			}
			return nil
		})
	}
	_ = group.Wait()
	return out, cmp.Or(errs...)
}

// readBounded reads a file of no more than maxRuleFile bytes, whatever its size is said to be.
func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxRuleFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(raw) > maxRuleFile {
		return nil, fmt.Errorf("%w: %s: more than %d bytes", ErrRules, name, maxRuleFile)
	}
	return raw, nil
}

// holdsTechnologies reports an object whose values are entries of the format, and not a technology that bears the name of the key.
func holdsTechnologies(inner json.RawMessage) bool {
	var entries map[string]struct {
		Categories json.RawMessage `json:"cats"`
	}
	if json.Unmarshal(inner, &entries) != nil {
		return false
	}
	for _, e := range entries {
		if e.Categories != nil {
			return true
		}
	}
	return false
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
	t.Links = append(t.Links, o.Links...)
	t.XHR = append(t.XHR, o.XHR...)
	for k, v := range o.Probe {
		if t.Probe == nil {
			t.Probe = map[string]string{}
		}
		t.Probe[k] = v
	}
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
