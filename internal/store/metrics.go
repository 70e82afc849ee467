package store

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/tracing"
)

// measures is what the store counts of its work.
type measures struct {
	reading, writing transactions
	retries          prometheus.Counter
	members          prometheus.Histogram
	failures         *prometheus.CounterVec
}

// transactions are those that may write, or those that may not.
type transactions struct {
	name     string // of their spans
	duration prometheus.Histogram
}

func newMeasures() *measures {
	duration := func(access string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "catalogue_database_transaction_duration_seconds", ConstLabels: prometheus.Labels{"access": access},
			Help:    "How long transactions took, waiting for their turn and repetitions included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		})
	}
	m := &measures{
		reading: transactions{"read transaction", duration("read")},
		writing: transactions{"write transaction", duration("write")},
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "catalogue_database_transaction_retries_total", Help: "Transactions that were run again since they collided with others.",
		}),
		members: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "catalogue_database_group_writes", Help: "How many writes were committed to the SQLite file at once.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, groupSize},
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "catalogue_database_failures_total",
			Help: "Transactions that failed since the database was busy or away, full, took no writes, or its disk or file failed.",
		}, []string{"cause"}),
	}
	for cause := range causes {
		m.failures.WithLabelValues(cause)
	}
	return m
}

// causes are why the database itself may refuse a transaction.
var causes = map[string]error{
	"busy": catalogue.ErrBusy, "full": catalogue.ErrFull, "read_only": catalogue.ErrReadOnly, "storage": catalogue.ErrStorage,
}

// Metrics are what the store measures: transactions, and the connections of its pools.
func (s *Store) Metrics() []prometheus.Collector {
	all := []prometheus.Collector{s.measures.reading.duration, s.measures.writing.duration, s.measures.retries, s.measures.failures}
	if !s.Embedded() {
		return append(all, collectors.NewDBStatsCollector(s.write, "all"))
	}
	return append(all, s.measures.members, collectors.NewDBStatsCollector(s.write, "writer"), collectors.NewDBStatsCollector(s.read, "readers"))
}

// observed makes a span of a transaction and takes its time, until end is called with its error.
func (s *Store) observed(ctx context.Context, t transactions) (_ context.Context, end func(error)) {
	timer := prometheus.NewTimer(t.duration)
	ctx, endSpan := tracing.Begin(ctx, t.name, attribute.String("db.system.name", s.dialect))
	return ctx, func(err error) {
		timer.ObserveDuration()
		endSpan(err)
		s.measures.failed(err)
	}
}

func (m *measures) failed(err error) {
	if err == nil {
		return
	}
	err = translate(err)
	for cause, meant := range causes {
		if errors.Is(err, meant) {
			m.failures.WithLabelValues(cause).Inc()
		}
	}
}
