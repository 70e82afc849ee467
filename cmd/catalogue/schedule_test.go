package main_test

import (
	"net/http"
	"testing"
	"time"
)

// What was planned happens although the server is killed before its time, and once although it is killed again after it.
func TestAPlanSurvivesAKilledServer(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		s := serve(t, "--database", dsn)
		path := "/v1/publishers/" + publisher + "/places/p"
		s.do(http.MethodPut, path, token, place("Palazzo pretorio"), http.StatusCreated)
		when := time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)
		s.do(http.MethodPost, path+"/transitions", token, object{"transition": "publish", "at": when}, http.StatusOK)
		s.kill()

		for range 2 {
			s = serve(t, "--database", dsn)
			await(t, "the place is public", func() bool {
				a, err := s.ask(http.MethodGet, "/v1/places/palazzo-pretorio", "", nil)
				return err == nil && a.status == http.StatusOK
			})
			s.kill()
		}
		s = serve(t, "--database", dsn)
		var feed struct{ Items []any }
		s.get("/v1/changes", "", http.StatusOK).into(t, &feed)
		if len(feed.Items) != 1 {
			t.Errorf("the feed has %d changes, want 1: it was published once", len(feed.Items))
		}
		s.stop()
	})
}
