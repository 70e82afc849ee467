package store

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
)

// attempts is how often InTx runs a transaction that collides with others.
const attempts = 5

// InTx runs fn in a transaction that may write: all that fn did is committed if it returns nil, and nothing
// otherwise. fn is run again, with a new transaction, when it collided with others, so it must do nothing but use tx.
// On SQLite, several that come at the same time are committed together, see group.
// Where another process keeps SQLite's file locked, the error is an ErrBusy after the seconds that openHandle says.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx *db.Client) error) error {
	return s.inTx(ctx, s.longest, fn)
}

// InLongTx is InTx for a transaction that may take as long as it needs: nobody else should be using the database.
func (s *Store) InLongTx(ctx context.Context, fn func(ctx context.Context, tx *db.Client) error) error {
	return s.inTx(ctx, 0, fn)
}

func (s *Store) inTx(ctx context.Context, longest time.Duration, fn func(ctx context.Context, tx *db.Client) error) (err error) {
	ctx, end := s.observed(ctx, s.measures.writing)
	defer func() { end(err) }()
	for attempt := 1; ; attempt++ {
		err = s.writeOnce(ctx, longest, func(ctx context.Context, tx *db.Client) error {
			if err := fn(ctx, tx); err != nil {
				return err
			}
			return marked(ctx, tx)
		})
		if err == nil || attempt == attempts || !retryable(err) {
			return s.reason(err)
		}
		s.measures.retries.Inc()
		// A growing random pause: those who collided would meet again after equal ones.
		pause := rand.N(10 * time.Millisecond << attempt) //nolint:gosec // no secret
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (s *Store) writeOnce(ctx context.Context, longest time.Duration, fn func(ctx context.Context, tx *db.Client) error) error {
	if s.writers == nil {
		if longest > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, longest)
			defer cancel()
		}
		return s.once(ctx, s.write, nil, fn)
	}
	return s.writers.run(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return fn(context.WithValue(ctx, transactionKey{}, transaction{tx: tx}), s.client(tx))
	})
}

type markKey struct{}

// mark is something that a transaction does beside what it is for.
type mark func(ctx context.Context, tx *db.Client) error

// WithMark makes every transaction that InTx runs with the context do mark at its end, so that both are committed or
// neither. It must wait for nobody: the feed's counter may be locked.
func WithMark(ctx context.Context, do func(ctx context.Context, tx *db.Client) error) context.Context {
	return context.WithValue(ctx, markKey{}, mark(do))
}

// marked does what WithMark put into the context, if anything.
func marked(ctx context.Context, tx *db.Client) error {
	if do, ok := ctx.Value(markKey{}).(mark); ok {
		return do(ctx, tx)
	}
	return nil
}

// ReadTx runs fn in a transaction that cannot write and in which every query sees the same moment.
func (s *Store) ReadTx(ctx context.Context, fn func(ctx context.Context, tx *db.Client) error) (err error) {
	ctx, end := s.observed(ctx, s.measures.reading)
	defer func() { end(err) }()
	opts := &sql.TxOptions{ReadOnly: true}
	if s.dialect == dialect.Postgres {
		opts.Isolation = sql.LevelRepeatableRead // which every transaction of SQLite is
	}
	return s.once(ctx, s.read, opts, fn)
}

// once runs fn in one transaction on d. The deferred rollback also ends it when fn panics.
func (s *Store) once(ctx context.Context, d *sql.DB, opts *sql.TxOptions, fn func(ctx context.Context, tx *db.Client) error) error {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // of no effect after Commit
	ctx = context.WithValue(ctx, transactionKey{}, transaction{tx, conn})
	if err := fn(ctx, s.client(tx)); err != nil {
		return err
	}
	err = tx.Commit()
	if opts == nil { // it may have written
		err = outcome(err)
	}
	return err
}

// client is ent's client over an open transaction.
func (s *Store) client(tx *sql.Tx) *db.Client {
	return db.NewClient(db.Driver(txDriver{entsql.Conn{ExecQuerier: tx}, s.dialect}))
}

// txDriver is ent's driver over a transaction that is open already. What ent would do in a transaction of its own, as
// it does for an update of one row, takes part in that one; ent's own driver panics there.
type txDriver struct {
	entsql.Conn
	dialect string
}

func (d txDriver) Dialect() string { return d.dialect }

func (d txDriver) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d), nil }

func (d txDriver) Close() error { return nil }
