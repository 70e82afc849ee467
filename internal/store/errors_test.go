package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestWhatTheDatabaseSaysBecomesACatalogueError(t *testing.T) {
	tests := []struct {
		name   string
		fn     func(ctx context.Context, tx *db.Client) error
		want   error
		unique bool
	}{
		{"no such row", func(ctx context.Context, tx *db.Client) error {
			_, err := tx.Entry.Get(ctx, uuid.New())
			return err
		}, catalogue.ErrNotFound, false},
		{"a name taken", func(ctx context.Context, tx *db.Client) error {
			_, err := addPublisher(ctx, tx, "prato")
			return err
		}, catalogue.ErrConflict, true},
		{"a reference to nothing", func(ctx context.Context, tx *db.Client) error {
			_, err := addEntry(ctx, tx, &db.Publisher{ID: 404}, catalogue.KindService, "lost")
			return err
		}, catalogue.ErrConflict, false},
		{"a row still referred to", func(ctx context.Context, tx *db.Client) error {
			_, err := tx.Publisher.Delete().Exec(ctx)
			return err
		}, catalogue.ErrConflict, false},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		fill(t, s)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				err := store.Wrap(s.InTx(t.Context(), tt.fn), "publishing service %q", "carta")
				if want := fmt.Sprintf("publishing service %q: %v", "carta", tt.want); !errors.Is(err, tt.want) || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
				if got := store.IsUnique(err); got != tt.unique {
					t.Errorf("IsUnique = %t, want %t", got, tt.unique)
				}
			})
		}
	})
}

func TestStatesOfPostgresBecomeCatalogueErrors(t *testing.T) {
	tests := []struct {
		code  string
		want  error
		retry bool
	}{
		{"25006", catalogue.ErrReadOnly, false},
		{"53100", catalogue.ErrFull, false},
		{"53300", catalogue.ErrBusy, false},
		{"57P01", catalogue.ErrBusy, false},
		{"55P03", catalogue.ErrBusy, false},
		{"40001", catalogue.ErrBusy, true},
		{"40P01", catalogue.ErrBusy, true},
		{"23001", catalogue.ErrConflict, false},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			err := store.Wrap(&pgconn.PgError{Code: tt.code}, "publishing")
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got := store.Retryable(err); got != tt.retry {
				t.Errorf("retried: %t, want %t", got, tt.retry)
			}
		})
	}
}

func TestFailuresOfSQLiteBecomeCatalogueErrors(t *testing.T) {
	tests := []struct {
		name   string
		params string
		want   error
		retry  bool
	}{
		{"disk full", "_pragma=max_page_count(2)", catalogue.ErrFull, false},
		{"read-only", "_pragma=query_only(1)", catalogue.ErrReadOnly, false},
		{"another writer", "_pragma=busy_timeout(0)", catalogue.ErrBusy, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			open := func(params string) *sql.DB {
				d, err := sql.Open("sqlite", "file:"+path+"?"+params)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { d.Close() })
				return d
			}
			other := open("_txlock=immediate")
			if _, err := other.ExecContext(t.Context(), "CREATE TABLE t (x)"); err != nil {
				t.Fatal(err)
			}
			if errors.Is(tt.want, catalogue.ErrBusy) {
				if _, err := other.BeginTx(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
			}
			_, err := open(tt.params).ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(1000000))")
			if err = store.Wrap(err, "publishing"); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got := store.Retryable(err); got != tt.retry {
				t.Errorf("retried: %t, want %t", got, tt.retry)
			}
		})
	}
}

func TestOtherErrorsOnlyGetTheirPrefix(t *testing.T) {
	if err := store.Wrap(nil, "publishing"); err != nil {
		t.Errorf("Wrap(nil) = %v, want nil", err)
	}
	state := &catalogue.StateError{Transition: catalogue.Publish}
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, catalogue.ErrForbidden, state, errors.New("anything else"),
		store.Wrap(&pgconn.PgError{Code: "53100"}, "writing"),
	} {
		err := store.Wrap(cause, "publishing %s", "carta")
		if want := "publishing carta: " + cause.Error(); !errors.Is(err, cause) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
