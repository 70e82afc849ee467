package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// heavily makes every write of a row take more room than there is: all writes leave one in the audit, but those of imports,
// which leave one when they have ended.
var heavily = []string{
	"CREATE TABLE ballast (content BLOB)",
	"CREATE TRIGGER a AFTER INSERT ON audits BEGIN INSERT INTO ballast VALUES (zeroblob(100000000)); END",
	"CREATE TRIGGER b AFTER INSERT ON import_jobs BEGIN INSERT INTO ballast VALUES (zeroblob(100000000)); END",
	"CREATE TRIGGER c AFTER UPDATE ON import_jobs BEGIN INSERT INTO ballast VALUES (zeroblob(100000000)); END",
}

func TestEveryWriteSaysThatTheDatabaseTakesNone(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		requests := examples(t, s)
		for _, statement := range heavily {
			storetest.Exec(t, s.Store, statement)
		}
		for _, fault := range []struct {
			pragma  string
			status  int
			problem string
		}{
			{"PRAGMA max_page_count = 1", http.StatusInsufficientStorage, "full"}, // SQLite makes that as many as there are
			{"PRAGMA query_only = 1", http.StatusServiceUnavailable, "read-only"},
		} {
			storetest.Exec(t, s.Store, fault.pragma)
			for _, o := range requests {
				request := o.request
				switch {
				case o.method == http.MethodGet, o.OperationID == "createValidation":
					continue // stores nothing
				case strings.HasSuffix(o.path, "/transitions"): // the example publishes what is published
					request.Body = object{"transition": "withdraw", "reason": "Chiuso"}
				case o.OperationID == "updatePublisherSettings": // the example is what the settings are
					request.Body = object{"name": "Un altro nome"}
				case o.OperationID == "createBulk":
					var bulk struct {
						Items []struct{ Problem struct{ Type string } }
					}
					s.Do(request).Want(http.StatusOK).Into(&bulk)
					for i, item := range bulk.Items {
						if !strings.HasSuffix(item.Problem.Type, "#"+fault.problem) {
							t.Errorf("createBulk, item %d: got the problem %q, want %s", i, item.Problem.Type, fault.problem)
						}
					}
					continue
				}
				a := s.Do(request)
				if a.Status != fault.status || !strings.HasSuffix(a.Problem().Type, "#"+fault.problem) || a.Header.Get("Retry-After") == "" {
					t.Errorf("%s, %s %s: got status %d, Retry-After %q, want %d and %s: %.300s",
						o.OperationID, o.method, request.Path, a.Status, a.Header.Get("Retry-After"), fault.status, fault.problem, a.Body)
				}
			}
			s.Get("/v1/services/carta-d-identita").Want(http.StatusOK)
			s.Get("/v1/search?q=carta").Want(http.StatusOK)
		}
	})
}
