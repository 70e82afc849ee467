package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/comuneprato/service-catalogue/internal/jobs"
)

// Bounds of what is asked of the database for metrics, however often somebody wants them.
const (
	askEvery = 5 * time.Second
	askTime  = time.Second
)

// database tells what only the database knows. Where that does not answer in time, it tells that alone.
type database struct {
	node Node

	mu    sync.Mutex
	asked time.Time
	told  []prometheus.Metric
}

func newDatabase(n Node) *database { return &database{node: n} }

var (
	databaseUp    = prometheus.NewDesc("catalogue_database_up", "1 where the database answered within a second, else 0; then nothing else is told that only it knows.", nil, nil)
	feedPosition  = prometheus.NewDesc("catalogue_feed_position", "The position of the last change in the feed.", nil, nil)
	lagPositions  = prometheus.NewDesc("catalogue_follower_lag_positions", "How many changes of the feed readers of this node do not see yet.", nil, nil)
	lagSeconds    = prometheus.NewDesc("catalogue_follower_lag_seconds", "How long ago the oldest change was made that readers of this node do not see yet, 0 where there is none.", nil, nil)
	auditRows     = prometheus.NewDesc("catalogue_audit_rows", "Rows of the audit: accepted writes, ever.", nil, nil)
	queueJobs     = prometheus.NewDesc("catalogue_queue_jobs", "Jobs in the queue by state, those of all nodes; discarded are those that were given up within the last days.", []string{"state"}, nil)
	queueOverdue  = prometheus.NewDesc("catalogue_queue_overdue_seconds", "For how long the job is due that waits longest, 0 where none is due.", nil, nil)
	databaseTells = []*prometheus.Desc{databaseUp, feedPosition, lagPositions, lagSeconds, auditRows, queueJobs, queueOverdue}
)

// Describe says what Collect may tell.
func (d *database) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range databaseTells {
		to <- desc
	}
}

// Collect tells what the database said last, or asks it where that was too long ago.
func (d *database) Collect(to chan<- prometheus.Metric) {
	for _, metric := range d.latest() {
		to <- metric
	}
}

func (d *database) latest() []prometheus.Metric {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.node.Clock(); d.told == nil || now.Sub(d.asked) >= askEvery || now.Before(d.asked) {
		d.told = d.ask(now)
		d.asked = now
	}
	return d.told
}

func (d *database) ask(now time.Time) []prometheus.Metric {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	var at int64
	if snapshot := d.node.Follower.Snapshot(); snapshot != nil {
		at = snapshot.Position()
	}
	last, since, err := d.node.Publishing.Behind(ctx, at)
	if err != nil {
		return []prometheus.Metric{gauge(databaseUp, 0)}
	}
	rows, err := d.node.Audit.Count(ctx)
	if err != nil {
		return []prometheus.Metric{gauge(databaseUp, 0)}
	}
	queue, err := jobs.CountWaiting(ctx, d.node.Store)
	if err != nil {
		return []prometheus.Metric{gauge(databaseUp, 0)}
	}
	told := []prometheus.Metric{
		gauge(databaseUp, 1), gauge(feedPosition, float64(last)), gauge(auditRows, float64(rows)),
		gauge(lagPositions, float64(max(0, last-at))), gauge(lagSeconds, secondsSince(since, now)), gauge(queueOverdue, secondsSince(queue.Due, now)),
	}
	for state, count := range queue.Jobs {
		told = append(told, gauge(queueJobs, float64(count), state))
	}
	return told
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

// secondsSince is how long ago something was; 0 for what is to come, or was never.
func secondsSince(then, now time.Time) float64 {
	if then.IsZero() {
		return 0
	}
	return max(0, now.Sub(then).Seconds())
}
