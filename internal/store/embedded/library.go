package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/ebitengine/purego"
)

// LibraryEnv names the environment variable that holds the path of libchdb.so.
const LibraryEnv = "TELLTALE_CHDB_LIBRARY"

// ErrNoLibrary reports that libchdb is missing or cannot be loaded.
var ErrNoLibrary = errors.New("the embedded ClickHouse engine (libchdb) is not usable; run `make chdb`, or set " + LibraryEnv)

const (
	libraryName  = "libchdb.so"
	libraryCache = ".cache/chdb/node_modules/@chdb/lib-linux-x64-gnu/" + libraryName
)

// library holds the entry points of libchdb (programs/local/chdb.h of chdb-core 26.7).
type library struct {
	version            func() string
	setSignalHandlers  func(enabled int32)
	connect            func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn          func(conn unsafe.Pointer)
	query              func(c, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, params uintptr) unsafe.Pointer
	streamQuery        func(c, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, params uintptr) unsafe.Pointer
	streamFetch        func(c, stream unsafe.Pointer) unsafe.Pointer
	streamCancel       func(c, stream unsafe.Pointer)
	insert             func(c, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, params uintptr) unsafe.Pointer
	insertAppend       func(stream, data unsafe.Pointer, n uintptr) int32
	insertDone         func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel       func(stream unsafe.Pointer)
	insertError        func(stream unsafe.Pointer) string
	insertDestroy      func(stream unsafe.Pointer)
	classify           func(c, sql unsafe.Pointer, sqlLen uintptr, database unsafe.Pointer, databaseLen uintptr, out unsafe.Pointer) int32
	resultBuffer       func(r unsafe.Pointer) unsafe.Pointer
	resultLength       func(r unsafe.Pointer) uintptr
	resultError        func(r unsafe.Pointer) string
	resultRowsRead     func(r unsafe.Pointer) uint64
	resultBytesRead    func(r unsafe.Pointer) uint64
	resultRowsWritten  func(r unsafe.Pointer) uint64
	resultBytesWritten func(r unsafe.Pointer) uint64
	resultRows         func(r unsafe.Pointer) uint64
	resultDestroy      func(r unsafe.Pointer)
}

// symbols maps each C name to the field that calls it.
func (l *library) symbols() map[string]any {
	return map[string]any{
		"chdb_version":                     &l.version,
		"chdb_set_signal_handlers_enabled": &l.setSignalHandlers,
		"chdb_connect":                     &l.connect,
		"chdb_close_conn":                  &l.closeConn,
		"chdb_query_with_params_n":         &l.query,
		"chdb_stream_query_with_params_n":  &l.streamQuery,
		"chdb_stream_fetch_result":         &l.streamFetch,
		"chdb_stream_cancel_query":         &l.streamCancel,
		"chdb_stream_insert_with_params_n": &l.insert,
		"chdb_stream_append":               &l.insertAppend,
		"chdb_stream_done":                 &l.insertDone,
		"chdb_stream_cancel_insert":        &l.insertCancel,
		"chdb_stream_insert_error":         &l.insertError,
		"chdb_destroy_insert_stream":       &l.insertDestroy,
		"chdb_classify_query_n":            &l.classify,
		"chdb_result_buffer":               &l.resultBuffer,
		"chdb_result_length":               &l.resultLength,
		"chdb_result_error":                &l.resultError,
		"chdb_result_storage_rows_read":    &l.resultRowsRead,
		"chdb_result_storage_bytes_read":   &l.resultBytesRead,
		"chdb_result_rows_written":         &l.resultRowsWritten,
		"chdb_result_bytes_written":        &l.resultBytesWritten,
		"chdb_result_rows_read":            &l.resultRows,
		"chdb_destroy_query_result":        &l.resultDestroy,
	}
}

// openLibrary loads libchdb and keeps its hands off the process's signals: its handlers for SIGSEGV and
// its like would turn a nil dereference in Go into a hang or a death. Loading twice is one load.
func openLibrary(path string) (*library, error) {
	path, err := FindLibrary(path)
	if err != nil {
		return nil, err
	}
	if err := checkWhole(path); err != nil {
		return nil, fmt.Errorf("load %w: %w", err, ErrNoLibrary)
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w: %w", path, ErrNoLibrary, err)
	}
	lib := &library{}
	for name, target := range lib.symbols() {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w: no %s: it is older than 26.7: %w", path, ErrNoLibrary, name, err)
		}
		purego.RegisterFunc(target, address)
	}
	lib.setSignalHandlers(0)
	return lib, nil
}

// FindLibrary returns the path of libchdb.so: the given one, else what TELLTALE_CHDB_LIBRARY names, else
// the first found in .cache/chdb upwards of the working directory and of the executable, /usr/local/lib
// and /usr/lib. Errors wrap ErrNoLibrary.
func FindLibrary(explicit string) (string, error) {
	for _, named := range []string{explicit, os.Getenv(LibraryEnv)} {
		if named == "" {
			continue
		}
		if _, err := os.Stat(named); err != nil { //nolint:gosec // the operator names the library
			return "", fmt.Errorf("%w: %w", ErrNoLibrary, err)
		}
		return filepath.Abs(named)
	}
	var candidates []string
	if wd, err := os.Getwd(); err == nil {
		candidates = append(candidates, upwards(wd)...)
	}
	if exe, err := os.Executable(); err == nil {
		candidates = append(candidates, upwards(filepath.Dir(exe))...)
	}
	candidates = append(candidates, "/usr/local/lib/"+libraryName, "/usr/lib/"+libraryName)
	for _, c := range candidates {
		if info, err := os.Stat(c); err == nil && info.Mode().IsRegular() {
			return c, nil
		}
	}
	return "", fmt.Errorf("%w: no %s upwards of the working directory or the program, nor in /usr/local/lib or /usr/lib", ErrNoLibrary, libraryCache)
}

func upwards(dir string) []string {
	var paths []string
	for {
		paths = append(paths, filepath.Join(dir, libraryCache))
		parent := filepath.Dir(dir)
		if parent == dir {
			return paths
		}
		dir = parent
	}
}
