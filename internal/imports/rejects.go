package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// rejects is the file of rows that were set aside: line, column, reason and the row's own text. It is written under a
// temporary name and renamed when it is whole.
type rejects struct {
	path string
	file *os.File
	csv  *csv.Writer
}

func newRejects(path, imported string) *rejects {
	if path == "" {
		path = imported + ".rejects.csv"
	}
	return &rejects{path: path}
}

func (j *rejects) add(rec record, bad RowError) error {
	if j.file == nil {
		f, err := os.CreateTemp(filepath.Dir(j.path), "."+filepath.Base(j.path)+".*")
		if err != nil {
			return fmt.Errorf("rejects file: %w", err)
		}
		j.file, j.csv = f, csv.NewWriter(f)
		if err := j.csv.Write([]string{"line", "column", "reason", "row"}); err != nil {
			return fmt.Errorf("rejects file %s: %w", j.path, err)
		}
	}
	row := strings.ToValidUTF8(strings.TrimRight(string(rec.raw), "\r\n"), "\uFFFD")
	if err := j.csv.Write([]string{strconv.Itoa(rec.line), bad.Column, bad.Reason, row}); err != nil {
		return fmt.Errorf("rejects file %s: %w", j.path, err)
	}
	return nil
}

// keep finishes the file and gives it its name.
func (j *rejects) keep() (string, error) {
	j.csv.Flush()
	name := j.file.Name()
	err := errors.Join(j.csv.Error(), j.file.Sync(), j.file.Chmod(0o644), j.file.Close())
	if err == nil {
		err = os.Rename(name, j.path)
	}
	if err != nil {
		return "", fmt.Errorf("rejects file %s: %w", j.path, errors.Join(err, j.abandon()))
	}
	j.file = nil
	return j.path, nil
}

// abandon removes a file that was not kept; it is safe to call in any state.
func (j *rejects) abandon() error {
	if j.file == nil {
		return nil
	}
	name := j.file.Name()
	closed := j.file.Close()
	j.file = nil
	if errors.Is(closed, os.ErrClosed) {
		closed = nil
	}
	return errors.Join(closed, os.Remove(name))
}
