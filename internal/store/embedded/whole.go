package embedded

import (
	"debug/elf"
	"fmt"
	"os"
)

// checkWhole makes sure that a shared library was not cut: the loader maps what the program header promises, and the
// first touch beyond the end of the file is a SIGBUS that no program survives.
func checkWhole(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	file, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%s is no shared library, or cut: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	for _, p := range file.Progs {
		if end := p.Off + p.Filesz; end < p.Off || end > uint64(info.Size()) {
			return fmt.Errorf("%s is cut: it has %d bytes and promises %d", path, info.Size(), end)
		}
	}
	return nil
}
