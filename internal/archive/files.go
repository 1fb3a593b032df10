package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	prefix = "telltale-"
	suffix = ".warc.gz"
	// unfinished ends the name of a file that is written to; its lock says by whom.
	unfinished = ".open"
)

// file is what is written to; *os.File is one.
type file interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Close() error
}

// createFile makes a new file and takes its lock, which the kernel drops with the process.
func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640) //nolint:gosec // ops read archives by group
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// files is the file that is written to and those that were. It is for one goroutine.
type files struct {
	cfg     *Config
	log     *slog.Logger
	clock   func() time.Time
	metrics *metrics
	create  func(path string) (file, error)

	current file
	// name is the current file's, once it is complete; begun when it was opened, size what it holds, serial its number.
	name   string
	begun  time.Time
	size   int64
	serial int
	// failing is when the disk last failed; zero while it works.
	failing time.Time
}

// errResting reports a disk that failed a moment ago and is left alone.
var errResting = errors.New("the disk failed a moment ago")

// ready has a file open that may be written to; fresh reports a new one.
func (f *files) ready() (fresh bool, err error) {
	now := f.clock()
	if f.current != nil && (f.size >= f.cfg.MaxFile || now.Sub(f.begun) >= f.cfg.MaxOpen) {
		f.complete()
	}
	if f.current != nil {
		return false, nil
	}
	if !f.failing.IsZero() && now.Sub(f.failing) < f.cfg.RetryAfter {
		return false, errResting
	}
	if err := os.MkdirAll(f.cfg.Dir, 0o750); err != nil {
		return false, fmt.Errorf("archive directory: %w", err)
	}
	f.tidy(f.cfg.MaxFile)
	f.serial++
	f.name = fmt.Sprintf("%s%s-%05d-%s%s", prefix, now.UTC().Format("20060102150405.000000"), f.serial, f.cfg.Name, suffix)
	if f.current, err = f.create(filepath.Join(f.cfg.Dir, f.name+unfinished)); err != nil {
		f.current = nil
		return false, fmt.Errorf("begin archive file: %w", err)
	}
	f.begun, f.size = now, 0
	f.metrics.files.Inc()
	return true, nil
}

// write appends whole records, or nothing.
func (f *files) write(b []byte) error {
	if n, err := f.current.Write(b); err != nil {
		if n > 0 {
			err = errors.Join(err, f.current.Truncate(f.size))
		}
		return fmt.Errorf("write archive file %s: %w", f.name, err)
	}
	f.size += int64(len(b))
	f.metrics.bytes.Add(float64(len(b)))
	if !f.failing.IsZero() {
		f.failing = time.Time{}
		f.log.Info("archive is written again", "dir", f.cfg.Dir)
	}
	return nil
}

// failed gives the current file up, and says so once until writing works again.
func (f *files) failed(err error) {
	if errors.Is(err, errResting) {
		return
	}
	f.metrics.errors.Inc()
	if f.failing.IsZero() {
		f.log.Error("archive cannot be written; crawling goes on without", "dir", f.cfg.Dir, "error", err)
	}
	f.failing = f.clock()
	f.complete()
}

// rest looks after the files while nothing is written.
func (f *files) rest() {
	if f.current != nil && f.clock().Sub(f.begun) >= f.cfg.MaxOpen {
		f.complete()
	}
	f.tidy(0)
}

// complete syncs the current file and gives it its name; one without a record goes.
func (f *files) complete() {
	if f.current == nil {
		return
	}
	path := filepath.Join(f.cfg.Dir, f.name)
	err := errors.Join(f.current.Sync(), f.current.Close())
	if f.size == 0 {
		err = errors.Join(err, os.Remove(path+unfinished))
	} else {
		err = errors.Join(err, os.Rename(path+unfinished, path))
	}
	f.current = nil
	if err != nil {
		f.metrics.errors.Inc()
		f.log.Warn("archive file could not be completed", "file", path, "error", err)
	}
}

// recover completes files that a dead process left unfinished, cut after their last whole record.
func (f *files) recover(ctx context.Context) {
	for _, e := range f.list() {
		path := filepath.Join(f.cfg.Dir, e.Name())
		if ctx.Err() != nil || !strings.HasSuffix(path, unfinished) {
			continue
		}
		if err := adopt(ctx, path); err != nil {
			f.metrics.errors.Inc()
			f.log.Warn("unfinished archive file could not be completed", "file", path, "error", err)
		}
	}
}

// adopt completes one unfinished file, unless a living process writes to it.
func adopt(ctx context.Context, path string) (err error) {
	out, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := unix.Flock(int(out.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil
		}
		return err
	}
	whole, err := wholeRecords(ctx, out)
	if err != nil {
		return err
	}
	if whole == 0 {
		return os.Remove(path)
	}
	return errors.Join(out.Truncate(whole), out.Sync(), os.Rename(path, strings.TrimSuffix(path, unfinished)))
}

// list are our files, by name and so by age. A directory that cannot be read holds none.
func (f *files) list() []fs.DirEntry {
	entries, err := os.ReadDir(f.cfg.Dir)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		name := strings.TrimSuffix(e.Name(), unfinished)
		return e.IsDir() || !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, suffix)
	})
}

// kept is a completed file.
type kept struct {
	path string
	at   time.Time
	size int64
}

// tidy deletes completed files over MaxAge, then the oldest until all files and room more bytes are within MaxTotal.
func (f *files) tidy(room int64) {
	var done []kept
	total := room
	for _, e := range f.list() {
		info, err := e.Info()
		if err != nil {
			continue // another process deleted it
		}
		total += info.Size()
		if strings.HasSuffix(e.Name(), suffix) {
			done = append(done, kept{filepath.Join(f.cfg.Dir, e.Name()), info.ModTime(), info.Size()})
		}
	}
	slices.SortStableFunc(done, func(a, b kept) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, k := range done {
		reason := deletedSize
		switch {
		case f.clock().Sub(k.at) >= f.cfg.MaxAge:
			reason = deletedAge
		case total <= f.cfg.MaxTotal:
			return
		}
		if err := os.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.metrics.errors.Inc()
			f.log.Warn("archive file could not be deleted", "file", k.path, "error", err)
			continue
		}
		total -= k.size
		f.metrics.deleted.WithLabelValues(reason).Inc()
	}
}
