package store

import (
	"runtime"
	"time"
)

// MigrateFiles is Migrate with these files instead of the embedded ones.
var MigrateFiles = (*Store).migrate

// Migrations are the embedded files.
var Migrations = migrations

// Dialect is the database's name in ent.
func (s *Store) Dialect() string { return s.dialect }

// DSN is what the store was opened with.
func DSN(s *Store) string { return s.dsn }

// Retryable is retryable.
var Retryable = retryable

// AwaitWriters waits until so many writers of an SQLite file wait for their turn.
func (s *Store) AwaitWriters(n int) {
	for s.writers.waiting.Load() < int64(n) {
		runtime.Gosched()
	}
}

// Hurry lets transactions of InTx take less time on PostgreSQL.
func (s *Store) Hurry(longest time.Duration) { s.longest = longest }
