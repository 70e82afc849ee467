package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"

	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/tracing"
)

func newWorked() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "catalogue_job_duration_seconds",
		Help:    "How long this node worked on jobs, by their kind and by what came of it: done, later (to be gone on with) or failed.",
		Buckets: []float64{.005, .01, .05, .1, .5, 1, 5, 10, 30, 60},
	}, []string{"kind", "outcome"})
}

// Metrics are what the node measures of the jobs that it works.
func (w *Work) Metrics() []prometheus.Collector { return []prometheus.Collector{w.worked} }

// observed works a job, makes a span of that and takes its time.
func (w *Work) observed(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) (err error) {
	ctx, end := tracing.Begin(ctx, "job "+job.Kind, attribute.Int64("catalogue.job", job.ID), attribute.Int("catalogue.job.attempt", job.Attempt))
	outcome, failed := "failed", errPanicked
	timer := prometheus.NewTimer(prometheus.ObserverFunc(func(seconds float64) {
		w.worked.WithLabelValues(job.Kind, outcome).Observe(seconds)
	}))
	defer func() {
		timer.ObserveDuration()
		end(failed)
	}()
	if err, failed = do(ctx), nil; err == nil {
		outcome = "done"
	} else if _, snoozed := errors.AsType[*river.JobSnoozeError](err); snoozed {
		outcome = "later"
	} else {
		failed = err
	}
	return err
}

// errPanicked is what the span of a job says that panicked; River logs the rest.
var errPanicked = errors.New("the job panicked")

// Waiting is what there is to do in the queue.
type Waiting struct {
	Jobs map[string]int64 // by state, of all states but those of jobs that were done or given up
	Due  time.Time        // when the job was due that waits longest, or will be; zero: none waits
}

// CountWaiting looks at the queue of a database.
func CountWaiting(ctx context.Context, s *store.Store) (Waiting, error) {
	w := Waiting{Jobs: map[string]int64{"available": 0, "retryable": 0, "scheduled": 0, "running": 0, "discarded": 0}}
	// Jobs that were done are many, and tell nothing.
	err := each(ctx, s, `SELECT state, count(*) FROM river_job
		WHERE state IN ('available', 'retryable', 'scheduled', 'running', 'discarded') GROUP BY state`,
		func(scan func(...any) error) error {
			var state string
			var count int64
			err := scan(&state, &count)
			w.Jobs[state] = count
			return err
		})
	if err == nil {
		err = each(ctx, s, `SELECT scheduled_at FROM river_job
			WHERE state IN ('available', 'retryable', 'scheduled') ORDER BY scheduled_at LIMIT 1`,
			func(scan func(...any) error) error { return scan(&w.Due) })
	}
	return w, store.Wrap(err, "looking at the queue of jobs")
}

// each calls read for every row that a query finds.
func each(ctx context.Context, s *store.Store, query string, read func(scan func(...any) error) error) error {
	rows, err := s.Reader().QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
