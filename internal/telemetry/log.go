// Package telemetry makes the logger, the metrics registry and the operations port of a program:
// /metrics, /healthz, /readyz and pprof.
package telemetry

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
)

// NewLogger writes text where w is a terminal and JSON elsewhere; format "text" or "json" forces one,
// "auto" or "" decides. level is debug, info, warn or error.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: l}
	switch strings.ToLower(format) {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	case "", "auto":
		if isTerminal(w) {
			return slog.New(slog.NewTextHandler(w, opts)), nil
		}
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("log format %q: want auto, text or json", format)
}

// maxStandardLine bounds a line taken over from the standard logger, in bytes.
const maxStandardLine = 200

// TakeStandardLog makes the standard logger write to l, at debug and at most 200 bytes a line. net/http tells it of
// servers that answer unasked, and quotes them: what strangers send must not fill a log.
func TakeStandardLog(l *slog.Logger) {
	log.SetFlags(0)
	log.SetOutput(standardLog{l})
}

type standardLog struct{ logger *slog.Logger }

// Write implements io.Writer: one call is one line.
func (s standardLog) Write(line []byte) (int, error) {
	text := bytes.TrimSpace(line)
	s.logger.Debug("standard log", "text", string(text[:min(len(text), maxStandardLine)]))
	return len(line), nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
