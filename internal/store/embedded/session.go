package embedded

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// EngineError is an error of the engine, with ClickHouse's code
// (https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp).
type EngineError struct {
	Code    int
	Message string
}

// Error implements error in the form that ClickHouse's HTTP interface writes.
func (e *EngineError) Error() string {
	return fmt.Sprintf("Code: %d. DB::Exception: %s", e.Code, e.Message)
}

// Error codes the handler gives or looks for itself.
const (
	codeBadArguments      = 36
	codeSyntaxError       = 62
	codeUnknownSetting    = 115
	codeReadonly          = 164
	codeQueryTooLarge     = 168
	codeTooManyQueries    = 202
	codeUnsupportedMethod = 1
	codeUnknownException  = 1002
	codeNotEnoughSpace    = 243
	codeCancelled         = 394
	codeSettingConstraint = 452
	codeAccessDenied      = 497
	codeAuthentication    = 516
	codeConnectFailed     = 210
)

// exceptionHead matches the head of an engine's message; a message may carry it several times over.
var exceptionHead = regexp.MustCompile(`^(?:Code: (\d+)\. DB::Exception: )+`)

// exceptionTail matches what the handler writes itself.
var exceptionTail = regexp.MustCompile(` \(version [^()]*\)$`)

// newException reads the engine's text of an error.
func newException(text string) *EngineError {
	e := &EngineError{Code: codeUnknownException, Message: exceptionTail.ReplaceAllString(strings.TrimSpace(text), "")}
	if m := exceptionHead.FindStringSubmatchIndex(e.Message); m != nil {
		if code, err := strconv.Atoi(e.Message[m[2]:m[3]]); err == nil {
			e.Code = code
		}
		e.Message = e.Message[m[1]:]
	}
	return e
}

// param is one bound parameter: {name:Type} in the statement.
type param struct{ name, value string }

// stats are what a statement read and wrote.
type stats struct {
	readRows, readBytes, writtenRows, writtenBytes, resultRows uint64
}

// session is one connection of the engine. It runs one statement at a time and is not safe for concurrent use.
type session struct {
	lib *library
	// handle is what chdb_connect returned; conn what it points at.
	handle, conn unsafe.Pointer
	// tag is the session's log_comment, by which its statement is found and killed.
	tag string
	key string
	// spoilt marks a session that must not be used again.
	spoilt bool
}

// connect opens a session; args are --name=value.
func (l *library) open(args ...string) (*session, error) {
	argv := make([]*byte, 0, len(args)+1)
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, a := range append([]string{"telltale"}, args...) {
		if strings.ContainsRune(a, 0) {
			return nil, &EngineError{Code: codeBadArguments, Message: "a NUL byte in a setting (BAD_ARGUMENTS)"}
		}
		arg := append([]byte(a), 0)
		pin.Pin(&arg[0])
		argv = append(argv, &arg[0])
	}
	handle := l.connect(int32(len(argv)), unsafe.Pointer(&argv[0])) //nolint:gosec // the C API takes arrays by pointer
	if handle == nil {
		return nil, errors.New("the engine refused the connection")
	}
	return &session{lib: l, handle: handle, conn: *(*unsafe.Pointer)(handle)}, nil
}

func (s *session) close() { s.lib.closeConn(s.handle) }

// bound holds the C form of a statement's parameters.
type bound struct {
	names, values         []*byte
	nameLens, valueLens   []uintptr
	pin                   runtime.Pinner
	pNames, pValues       unsafe.Pointer
	pNameLens, pValueLens unsafe.Pointer
}

func bind(params []param) *bound {
	b := &bound{}
	if len(params) == 0 {
		return b
	}
	for _, p := range params {
		b.names, b.nameLens = b.add(b.names, b.nameLens, p.name)
		b.values, b.valueLens = b.add(b.values, b.valueLens, p.value)
	}
	b.pNames, b.pNameLens = unsafe.Pointer(&b.names[0]), unsafe.Pointer(&b.nameLens[0])     //nolint:gosec // the C API takes arrays by pointer
	b.pValues, b.pValueLens = unsafe.Pointer(&b.values[0]), unsafe.Pointer(&b.valueLens[0]) //nolint:gosec // the C API takes arrays by pointer
	return b
}

func (b *bound) add(to []*byte, lens []uintptr, text string) ([]*byte, []uintptr) {
	raw := append([]byte(text), 0)
	b.pin.Pin(&raw[0])
	return append(to, &raw[0]), append(lens, uintptr(len(text)))
}

func text(s string) (unsafe.Pointer, uintptr) {
	if s == "" {
		s = "\x00"
		return unsafe.Pointer(unsafe.StringData(s)), 0 //nolint:gosec // the C API takes text by pointer and length
	}
	return unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)) //nolint:gosec // the C API takes text by pointer and length
}

// startFunc is the shape of the three calls that begin a statement.
type startFunc func(c, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, params uintptr) unsafe.Pointer

func (s *session) start(call startFunc, sql, format string, params []param) unsafe.Pointer {
	b := bind(params)
	defer b.pin.Unpin()
	q, qn := text(sql)
	f, fn := text(format)
	r := call(s.conn, q, qn, f, fn, b.pNames, b.pNameLens, b.pValues, b.pValueLens, uintptr(len(params)))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	runtime.KeepAlive(b)
	return r
}

// take hands a result's bytes to sink, adds its counts to st, and frees it. The bytes are only valid during the call.
func (s *session) take(r unsafe.Pointer, st *stats, sink func([]byte) error) (n int, err error) {
	if r == nil {
		return 0, &EngineError{Code: codeUnknownException, Message: "the engine gave no result"}
	}
	defer s.lib.resultDestroy(r)
	if text := s.lib.resultError(r); text != "" {
		return 0, newException(text)
	}
	st.readRows = max(st.readRows, s.lib.resultRowsRead(r))
	st.readBytes = max(st.readBytes, s.lib.resultBytesRead(r))
	st.writtenRows = max(st.writtenRows, s.lib.resultRowsWritten(r))
	st.writtenBytes = max(st.writtenBytes, s.lib.resultBytesWritten(r))
	st.resultRows += s.lib.resultRows(r)
	n = int(s.lib.resultLength(r))
	if n == 0 || sink == nil {
		return n, nil
	}
	return n, sink(unsafe.Slice((*byte)(s.lib.resultBuffer(r)), n)) //nolint:gosec // n is the length the engine states for its own buffer
}

// exec runs a statement to its end; its whole result is held by the engine while sink writes it.
func (s *session) exec(sql, format string, params []param, sink func([]byte) error) (st stats, err error) {
	_, err = s.take(s.start(s.lib.query, sql, format, params), &st, sink)
	return st, err
}

// stream runs a query and hands each chunk to sink, at most one chunk in memory. Every chunk is a whole
// document of the format, so only formats without head and foot may be used.
func (s *session) stream(sql, format string, params []param, sink func([]byte) error) (st stats, err error) {
	handle := s.start(s.lib.streamQuery, sql, format, params)
	if handle == nil {
		return st, &EngineError{Code: codeUnknownException, Message: "the engine gave no stream"}
	}
	defer s.lib.resultDestroy(handle)
	if text := s.lib.resultError(handle); text != "" {
		return st, newException(text)
	}
	for {
		n, err := s.take(s.lib.streamFetch(s.conn, handle), &st, sink)
		if err != nil {
			s.lib.streamCancel(s.conn, handle)
			return st, err
		}
		if n == 0 {
			return st, nil
		}
	}
}

// insert sends rows in the given format; next fills a buffer as io.Reader.Read does, without its error
// io.EOF meaning anything but the end. An error of next cancels the insert.
func (s *session) insert(sql, format string, params []param, next func() ([]byte, error)) (st stats, err error) {
	stream := s.start(s.lib.insert, sql, format, params)
	if stream == nil {
		return st, &EngineError{Code: codeUnknownException, Message: "the engine gave no insert stream"}
	}
	defer s.lib.insertDestroy(stream)
	if text := s.lib.insertError(stream); text != "" {
		return st, newException(text)
	}
	for {
		chunk, err := next()
		if err != nil {
			s.lib.insertCancel(stream)
			return st, err
		}
		if len(chunk) == 0 {
			break
		}
		state := s.lib.insertAppend(stream, unsafe.Pointer(&chunk[0]), uintptr(len(chunk))) //nolint:gosec // the engine copies the chunk during the call
		runtime.KeepAlive(chunk)
		if state != 0 { // the reason comes with insertDone
			break
		}
	}
	_, err = s.take(s.lib.insertDone(stream), &st, nil)
	return st, err
}

// class is what a statement does, in the words of chdb_query_class.
type class uint32

const (
	classReadOnly class = iota
	classMutating
	classMutatingGlobal
	classControl
	classUnknown
)

// analysis mirrors chdb_query_analysis_v1.
type analysis struct {
	size, statements, flags uint32
	class                   class
}

// classify parses a statement with the engine's own parser, without running it.
func (s *session) classify(sql string) (analysis, error) {
	a := analysis{size: uint32(unsafe.Sizeof(analysis{}))}
	q, n := text(sql)
	state := s.lib.classify(s.conn, q, n, nil, 0, unsafe.Pointer(&a)) //nolint:gosec // the engine fills the struct during the call
	runtime.KeepAlive(sql)
	if state != 0 {
		return a, &EngineError{Code: codeUnknownException, Message: "the engine could not classify the statement"}
	}
	return a, nil
}
