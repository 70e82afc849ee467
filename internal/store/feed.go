package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"

	"github.com/comuneprato/service-catalogue/ent/db"
)

// channel is where PostgreSQL carries the news that the feed has grown.
const channel = "catalogue_changes"

// NextPosition returns the next position of the feed and locks the counter until tx ends. So positions have no gaps
// and are committed in their order, provided that it is the last lock that a transaction takes.
func (s *Store) NextPosition(ctx context.Context, tx *db.Client) (position int64, err error) {
	return s.NextPositions(ctx, tx, 1)
}

// NextPositions is NextPosition for several changes at once. It returns the last of their positions.
func (s *Store) NextPositions(ctx context.Context, tx *db.Client, changes int) (last int64, err error) {
	last, err = count(ctx, tx, fmt.Sprintf("UPDATE counters SET n = n + %d WHERE id = 'feed' RETURNING n", changes))
	return last, Wrap(err, "counting the changes")
}

// CountAudit hands out the next n numbers of the audit, returns the last of them, and locks that counter until tx ends.
// Of the two counters it is locked after that of the feed: nothing else is locked behind it.
func CountAudit(ctx context.Context, tx *db.Client, n int) (last int64, err error) {
	last, err = count(ctx, tx, fmt.Sprintf("UPDATE counters SET n = n + %d WHERE id = 'audit' RETURNING n", n))
	return last, Wrap(err, "counting the rows of the audit")
}

func count(ctx context.Context, tx *db.Client, statement string) (n int64, err error) {
	rows, err := tx.QueryContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	return n, errors.Join(entsql.ScanOne(rows, &n), rows.Err())
}

// Notify tells those who Listen that the feed has reached position, as soon as tx is committed. On SQLite there is
// nothing to do: listeners see that the file has changed.
func (s *Store) Notify(ctx context.Context, tx *db.Client, position int64) error {
	if s.dialect == dialect.SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_notify($1, $2)", channel, strconv.FormatInt(position, 10))
	return Wrap(err, "announcing the change")
}

// Listen calls wake whenever the feed may have grown, whoever wrote, until ctx is done. It may call it once too
// often, never too seldom: also at the start and whenever a lost connection is back.
func (s *Store) Listen(ctx context.Context, wake func()) {
	watch := s.watchFile
	if s.dialect == dialect.Postgres {
		watch = s.listen
	}
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	for pause := shortest; ctx.Err() == nil; pause = min(2*pause, longest) {
		err := watch(ctx, func() { pause = shortest; wake() })
		if ctx.Err() != nil {
			return
		}
		s.log.WarnContext(ctx, "listening for changes failed, trying again", "pause", pause, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// watchFile asks a connection of its own every 250 ms whether another one, of this process or any other, has
// committed: a look at the file's header, without a query.
func (s *Store) watchFile(ctx context.Context, wake func()) error {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for last := int64(-1); ; {
		var version int64
		if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
			return err
		}
		if version != last {
			last = version
			wake()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// listen waits for notifications on a connection of its own, until it is lost. One that is silent is tried every
// 15 s, since a server that vanished sends nothing either.
func (s *Store) listen(ctx context.Context, wake func()) error {
	conn, err := pgx.Connect(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	wake() // for what was committed while nobody listened
	for {
		err := within(ctx, 15*time.Second, func(ctx context.Context) error {
			_, err := conn.WaitForNotification(ctx)
			return err
		})
		switch {
		case err == nil:
			wake()
		case ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded):
			return err
		default:
			if err := within(ctx, 5*time.Second, conn.Ping); err != nil {
				return fmt.Errorf("the server no longer answers: %w", err)
			}
		}
	}
}

func within(ctx context.Context, limit time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return fn(ctx)
}
