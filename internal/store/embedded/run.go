package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// insertChunk is the size in which an INSERT's data go to the engine, in bytes.
const insertChunk = 1 << 20

// run executes one statement in a place and a session of its own and writes its result to sink.
// When ctx ends, the statement is stopped.
func (e *Engine) run(ctx context.Context, req *request, sink func([]byte) error) (st stats, err error) {
	leave, err := e.enter(ctx, req.outside)
	if err != nil {
		return st, err
	}
	defer leave()
	s, err := e.acquire(req.demand)
	if err != nil {
		return st, err
	}
	defer e.release(s)
	finished, killed := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		e.kill(s.tag, finished)
	})
	st, err = e.dispatch(s, req, sink)
	close(finished)
	if !stop() { // the kill must not meet the session's next statement
		<-killed
		s.spoilt = true
		return st, errors.Join(&EngineError{Code: codeCancelled, Message: "Query was cancelled. (QUERY_WAS_CANCELLED)"}, context.Cause(ctx))
	}
	if err != nil {
		s.spoilt = true
	}
	return st, err
}

// dispatch picks the engine's call that fits the statement.
func (e *Engine) dispatch(s *session, req *request, sink func([]byte) error) (stats, error) {
	if err := e.loadExternal(s, req); err != nil {
		return stats{}, err
	}
	if req.st.insert {
		if req.readonly {
			return stats{}, readonlyError()
		}
		return e.guard(func() (stats, error) { return e.insert(s, req) })
	}
	changes, err := e.admit(s, req)
	if err != nil {
		return stats{}, err
	}
	sql := req.st.sql + " " + req.st.tail
	switch {
	case changes:
		return e.guard(func() (stats, error) { return s.exec(sql, req.format, req.params, sink) })
	case s.spoilt: // it changes its session or more: nothing to stream
		return s.exec(sql, req.format, req.params, sink)
	case req.st.selects && chunked(req.format):
		return s.stream(sql, req.format, req.params, sink)
	case req.st.selects:
		return e.pipe(s, req, sink)
	}
	return s.exec(sql, req.format, req.params, sink)
}

func readonlyError() error {
	return &EngineError{Code: codeReadonly, Message: "Cannot execute query in readonly mode. (READONLY)"}
}

// admit asks the engine's parser what the statement does; changes reports that it writes to disk. One that leaves a trace in its session spoils
// the session; an outsider's may only read, or change databases where that is allowed.
func (e *Engine) admit(s *session, req *request) (changes bool, err error) {
	a, err := s.classify(req.raw)
	if err != nil {
		return false, err
	}
	if a.statements > 1 {
		return false, &EngineError{Code: codeSyntaxError, Message: "Syntax error (Multi-statements are not allowed) (SYNTAX_ERROR)"}
	}
	if a.statements == 0 { // did not parse: let the engine say why, without running any of it
		check := []param{{"telltale_statement", escapeParam(req.raw)}}
		if _, err := s.exec("SELECT formatQuery({telltale_statement:String})", "Null", check, nil); err != nil {
			return false, err
		}
	}
	if a.class != classReadOnly {
		if req.readonly && !req.st.session {
			return false, readonlyError()
		}
		if req.outside && a.class != classMutating && !req.st.session {
			return false, &EngineError{Code: codeAccessDenied, Message: "the embedded engine takes no such statement from outside (ACCESS_DENIED)"}
		}
	}
	if a.class != classReadOnly && a.class != classMutating {
		s.spoilt = true
	}
	return a.class == classMutating || a.class == classMutatingGlobal, nil
}

// insert feeds the data to the engine as they come.
func (e *Engine) insert(s *session, req *request) (stats, error) {
	buf := make([]byte, insertChunk)
	ended := false
	return s.insert(req.st.sql, req.st.format, req.params, func() ([]byte, error) {
		if ended {
			return nil, nil
		}
		n, err := io.ReadFull(req.data, buf)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			ended = true
		} else if err != nil {
			return nil, fmt.Errorf("read the data of the insert: %w", err)
		}
		e.metrics.bytesIn.Add(float64(n))
		return buf[:n], nil
	})
}

// loadExternal makes the tables that came with a query.
func (e *Engine) loadExternal(s *session, req *request) error {
	if len(req.external) == 0 {
		return nil
	}
	if req.readonly {
		return readonlyError()
	}
	s.spoilt = true
	for _, t := range req.external {
		create := "CREATE TEMPORARY TABLE " + identifier(t.name) + " (" + t.structure + ") ENGINE = Memory"
		if a, err := s.classify(create); err != nil || a.statements != 1 {
			return errors.Join(&EngineError{Code: codeSyntaxError, Message: "the structure of external table " + t.name + " is malformed (SYNTAX_ERROR)"}, err)
		}
		if _, err := s.exec(create, "Null", nil, nil); err != nil {
			return err
		}
		rest := t.data
		_, err := s.insert("INSERT INTO "+identifier(t.name), t.format, nil, func() ([]byte, error) {
			chunk := rest
			rest = nil
			return chunk, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pipe runs a query whose format has a head or a foot: the engine writes it through a pipe, so that a
// large result is never held. The reading end stays open to the end, because a write to a closed one
// would raise SIGPIPE in a thread of the engine, which ends the process.
func (e *Engine) pipe(s *session, req *request, sink func([]byte) error) (stats, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return stats{}, fmt.Errorf("open a pipe for the result: %w", err)
	}
	_, _ = unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, insertChunk) // the default size is merely slower
	finished := make(chan struct{})
	copied := make(chan error, 1)
	go func() { copied <- drain(r, sink, func() { e.kill(s.tag, finished) }) }()
	sql := req.st.sql + " INTO OUTFILE '/proc/self/fd/" + strconv.Itoa(int(w.Fd())) + "' APPEND FORMAT " + req.format + " " + req.st.tail
	if !isName(req.format) {
		err = &EngineError{Code: 73, Message: "Unknown format. (UNKNOWN_FORMAT)"}
	}
	var st stats
	if err == nil {
		st, err = s.exec(sql, "Null", req.params, nil)
	}
	close(finished)
	_ = w.Close()
	sinkErr := <-copied
	if sinkErr != nil {
		return st, sinkErr
	}
	return st, err
}

// drain copies a pipe to its end, whatever becomes of the sink; once the sink fails it calls stop, once.
func drain(r *os.File, sink func([]byte) error, stop func()) (failed error) {
	defer func() { _ = r.Close() }()
	stopped := make(chan struct{})
	close(stopped)
	buf := make([]byte, 256<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 && failed == nil {
			if failed = sink(buf[:n]); failed != nil {
				stopped = make(chan struct{})
				go func() { defer close(stopped); stop() }()
			}
		}
		if err != nil {
			<-stopped
			if failed == nil && !errors.Is(err, io.EOF) {
				failed = fmt.Errorf("read the result: %w", err)
			}
			return failed
		}
	}
}

// escapeParam writes a text as the value of a String parameter.
func escapeParam(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "'", `\'`).Replace(s)
}
