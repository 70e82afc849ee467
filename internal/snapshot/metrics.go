package snapshot

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/tracing"
)

// pace is how the follower goes on.
type pace struct {
	batches  prometheus.Histogram
	changes  prometheus.Counter
	failures prometheus.Counter
}

func newPace() pace {
	return pace{
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "catalogue_follower_batch_duration_seconds",
			Help:    "How long it took to take changes into the next snapshot, from having read them until readers see them.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
		changes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "catalogue_follower_changes_total", Help: "Changes of the feed that were taken into a snapshot since the start.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "catalogue_follower_failures_total", Help: "How often the feed could not be read: readers saw an older state until the next try.",
		}),
	}
}

// batch makes a span of a batch of changes and takes its time, until end is called.
func (p pace) batch(ctx context.Context, changes int) (end func()) {
	timer := prometheus.NewTimer(p.batches)
	_, endSpan := tracing.Begin(ctx, "follow", attribute.Int("catalogue.changes", changes))
	return func() {
		timer.ObserveDuration()
		p.changes.Add(float64(changes))
		endSpan(nil)
	}
}

// Metrics are what the follower measures, and how large the newest snapshot is.
func (f *Follower) Metrics() []prometheus.Collector {
	of := func(name, help string, labels prometheus.Labels, value func(*Snapshot) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 {
			if at := f.Snapshot(); at != nil {
				return value(at)
			}
			return 0
		})
	}
	all := []prometheus.Collector{
		f.pace.batches, f.pace.changes, f.pace.failures,
		of("catalogue_snapshot_position", "The position in the feed up to which readers of this node see everything.", nil,
			func(s *Snapshot) float64 { return float64(s.position) }),
		of("catalogue_search_documents", "Entries that can be found by words.", nil, func(s *Snapshot) float64 {
			if !s.Searchable() {
				return 0
			}
			return float64(s.words.Len())
		}),
		of("catalogue_search_up", "1 where the search by words is in order, 0 where it is not, or not yet.", nil,
			func(s *Snapshot) float64 { return oneIf(s.Searchable()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "catalogue_follower_up", Help: "1 where there is a snapshot and the last look at the feed succeeded, else 0.",
		}, func() float64 { return oneIf(f.Ready()) }),
	}
	for _, kind := range catalogue.Kinds {
		all = append(all, of("catalogue_public_entries", "Entries that readers find, by kind.", prometheus.Labels{"kind": string(kind)},
			func(s *Snapshot) float64 { return float64(s.Count(kind)) }))
	}
	return all
}

// Count is how many entries of a kind are public.
func (s *Snapshot) Count(kind catalogue.Kind) int { return s.orders[order{kind, SortTitle}].Len() }

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// use is how often answers were kept ready already.
type use struct{ hits, misses prometheus.Counter }

func newUse() use {
	const name, help = "catalogue_answers_total", "Answers from the snapshot that were kept ready (hit), or made and then kept (miss)."
	of := func(kept string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"kept": kept}})
	}
	return use{of("hit"), of("miss")}
}

// Metrics are how the reader uses the answers that it keeps.
func (r *Reader) Metrics() []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		r.use.hits, r.use.misses,
		gauge("catalogue_answers_kept", "Answers that are kept ready.", func() float64 { return float64(r.cache.EstimatedSize()) }),
		gauge("catalogue_answers_kept_bytes", "What the answers that are kept ready take.", func() float64 { return float64(r.cache.WeightedSize()) }),
		gauge("catalogue_answers_budget_bytes", "What the answers that are kept ready may take, see --cache-bytes.", func() float64 { return float64(r.cache.GetMaximum()) }),
	}
}
