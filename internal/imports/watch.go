package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// The bounds of a watch list. The parser takes time that grows with the square of a line's length and stack that grows
// with the depth.
const (
	maxWatchBytes = 1 << 20
	maxWatchLine  = 4 << 10
	maxWatchDepth = 32
	// maxName is the longest name of a source, in bytes.
	maxName = 100
	// The least and the greatest min_interval.
	minFloor, maxFloor = 15 * time.Minute, 24 * time.Hour
)

// WatchSource is one source of a watch list: it belongs to no account.
type WatchSource struct {
	// Name is unique in the list; Domain is the registrable domain of URL, which is canonical.
	Name, Domain, URL string
	// Source says what its items are: blog, press, forum or social; empty where the list calls it a feed.
	Source pages.Kind
	// Floor is the least time between two reads, 15 minutes to 24 hours; 0 where the list does not say.
	Floor time.Duration
}

// watch reads a watch list and makes its sources those that are watched. One bad source means that nothing is imported.
func (im *Importer) watch(ctx context.Context, path string, opts Options) (rep Report, err error) {
	if im.deps.Sinks.Watch == nil {
		return rep, errNoSink
	}
	file, done, err := open(path)
	if err != nil {
		return rep, err
	}
	body, err := io.ReadAll(io.LimitReader(file, maxWatchBytes+1))
	if err = errors.Join(err, done()); err != nil {
		return rep, fmt.Errorf("read %s: %w", path, err)
	}
	sources, err := parseWatch(path, body)
	if err != nil {
		var bad *RowsError
		if errors.As(err, &bad) {
			rep.Rejected, rep.First = bad.Rejected, bad.First
		}
		return rep, err
	}
	rep.Rows = len(sources)
	opts.progress.storing = true
	rep.Changed, err = im.deps.Sinks.Watch(ctx, sources, opts.KnownFrom)
	return rep, err
}

// watchReader reads the sources of one list.
type watchReader struct {
	path    string
	sources []WatchSource
	names   map[string]int
	urls    map[string]int
	bad     RowsError
}

// parseWatch reads a watch list: a mapping with the one key sources, whose value lists the sources. Errors wrap ErrInput.
func parseWatch(path string, body []byte) ([]WatchSource, error) {
	r := &watchReader{path: path, names: map[string]int{}, urls: map[string]int{}}
	list, err := r.list(body)
	if err != nil {
		return nil, err
	}
	for _, node := range list.Values {
		r.source(node)
	}
	switch {
	case r.bad.Rejected > 0:
		return nil, &r.bad
	case len(r.sources) == 0:
		return nil, r.at(list, "sources", "lists no source; to watch nothing, leave the file out")
	}
	return r.sources, nil
}

// list finds the list of sources.
func (r *watchReader) list(body []byte) (*ast.SequenceNode, error) {
	if err := r.bounds(body); err != nil {
		return nil, err
	}
	file, err := parseYAML(body)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			return nil, RowError{File: r.path, Line: at.GetToken().Position.Line, Reason: at.GetMessage()}
		}
		return nil, badFile(r.path, "%w", err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, badFile(r.path, "want one YAML document with the key sources")
	}
	var list *ast.SequenceNode
	for _, pair := range pairs(file.Docs[0].Body) {
		key := pair.Key.GetToken().Value
		found, ok := pair.Value.(*ast.SequenceNode)
		switch {
		case key != "sources":
			return nil, r.at(pair.Key, key, "is no key here; want sources")
		case !ok:
			return nil, r.at(pair.Key, key, "want a list of sources")
		}
		list = found
	}
	if list == nil {
		return nil, r.at(file.Docs[0].Body, "", "want the key sources")
	}
	return list, nil
}

// bounds refuses what the parser must not see.
func (r *watchReader) bounds(body []byte) error {
	if len(body) > maxWatchBytes {
		return badFile(r.path, "more than %d bytes", maxWatchBytes)
	}
	if !utf8.Valid(body) {
		return badFile(r.path, "not UTF-8")
	}
	depth, n := 0, 0
	for line := range bytes.Lines(body) {
		n++
		if len(line) > maxWatchLine {
			return RowError{File: r.path, Line: n, Reason: fmt.Sprintf("a line of more than %d bytes", maxWatchLine)}
		}
		if depth += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{")) - bytes.Count(line, []byte("]")) - bytes.Count(line, []byte("}")); depth > maxWatchDepth {
			return RowError{File: r.path, Line: n, Reason: fmt.Sprintf("more than %d brackets open", maxWatchDepth)}
		}
	}
	return nil
}

// parseYAML makes a panic of the library on a broken file an error (found by fuzzing, goccy/go-yaml 1.19.2).
func parseYAML(body []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no YAML: %v", p)
		}
	}()
	return parser.ParseBytes(body, 0)
}

// pairs are the keys and values of a mapping; none where it is none.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// at is an error at a node.
func (r *watchReader) at(n ast.Node, key, format string, args ...any) RowError {
	e := RowError{File: r.path, Line: 1, Column: key, Reason: fmt.Sprintf(format, args...)}
	if n != nil && n.GetToken() != nil {
		e.Line = n.GetToken().Position.Line
	}
	return e
}

// source reads one source; what is wrong with it is kept.
func (r *watchReader) source(node ast.Node) {
	var s WatchSource
	err := r.fill(&s, node)
	if err == nil {
		r.sources = append(r.sources, s)
		return
	}
	if r.bad.Rejected++; len(r.bad.First) < keepFirst {
		r.bad.First = append(r.bad.First, *err)
	}
}

func (r *watchReader) fill(s *WatchSource, node ast.Node) *RowError {
	kind := false
	for _, pair := range pairs(node) {
		key := pair.Key.GetToken().Value
		value, ok := scalar(pair.Value)
		if !ok {
			return new(r.at(pair.Key, key, "want one value"))
		}
		line := pair.Key.GetToken().Position.Line
		var why string
		switch key {
		case "name":
			s.Name, why = value, r.badName(value, line)
		case "url":
			why = r.address(s, value, line)
		case "kind":
			kind = true
			s.Source, why = sourceKind(value)
		case "min_interval":
			s.Floor, why = floor(value)
		default:
			why = "is no key of a source; want name, url, kind or min_interval"
		}
		if why != "" {
			return new(r.at(pair.Key, key, "%s", why))
		}
	}
	switch {
	case s.Name == "":
		return new(r.at(node, "name", "required and missing"))
	case s.URL == "":
		return new(r.at(node, "url", "required and missing"))
	case !kind:
		return new(r.at(node, "kind", "required and missing"))
	}
	return nil
}

// scalar is the text of a plain or quoted value.
func scalar(n ast.Node) (string, bool) {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

func (r *watchReader) badName(name string, line int) string {
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, isControl) {
		return fmt.Sprintf("want 1 to %d bytes without control characters", maxName)
	}
	return standsAlready(r.names, name, line)
}

// standsAlready says where a value stands already; empty where it does not.
func standsAlready(seen map[string]int, value string, line int) string {
	if earlier, ok := seen[value]; ok {
		return fmt.Sprintf("%s stands on line %d already", quote(value), earlier)
	}
	seen[value] = line
	return ""
}

func (r *watchReader) address(s *WatchSource, raw string, line int) string {
	address, err := urls.Canonicalize(raw, "")
	if err != nil {
		return fmt.Sprintf("%s is no http or https address", quote(raw))
	}
	domain, err := domains.Normalize(urls.Host(address))
	switch {
	case err != nil:
		return fmt.Sprintf("%s lies on no domain", quote(raw))
	case domains.ForbidsCrawling(domain):
		return fmt.Sprintf("%s allows no crawling", domain)
	}
	s.URL, s.Domain = address, domain
	return standsAlready(r.urls, address, line)
}

func sourceKind(value string) (pages.Kind, string) {
	all := []string{"press", "forum", "social", "blog", "feed"}
	switch {
	case !slices.Contains(all, value):
		return "", fmt.Sprintf("%s is none of %s", quote(value), strings.Join(all, ", "))
	case value == "feed":
		return "", ""
	}
	return pages.Kind(value), ""
}

func floor(value string) (time.Duration, string) {
	d, err := time.ParseDuration(value)
	if err != nil || d < minFloor || d > maxFloor {
		return 0, fmt.Sprintf("%s is no duration from 15m to 24h", quote(value))
	}
	return d, ""
}
