package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestAMarkIsCommittedWithItsTransactionOrNeitherIs(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name       string
		work, mark error
		publishers int
	}{
		{"both succeed", nil, nil, 2},
		{"the work fails", broken, nil, 0},
		{"the mark fails", nil, broken, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, s *store.Store) {
				marks := 0
				ctx := store.WithMark(t.Context(), func(ctx context.Context, tx *db.Client) error {
					marks++
					if _, err := addPublisher(ctx, tx, "mark"); err != nil {
						return err
					}
					return tt.mark
				})
				err := s.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
					if _, err := addPublisher(ctx, tx, "work"); err != nil {
						return err
					}
					return tt.work
				})
				if want := errors.Join(tt.work, tt.mark); (err == nil) != (want == nil) {
					t.Errorf("InTx = %v, want %v", err, want)
				}
				if got := s.Reader().Publisher.Query().CountX(t.Context()); got != tt.publishers {
					t.Errorf("%d rows are stored, want %d", got, tt.publishers)
				}
				if tt.work != nil && marks != 0 {
					t.Error("what had no effect was marked")
				}
			})
		})
	}
}
