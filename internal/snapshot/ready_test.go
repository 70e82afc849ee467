package snapshot_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// Only here can an index be broken; what a balancer, an operator and a reader are told then is the API's to say.
func TestANodeWithoutItsIndexIsNotReadyAndStillAnswers(t *testing.T) {
	s := apitest.Start(t, storetest.Open(t, storetest.SQLite))
	s.Get("/readyz").Want(http.StatusOK)
	s.Config.Follower.BreakIndex()
	for _, path := range []string{"/readyz", "/status", "/v1/search?q=carta", "/v1/autocomplete?q=ca", "/v1/services?q=carta"} {
		a := s.Get(path).Want(http.StatusServiceUnavailable)
		if p := a.Problem(); !strings.HasSuffix(p.Type, "#search") || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got the problem %s, Retry-After %q, want search and when to try again", path, p.Type, a.Header.Get("Retry-After"))
		}
	}
	for _, path := range []string{"/livez", "/v1/services", "/v1/changes"} {
		s.Get(path).Want(http.StatusOK)
	}
	if metrics := string(s.Get("/metrics").Want(http.StatusOK).Body); !strings.Contains(metrics, "\ncatalogue_search_up 0\n") {
		t.Errorf("the metrics do not tell that the search is out of order:\n%s", metrics)
	}
}
