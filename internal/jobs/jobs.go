// Package jobs runs work in the background that must not be lost: it owns River, the queue in the database itself.
// Whoever writes adds a job in the transaction of what it belongs to; every node that serves works jobs, and what a
// killed one left is worked by another. What the jobs do is said where the data is, as in package publishing.
//
// A job may be started twice: when its node dies, or is so slow that it is taken for dead. So work looks, under the
// lock of what it changes, whether it is still to be done, and writes in one transaction or in steps that are done once.
package jobs

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Queue takes jobs. All its methods may be called at the same time.
type Queue struct {
	insert func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error
}

// NewQueue makes the queue of a database whose schema is up to date.
func NewQueue(s *store.Store) *Queue {
	if s.Embedded() {
		return newQueue(riversqlite.New(nil), withSQLiteTx)
	}
	return newQueue(riverpgxv5.New(nil), withPostgresTx)
}

func newQueue[Tx any](driver riverdriver.Driver[Tx], with func(ctx context.Context, use func(Tx) error) error) *Queue {
	client, err := river.NewClient(driver, &river.Config{Logger: slog.New(slog.DiscardHandler)})
	return &Queue{insert: func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
		if err != nil {
			return err
		}
		return with(ctx, func(tx Tx) error {
			_, err := client.InsertTx(ctx, tx, args, opts)
			return err
		})
	}}
}

// Insert adds a job in the transaction of store.InTx, which gave both ctx and tx: it is worked after the commit, or
// never. opts may be nil.
func (q *Queue) Insert(ctx context.Context, _ *db.Client, args river.JobArgs, opts *river.InsertOpts) error {
	return store.Wrap(q.insert(ctx, args, opts), "adding the job %q", args.Kind())
}

func withSQLiteTx(ctx context.Context, use func(*sql.Tx) error) error {
	tx, err := store.SQLiteTx(ctx)
	if err != nil {
		return err
	}
	return use(tx)
}

func withPostgresTx(ctx context.Context, use func(pgx.Tx) error) error {
	return store.WithPostgresConn(ctx, func(conn *pgx.Conn) error { return use(openTx{conn: conn}) })
}

// openTx is a transaction that database/sql began, as pgx's own type, as far as adding a job uses it. How it ends is
// decided by who began it, and nothing else is called: there is no Tx in it.
type openTx struct {
	pgx.Tx
	conn *pgx.Conn
}

func (t openTx) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	return t.conn.Exec(ctx, query, args...)
}

func (t openTx) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	return t.conn.Query(ctx, query, args...)
}

func (t openTx) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return t.conn.QueryRow(ctx, query, args...)
}

func (t openTx) Conn() *pgx.Conn { return t.conn }
