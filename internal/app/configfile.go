package app

import (
	"fmt"
	"os"
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

// loadConfig reads a YAML file of flag names and values. A key that is no flag of any program is an error.
func loadConfig(path string) (kong.Resolver, error) {
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
	values := map[string]any{}
	if err := yaml.Unmarshal(body, &values); err != nil {
		return nil, fmt.Errorf("--config %s: %w", path, err)
	}
	known, err := FlagNames()
	if err != nil {
		return nil, err
	}
	for key := range values {
		if !known[key] {
			return nil, fmt.Errorf("--config %s: key %q is no flag of any program", path, key)
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if v, ok := values[flag.Name]; ok {
			return fmt.Sprint(v), nil
		}
		return nil, nil //nolint:nilnil // kong's way of saying "not here"
	}), nil
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
