package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

type greeting struct {
	Name string `json:"name"`
}

func (greeting) Kind() string { return "greeting" }

// greeter tells whom it greeted, after failing as often as it should.
type greeter struct {
	river.WorkerDefaults[greeting]
	failures chan error
	greeted  chan string
}

func (g greeter) Work(ctx context.Context, job *river.Job[greeting]) error {
	select {
	case err := <-g.failures:
		return err
	default:
	}
	select {
	case g.greeted <- job.Args.Name:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newGreeter() greeter {
	return greeter{failures: make(chan error, 1), greeted: make(chan string)}
}

func (g greeter) work() *jobs.Work {
	work := jobs.NewWork()
	jobs.Handle(work, g)
	return work
}

// start runs jobs until the test ends.
func start(t *testing.T, s *store.Store, work *jobs.Work) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- jobs.Run(ctx, s, work, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func add(t *testing.T, s *store.Store, names ...string) {
	t.Helper()
	if err := s.InTx(t.Context(), adding(s, names...)); err != nil {
		t.Fatal(err)
	}
}

func adding(s *store.Store, names ...string) func(context.Context, *db.Client) error {
	queue := jobs.NewQueue(s)
	return func(ctx context.Context, tx *db.Client) error {
		for _, name := range names {
			if err := queue.Insert(ctx, tx, greeting{name}, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestAJobIsWorkedIfItsTransactionIsCommitted(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		g := newGreeter()
		failed := errors.New("no")
		err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			return errors.Join(adding(s, "nobody")(ctx, tx), failed)
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		add(t, s, "Ada", "Bruno")
		start(t, s, g.work())
		got := map[string]int{<-g.greeted: 1}
		got[<-g.greeted]++
		if diff := cmp.Diff(map[string]int{"Ada": 1, "Bruno": 1}, got); diff != "" {
			t.Errorf("who was greeted how often mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestAJobWaitsForANodeThatServes(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		add(t, s, "Ada") // as a command does
		g := newGreeter()
		start(t, s, g.work())
		if got := <-g.greeted; got != "Ada" {
			t.Errorf("greeted %q, want Ada", got)
		}
	})
}

func TestAJobThatFailsIsTriedAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		g := newGreeter()
		g.failures <- errors.New("not now")
		start(t, s, g.work())
		add(t, s, "Ada")
		if got := <-g.greeted; got != "Ada" {
			t.Errorf("greeted %q, want Ada", got)
		}
	})
}

func TestPeriodicWorkBeginsAtTheStartOfTheFirstNode(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		g := newGreeter()
		work := g.work()
		work.Every(time.Hour, greeting{"Ada"})
		start(t, s, work)
		if got := <-g.greeted; got != "Ada" {
			t.Errorf("greeted %q, want Ada", got)
		}
	})
}

func TestNoJobIsAddedOutsideOfATransaction(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		if err := adding(s, "Ada")(t.Context(), s.Reader()); err == nil {
			t.Error("a job was added without the context of a transaction")
		}
	})
}

func TestTheQueueTellsWhatWaitsInIt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		if w, err := jobs.CountWaiting(t.Context(), s); err != nil || w.Jobs["available"] != 0 || !w.Due.IsZero() {
			t.Errorf("an empty queue says %+v, %v", w, err)
		}
		begun := time.Now()
		add(t, s, "Ada", "Bruno")
		err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			return jobs.NewQueue(s).Insert(ctx, tx, greeting{"Carla"}, &river.InsertOpts{ScheduledAt: begun.Add(time.Hour)})
		})
		if err != nil {
			t.Fatal(err)
		}
		w, err := jobs.CountWaiting(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int64{"available": 2, "scheduled": 1, "retryable": 0, "running": 0, "discarded": 0}
		if diff := cmp.Diff(want, w.Jobs); diff != "" {
			t.Errorf("jobs by state mismatch (-want +got):\n%s", diff)
		}
		// The clocks of the program and of the database are those of one machine; SQLite keeps milliseconds.
		if w.Due.Before(begun.Add(-time.Second)) || w.Due.After(time.Now()) {
			t.Errorf("the first job is due at %v, want between %v and now", w.Due, begun)
		}
	})
}
