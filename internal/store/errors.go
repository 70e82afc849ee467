package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

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
	if _, done := errors.AsType[*translated](err); done || errors.Is(err, catalogue.ErrStorage) || errors.Is(err, catalogue.ErrOutcome) {
		return err
	}
	switch meaning := meaning(err); {
	case meaning == nil:
		return err
	case errors.Is(meaning, catalogue.ErrStorage): // which the operator alone can help
		return fmt.Errorf("%w: %w", meaning, err)
	default:
		return &translated{meaning, err}
	}
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
		if meaning := postgresMeaning(e.Code); meaning != nil {
			return meaning
		}
	}
	if lost(err) {
		return catalogue.ErrBusy
	}
	return nil
}

// lost reports whether err says that there is no connection to PostgreSQL, or none any more.
func lost(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) { // it is the request that ended
		return false
	}
	_, unconnected := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[*net.OpError](err)
	return unconnected || network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.ErrUnexpectedEOF)
}

// outcome is the error of a COMMIT sent to PostgreSQL: an ErrOutcome, unless the server said that it did not happen.
func outcome(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if err == nil || ok && e.SeverityUnlocalized == "ERROR" || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", catalogue.ErrOutcome, err)
}

// Unavailable reports whether err says that the database does not work now, whoever asks it for whatever.
func Unavailable(err error) bool {
	err = translate(err)
	for _, fault := range []error{catalogue.ErrBusy, catalogue.ErrReadOnly, catalogue.ErrFull, catalogue.ErrStorage, catalogue.ErrOutcome} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
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
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN:
		return catalogue.ErrStorage
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
		"53200", "53300", // out_of_memory, too_many_connections
		"57014", "25P03", // query_canceled, idle_in_transaction_session_timeout
		"57P01", "57P02", "57P03": // admin_shutdown, crash_shutdown, cannot_connect_now
		return catalogue.ErrBusy
	case "58000", "58030", "58P01", "XX001", "XX002": // system_error, io_error, undefined_file, data_corrupted, index_corrupted
		return catalogue.ErrStorage
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
