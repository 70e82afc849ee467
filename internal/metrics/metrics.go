// Package metrics gathers what the rooms of a node measure of themselves, for Prometheus: docs/operations.md lists it. Each
// room says what it measures; what of HTTP is measured is said here, since nothing but the API knows of it.
package metrics

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sync/singleflight"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Room is a part of the node that measures something.
type Room interface{ Metrics() []prometheus.Collector }

// Node is the node that is measured.
type Node struct {
	Version    string // of the program
	Store      *store.Store
	Publishing *publishing.Publishing
	Audit      *audit.Log
	Follower   *snapshot.Follower
	Clock      catalogue.Clock
}

// Metrics answers, over HTTP, with all that is measured of a node, in the text format of Prometheus.
type Metrics struct {
	http.Handler
	registry *prometheus.Registry
}

// New begins to measure a node, and what its rooms beside Store and Follower measure.
func New(n Node, rooms ...Room) *Metrics {
	registry := prometheus.NewRegistry()
	m := &Metrics{registry: registry, Handler: promhttp.HandlerFor(&together{of: registry}, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
	})}
	built := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "catalogue_build_info", Help: "Always 1; the labels say which program it is.",
		ConstLabels: prometheus.Labels{"version": n.Version, "go": runtime.Version()},
	}, func() float64 { return 1 })
	registry.MustRegister(built, newDatabase(n), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, room := range append([]Room{n.Store, n.Follower}, rooms...) {
		m.Add(room)
	}
	return m
}

// together gathers once for all who ask at the same time: whoever asks all the time, or does not read, keeps nobody else from
// being answered.
type together struct {
	of    prometheus.Gatherer
	group singleflight.Group
}

// Gather returns what is measured. Nobody may change it.
func (t *together) Gather() ([]*dto.MetricFamily, error) {
	families, err, _ := t.group.Do("", func() (any, error) { return t.of.Gather() })
	return families.([]*dto.MetricFamily), err
}

// Add adds what a further room measures; each is added once.
func (m *Metrics) Add(room Room) { m.registry.MustRegister(room.Metrics()...) }
