package storetest

import (
	"context"
	"testing"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Exec runs a statement as a write: of SQLite, on the only connection that writes.
func Exec(t testing.TB, s *store.Store, statement string) {
	t.Helper()
	err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
