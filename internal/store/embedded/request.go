package embedded

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// request is one statement as it came over the protocol.
type request struct {
	demand
	st statement
	// raw is the statement as it was written, without the data of an INSERT.
	raw string
	// data are the rows of an INSERT; nil where it has none.
	data      io.Reader
	params    []param
	external  []externalTable
	format    string
	queryID   string
	quota     string
	protocol  string
	encoding  string
	block     string // method of ClickHouse's own block compression; empty for none
	wholeOnly bool
}

// externalTable is a table that comes with a query and lives as long as it
// (https://clickhouse.com/docs/engines/table-engines/special/external-data).
type externalTable struct {
	name, format, structure string
	data                    []byte
}

// control tells the URL parameters of the protocol that are no settings.
func control(name string) bool {
	switch name {
	case "query", "database", "default_format", "user", "password", "quota_key",
		"query_id", "stacktrace", "compress", "decompress", "buffer_size", "wait_end_of_query",
		"client_protocol_version", "add_http_cors_header", "role", "session_check", "session_timeout":
		return true
	}
	return false
}

// reader turns HTTP requests into statements.
type reader struct {
	maxQuery int
	maxBody  int64
	outside  bool
	// database is that of callers who name none.
	database string
}

// read takes a request apart; its INSERT data are read later, while they are inserted.
func (rd reader) read(r *http.Request) (*request, error) {
	values := r.URL.Query()
	req := &request{
		queryID: values.Get("query_id"), quota: values.Get("quota_key"), protocol: values.Get("client_protocol_version"),
		format: first(values.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
	}
	req.outside, req.database = rd.outside, first(values.Get("database"), r.Header.Get("X-ClickHouse-Database"), rd.database)
	req.wholeOnly = isTrue(values.Get("wait_end_of_query"))
	req.encoding = pickEncoding(r.Header.Get("Accept-Encoding"))
	if isTrue(values.Get("compress")) {
		req.block, req.encoding = first(strings.ToUpper(values.Get("network_compression_method")), "LZ4"), ""
	}
	if values.Has("session_id") {
		return nil, &EngineError{Code: codeUnsupportedMethod, Message: "the embedded engine keeps no sessions between requests: leave session_id out (UNSUPPORTED_METHOD)"}
	}
	body, err := rd.body(r, values)
	if err != nil {
		return nil, err
	}
	query := values.Get("query")
	if kind := r.Header.Get("Content-Type"); strings.HasPrefix(kind, "multipart/form-data") {
		if query, err = rd.multipart(req, body, kind, values, query); err != nil {
			return nil, err
		}
		body = strings.NewReader("")
	}
	req.setParameters(values)
	return req, rd.statement(req, query, body)
}

// setParameters sorts the URL's parameters into bound parameters and settings.
func (r *request) setParameters(values url.Values) {
	r.settings = map[string]string{}
	for name, vs := range values {
		value := vs[len(vs)-1]
		switch {
		case strings.HasPrefix(name, "param_"):
			r.params = append(r.params, param{name[len("param_"):], value})
		case control(name) || r.isExternalParameter(name):
		default:
			r.settings[name] = value
		}
	}
}

func (r *request) isExternalParameter(name string) bool {
	for _, t := range r.external {
		if rest, ok := strings.CutPrefix(name, t.name); ok && (rest == "_format" || rest == "_structure" || rest == "_types") {
			return true
		}
	}
	return false
}

// statement reads the text of the statement, and leaves an INSERT's data in the body.
func (rd reader) statement(req *request, query string, body io.Reader) error {
	if query != "" {
		req.st = parse(query)
		if req.st.insert {
			inline := query[req.st.dataAt:]
			req.raw, req.data = query[:req.st.dataAt], io.MultiReader(strings.NewReader(inline), body)
			return rd.check(req)
		}
	}
	head := make([]byte, rd.maxQuery+1)
	n, err := io.ReadFull(body, head[:max(0, rd.maxQuery+1-len(query))])
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return fmt.Errorf("read the statement: %w", err)
	}
	text := string(head[:n])
	if query != "" {
		text = query + "\n" + text
	}
	req.st, req.raw = parse(text), text
	if req.st.insert {
		rest := text[req.st.dataAt:]
		req.raw, req.data = text[:req.st.dataAt], io.MultiReader(strings.NewReader(rest), body)
	} else if !whole {
		return &EngineError{Code: codeQueryTooLarge, Message: fmt.Sprintf("the statement is longer than %d bytes (QUERY_IS_TOO_LARGE)", rd.maxQuery)}
	}
	return rd.check(req)
}

// check refuses what nobody, or no outsider, may ask.
func (rd reader) check(req *request) error {
	if strings.TrimSpace(req.raw) == "" {
		return &EngineError{Code: codeSyntaxError, Message: "Empty query (SYNTAX_ERROR)"}
	}
	if req.st.refused != "" {
		return &EngineError{Code: codeAccessDenied, Message: req.st.refused + " reaches outside the embedded store and is refused (ACCESS_DENIED)"}
	}
	return nil
}

// body undoes the compression of the request's body and bounds its size.
func (rd reader) body(r *http.Request, values url.Values) (io.Reader, error) {
	if r.Body == nil {
		return strings.NewReader(""), nil
	}
	var body io.Reader = r.Body
	var err error
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "br":
		body = brotli.NewReader(body)
	case "zstd":
		body, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	default:
		err = &EngineError{Code: codeBadArguments, Message: fmt.Sprintf("Content-Encoding %q is not known (BAD_ARGUMENTS)", encoding)}
	}
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if isTrue(values.Get("decompress")) {
		body = compress.NewReader(body)
	}
	return &boundedReader{from: body, left: rd.maxBody}, nil
}

// multipart reads a form: the field query, and external tables as files.
func (rd reader) multipart(req *request, body io.Reader, kind string, values url.Values, query string) (string, error) {
	_, boundary, ok := strings.Cut(kind, "boundary=")
	if !ok {
		return "", &EngineError{Code: codeBadArguments, Message: "a form without a boundary (BAD_ARGUMENTS)"}
	}
	form := multipart.NewReader(body, strings.Trim(boundary, `"`))
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return query, nil
		}
		if err != nil {
			return "", fmt.Errorf("read the form: %w", err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return "", fmt.Errorf("read the form: %w", err)
		}
		name := part.FormName()
		table := part.FileName() != "" || values.Has(name+"_structure") || values.Has(name+"_types") // the driver leaves file names empty
		switch {
		case table:
			req.external = append(req.external, externalTable{
				name: name, data: content, format: first(values.Get(name+"_format"), "TabSeparated"),
				structure: first(values.Get(name+"_structure"), values.Get(name+"_types")),
			})
		case name == "query":
			query += string(content)
		default:
			values.Set(name, string(content))
		}
	}
}

// boundedReader fails, rather than ends, when the data are longer than allowed.
type boundedReader struct {
	from io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		if n, err := b.from.Read(make([]byte, 1)); n == 0 {
			return 0, err
		}
		return 0, &EngineError{Code: codeQueryTooLarge, Message: "the request's body is too long (QUERY_IS_TOO_LARGE)"}
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.from.Read(p)
	b.left -= int64(n)
	return n, err
}

// pickEncoding chooses among the content encodings a client accepts.
func pickEncoding(accept string) string {
	for _, known := range [...]string{"zstd", "br", "gzip", "deflate"} {
		for offered := range strings.SplitSeq(accept, ",") {
			if name, weight, _ := strings.Cut(strings.TrimSpace(offered), ";"); name == known && strings.ReplaceAll(weight, " ", "") != "q=0" {
				return known
			}
		}
	}
	return ""
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
