package app

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// maxConfigBytes bounds a configuration file.
const maxConfigBytes = 1 << 20

// configFile finds --config before the command line is parsed, since the file supplies values to the parser.
func configFile(args []string) string {
	for i, a := range args {
		if a == "--" {
			break
		}
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			return v
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return os.Getenv("TELLTALE_CONFIG")
}

// configValues are the flag names and values of a YAML file.
type configValues struct {
	path   string
	values map[string]any
}

// loadConfig reads a YAML file of flag names and values. A key that is no flag of any program is an error, as is a value
// that is no single value.
func loadConfig(path string) (*configValues, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("--config %s: %d bytes; %d is the limit", path, info.Size(), maxConfigBytes)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	c := &configValues{path: path, values: map[string]any{}}
	if err := guarded(func() error { return yaml.Unmarshal(body, &c.values) }); err != nil {
		return nil, fmt.Errorf("--config %s: %s", path, yaml.FormatError(err, false, false))
	}
	known, err := FlagNames()
	if err != nil {
		return nil, err
	}
	for _, alone := range [...]string{"help", "version", "config"} {
		delete(known, alone)
	}
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		if !known[key] {
			return nil, fmt.Errorf("--config %s: key %q is no flag of any program", path, key)
		}
		switch c.values[key].(type) {
		case nil, map[string]any, []any:
			return nil, fmt.Errorf("--config %s: key %q: want one value, as the flag --%[2]s takes", path, key)
		}
	}
	return c, nil
}

// Validate implements kong.Resolver; loadConfig has done it.
func (c *configValues) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (c *configValues) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if v, ok := c.values[flag.Name]; ok {
		return fmt.Sprint(v), nil
	}
	return nil, nil //nolint:nilnil // kong's way of saying "not here"
}

// blame adds the file to an error of a flag whose value came from it.
func (c *configValues) blame(err error, args []string) error {
	if err == nil || c == nil {
		return err
	}
	for key := range c.values {
		flag := "--" + key
		given := slices.ContainsFunc(args, func(a string) bool { return a == flag || strings.HasPrefix(a, flag+"=") })
		if rest, ok := strings.CutPrefix(err.Error(), flag); ok && !given && (rest == "" || strings.ContainsAny(rest[:1], ": ")) {
			return fmt.Errorf("--config %s: %w", c.path, err)
		}
	}
	return err
}

// FlagNames lists every flag of every program, as one file may serve them all.
func FlagNames() (map[string]bool, error) {
	names := map[string]bool{}
	for name, program := range Programs() {
		parser, err := newParser(name, "", program, Streams{})
		if err != nil {
			return nil, err
		}
		err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
			if n, ok := node.(*kong.Application); ok {
				addFlags(names, n.Flags)
			}
			if n, ok := node.(*kong.Node); ok {
				addFlags(names, n.Flags)
			}
			return next(nil)
		})
		if err != nil {
			return nil, fmt.Errorf("list the flags of %s: %w", name, err)
		}
	}
	return names, nil
}

func addFlags(names map[string]bool, flags []*kong.Flag) {
	for _, f := range flags {
		names[f.Name] = true
	}
}
