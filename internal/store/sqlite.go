package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"entgo.io/ent/dialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// openSQLite opens the file with one connection for the writer and several for readers, which WAL lets go on while
// the writer works.
func (s *Store) openSQLite(ctx context.Context, dsn string) error {
	path, err := sqlitePath(dsn)
	if err != nil {
		return err
	}
	if s.file, err = prepareFile(path); err != nil {
		return err
	}
	s.dialect, s.dsn = dialect.SQLite, path

	// The writer begins with the lock in hand (immediate): one that reads first and locks later could find that
	// what it read is no longer true, and fail without waiting.
	s.write, err = s.openHandle(url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}, 1)
	if err != nil {
		return err
	}
	s.writers = &group{db: s.write, sizes: s.measures.members}
	s.read, err = s.openHandle(url.Values{"_pragma": {"query_only(1)"}}, max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return err
	}
	return s.remedied(checkSQLite(ctx, s.write, path))
}

// remedied says what to do about a file that could not be opened, or migrated, because of its disk.
func (s *Store) remedied(err error) error {
	if s.file == nil {
		return err
	}
	switch reason := translate(s.reason(err)); {
	case errors.Is(reason, catalogue.ErrFull):
		return fmt.Errorf("database %s: its disk is full: make room, and start again: %w", s.dsn, err)
	case errors.Is(reason, catalogue.ErrReadOnly):
		return fmt.Errorf("database %s: its disk takes no writes: make it writable, and start again: %w", s.dsn, err)
	}
	return err
}

// openHandle prepares a pool of connections to the file, which it does not open yet.
func (s *Store) openHandle(params url.Values, connections int) (*sql.DB, error) {
	params.Set("_busy_timeout", "5000")
	params.Set("mode", "rw") // where the file was removed, no new one takes its place
	// Times are text, in UTC with a fraction of variable length: it sorts as time does, and people can read it.
	params.Set("_time_format", "sqlite")
	params.Set("_timezone", "UTC")
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: s.dsn, RawQuery: params.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", s.dsn, err)
	}
	d := sql.OpenDB(connector{c, s.file})
	d.SetMaxOpenConns(connections)
	d.SetMaxIdleConns(connections)
	return d, nil
}

// sqlitePath is the absolute path that a path or a file: URL names.
func sqlitePath(dsn string) (string, error) {
	path := dsn
	if u, err := url.Parse(dsn); err == nil && u.Scheme == "file" {
		if u.RawQuery != "" || u.Fragment != "" || u.Host != "" {
			return "", fmt.Errorf("database %s: give the path alone, the settings are the catalogue's own", dsn)
		}
		if path = u.Path; path == "" {
			if path, err = url.PathUnescape(u.Opaque); err != nil {
				return "", fmt.Errorf("database %s: %w", dsn, err)
			}
		}
	}
	if path == "" || path == ":memory:" {
		return "", errors.New("the database needs a name: give the path of a file, such as catalogue.db, or a postgres:// URL")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("database %s: %w", dsn, err)
	}
	return path, nil
}

// prepareFile makes the file if there is none, readable to its owner only: it holds the hashes of keys, and SQLite
// gives its other files the same mode. It refuses what cannot be an SQLite database.
func prepareFile(path string) (*file, error) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("database %s: there is no directory %s: create it, or give another path", path, dir)
	} else if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("database %s: %s is not a directory: give another path", path, dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("database %s is a directory: name a file in it, such as %s", path, filepath.Join(path, "catalogue.db"))
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("database %s is not writable: give this user (uid %d) the right to write the file and its directory: %w",
			path, os.Getuid(), err)
	} else if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	defer f.Close()

	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	switch n, err := io.ReadFull(f, head); {
	case n == 0 && errors.Is(err, io.EOF): // new
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("database %s: %w", path, err)
	case !bytes.Equal(head, []byte(magic)):
		return nil, fmt.Errorf("database %s is not an SQLite database: give another path", path)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return &file{path: path, info: info}, nil
}

// checkSQLite opens the file and looks it over, since a damaged one would fail later, and at the worst time.
func checkSQLite(ctx context.Context, d *sql.DB, path string) error {
	var mode string
	err := d.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_CORRUPT {
		return damaged(path, err.Error())
	} else if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	if mode != "wal" {
		return fmt.Errorf("database %s: its file system cannot share memory (journal mode %q): use a local disk", path, mode)
	}
	var result string
	err = d.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&result)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("checking %s: %w", path, err)
	}
	if err != nil {
		result = err.Error()
	}
	if result != "ok" {
		return damaged(path, result)
	}
	return nil
}

func damaged(path, how string) error {
	return fmt.Errorf("database %s is damaged (%s): restore the last backup, or save what is left with `sqlite3 %s .recover`", path, how, path)
}
