package technology

import (
	"fmt"
	"os"
	"path/filepath"
)

// LoadFile reads one rule file. Errors wrap ErrRules and name the file.
func LoadFile(path string) (Rules, error) {
	rules := Rules{}
	if _, err := loadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path), rules); err != nil {
		return nil, fmt.Errorf("load technology rules: %w", err)
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("load technology rules: %w: no technologies in %s", ErrRules, path)
	}
	return rules, nil
}
