package imports

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"os"
	"slices"
)

const (
	// batchRows is how many rows go to the store at a time, groupRows how many where all rows of an account go together.
	batchRows = 20_000
	groupRows = 200_000
	// keepFirst is how many bad rows are kept to be shown.
	keepFirst = 20
)

// spec is what sets a kind apart.
type spec[R any] struct {
	layout layout
	read   func(*row) R
	sink   Sink[R]
	// unique gives values that must not occur twice in a file.
	unique func(R) []uniqueValue
	// keyed gives what two versions of a row share, and what it says of it: said again it is repeated, said otherwise it is bad.
	keyed func(R) (key, content string)
	// account groups rows that must be stored together; count then numbers the equal ones.
	account func(R) string
	count   func([]R)
	// needsRows refuses a file that has a header only.
	needsRows bool
}

type uniqueValue struct{ column, value string }

// load checks a file, then stores it.
func load[R any](ctx context.Context, im *Importer, path string, opts Options, sp spec[R]) (rep Report, err error) {
	if sp.sink == nil {
		return rep, errNoSink
	}
	file, done, err := open(path)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, done()) }()
	p := &pass[R]{path: path, file: file, spec: sp, products: im.deps.Products}
	if rep, err = p.check(ctx, opts); err != nil {
		return rep, err
	}
	before, err := file.Stat()
	if err != nil {
		return rep, fmt.Errorf("%s: %w", path, err)
	}
	opts.progress.storing = true
	if sp.account != nil {
		err = p.storeGroups(ctx, opts, &rep)
	} else {
		err = p.storeBatches(ctx, opts, &rep)
	}
	if err != nil {
		return rep, err
	}
	if after, err := file.Stat(); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return rep, badFile(path, "the file changed while it was imported; import it again")
	}
	return rep, nil
}

// open opens a file that can be read twice: what is no plain file (a pipe) is spooled to one.
func open(path string) (*os.File, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &fileError{err}
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = badFile(path, "is a directory")
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	if info.Mode().IsRegular() {
		return f, f.Close, nil
	}
	spool, err := os.CreateTemp("", "telltale-import-")
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("spool %s: %w", path, err), f.Close())
	}
	done := func() error { return errors.Join(spool.Close(), os.Remove(spool.Name())) }
	if _, err = io.Copy(spool, f); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("spool %s: %w", path, err), f.Close(), done())
	}
	return spool, done, f.Close()
}

// pass reads a file from its start to its end, as often as needed, and each time finds the same rows good.
type pass[R any] struct {
	path     string
	file     *os.File
	spec     spec[R]
	products []string
}

// scan calls good for every good row and bad for every other, in order.
func (p *pass[R]) scan(ctx context.Context, good func(R) error, bad func(record, RowError) error) (*records, int, error) {
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", p.path, err)
	}
	f, err := newRecords(p.path, bufio.NewReaderSize(p.file, readAhead), p.spec.layout, p.products)
	if err != nil {
		return nil, 0, err
	}
	seen := &memory{seed: maphash.MakeSeed(), at: map[uint64]said{}}
	repeated := 0
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		rec, err := f.next()
		if errors.Is(err, io.EOF) {
			return f, repeated, nil
		}
		if err != nil {
			return nil, 0, err
		}
		r := &row{records: f, record: rec, err: rec.bad}
		var value R
		again := false
		if r.err == nil {
			value = p.spec.read(r)
		}
		if r.err == nil {
			again = p.remember(r, value, seen)
		}
		switch {
		case r.err != nil:
			err = bad(rec, *r.err)
		case again:
			repeated++
		default:
			err = good(value)
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// remember finds rows that repeat or contradict an earlier one.
func (p *pass[R]) remember(r *row, value R, seen *memory) (again bool) {
	if p.spec.keyed != nil {
		k, content := p.spec.keyed(value)
		earlier, ok := seen.add(k, r.line, content)
		if ok && earlier.content != seen.hash(content) {
			r.fail("", "says otherwise than line %d about the same thing", earlier.line)
		}
		return ok
	}
	if p.spec.unique == nil {
		return false
	}
	values := p.spec.unique(value)
	for _, u := range values {
		if earlier, ok := seen.at[seen.hash(key(u.column, u.value))]; ok {
			r.fail(u.column, "%s stands on line %d already", quote(u.value), earlier.line)
			return false
		}
	}
	for _, u := range values {
		seen.add(key(u.column, u.value), r.line, "")
	}
	return false
}

// memory remembers rows by the 64-bit hashes of their keys: 10 million rows fit in some 400 MB, and the chance that any two
// of them meet by accident, and one is called a repetition wrongly, is 3 in a million.
type memory struct {
	seed maphash.Seed
	at   map[uint64]said
}

type said struct {
	line    int
	content uint64
}

func (m *memory) hash(s string) uint64 { return maphash.String(m.seed, s) }

func (m *memory) add(key string, line int, content string) (earlier said, ok bool) {
	h := m.hash(key)
	if earlier, ok = m.at[h]; !ok {
		m.at[h] = said{line: line, content: m.hash(content)}
	}
	return earlier, ok
}

// check reads the whole file before anything is stored.
func (p *pass[R]) check(ctx context.Context, opts Options) (rep Report, err error) {
	var aside *rejects
	if opts.OnError == Skip {
		aside = newRejects(opts.RejectsPath, p.path)
		defer func() { err = errors.Join(err, aside.abandon()) }()
	}
	f, repeated, err := p.scan(ctx, func(R) error { rep.Rows++; return nil }, func(rec record, bad RowError) error {
		if rep.Rejected++; len(rep.First) < keepFirst {
			rep.First = append(rep.First, bad)
		}
		if aside == nil {
			return nil
		}
		return aside.add(rec, bad)
	})
	if err != nil {
		return rep, err
	}
	rep.Repeated = repeated
	if names := slices.Sorted(maps.Keys(f.strange)); len(names) > 0 {
		rep.UnknownProducts = names[:min(len(names), keepFirst)]
	}
	if !p.spec.layout.attributes {
		rep.IgnoredColumns = f.head.extras()
	}
	switch {
	case rep.Rejected > 0 && (aside == nil || rep.Rows == 0):
		return rep, &RowsError{First: rep.First, Rejected: rep.Rejected}
	case rep.Rows == 0 && p.spec.needsRows:
		return rep, badFile(p.path, "the file has a header and no rows")
	case aside != nil && rep.Rejected > 0:
		rep.RejectsFile, err = aside.keep()
	}
	return rep, err
}

func noReject(record, RowError) error { return nil }

// storeBatches stores rows as they come.
func (p *pass[R]) storeBatches(ctx context.Context, opts Options, rep *Report) error {
	batch := make([]R, 0, min(batchRows, rep.Rows))
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := p.sink(ctx, batch, opts, rep)
		batch = batch[:0]
		return err
	}
	_, _, err := p.scan(ctx, func(r R) error {
		if batch = append(batch, r); len(batch) < batchRows {
			return nil
		}
		return flush()
	}, noReject)
	if err != nil {
		return err
	}
	return flush()
}

// storeGroups stores all rows of an account together, whatever their order in the file: a large file is read once for
// each group of accounts.
func (p *pass[R]) storeGroups(ctx context.Context, opts Options, rep *Report) error {
	groups := uint64(rep.Rows/groupRows) + 1
	seed := maphash.MakeSeed()
	for g := range groups {
		var batch []R
		_, _, err := p.scan(ctx, func(r R) error {
			if maphash.String(seed, p.spec.account(r))%groups == g {
				batch = append(batch, r)
			}
			return nil
		}, noReject)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			continue
		}
		p.spec.count(batch)
		if err := p.sink(ctx, batch, opts, rep); err != nil {
			return err
		}
	}
	return nil
}

// sink stores a batch and counts it.
func (p *pass[R]) sink(ctx context.Context, batch []R, opts Options, rep *Report) error {
	changed, err := p.spec.sink(ctx, batch, opts.KnownFrom)
	rep.Changed += changed
	if err == nil {
		opts.progress.more(ctx, rep, len(batch))
	}
	return err
}
