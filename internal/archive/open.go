package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"telltale/internal/pages"
)

// Archive is a set of WARC files, read in order.
type Archive struct {
	paths []string
	// Progress, where set, is called now and then with the bytes read of the files.
	Progress func(read int64)
	// Damaged, where set, is told each place where no record could be read.
	Damaged func(path string, err error)

	tally Tally
	// wanted are the records and payloads that revisits refer to, and where they are, once they were met.
	wanted map[string]place
}

// Tally counts what was read.
type Tally struct {
	// Records counts records by type; Damaged places where none could be read, Torn files that end within one.
	Records       map[string]int
	Damaged, Torn int
	// BadDigest counts blocks that are not what was written, Oversized those that were passed over, BadMessage those that are
	// no HTTP, Unresolved revisits whose original is not in these files, BadPage page records that cannot be read.
	BadDigest, Oversized, BadMessage, Unresolved, BadPage int
}

// Open returns an archive of files; they are opened as they are read.
func Open(paths []string) *Archive {
	return &Archive{paths: paths, tally: Tally{Records: map[string]int{}}, wanted: map[string]place{}}
}

// Tally is what Exchanges has counted so far.
func (a *Archive) Tally() Tally { return a.tally }

// Pages passes through the files and yields the pages that the crawl published, without their bodies; probes, which have
// none, are whole. Of files by other tools there are none. The error is that of yield, of ctx or of reading.
func (a *Archive) Pages(ctx context.Context, yield func(*pages.Page) error) error {
	var read int64
	for _, path := range a.paths {
		err := eachRecord(ctx, path, func(r *Reader, rec *Record) error {
			a.progress(read + r.Offset())
			switch rec.Type() {
			case typeRevisit:
				a.want(rec)
			case typeMetadata:
				if p := pageOf(rec); p != nil {
					return yield(p)
				}
			}
			return nil
		}, nil, &read)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Archive) progress(read int64) {
	if a.Progress != nil {
		a.Progress(read)
	}
}

// pageOf reads a page record; nil where it is none, or broken.
func pageOf(rec *Record) *pages.Page {
	if rec.media() != mediaPage || !rec.Intact() {
		return nil
	}
	var p pages.Page
	if json.Unmarshal(rec.Block, &p) != nil || p.URL == "" || p.Domain == "" || p.FetchedAt.IsZero() {
		return nil
	}
	return &p
}

// Exchanges passes through the files and yields their HTTP answers, with the bodies of revisits put in, and whether the
// file says which of them were published. The error is that of yield, of ctx or of reading.
func (a *Archive) Exchanges(ctx context.Context, yield func(x *pages.Exchange, ours bool) error) error {
	var read int64
	for _, path := range a.paths {
		ours := false
		damaged := func(err error) {
			a.tally.Damaged++
			if a.Damaged != nil {
				a.Damaged(path, err)
			}
		}
		err := eachRecord(ctx, path, func(r *Reader, rec *Record) error {
			a.progress(read + r.Offset())
			a.count(rec)
			if rec.Type() == typeInfo {
				ours = writtenByUs(rec)
			}
			if x := a.exchange(path, rec, ours); x != nil {
				return yield(x, ours)
			}
			return nil
		}, damaged, &read)
		switch {
		case errors.Is(err, errTorn):
			a.tally.Torn++
		case err != nil:
			return err
		}
	}
	return nil
}

func (a *Archive) count(rec *Record) {
	kind := rec.Type()
	switch kind {
	case typeInfo, typeRequest, typeResponse, typeRevisit, typeResource, typeMetadata, "conversion", "continuation":
	default:
		kind = "other"
	}
	a.tally.Records[kind]++
	if rec.Oversized {
		a.tally.Oversized++
	}
	if !rec.Intact() {
		a.tally.BadDigest++
	}
	if rec.media() == mediaPage && pageOf(rec) == nil {
		a.tally.BadPage++
	}
}

func writtenByUs(info *Record) bool {
	for line := range strings.Lines(string(info.Block)) {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(strings.TrimSpace(name), "software") {
			return strings.HasPrefix(strings.TrimSpace(value), ourSoftware)
		}
	}
	return false
}

// exchange makes an exchange of a record; nil where it holds none, or one that cannot be trusted or read.
func (a *Archive) exchange(path string, rec *Record, ours bool) *pages.Exchange {
	kind := rec.Type()
	if !trusted(rec) {
		return nil
	}
	if kind == typeResource {
		return &pages.Exchange{
			URL: rec.URI(), At: rec.Date(), Status: http.StatusOK, Header: http.Header{"Content-Type": {rec.Field("Content-Type")}}, Body: rec.Block,
			Truncated: rec.Field("WARC-Truncated"),
		}
	}
	if kind != typeResponse && kind != typeRevisit {
		return nil
	}
	if kind == typeResponse {
		a.met(path, rec)
	}
	if kind == typeRevisit && len(rec.Block) == 0 {
		return a.resolved(&pages.Exchange{URL: rec.URI(), At: rec.Date(), Status: http.StatusNotModified, Header: http.Header{}}, rec, ours)
	}
	x, err := exchangeOf(rec, ours)
	if err != nil {
		a.tally.BadMessage++
		return nil
	}
	if kind == typeRevisit {
		return a.resolved(x, rec, ours)
	}
	return x
}

// trusted reports a record whose block is whole, and that says what it is of and when.
func trusted(rec *Record) bool {
	return !rec.Oversized && rec.Intact() && strings.HasPrefix(rec.URI(), "http") && !rec.Date().IsZero()
}

// errTorn reports a file that ends within a record; what is before it was read.
var errTorn = errors.New("the file ends within a record")

// eachRecord reads a file. It adds the file's length to read.
func eachRecord(ctx context.Context, path string, do func(*Reader, *Record) error, damaged func(error), read *int64) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read archive: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	r := NewReader(f)
	defer func() { *read += r.Offset() }()
	for {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF) && r.Torn() && damaged != nil:
			return errTorn
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrDamaged):
			if damaged != nil {
				damaged(err)
			}
		case err != nil:
			return fmt.Errorf("read archive %s: offset %d: %w", path, r.Offset(), err)
		default:
			if err := do(r, rec); err != nil {
				return err
			}
		}
	}
}
