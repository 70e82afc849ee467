package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"modernc.org/sqlite"
)

// FileOf is the path of the SQLite file that dsn names; ok is false where it names a PostgreSQL database.
func FileOf(dsn string) (path string, ok bool, err error) {
	if scheme, _, isURL := strings.Cut(dsn, "://"); isURL && scheme != "file" {
		return "", false, nil
	}
	path, err = sqlitePath(dsn)
	return path, err == nil, err
}

// copyPages is how many pages of a file are copied between two looks at the context: 4 MiB.
const copyPages = 1024

// CopyTo copies an SQLite database as it is at one moment to the file at path, which is overwritten, and tells how many of its
// pages were copied. Writers go on meanwhile: all that it holds is a snapshot, for as long as it takes. The copy is whole when
// nil is returned; it may not have reached the disk.
func (s *Store) CopyTo(ctx context.Context, path string, tell func(done, all int)) error {
	if !s.Embedded() {
		return errors.New("only an SQLite database is copied as a file")
	}
	source, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	// Without a transaction around it, the copy would begin anew with every write of somebody else.
	tx, err := source.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil { // which takes the snapshot
		return err
	}
	return source.Raw(func(c any) error {
		from := c.(*conn).sqliteConn.(interface {
			NewBackup(destination string) (*sqlite.Backup, error)
		})
		// A copy that breaks off is thrown away, so it needs no journal.
		to := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}}.Encode()}
		b, err := from.NewBackup(to.String())
		if err != nil {
			return err
		}
		return errors.Join(copyAll(ctx, b, tell), b.Finish())
	})
}

func copyAll(ctx context.Context, b *sqlite.Backup, tell func(done, all int)) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = b.Step(copyPages); err != nil {
			return err
		}
		tell(b.PageCount()-b.Remaining(), b.PageCount())
	}
	return nil
}

// CheckWhole looks all of an SQLite database over: its pages and indexes, and that no row refers to what is not there. The
// error says what is wrong with it.
func (s *Store) CheckWhole(ctx context.Context) error {
	var result string
	if err := s.write.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return fmt.Errorf("it is damaged: %s", result)
	}
	return checkForeignKeys(ctx, s.write)
}
