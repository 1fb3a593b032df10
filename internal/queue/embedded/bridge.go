package embedded

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// isFatal knows the phrases with which nats-server v2.15 says, in its log and nowhere else, that a store
// takes no more writes. It does not answer the publisher then (stream.go, processJetStreamMsg).
func isFatal(msg string) bool {
	return strings.Contains(msg, "critical write error") || strings.Contains(msg, "will be DISABLED") ||
		strings.Contains(msg, "disabling JetStream")
}

// bridge carries the server's log to slog and remembers the first fatal line.
type bridge struct {
	log *slog.Logger

	mu  sync.Mutex
	err error
}

func newBridge(l *slog.Logger) *bridge { return &bridge{log: l.With("part", "nats-server")} }

// fault returns the first fatal error the server logged.
func (b *bridge) fault() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *bridge) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = nil
}

func (b *bridge) fail(msg string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = fmt.Errorf("%w: %s", ErrStore, msg)
	}
}

func (b *bridge) watch(msg string) {
	if isFatal(msg) {
		b.fail(msg)
	}
}

// Noticef implements server.Logger; the server's notices are our debug lines.
func (b *bridge) Noticef(format string, v ...any) { b.log.Debug(fmt.Sprintf(format, v...)) }

// Warnf implements server.Logger.
func (b *bridge) Warnf(format string, v ...any) {
	msg := fmt.Sprintf(format, v...)
	b.log.Warn(msg)
	b.watch(msg)
}

// Errorf implements server.Logger.
func (b *bridge) Errorf(format string, v ...any) {
	msg := fmt.Sprintf(format, v...)
	b.log.Error(msg)
	b.watch(msg)
}

// Fatalf implements server.Logger. The server gives up after a fatal line; the process does not:
// Start and Err return it.
func (b *bridge) Fatalf(format string, v ...any) {
	b.fail(fmt.Sprintf(format, v...))
}

// Debugf implements server.Logger.
func (b *bridge) Debugf(format string, v ...any) { b.log.Debug(fmt.Sprintf(format, v...)) }

// Tracef implements server.Logger.
func (b *bridge) Tracef(format string, v ...any) { b.log.Debug(fmt.Sprintf(format, v...)) }
