package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// file is the file that an SQLite database was opened as. SQLite goes on writing to one that was removed, or that another
// one was put in the place of: what is written there is gone when the program ends.
type file struct {
	path string
	info fs.FileInfo
	log  atomic.Pointer[fs.FileInfo] // of the write-ahead log, once a transaction began that may write
}

// inPlace returns an ErrStorage where the path of the file, or of its log, leads to another one, or to none.
func (f *file) inPlace() error {
	if err := inPlace(f.path, f.info); err != nil {
		return err
	}
	if log := f.log.Load(); log != nil {
		return inPlace(f.logPath(), *log)
	}
	return nil
}

func (f *file) logPath() string { return f.path + "-wal" }

func inPlace(path string, info fs.FileInfo) error {
	now, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s was removed: put it back, or restore the backup and restart the server", catalogue.ErrStorage, path)
	case err != nil:
		return fmt.Errorf("%w: %w", catalogue.ErrStorage, err)
	case !os.SameFile(now, info):
		return fmt.Errorf("%w: %s is another file than the one that was opened: put that back, or restart the server", catalogue.ErrStorage, path)
	}
	return nil
}

// noteLog remembers the log that SQLite has open now, and until the last connection is closed.
func (f *file) noteLog() error {
	if f.log.Load() != nil {
		return nil
	}
	info, err := os.Stat(f.logPath())
	if err != nil {
		return fmt.Errorf("%w: %w", catalogue.ErrStorage, err)
	}
	f.log.CompareAndSwap(nil, &info)
	return nil
}

// InPlace returns an ErrStorage where the file of an SQLite database is not where it was opened.
func (s *Store) InPlace() error {
	if s.file == nil {
		return nil
	}
	return s.file.inPlace()
}

// BeginTx makes transactions that are committed only into files that are still in their places.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	t, err := c.sqliteConn.BeginTx(ctx, opts)
	if err != nil || opts.ReadOnly {
		return t, err
	}
	if err := c.file.noteLog(); err != nil {
		return nil, errors.Join(err, t.Rollback())
	}
	return transactionInPlace{t, c.file}, nil
}

type transactionInPlace struct {
	driver.Tx
	file *file
}

func (t transactionInPlace) Commit() error {
	if err := t.file.inPlace(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Tx.Commit()
}

// reason finds out why SQLite could not write, where it says no more than that. Other errors are returned as they are.
func (s *Store) reason(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || e.Code()&0xff != sqlite3.SQLITE_IOERR && e.Code()&0xff != sqlite3.SQLITE_CANTOPEN {
		return err
	}
	switch tried := s.file.try(); {
	case errors.Is(tried, syscall.EROFS), errors.Is(tried, fs.ErrPermission):
		return &translated{catalogue.ErrReadOnly, err}
	case errors.Is(tried, syscall.ENOSPC), errors.Is(tried, syscall.EDQUOT):
		return &translated{catalogue.ErrFull, err}
	}
	return err
}

// try writes to the directory of the file what it removes again.
func (f *file) try() error {
	probe, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+"-probe-")
	if err != nil {
		return err
	}
	_, err = probe.Write(make([]byte, 64<<10)) // more than SQLite asks for at once
	return errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
}
