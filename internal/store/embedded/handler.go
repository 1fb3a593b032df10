package embedded

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/google/uuid"
)

// hello is the statement with which clickhouse-go greets a server.
const hello = "SELECT displayName(), version(), revision(), timezone()"

// Access says what a Handler lets its callers do.
type Access struct {
	// Outside marks callers that are not this program: they need the token, wait in a line of their own,
	// and their statements have a time limit.
	Outside bool
	// Token is what outsiders show as X-ClickHouse-Key, Basic password or Bearer; an empty one admits nobody.
	Token string
	// Write lets outsiders change data and schema; without it they may only read.
	Write bool
	// Database is the database of callers that name none; empty means default.
	Database string
}

// Handler answers ClickHouse's HTTP protocol.
func (e *Engine) Handler(access Access) http.Handler {
	return &handler{engine: e, access: access, reader: reader{
		maxQuery: e.cfg.MaxQueryBytes, maxBody: e.cfg.MaxBodyBytes, outside: access.Outside, database: access.Database,
	}}
}

type handler struct {
	engine *Engine
	access Access
	reader reader
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		h.engine.metrics.requests.WithLabelValues(origin(h.access.Outside), strconv.Itoa(status.status)).Inc()
	}()
	if r.URL.Path == "/ping" || r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.RawQuery == "" {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = w.Write([]byte("Ok.\n")) // the client is told or it is gone
		return
	}
	if r.URL.Path != "" && r.URL.Path != "/" {
		http.Error(status, "There is no handle "+strconv.Quote(r.URL.Path), http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodPut {
		http.Error(status, "GET, POST or PUT", http.StatusMethodNotAllowed)
		return
	}
	h.answer(status, r)
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request) {
	if h.access.Outside && !h.known(r) {
		h.fail(newReply(w, &request{queryID: uuid.NewString()}, h.engine.version), &EngineError{
			Code: codeAuthentication, Message: "the store's token is missing or wrong (AUTHENTICATION_FAILED)",
		})
		return
	}
	req, err := h.reader.read(r)
	if err != nil {
		h.fail(newReply(w, &request{queryID: uuid.NewString()}, h.engine.version), asException(err))
		return
	}
	if req.queryID == "" {
		req.queryID = uuid.NewString()
	}
	req.readonly = h.access.Outside && (!h.access.Write || r.Method == http.MethodGet)
	if req.st.format != "" && !req.st.insert {
		req.format = req.st.format
	}
	h.execute(r.Context(), newReply(w, req, h.engine.version), req)
}

func (h *handler) execute(ctx context.Context, p *reply, req *request) {
	var st stats
	var err error
	if strings.TrimSpace(req.raw) == hello {
		err = h.greet(p, req)
	} else {
		st, err = h.engine.run(ctx, req, p.write)
	}
	if err == nil {
		h.engine.metrics.bytesOut.Add(float64(p.written))
		err = p.finish(st)
	}
	if err != nil {
		h.fail(p, asException(err))
	}
}

// fail answers with an error. A reply that had begun is cut off over a socket, so that no client takes half for whole.
func (h *handler) fail(p *reply, x *EngineError) {
	if p.fail(x) && h.access.Outside {
		if f, ok := p.w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// greet answers the driver's hello with revision 0, so that it decodes every later Native block as the
// library writes it. The greeting itself is decoded at the revision the client states.
func (h *handler) greet(p *reply, req *request) error {
	if req.format != "Native" {
		return p.write([]byte("telltale\t" + h.engine.version + "\t0\t" + h.engine.timezone + "\n"))
	}
	revision := uint64(0)
	if req.protocol != "" {
		var err error
		if revision, err = strconv.ParseUint(req.protocol, 10, 64); err != nil {
			return &EngineError{Code: codeBadArguments, Message: "client_protocol_version is no number (BAD_ARGUMENTS)"}
		}
	}
	block := proto.NewBlock()
	for _, c := range [...]struct{ name, kind string }{{"displayName()", "String"}, {"version()", "String"}, {"revision()", "UInt32"}, {"timezone()", "String"}} {
		if err := block.AddColumn(c.name, column.Type(c.kind)); err != nil {
			return fmt.Errorf("greet: %w", err)
		}
	}
	if err := block.Append("telltale", h.engine.version, uint32(0), h.engine.timezone); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	var buf chproto.Buffer
	if err := block.Encode(&buf, revision); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	return p.write(buf.Buf)
}

// known checks the token in constant time.
func (h *handler) known(r *http.Request) bool {
	if h.access.Token == "" {
		return false
	}
	_, password, _ := r.BasicAuth()
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	want := sha256.Sum256([]byte(h.access.Token))
	ok := 0
	for _, shown := range [...]string{r.Header.Get("X-ClickHouse-Key"), password, bearer, r.URL.Query().Get("password")} {
		got := sha256.Sum256([]byte(shown))
		ok |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return ok == 1
}

// statusWriter remembers the status for the metrics.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Flush implements http.Flusher.
func (s *statusWriter) Flush() {
	if err := http.NewResponseController(s.ResponseWriter).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return // the connection is gone; the next write says so
	}
}
