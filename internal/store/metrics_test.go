package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// measured is what a store measures, by name and label, as `name label`: of histograms how often.
func measured(t *testing.T, s *store.Store) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.Metrics()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, metric := range f.Metric {
			name := f.GetName()
			for _, label := range metric.Label {
				name += " " + label.GetValue()
			}
			values[name] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			if f.GetType() == dto.MetricType_HISTOGRAM {
				values[name] = float64(metric.GetHistogram().GetSampleCount())
			}
		}
	}
	return values
}

func TestTransactionsAreMeasured(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		before := measured(t, s)
		nothing := func(context.Context, *db.Client) error { return nil }
		for range 2 {
			if err := s.ReadTx(t.Context(), nothing); err != nil {
				t.Fatal(err)
			}
		}
		for _, failure := range []error{nil, catalogue.ErrNotFound, fmt.Errorf("writing: %w", catalogue.ErrFull), catalogue.ErrBusy, catalogue.ErrStorage} {
			err := s.InTx(t.Context(), func(context.Context, *db.Client) error { return failure })
			if !errors.Is(err, failure) {
				t.Errorf("got %v, want %v", err, failure)
			}
		}
		after := measured(t, s)
		for name, want := range map[string]float64{
			"catalogue_database_transaction_duration_seconds read": 2, "catalogue_database_transaction_duration_seconds write": 5,
			"catalogue_database_failures_total full": 1, "catalogue_database_failures_total busy": 1, "catalogue_database_failures_total read_only": 0,
			"catalogue_database_failures_total storage":    1,
			"catalogue_database_transaction_retries_total": 0,
		} {
			if got := after[name] - before[name]; got != want {
				t.Errorf("%s went up by %v, want %v", name, got, want)
			}
		}
		pool := "go_sql_max_open_connections all"
		if s.Embedded() {
			pool = "go_sql_max_open_connections readers"
		}
		if after[pool] < 4 {
			t.Errorf("%s is %v, want at least 4", pool, after[pool])
		}
	})
}

func TestWritesThatAreCommittedTogetherAreCounted(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	before := measured(t, s)
	for i, err := range together(s, add("a"), add("b"), refused("c")) {
		if i < 2 && err != nil {
			t.Fatal(err)
		}
	}
	const groups = "catalogue_database_group_writes"
	if got := measured(t, s)[groups] - before[groups]; got != 1 {
		t.Errorf("three writes that came together were committed %v times, want once", got)
	}
}
