package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"
)

const (
	// maxBlockRows bounds one insert, in rows: a block this long stays whole on its way into one part.
	maxBlockRows = 100_000
	// insertsAtOnce bounds the inserts of one call that run side by side.
	insertsAtOnce = 4
)

// column is one column of a block: its name and a slice of its values.
type column struct {
	name   string
	values any
}

// insertBlock writes one block. All its rows must belong to one partition: the insert is then whole or absent.
func (s *Store) insertBlock(ctx context.Context, table string, rows int, columns []column) (err error) {
	began := time.Now()
	shown := table
	if strings.HasPrefix(table, fitStage) {
		shown = "fit_score_rows" // a stage is on its way there
	}
	defer func() { s.metrics.insert(shown, rows, time.Since(began), err) }()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	batch, err := s.prepare(ctx, table, names)
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values); err != nil {
			return errors.Join(fmt.Errorf("insert into %s, column %s: %w", table, c.name, err), batch.Abort())
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// Insert adds rows to a table, column by column: each of values is a slice of the column's Go type, all of one length. The rows are one block, which is whole or
// absent where all of them belong to one partition.
func (s *Store) Insert(ctx context.Context, table string, names []string, values []any) error {
	if len(names) != len(values) {
		return fmt.Errorf("insert into %s: %d columns are named and %d given", table, len(names), len(values))
	}
	rows := -1
	columns := make([]column, len(names))
	for i := range names {
		v := reflect.ValueOf(values[i])
		if v.Kind() != reflect.Slice || rows >= 0 && v.Len() != rows {
			return fmt.Errorf("insert into %s, column %s: %T is no list of %d rows", table, names[i], values[i], max(rows, 0))
		}
		rows, columns[i] = v.Len(), column{names[i], values[i]}
	}
	if rows <= 0 {
		return nil
	}
	return s.insertBlock(ctx, table, rows, columns)
}

// prepare opens a block.
func (s *Store) prepare(ctx context.Context, table string, names []string) (driver.Batch, error) {
	types, err := s.typesOf(ctx, table, names)
	if err != nil {
		return nil, fmt.Errorf("insert into %s: %w", table, err)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types))
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return nil, fmt.Errorf("insert into %s: %w", table, err)
	}
	return batch, nil
}

// typesOf returns the types of a table's columns; they are asked for once, as the driver would at every insert.
func (s *Store) typesOf(ctx context.Context, table string, names []string) ([]clickhouse.ColumnNameAndType, error) {
	s.mu.Lock()
	all := s.columns[table]
	s.mu.Unlock()
	if all == nil {
		var found []struct {
			Name string `ch:"name"`
			Type string `ch:"type"`
		}
		if err := s.Select(ctx, &found, text("column_types"), Params{"table": table}); err != nil {
			return nil, err
		}
		for _, f := range found {
			all = append(all, clickhouse.ColumnNameAndType{Name: f.Name, Type: f.Type})
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("no such table in database %s: run migrate", s.cfg.Database)
		}
		s.mu.Lock()
		s.columns[table] = all
		s.mu.Unlock()
	}
	types := make([]clickhouse.ColumnNameAndType, len(names))
	for i, name := range names {
		at := slices.IndexFunc(all, func(c clickhouse.ColumnNameAndType) bool { return c.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("no column %s", name)
		}
		types[i] = all[at]
	}
	return types, nil
}

// insertParted writes rows as blocks that each belong to one partition, a few at a time. It returns
// when all are acknowledged, or with the first error: some blocks may then be in, and the same call again completes them.
func insertParted[T any, P comparable](ctx context.Context, s *Store, table string, rows []T, partition func(*T) P, columns func([]T) []column) error {
	if len(rows) == 0 {
		return nil
	}
	parts := map[P][]T{}
	var order []P
	for i := range rows {
		p := partition(&rows[i])
		if _, known := parts[p]; !known {
			order = append(order, p)
		}
		parts[p] = append(parts[p], rows[i])
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(insertsAtOnce)
	for _, p := range order {
		for block := range slices.Chunk(parts[p], maxBlockRows) {
			g.Go(func() error { return s.insertBlock(ctx, table, len(block), columns(block)) })
		}
	}
	return g.Wait()
}

// project makes a column from one field of the rows.
func project[T, V any](name string, rows []T, field func(*T) V) column {
	values := make([]V, len(rows))
	for i := range rows {
		values[i] = field(&rows[i])
	}
	return column{name, values}
}

// month is the partition of tables that are parted by month.
func month(t time.Time) int { return t.UTC().Year()*100 + int(t.UTC().Month()) }

// count32 stores a count that is never negative.
func count32(n int) uint32 {
	return uint32(min(max(n, 0), 1<<32-1))
}
