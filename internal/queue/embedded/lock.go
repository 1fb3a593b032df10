package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockName is the file whose lock says that a process has the directory open.
const lockName = "LOCK"

// dirLock holds a directory for this process. The kernel drops the lock when the process dies, so
// nothing is left behind after kill -9.
type dirLock struct{ f *os.File }

// lockDir takes the directory's lock or fails at once with ErrInUse.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w: %w", ErrStore, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		closeErr := f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(ErrInUse, closeErr)
		}
		return nil, errors.Join(fmt.Errorf("lock: %w: %w", ErrStore, err), closeErr)
	}
	return &dirLock{f: f}, nil
}

// release drops the lock.
func (l *dirLock) release() error {
	if err := l.f.Close(); err != nil {
		return fmt.Errorf("release lock of the queue directory: %w", err)
	}
	return nil
}
