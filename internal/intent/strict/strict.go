// Package strict reads configuration files: YAML or JSON of a bounded size, in which an unknown or doubled key is an
// error, as is whatever makes the parser panic.
package strict

import (
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
)

// Decode reads at most limit bytes of YAML or JSON into dest, a pointer to a struct.
func Decode(r io.Reader, limit int64, dest any) (err error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if int64(len(data)) > limit {
		return fmt.Errorf("over %d bytes", limit)
	}
	// The YAML library panics on some broken files (found by fuzzing, goccy/go-yaml 1.19.2).
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no YAML: %v", p)
		}
	}()
	return yaml.UnmarshalWithOptions(data, dest, yaml.Strict())
}
