package store_test

import (
	"context"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestListenersAreWokenByWhatOthersCommit(t *testing.T) {
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			dsn := storetest.DSN(t, database)
			writer, listener := storetest.OpenDSN(t, dsn), storetest.OpenDSN(t, dsn) // as two processes would
			if _, err := writer.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			var e *db.Entry
			inTx(t, writer, func(ctx context.Context, tx *db.Client) error {
				p, err := addPublisher(ctx, tx, "prato")
				if err != nil {
					return err
				}
				e, err = addEntry(ctx, tx, p, catalogue.KindService, "carta")
				return err
			})

			woken, stop := listen(t, listener)
			within(t, woken, "at the start")
			publish := func() {
				inTx(t, writer, func(ctx context.Context, tx *db.Client) error {
					_, err := appendChange(ctx, writer, tx, e)
					return err
				})
			}
			publish()
			within(t, woken, "after a commit")

			if writer.Dialect() == dialect.Postgres {
				query(t, writer, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
					func(scan func(...any) error) error { var ok bool; return scan(&ok) })
				within(t, woken, "after the connection was lost")
				publish()
				within(t, woken, "after a commit on the new connection")
			}
			stop()
		})
	}
}

// listen listens until stop is called, which waits for the end.
func listen(t *testing.T, s *store.Store) (woken chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	woken = make(chan struct{}, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Listen(ctx, func() { woken <- struct{}{} })
	}()
	return woken, func() { cancel(); <-ended }
}

func within(t *testing.T, woken chan struct{}, when string) {
	t.Helper()
	select {
	case <-woken:
	case <-time.After(5 * time.Second):
		t.Fatalf("not woken %s", when)
	}
}
