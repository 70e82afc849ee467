package jobs_test

import (
	"testing"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestTheQueueHasItsTables(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		if s.Embedded() {
			handle, err := s.OpenSQLiteQueue()
			if err != nil {
				t.Fatal(err)
			}
			defer handle.Close()
			validate(t, riversqlite.New(handle))
			return
		}
		pool, err := s.OpenPostgresQueue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		validate(t, riverpgxv5.New(pool))
	})
}

func validate[Tx any](t *testing.T, driver riverdriver.Driver[Tx]) {
	t.Helper()
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := migrator.Validate(t.Context(), nil)
	if err != nil || !result.OK {
		t.Errorf("the migrations lack what this version of River needs, add it to them (%v): %q", err, result.Messages)
	}
}
