package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// together calls the writes so that they come at the same time: the first goes on only when all others wait.
func together(s *store.Store, first func(ctx context.Context, tx *db.Client) error, others ...func(ctx context.Context, tx *db.Client) error) []error {
	errs := make([]error, 1+len(others))
	begun, goOn := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	start := func(i int, write func(ctx context.Context, tx *db.Client) error) {
		running.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("panic: %v", r)
				}
			}()
			errs[i] = s.InTx(context.Background(), write)
		})
	}
	start(0, func(ctx context.Context, tx *db.Client) error {
		close(begun)
		<-goOn
		return first(ctx, tx)
	})
	<-begun
	for i, write := range others {
		start(i+1, write)
	}
	s.AwaitWriters(len(others))
	close(goOn)
	running.Wait()
	return errs
}

func add(key string) func(ctx context.Context, tx *db.Client) error {
	return func(ctx context.Context, tx *db.Client) error {
		_, err := addPublisher(ctx, tx, key)
		return err
	}
}

var errRefused = errors.New("refused")

func refused(key string) func(ctx context.Context, tx *db.Client) error {
	return func(ctx context.Context, tx *db.Client) error {
		if err := add(key)(ctx, tx); err != nil {
			return err
		}
		return errRefused
	}
}

func panicking(key string) func(ctx context.Context, tx *db.Client) error {
	return func(ctx context.Context, tx *db.Client) error {
		if err := add(key)(ctx, tx); err != nil {
			return err
		}
		panic("broken")
	}
}

// What one of those who are committed together does wrong, the others do not feel.
func TestWritersThatAreCommittedTogetherFailAlone(t *testing.T) {
	type write = func(ctx context.Context, tx *db.Client) error
	for _, tt := range []struct {
		name   string
		first  write
		others []write
		want   []string // the keys that are there
	}{
		{"all go well", add("a"), []write{add("b"), add("c")}, []string{"a", "b", "c"}},
		{"the first is refused", refused("a"), []write{add("b"), add("c")}, []string{"b", "c"}},
		{"the second is refused", add("a"), []write{refused("b"), add("c")}, []string{"a", "c"}},
		{"the last is refused", add("a"), []write{add("b"), refused("c")}, []string{"a", "b"}},
		{"all but the first are refused", add("a"), []write{refused("b"), refused("c")}, []string{"a"}},
		{"all are refused", refused("a"), []write{refused("b"), refused("c")}, nil},
		{"the first panics", panicking("a"), []write{add("b")}, []string{"b"}},
		{"one in the middle panics", add("a"), []write{panicking("b"), add("c")}, []string{"a", "c"}},
		{"two want the same name", add("a"), []write{add("a")}, []string{"a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := storetest.Open(t, storetest.SQLite)
			errs := together(s, tt.first, tt.others...)
			failed := 0
			for _, err := range errs {
				if err != nil {
					failed++
				}
			}
			if want := 1 + len(tt.others) - len(tt.want); failed != want {
				t.Errorf("%d writes failed (%v), want %d", failed, errs, want)
			}
			got, err := s.Reader().Publisher.Query().Order(publisher.ByKey()).Select(publisher.FieldKey).Strings(t.Context())
			if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got the publishers %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func TestAWriterWhoseCallerIsGoneWritesNothing(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		cancel()
		return add("a")(ctx, tx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("InTx = %v, want that it was cancelled", err)
	}
	if n := s.Reader().Publisher.Query().CountX(t.Context()); n != 0 {
		t.Errorf("there are %d publishers, want none", n)
	}
}

// More come than are committed together, and each hears of success only when a reader sees what it wrote.
func TestManyWritersAreEachTold(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	var running sync.WaitGroup
	for i := range 300 {
		running.Go(func() {
			key := fmt.Sprintf("p%03d", i)
			if err := s.InTx(t.Context(), add(key)); err != nil {
				t.Error(err)
			}
			if there, err := s.Reader().Publisher.Query().Where(publisher.Key(key)).Exist(t.Context()); err != nil || !there {
				t.Errorf("%s was told that it is stored, and a reader does not see it (%v)", key, err)
			}
		})
	}
	running.Wait()
}

// each tells the texts that a query finds.
func each(ctx context.Context, tx *db.Client, query string, tell func(text string) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := tell(text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A connection keeps its statements, but no two rows that are open share one.
func TestRowsOfOneTextMayBeOpenAtOnce(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	inTx(t, s, func(ctx context.Context, tx *db.Client) error {
		for _, key := range []string{"a", "b", "c"} {
			if err := add(key)(ctx, tx); err != nil {
				return err
			}
		}
		const query = "SELECT key FROM publishers ORDER BY key"
		var read []string
		err := each(ctx, tx, query, func(key string) error {
			return each(ctx, tx, query, func(other string) error {
				read = append(read, key+other)
				return nil
			})
		})
		if got, want := fmt.Sprint(read), "[aa ab ac ba bb bc ca cb cc]"; got != want {
			t.Errorf("read %s, want %s", got, want)
		}
		return err
	})
}

// More texts than a connection keeps are all right, too.
func TestManyTextsOfStatements(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	inTx(t, s, func(ctx context.Context, tx *db.Client) error {
		for i := range 1000 {
			want := fmt.Sprint(i)
			err := each(ctx, tx, "SELECT '"+want+"'", func(got string) error {
				if got != want {
					t.Errorf("read %s, want %s", got, want)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
