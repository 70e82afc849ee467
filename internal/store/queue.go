package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// transaction is the one that InTx runs, below ent.
type transaction struct {
	tx   *sql.Tx
	conn *sql.Conn // that it is open on; on SQLite none is told
}

type transactionKey struct{}

// errNoTransaction is a mistake in the program.
var errNoTransaction = errors.New("no transaction is open: use the context that InTx gives")

// SQLiteTx is the transaction of an SQLite database that InTx gave ctx for, for a library with queries of its own.
func SQLiteTx(ctx context.Context) (*sql.Tx, error) {
	t, ok := ctx.Value(transactionKey{}).(transaction)
	if !ok {
		return nil, errNoTransaction
	}
	return t.tx, nil
}

// WithPostgresConn calls use with the connection of a PostgreSQL database that the transaction is open on which InTx
// gave ctx for, for a library with queries of its own.
func WithPostgresConn(ctx context.Context, use func(*pgx.Conn) error) error {
	t, ok := ctx.Value(transactionKey{}).(transaction)
	if !ok {
		return errNoTransaction
	}
	return t.conn.Raw(func(conn any) error { return use(conn.(*stdlib.Conn).Conn()) })
}

// OpenSQLiteQueue opens a further handle with one connection to an SQLite database. The queue of jobs needs one of its
// own: it would wait for a writer that waits for it.
func (s *Store) OpenSQLiteQueue() (*sql.DB, error) {
	return s.openHandle(url.Values{"_txlock": {"immediate"}, "_pragma": {"synchronous(FULL)", "foreign_keys(1)"}}, 1)
}

// queueConnections serve River: one listens, the others fetch, complete and maintain.
const queueConnections = 4

// OpenPostgresQueue opens a further pool of connections to a PostgreSQL database, as the queue of jobs needs it.
func (s *Store) OpenPostgresQueue(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(s.dsn)
	if err != nil {
		return nil, err
	}
	config.MaxConns = queueConnections
	config.ConnConfig.DialFunc = dial
	return pgxpool.NewWithConfig(ctx, config)
}
