// Package storetest gives tests databases of their own, on SQLite and on a real PostgreSQL server that it starts from
// the binaries installed. Without them the PostgreSQL half is skipped, or fails where CATALOGUE_TEST_POSTGRES is
// "required". A package that uses it says `func TestMain(m *testing.M) { storetest.Main(m) }`.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/pgcluster"
)

// The databases, by the names of their subtests.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Databases lists both.
var Databases = []string{SQLite, Postgres}

// Main runs the tests of a package and stops the server that they started.
func Main(m *testing.M) {
	defer stopServer()
	m.Run()
}

// Run runs test on an empty migrated store of each database.
func Run(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, database := range Databases {
		t.Run(database, func(t *testing.T) { test(t, Open(t, database)) })
	}
}

// Open returns an empty migrated store, which is closed and removed when the test ends.
func Open(t testing.TB, database string) *store.Store {
	t.Helper()
	var dsn string
	if database == SQLite {
		data, err := sqliteTemplate()
		if err != nil {
			t.Fatal(err)
		}
		dsn = DSN(t, SQLite)
		if err := os.WriteFile(dsn, data, 0o600); err != nil {
			t.Fatal(err)
		}
	} else {
		server(t)
		template, err := postgresTemplate()
		if err != nil {
			t.Fatal(err)
		}
		dsn = newDatabase(t, template)
	}
	return OpenDSN(t, dsn)
}

// OpenDSN opens the store that dsn names as it is, and closes it when the test ends.
func OpenDSN(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// DSN names a new database that is not migrated, for tests that open it themselves, as by running the program.
func DSN(t testing.TB, database string) string {
	t.Helper()
	if database == SQLite {
		return filepath.Join(t.TempDir(), "catalogue.db")
	}
	server(t)
	return newDatabase(t, "template1")
}

// sqliteTemplate is the content of an empty migrated file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "catalogue.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// postgresTemplate is the name of an empty migrated database.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	c, err := cluster()
	if err != nil {
		return "", err
	}
	const name = "migrated"
	if err := c.CreateDatabase(context.Background(), name, "template1"); err != nil {
		return "", err
	}
	return name, migrate(c.URL(name))
})

func migrate(dsn string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}

// running is the server of this process, once there is one.
var running atomic.Pointer[pgcluster.Cluster]

var cluster = sync.OnceValues(func() (*pgcluster.Cluster, error) {
	c, err := pgcluster.Start(context.Background())
	running.Store(c)
	return c, err
})

func stopServer() {
	if c := running.Load(); c != nil {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		}
	}
}

// server returns the running server, or ends the test as the package comment says.
func server(t testing.TB) *pgcluster.Cluster {
	t.Helper()
	c, err := cluster()
	if errors.Is(err, pgcluster.ErrNotInstalled) && os.Getenv("CATALOGUE_TEST_POSTGRES") != "required" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var databases atomic.Int64

func newDatabase(t testing.TB, template string) string {
	t.Helper()
	c := server(t)
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := c.CreateDatabase(t.Context(), name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.DropDatabase(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	return c.URL(name)
}
