// Package store opens the database, runs transactions and brings the schema up to date, the same way on SQLite and on
// PostgreSQL. What the rows mean is decided in packages publishing and identity.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
)

// Store is an open database. All its methods may be called at the same time.
type Store struct {
	dialect string
	dsn     string  // of SQLite the path, of PostgreSQL the URL
	file    *file   // of SQLite
	write   *sql.DB // on SQLite one connection, see writers
	writers *group  // on SQLite
	read    *sql.DB // on PostgreSQL the same as write
	reader  *db.Client
	longest time.Duration // that a transaction of InTx may take on PostgreSQL
	log     *slog.Logger

	measures *measures
}

// Open opens the database that dsn names: a URL postgres://… is PostgreSQL, anything else the path or file: URL of an
// SQLite file, which is made if there is none. The schema is left as it is, see Migrate. The error says what to do.
func Open(ctx context.Context, dsn string, log *slog.Logger) (*Store, error) {
	s := &Store{log: log, measures: newMeasures()}
	var err error
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		err = s.openPostgres(ctx, dsn)
	case isURL && scheme != "file":
		err = fmt.Errorf("no database is called %s://: give the path of an SQLite file or a postgres:// URL", scheme)
	default:
		err = s.openSQLite(ctx, dsn)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.reader = db.NewClient(db.Driver(entsql.OpenDB(s.dialect, s.read)))
	return s, nil
}

// Embedded reports whether the database is a file that belongs to this machine.
func (s *Store) Embedded() bool { return s.dialect == dialect.SQLite }

// Reader reads outside of any transaction: each query sees what was committed when it began.
func (s *Store) Reader() *db.Client { return s.reader }

// Close closes every connection, after the queries that run.
func (s *Store) Close() error {
	var errs []error
	for _, d := range []*sql.DB{s.read, s.write} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

// Lock makes q lock the entries it finds until the transaction ends, so that two writers of one entry take turns;
// rows may still refer to it meanwhile. SQLite has one writer at a time and needs no lock.
func (s *Store) Lock(q *db.EntryQuery) *db.EntryQuery {
	if s.dialect == dialect.SQLite {
		return q
	}
	return q.ForUpdate(entsql.WithLockClause("FOR NO KEY UPDATE"))
}

// LockSetting is Lock for settings.
func (s *Store) LockSetting(q *db.SettingQuery) *db.SettingQuery {
	if s.dialect == dialect.SQLite {
		return q
	}
	return q.ForUpdate()
}

// LockPublisher is Lock for publishers.
func (s *Store) LockPublisher(q *db.PublisherQuery) *db.PublisherQuery {
	if s.dialect == dialect.SQLite {
		return q
	}
	return q.ForUpdate(entsql.WithLockClause("FOR NO KEY UPDATE"))
}
