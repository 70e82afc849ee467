package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/comuneprato/service-catalogue/internal/store"
)

// Bounds of jobs. A job that takes longer is stopped and tried again, so long work is cut into several.
const (
	timeout    = time.Minute
	deadAfter  = 90 * time.Second // a job that began so long ago is taken from whom it was given to
	softStop   = 10 * time.Second // for jobs that run when the node stops
	maxWorkers = 4                // at once on a node
	maxLong    = 2                // of long jobs
)

// Long is the queue of jobs that take long, so that others need not wait for them.
const Long = "long"

// Work is what a node does in the background: each room that has some adds its own.
type Work struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
	worked   *prometheus.HistogramVec
}

// NewWork makes work with nothing to do.
func NewWork() *Work { return &Work{workers: river.NewWorkers(), worked: newWorked()} }

// Handle says who works the jobs of a kind.
func Handle[Args river.JobArgs](w *Work, worker river.Worker[Args]) {
	river.AddWorker(w.workers, worker)
}

// Every adds a job at the start and again and again, by one node for all.
func (w *Work) Every(interval time.Duration, args river.JobArgs) {
	w.periodic = append(w.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Run works jobs, of which there must be a kind, until ctx is done, then lets those that run end.
func Run(ctx context.Context, s *store.Store, work *Work, log *slog.Logger) error {
	log = slog.New(ending{log.Handler(), ctx})
	if s.Embedded() {
		handle, err := s.OpenSQLiteQueue()
		if err != nil {
			return err
		}
		defer handle.Close()
		// The driver would look for news twenty times a second, and write each down.
		return run(ctx, riversqlite.New(handle), work, &river.Config{PollOnly: true, Logger: log})
	}
	pool, err := s.OpenPostgresQueue(ctx)
	if err != nil {
		return fmt.Errorf("connecting the queue of jobs: %w", err)
	}
	defer pool.Close()
	return run(ctx, riverpgxv5.New(pool), work, &river.Config{Logger: log})
}

func run[Tx any](ctx context.Context, driver riverdriver.Driver[Tx], work *Work, config *river.Config) error {
	config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}, Long: {MaxWorkers: maxLong}}
	config.Workers, config.PeriodicJobs = work.workers, work.periodic
	config.Middleware = []rivertype.Middleware{river.WorkerMiddlewareFunc(work.observed)}
	config.JobTimeout, config.RescueStuckJobsAfter, config.SoftStopTimeout = timeout, deadAfter, softStop
	client, err := river.NewClient(driver, config)
	if err != nil {
		return fmt.Errorf("preparing the work in the background: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("starting the work in the background: %w", err)
	}
	<-client.Stopped()
	return nil
}

// ending is a handler for River, which calls it an error that its queries end when the server does.
type ending struct {
	slog.Handler
	running context.Context //nolint:containedctx // when it is done, the server ends
}

func (e ending) Handle(ctx context.Context, r slog.Record) error {
	if e.running.Err() != nil {
		if r.Level = slog.LevelDebug; !e.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return e.Handler.Handle(ctx, r)
}

func (e ending) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ending{e.Handler.WithAttrs(attrs), e.running}
}

func (e ending) WithGroup(name string) slog.Handler {
	return ending{e.Handler.WithGroup(name), e.running}
}
