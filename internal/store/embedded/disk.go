package embedded

import (
	"context"
	"strconv"
	"time"
)

// The library drops the error of a write that finds no room on disk: chdb-core 26.7 has the throw of
// WriteBufferFromFileDescriptor::nextImpl commented out. An insert into a full disk would be acknowledged
// with its files cut short. So room is kept free (Config.MinFree), and the engine's own count of failed
// writes is read after every statement that writes, and now and then for the merges in the background.
// Once it has moved the engine takes no more writes: opening it again sets the parts aside that are not whole.

// watchEvery is how often the count is read for the sake of merges.
const watchEvery = 10 * time.Second

// cutOffError is what every writer is told once a write was cut off.
func cutOffError() error {
	return &EngineError{Code: codeNotEnoughSpace, Message: "the disk is full or failing: a write of the embedded engine was cut off, " +
		"and the store takes no more writes until there is room and it is opened again (NOT_ENOUGH_SPACE)"}
}

// guard runs a statement that writes, and fails it where any write was cut off meanwhile: whose it was cannot be told.
func (e *Engine) guard(run func() (stats, error)) (stats, error) {
	if e.cutOff.Load() {
		return stats{}, cutOffError()
	}
	st, err := run()
	if e.checkDisk(); e.cutOff.Load() {
		return stats{}, cutOffError()
	}
	return st, err
}

// checkDisk looks whether a write has failed; where one has, merges stop, so that they do no harm.
func (e *Engine) checkDisk() {
	n, err := e.writeFailures()
	if err == nil && n <= e.failures {
		return
	}
	if e.cutOff.Swap(true) {
		return
	}
	e.cfg.Logger.Error("a write of the embedded engine was cut off: the disk is full or failing; no more writes until it is opened again",
		"dir", e.cfg.Dir, "failed_writes", n-e.failures, "error", err)
	e.adminMu.Lock()
	defer e.adminMu.Unlock()
	if _, err := e.admin.exec("SYSTEM STOP MERGES", "Null", nil, nil); err != nil {
		e.cfg.Logger.Error("could not stop the merges of the embedded engine", "error", err)
	}
}

// writeFailures reads the engine's count of writes that failed since the process began.
func (e *Engine) writeFailures() (n uint64, err error) {
	e.adminMu.Lock()
	defer e.adminMu.Unlock()
	_, err = e.admin.exec("SELECT sum(value) FROM system.events WHERE event = 'WriteBufferFromFileDescriptorWriteFailed'", "TSVRaw", nil, func(b []byte) (err error) {
		n, err = strconv.ParseUint(splitTabs(string(b))[0], 10, 64)
		return err
	})
	return n, err
}

// watch reads the count until Close.
func (e *Engine) watch(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.unwatch, e.watched = cancel, make(chan struct{})
	go func() {
		defer close(e.watched)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				e.checkDisk()
			}
		}
	}()
}

// reportBroken says which parts the engine set aside because they were not whole: what was in them was
// never acknowledged, or is still in the parts they were merged from.
func (e *Engine) reportBroken() {
	var found string
	_, err := e.admin.exec("SELECT database || '.' || table || '/' || name FROM system.detached_parts WHERE reason LIKE 'broken%'", "TSVRaw", nil, func(b []byte) error {
		found = string(b)
		return nil
	})
	if err != nil || found != "" {
		e.cfg.Logger.Warn("parts that were not whole are set aside", "parts", found, "error", err)
	}
}
