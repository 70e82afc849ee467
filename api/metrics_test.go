package api_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
)

// scraped is what /metrics says, by name and labels as they are written there.
func scraped(s *apitest.Server, t *testing.T) map[string]float64 {
	t.Helper()
	a := s.Get("/metrics").Want(http.StatusOK)
	if got := a.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("got the media type %q, want the text format of Prometheus", got)
	}
	values := map[string]float64{}
	lines := bufio.NewScanner(strings.NewReader(string(a.Body)))
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), "} ")
		if found {
			name += "}"
		} else {
			name, value, _ = strings.Cut(lines.Text(), " ")
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil && !strings.HasPrefix(name, "#") {
			values[name] = number
		}
	}
	return values
}

func TestMetricsTellOfRequestsByRoute(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		before := scraped(s, t)
		for range 3 {
			s.Get("/v1/services/a").Want(http.StatusOK)
		}
		s.Get("/v1/services/niente").Want(http.StatusNotFound)
		for _, path := range []string{"/v1/niente", "/v1/niente/altro", "/wp-login.php"} {
			s.Get(path).Want(http.StatusNotFound)
		}
		s.Do(apitest.Request{Method: "BREW", Path: "/v1/services"}).Want(http.StatusMethodNotAllowed)
		s.Do(apitest.Request{Path: "/v1/me", Token: "cat_none"}).Want(http.StatusUnauthorized)
		after := scraped(s, t)
		for name, want := range map[string]float64{
			`catalogue_http_requests_total{method="GET",route="/v1/services/:idOrSlug",status="200"}`:    3,
			`catalogue_http_requests_total{method="GET",route="/v1/services/:idOrSlug",status="404"}`:    1,
			`catalogue_http_request_duration_seconds_count{method="GET",route="/v1/services/:idOrSlug"}`: 4,
			`catalogue_http_requests_total{method="GET",route="other",status="404"}`:                     3,
			`catalogue_http_requests_total{method="other",route="other",status="405"}`:                   1,
			`catalogue_http_problems_total{type="not-found"}`:                                            1,
			`catalogue_http_problems_total{type="no-route"}`:                                             3,
			`catalogue_http_problems_total{type="unauthenticated"}`:                                      1,
			`catalogue_answers_total{kept="hit"}`:                                                        2,
			`catalogue_answers_total{kept="miss"}`:                                                       1,
			`catalogue_http_requests_in_flight`:                                                          0,
		} {
			if got := after[name] - before[name]; got != want {
				t.Errorf("%s went up by %v, want %v", name, got, want)
			}
		}
		if got := after[`catalogue_http_requests_in_flight`]; got != 1 {
			t.Errorf("%v requests are being answered, want the one for the metrics", got)
		}
		bytes := `catalogue_http_response_bytes_total{method="GET",route="/v1/services/:idOrSlug"}`
		if after[bytes] <= before[bytes] {
			t.Errorf("%s went from %v to %v, want more", bytes, before[bytes], after[bytes])
		}
	})
}

func TestMetricsRefuseNobody(t *testing.T) {
	s := once(t)
	var asking sync.WaitGroup
	for range 16 {
		asking.Go(func() {
			for range 4 {
				if a := s.Get("/metrics"); a.Status != http.StatusOK {
					t.Errorf("got status %d, want 200 however many ask: %s", a.Status, a.Body)
				}
			}
		})
	}
	asking.Wait()
}

func TestMetricsTellOfTheSnapshotAndTheDatabase(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		publish(s, "b", service("B")).Want(http.StatusCreated)
		got := scraped(s, t)
		for name, want := range map[string]float64{
			`catalogue_database_up`: 1, `catalogue_follower_up`: 1, `catalogue_search_up`: 1,
			`catalogue_feed_position`: 2, `catalogue_snapshot_position`: 2, `catalogue_follower_changes_total`: 2, `catalogue_audit_rows`: 9,
			`catalogue_follower_lag_positions`: 0, `catalogue_follower_lag_seconds`: 0, `catalogue_follower_failures_total`: 0,
			`catalogue_public_entries{kind="service"}`: 2, `catalogue_public_entries{kind="timetable"}`: 0, `catalogue_search_documents`: 2,
			`catalogue_queue_jobs{state="available"}`: 0, `catalogue_queue_overdue_seconds`: 0,
			`catalogue_database_failures_total{cause="full"}`: 0, `catalogue_http_problems_total{type="internal"}`: 0,
		} {
			if value, ok := got[name]; !ok || value != want {
				t.Errorf("%s is %v (told: %t), want %v", name, value, ok, want)
			}
		}
		for _, name := range []string{
			`catalogue_database_transaction_duration_seconds_count{access="write"}`, `catalogue_follower_batch_duration_seconds_count`,
			`catalogue_answers_budget_bytes`, `go_goroutines`, `process_open_fds`,
		} {
			if got[name] <= 0 {
				t.Errorf("%s is %v, want more than 0", name, got[name])
			}
		}
	})
}

// A database that is away must not hide everything else from who looks for what is wrong.
func TestMetricsGoOnWithoutTheDatabase(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		if err := s.Store.Close(); err != nil {
			t.Fatal(err)
		}
		got := scraped(s, t)
		for name, want := range map[string]float64{
			`catalogue_database_up`: 0, `catalogue_snapshot_position`: 1, `catalogue_public_entries{kind="service"}`: 1,
		} {
			if value, ok := got[name]; !ok || value != want {
				t.Errorf("%s is %v (told: %t), want %v", name, value, ok, want)
			}
		}
		if value, ok := got["catalogue_feed_position"]; ok {
			t.Errorf("the position of the feed is %v, want none", value)
		}
	})
}
