package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"telltale/internal/store/sqltext"
)

// ErrSchema reports a database whose schema this program must not touch.
var ErrSchema = errors.New("schema")

const (
	codeTableExists = 57
	// lockPoll is how often a migrator looks whether another is done.
	lockPoll = 100 * time.Millisecond
	// lockStale is the age at which a lock is taken for one whose holder died: migrations take seconds.
	lockStale = 60 * time.Second
)

// migration is one file of migrations/, NNNN_name.sql.
type migration struct {
	version        uint32
	name, checksum string
	statements     []string
}

// loadMigrations reads the files in order of their numbers.
func loadMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	slices.Sort(names)
	all := make([]migration, 0, len(names))
	for _, name := range names {
		base := path.Base(name)
		number, _, ok := strings.Cut(base, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || len(all) > 0 && all[len(all)-1].version >= uint32(version) {
			return nil, fmt.Errorf("read migrations: %s: want NNNN_name.sql with a number of its own", base)
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		sum := sha256.Sum256(raw)
		all = append(all, migration{
			version: uint32(version), name: base, checksum: hex.EncodeToString(sum[:]),
			statements: sqltext.Statements(string(raw)),
		})
	}
	return all, nil
}

// Migrate makes the database and applies the migrations it lacks, in order, each recorded when it is whole.
// Processes that start together take turns by a lock table; as a lock may outlive a killed holder and be
// taken over, every migration must also be harmless when applied twice. Errors wrap ErrSchema where an applied file has changed or the database is
// of a newer program.
func (s *Store) Migrate(ctx context.Context) error {
	return s.migrate(ctx, migrationFiles)
}

func (s *Store) migrate(ctx context.Context, files fs.FS) (err error) {
	all, err := loadMigrations(files)
	if err != nil {
		return err
	}
	if err := s.createDatabase(ctx); err != nil {
		return err
	}
	if missing, err := s.missing(ctx, all); err != nil || len(missing) == 0 {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer func() {
		unlock := s.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS schema_lock SYNC", nil)
		err = errors.Join(err, unlock)
	}()
	missing, err := s.missing(ctx, all) // another may have been here while we waited
	if err != nil {
		return err
	}
	for _, m := range missing {
		if err := s.apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) createDatabase(ctx context.Context) (err error) {
	boot, err := s.bootstrap()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, boot.Close()) }()
	if err := boot.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+s.cfg.Database); err != nil {
		return fmt.Errorf("create database %s: %w", s.cfg.Database, err)
	}
	return s.Exec(ctx, text("migrations_table"), nil)
}

// missing compares what is applied with what this program brings.
func (s *Store) missing(ctx context.Context, all []migration) ([]migration, error) {
	var applied []struct {
		Version  uint32 `ch:"version"`
		Name     string `ch:"name"`
		Checksum string `ch:"checksum"`
	}
	if err := s.Select(ctx, &applied, text("applied"), nil); err != nil {
		return nil, fmt.Errorf("read the applied migrations: %w", err)
	}
	missing := slices.Clone(all)
	for _, a := range applied {
		i := slices.IndexFunc(missing, func(m migration) bool { return m.version == a.Version })
		if i < 0 {
			return nil, fmt.Errorf("%w: database %s has migration %s, which this program does not know: it was migrated by a newer one", ErrSchema, s.cfg.Database, a.Name)
		}
		if missing[i].checksum != a.Checksum {
			return nil, fmt.Errorf("%w: migration %s was applied to database %s with other content: applied files must not change", ErrSchema, a.Name, s.cfg.Database)
		}
		missing = slices.Delete(missing, i, i+1)
	}
	return missing, nil
}

// lock waits for its turn. A lock past lockStale is dropped: its holder died, or is so slow that it must
// live with company.
func (s *Store) lock(ctx context.Context) error {
	for {
		err := s.conn.Exec(ctx, text("lock_take"))
		var x *clickhouse.Exception
		if err == nil {
			return nil
		}
		if !errors.As(err, &x) || x.Code != codeTableExists {
			return fmt.Errorf("lock the schema: %w", err)
		}
		var age []struct {
			Seconds float64 `ch:"seconds"`
		}
		if err := s.Select(ctx, &age, text("lock_age"), nil); err != nil {
			return fmt.Errorf("lock the schema: %w", err)
		}
		if len(age) == 1 && age[0].Seconds > lockStale.Seconds() {
			s.cfg.Logger.Warn("the schema's lock was left by a migrator that died; taking it over", "age_s", age[0].Seconds)
			if err := s.Exec(ctx, "DROP TABLE IF EXISTS schema_lock SYNC", nil); err != nil {
				return fmt.Errorf("lock the schema: %w", err)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migrator: %w", context.Cause(ctx))
		case <-time.After(lockPoll):
		}
	}
}

func (s *Store) apply(ctx context.Context, m migration) error {
	began := time.Now()
	for i, statement := range m.statements {
		if err := s.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("migration %s, statement %d: %w", m.name, i+1, err)
		}
	}
	err := s.conn.Exec(ctx, "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ({version:UInt32}, {name:String}, {checksum:String}, now64(3))",
		Params{"version": m.version, "name": m.name, "checksum": m.checksum}.bindings()...)
	if err != nil {
		return fmt.Errorf("record migration %s: %w", m.name, err)
	}
	s.metrics.migrations.Inc()
	s.cfg.Logger.Info("migrated the store", "migration", m.name, "took", time.Since(began).Round(time.Millisecond))
	return nil
}
