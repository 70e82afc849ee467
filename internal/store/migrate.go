package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// `task migrate:diff NAME=…` writes the next file for each dialect, see diff.
//
//go:embed migrations
var migrations embed.FS

// Migrate applies the migrations that the database does not have yet and returns the names of their files. Several
// processes may migrate at once. It refuses a database that a newer program has migrated.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	files, err := fs.Sub(migrations, path.Join("migrations", s.dialect))
	if err != nil {
		return nil, err
	}
	return s.migrate(ctx, files)
}

// Pending returns the names of the files that Migrate would apply, without writing anything. It refuses a database
// that a newer program has migrated.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	files, err := fs.Sub(migrations, path.Join("migrations", s.dialect))
	if err != nil {
		return nil, err
	}
	return s.pending(ctx, files)
}

func (s *Store) pending(ctx context.Context, files fs.FS) ([]string, error) {
	current, err := s.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the version of the schema: %w", err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var latest int64
	var pending []string
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		latest = max(latest, version)
		if version > current {
			pending = append(pending, name)
		}
	}
	if current > latest {
		return nil, fmt.Errorf("the database has version %d of the schema and this program knows only %d: "+
			"use the newer program that migrated it, or restore a backup from before", current, latest)
	}
	return pending, nil
}

// Version is the number of the newest migration that the database has, 0 if it has none.
func (s *Store) Version(ctx context.Context) (version int64, err error) {
	exists := "SELECT count(*) FROM sqlite_schema WHERE name = '" + goose.DefaultTablename + "'"
	if s.dialect == dialect.Postgres {
		exists = "SELECT count(to_regclass('" + goose.DefaultTablename + "'))"
	}
	var n int
	if err := s.read.QueryRowContext(ctx, exists).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+goose.DefaultTablename).Scan(&version)
	return version, err
}

func (s *Store) migrate(ctx context.Context, files fs.FS) (applied []string, err error) {
	pending, err := s.pending(ctx, files)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	up := s.upSQLite
	if s.dialect == dialect.Postgres {
		up = s.upPostgres
	}
	results, err := up(ctx, files)
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		results = partial.Applied
	}
	for _, r := range results {
		applied = append(applied, path.Base(r.Source.Path))
	}
	err = s.remedied(err)
	if err != nil { // told as the database tells it: whoever migrates needs the details
		return applied, fmt.Errorf("migrating the database: %w", err)
	}
	return applied, nil
}

func (s *Store) upPostgres(ctx context.Context, files fs.FS) ([]*goose.MigrationResult, error) {
	// Nodes that start together wait up to five minutes for the one that migrates.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, s.write, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, err
	}
	return p.Up(ctx)
}

// upSQLite migrates on a connection of its own without foreign keys. SQLite changes a table by making a new one and
// dropping the old one, and with foreign keys that would delete, silently, the rows of every table that cascades from
// it; inside a migration's transaction they can no longer be turned off.
func (s *Store) upSQLite(ctx context.Context, files fs.FS) ([]*goose.MigrationResult, error) {
	d, err := s.openHandle(url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"synchronous(FULL)", "foreign_keys(0)"},
	}, 1)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, d, files)
	if err != nil {
		return nil, err
	}
	if _, err := p.GetDBVersion(ctx); err != nil { // makes the table of versions
		return nil, err
	}
	// Of two processes that apply the same migration, the second fails here and leaves no trace: the version is
	// written in the migration's transaction.
	_, err = d.ExecContext(ctx, "CREATE UNIQUE INDEX IF NOT EXISTS applied_once ON "+goose.DefaultTablename+" (version_id)")
	if err != nil {
		return nil, err
	}
	var results []*goose.MigrationResult
	for {
		before, err := s.Version(ctx)
		if err != nil {
			return results, err
		}
		result, err := p.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			if err := checkForeignKeys(ctx, d); err != nil {
				return results, fmt.Errorf("after migrating, %w: restore the backup from before, and report this", err)
			}
			return results, nil
		}
		if err != nil {
			if after, e := s.Version(ctx); e == nil && after > before {
				continue // another process was faster
			}
			return results, err
		}
		results = append(results, result)
	}
}

// checkForeignKeys finds rows that refer to what is not there, since nothing else did while foreign keys were off.
func checkForeignKeys(ctx context.Context, d *sql.DB) error {
	var table, parent string
	err := d.QueryRowContext(ctx, `SELECT "table", "parent" FROM pragma_foreign_key_check`).Scan(&table, &parent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("rows of %s refer to rows of %s that do not exist", table, parent)
}
