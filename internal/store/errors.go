package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Wrap says what was being done when err happened, and turns what the database says into the catalogue's errors:
// Wrap(err, "publishing %s", key) reads "publishing carta: not found", and errors.Is(err, catalogue.ErrNotFound)
// holds. Of nil it makes nil.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), translate(err))
}

// translated is a catalogue error that the database caused. It reads like the catalogue's own, since what the
// database says would tell a caller about tables; the cause stays within reach of errors.As.
type translated struct{ meaning, cause error }

func (e *translated) Error() string   { return e.meaning.Error() }
func (e *translated) Unwrap() []error { return []error{e.meaning, e.cause} }

func translate(err error) error {
	if _, done := errors.AsType[*translated](err); done {
		return err
	}
	if meaning := meaning(err); meaning != nil {
		return &translated{meaning, err}
	}
	return err
}

// meaning is the catalogue's word for an error of the database, nil if it has none. It goes by codes: the texts, by
// which ent goes, are in the language of the server.
func meaning(err error) error {
	if db.IsNotFound(err) {
		return catalogue.ErrNotFound
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteMeaning(e.Code())
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresMeaning(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return catalogue.ErrBusy
	}
	return nil
}

// sqliteMeaning is the meaning of an extended result code (https://www.sqlite.org/rescode.html).
func sqliteMeaning(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
		sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_TRIGGER: // the last is ON DELETE RESTRICT
		return catalogue.ErrConflict
	}
	switch code & 0xff { // the class
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return catalogue.ErrBusy
	case sqlite3.SQLITE_READONLY:
		return catalogue.ErrReadOnly
	case sqlite3.SQLITE_FULL:
		return catalogue.ErrFull
	}
	return nil
}

// postgresMeaning is the meaning of a SQLSTATE (PostgreSQL, appendix A).
func postgresMeaning(code string) error {
	switch code {
	case "23505", "23503", "23001": // unique_violation, foreign_key_violation, restrict_violation
		return catalogue.ErrConflict
	case "25006": // read_only_sql_transaction: also a standby
		return catalogue.ErrReadOnly
	case "53100": // disk_full
		return catalogue.ErrFull
	case "40001", "40P01", "55P03", //nolint:misspell // serialization_failure, deadlock_detected, lock_not_available
		"53300",                   // too_many_connections
		"57P01", "57P02", "57P03": // admin_shutdown, crash_shutdown, cannot_connect_now
		return catalogue.ErrBusy
	}
	return nil
}

// IsUnique reports whether err says that a name was taken already: of two who wrote it at the same time, the later.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505"
}

// retryable reports whether a transaction that failed with err may well succeed when it is run again at once, since
// somebody got in its way. One that found SQLite's file locked has waited already.
func retryable(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_BUSY_SNAPSHOT
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}
