package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

var now = time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.UTC)

func addPublisher(ctx context.Context, tx *db.Client, key string) (*db.Publisher, error) {
	return tx.Publisher.Create().SetKey(key).SetName("Comune di Prato").SetCreatedAt(now).Save(ctx)
}

func addEntry(ctx context.Context, tx *db.Client, p *db.Publisher, kind catalogue.Kind, key string) (*db.Entry, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	return tx.Entry.Create().SetID(id).SetKind(kind).SetPublisherID(p.ID).SetKey(key).SetSlug(key).
		SetDocument("{}").SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
}

// appendChange is the least that a publication does last.
func appendChange(ctx context.Context, s *store.Store, tx *db.Client, e *db.Entry) (int64, error) {
	position, err := s.NextPosition(ctx, tx)
	if err != nil {
		return 0, err
	}
	err = tx.Change.Create().SetID(position).SetAt(now).SetEntryID(e.ID).SetKind(e.Kind).SetPublisherKey("prato").
		SetKey(e.Key).SetChange(catalogue.ChangePublished).SetRevision(1).SetSlug(e.Slug).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return position, s.Notify(ctx, tx, position)
}

// inTx is InTx for tests that cannot go on when it fails.
func inTx(t *testing.T, s *store.Store, fn func(ctx context.Context, tx *db.Client) error) {
	t.Helper()
	if err := s.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestATransactionIsCommittedWholeOrNotAtAll(t *testing.T) {
	broken := errors.New("broken")
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			if _, err := addPublisher(ctx, tx, "returns-an-error"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("InTx = %v, want the function's own error", err)
		}
		func() {
			defer func() {
				if r := recover(); r != broken { //nolint:errorlint // the very value that was thrown
					t.Errorf("recovered %v, want the function's own panic", r)
				}
			}()
			_ = s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
				if _, err := addPublisher(ctx, tx, "panics"); err != nil {
					t.Error(err)
				}
				panic(broken)
			})
		}()
		// Neither kept its connection: on SQLite there is only one.
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			_, err := addPublisher(ctx, tx, "returns")
			return err
		})
		got, err := s.Reader().Publisher.Query().Select(publisher.FieldKey).Strings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"returns"}, got); diff != "" {
			t.Errorf("publishers mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestATransactionThatHangsIsGivenUpUnlessItMayBeLong(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres)
	s.Hurry(100 * time.Millisecond)
	long := func(ctx context.Context, tx *db.Client) error {
		_, err := tx.ExecContext(ctx, "SELECT pg_sleep(0.2)")
		return err
	}
	if err := s.InTx(t.Context(), long); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("InTx = %v, want %v", err, context.DeadlineExceeded)
	}
	if err := s.InLongTx(t.Context(), long); err != nil {
		t.Errorf("InLongTx = %v, want nil", err)
	}
}

func TestATransactionThatOthersGetInTheWayOfIsRunAgain(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres)
	for _, key := range []string{"a", "b"} {
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			_, err := addPublisher(ctx, tx, key)
			return err
		})
	}
	// Each locks its own row and then the other's: the server ends one of the two.
	var bothHoldOne, bothEnded sync.WaitGroup
	bothHoldOne.Add(2)
	var runs [2]int
	for i, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		bothEnded.Go(func() {
			err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
				runs[i]++
				for j, key := range order {
					if err := tx.Publisher.Update().Where(publisher.Key(key)).SetName(order[0]).Exec(ctx); err != nil {
						return store.Wrap(err, "renaming %s", key)
					}
					if j == 0 && runs[i] == 1 {
						bothHoldOne.Done()
						bothHoldOne.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	bothEnded.Wait()
	if total := runs[0] + runs[1]; total != 3 {
		t.Errorf("the transactions ran %d times in all, want 3: twice and once more", total)
	}
}

func TestALockedFileIsWaitedForOnce(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	other := storetest.OpenDSN(t, store.DSN(s)) // as another process would
	inTx(t, other, func(ctx context.Context, _ *db.Client) error {
		began := time.Now()
		err := store.Wrap(s.InTx(ctx, func(context.Context, *db.Client) error {
			t.Error("the transaction ran without the lock")
			return nil
		}), "writing")
		if waited := time.Since(began); !errors.Is(err, catalogue.ErrBusy) || waited < 4*time.Second || waited > 9*time.Second {
			t.Errorf("InTx = %v after %v, want %v after about 5 s", err, waited, catalogue.ErrBusy)
		}
		return nil
	})
}

func TestAReadTransactionSeesOneMomentAndCannotWrite(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		err := s.ReadTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			before, err := tx.Publisher.Query().Count(ctx)
			if err != nil {
				return err
			}
			inTx(t, s, func(ctx context.Context, tx *db.Client) error {
				_, err := addPublisher(ctx, tx, "meanwhile")
				return err
			})
			after, err := tx.Publisher.Query().Count(ctx)
			if before != 0 || after != 0 {
				t.Errorf("saw %d publishers and then %d, want 0 both times", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.ReadTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			_, err := addPublisher(ctx, tx, "never")
			return store.Wrap(err, "writing")
		})
		if !errors.Is(err, catalogue.ErrReadOnly) {
			t.Errorf("writing in a ReadTx = %v, want %v", err, catalogue.ErrReadOnly)
		}
	})
}

func TestPositionsHaveNoGapsAndAppearInOrder(t *testing.T) {
	const writers, each = 16, 25
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		var e *db.Entry
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			p, err := addPublisher(ctx, tx, "prato")
			if err != nil {
				return err
			}
			e, err = addEntry(ctx, tx, p, catalogue.KindService, "carta")
			return err
		})
		ctx, writersDone := context.WithCancel(t.Context())
		var reader, all sync.WaitGroup
		reader.Go(func() {
			for seen := int64(0); ctx.Err() == nil; {
				// One query: were 7 visible before 6, the ids after the last one seen would begin with 7.
				ids, err := s.Reader().Change.Query().Where(change.IDGT(seen)).Order(change.ByID()).IDs(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				for _, id := range ids {
					if seen++; id != seen {
						t.Errorf("saw position %d, want %d", id, seen)
						return
					}
				}
			}
		})
		for w := range writers {
			all.Go(func() {
				for i := range each {
					err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
						if _, err := appendChange(ctx, s, tx, e); err != nil {
							return err
						}
						if (w+i)%5 == 0 {
							return errGaveUp
						}
						return nil
					})
					if err != nil && !errors.Is(err, errGaveUp) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		writersDone()
		reader.Wait()
		n, err := s.Reader().Change.Query().Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last, err := s.Reader().Change.Query().Aggregate(db.Max(change.FieldID)).Int(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := writers * each * 4 / 5; n != want || last != want {
			t.Errorf("%d changes up to position %d, want %d of both", n, last, want)
		}
	})
}

// errGaveUp makes a transaction fail that has taken its position already.
var errGaveUp = errors.New("gave up")

func TestTwoWritersOfOneEntryTakeTurns(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		var e *db.Entry
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			p, err := addPublisher(ctx, tx, "prato")
			if err != nil {
				return err
			}
			e, err = addEntry(ctx, tx, p, catalogue.KindService, "carta")
			return err
		})
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
					locked, err := s.Lock(tx.Entry.Query().Where(entry.ID(e.ID))).Only(ctx)
					if err != nil {
						return err
					}
					return tx.Entry.UpdateOneID(e.ID).SetDraftVersion(locked.DraftVersion + 1).Exec(ctx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := s.Reader().Entry.Get(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.DraftVersion != 9 {
			t.Errorf("draft version = %d, want 9: the first and eight more", got.DraftVersion)
		}
	})
}

func TestTimesComeBackAsTheyWereAndSort(t *testing.T) {
	times := []time.Time{ // with fractions of every length, some of them ending in zeros
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 0, 1000, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 0, 100000000, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 0, 100001000, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 1, 0, time.UTC),
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			for i := range times {
				at := times[len(times)-1-i].In(time.FixedZone("elsewhere", 5*3600))
				if err := tx.Audit.Create().SetAt(at).SetActor("test").SetAction("test").Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		rows, err := s.Reader().Audit.Query().Order(db.Asc("at")).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Time
		for _, r := range rows {
			if r.At.Location() != time.UTC {
				t.Errorf("%v is in %v, want UTC", r.At, r.At.Location())
			}
			got = append(got, r.At)
		}
		if diff := cmp.Diff(times, got); diff != "" {
			t.Errorf("times mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestADateComesBackAsItWas(t *testing.T) {
	day := time.Date(2026, 12, 26, 0, 0, 0, 0, time.UTC)
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		var e *db.Entry
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			p, err := addPublisher(ctx, tx, "prato")
			if err != nil {
				return err
			}
			if e, err = addEntry(ctx, tx, p, catalogue.KindService, "carta"); err != nil {
				return err
			}
			return e.Update().SetReviewBy(day).Exec(ctx)
		})
		got, err := s.Reader().Entry.Get(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&day, got.ReviewBy); diff != "" {
			t.Errorf("review_by mismatch (-want +got):\n%s", diff)
		}
	})
}
