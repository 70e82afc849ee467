package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/metrics"
	"github.com/comuneprato/service-catalogue/internal/tracing"
)

// A look-up is measured, and asks whether it is traced: that must not cost it an allocation.
func TestMeasuringARequestTakesNoMemory(t *testing.T) {
	const path = "/v1/services/:idOrSlug"
	requests := metrics.NewRequests([][2]string{{http.MethodGet, path}})
	asked := httptest.NewRequest(http.MethodGet, "/v1/services/a", nil)
	statuses := []int{http.StatusOK, http.StatusNotModified, http.StatusNotFound}
	allocations := testing.AllocsPerRun(100, func() {
		for _, status := range statuses {
			measured := requests.Begin(http.MethodGet, path)
			_, span := tracing.BeginRequest(asked, path)
			measured.Done(status, 3*time.Microsecond, 1234)
			span.End(status)
			measured.End()
		}
	})
	if allocations != 0 {
		t.Errorf("measuring three requests takes %v allocations, want none", allocations)
	}
}
